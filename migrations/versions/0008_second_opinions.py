"""what language models said about doubtful points"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0008'
down_revision: str | None = '0007'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('opinions',
    sa.Column('evaluation_id', sa.Uuid(), nullable=False),
    sa.Column('key_point_id', sa.Text(), nullable=False),
    sa.Column('rater', sa.Text(), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("key ~ '^[0-9a-f]{64}$'", name=op.f('ck_opinions_key')),
    sa.CheckConstraint("rater LIKE 'model:_%'", name=op.f('ck_opinions_rater')),
    sa.CheckConstraint("verdict IN ('covered', 'missed', 'contradicted', 'unsure')", name=op.f('ck_opinions_verdict')),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_opinions_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('evaluation_id', 'key_point_id', 'rater', name=op.f('pk_opinions'))
    )
    op.create_index(op.f('ix_opinions_key'), 'opinions', ['key'], unique=False)
    op.create_table('opinion_days',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('garbage', sa.Integer(), nullable=False),
    sa.Column('unreachable', sa.Integer(), nullable=False),
    sa.CheckConstraint('answered >= 0 AND garbage >= 0 AND unreachable >= 0 AND answered + garbage + unreachable <= calls', name=op.f('ck_opinion_days_calls')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_opinion_days'))
    )


def downgrade() -> None:
    op.drop_table('opinion_days')
    op.drop_index(op.f('ix_opinions_key'), table_name='opinions')
    op.drop_table('opinions')
