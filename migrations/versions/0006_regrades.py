"""stored answers graded again"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = '0006'
down_revision: str | None = '0005'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('regrades',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('engine_version', sa.Text(), nullable=True),
    sa.Column('engine_model', sa.Text(), nullable=True),
    sa.Column('engine_weights_hash', sa.Text(), nullable=True),
    sa.Column('unaffected', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name=op.f('ck_regrades_finished_at')),
    sa.CheckConstraint("mode IN ('preview', 'publish')", name=op.f('ck_regrades_mode')),
    sa.CheckConstraint("state IN ('collecting', 'grading', 'done')", name=op.f('ck_regrades_state')),
    sa.CheckConstraint('unaffected >= 0', name=op.f('ck_regrades_unaffected')),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_versions.id'], name=op.f('fk_regrades_rubric_version_id_rubric_versions'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regrades'))
    )
    op.create_index(op.f('ix_regrades_rubric_version_id'), 'regrades', ['rubric_version_id'], unique=False)
    op.create_table('regrade_chunks',
    sa.Column('regrade_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'done')", name=op.f('ck_regrade_chunks_state')),
    sa.CheckConstraint('attempts >= 0', name=op.f('ck_regrade_chunks_attempts')),
    sa.ForeignKeyConstraint(['regrade_id'], ['regrades.id'], name=op.f('fk_regrade_chunks_regrade_id_regrades'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('regrade_id', 'number', name=op.f('pk_regrade_chunks'))
    )
    op.create_table('regrade_items',
    sa.Column('regrade_id', sa.Uuid(), nullable=False),
    sa.Column('evaluation_id', sa.Uuid(), nullable=False),
    sa.Column('chunk', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('points_before', sa.Double(), nullable=True),
    sa.Column('points_after', sa.Double(), nullable=True),
    sa.Column('level_before', sa.Text(), nullable=True),
    sa.Column('level_after', sa.Text(), nullable=True),
    sa.Column('changes', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('marks', sa.Integer(), nullable=True),
    sa.Column('gained', sa.Integer(), nullable=True),
    sa.Column('lost', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name=op.f('ck_regrade_items_reason')),
    sa.CheckConstraint("(state = 'graded') = (changes IS NOT NULL)", name=op.f('ck_regrade_items_changes')),
    sa.CheckConstraint("state IN ('waiting', 'graded', 'failed')", name=op.f('ck_regrade_items_state')),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_regrade_items_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['regrade_id', 'chunk'], ['regrade_chunks.regrade_id', 'regrade_chunks.number'], name=op.f('fk_regrade_items_regrade_id_chunk_regrade_chunks'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('regrade_id', 'evaluation_id', name=op.f('pk_regrade_items'))
    )
    op.create_index(op.f('ix_regrade_items_evaluation_id'), 'regrade_items', ['evaluation_id'], unique=False)
    op.create_index(op.f('ix_regrade_items_regrade_id_chunk'), 'regrade_items', ['regrade_id', 'chunk'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_regrade_items_regrade_id_chunk'), table_name='regrade_items')
    op.drop_index(op.f('ix_regrade_items_evaluation_id'), table_name='regrade_items')
    op.drop_table('regrade_items')
    op.drop_table('regrade_chunks')
    op.drop_index(op.f('ix_regrades_rubric_version_id'), table_name='regrades')
    op.drop_table('regrades')
