"""practice sets"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0002'
down_revision: str | None = '0001'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('practices',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('candidate_id', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidates.id'], name=op.f('fk_practices_candidate_id_candidates'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practices'))
    )
    op.create_index(op.f('ix_practices_candidate_id_id'), 'practices', ['candidate_id', 'id'], unique=False)
    op.create_table('practice_answers',
    sa.Column('practice_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('evaluation_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('position BETWEEN 0 AND 49', name=op.f('ck_practice_answers_position')),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_practice_answers_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['practice_id'], ['practices.id'], name=op.f('fk_practice_answers_practice_id_practices'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('practice_id', 'position', name=op.f('pk_practice_answers')),
    sa.UniqueConstraint('evaluation_id', name=op.f('uq_practice_answers_evaluation_id'))
    )


def downgrade() -> None:
    op.drop_table('practice_answers')
    op.drop_index(op.f('ix_practices_candidate_id_id'), table_name='practices')
    op.drop_table('practices')
