"""batches, and the tables of their job queue"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision: str = '0003'
down_revision: str | None = '0002'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REMOVE_QUEUE = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP TABLE ' || name || ' CASCADE';
    END LOOP;
    FOR name IN SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP FUNCTION ' || name;
    END LOOP;
    FOR name IN SELECT oid::regtype FROM pg_type
        WHERE typnamespace = current_schema()::regnamespace AND typname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP TYPE ' || name;
    END LOOP;
END $$
"""


def upgrade() -> None:
    # The queue's tables are procrastinate's: those of the release that pyproject.toml pins. A later pin that changes them
    # comes with a migration which applies procrastinate's own, where this one made the older tables.
    if op.get_bind().scalar(sa.text("SELECT to_regclass('procrastinate_jobs')")) is not None:
        raise RuntimeError(
            "The database has the job queue of another application (the table procrastinate_jobs). "
            "Name a database or a schema of its own in DATABASE_URL."
        )
    _execute(SchemaManager.get_schema())
    op.create_table('batches',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('dry_run', sa.Boolean(), nullable=False),
    sa.Column('fixed_rubric', sa.Text(), nullable=True),
    sa.Column('column_map', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('own_columns', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('doubts', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('fault', sa.Text(), nullable=True),
    sa.Column('items', sa.Integer(), nullable=False),
    sa.Column('bad_rows', sa.Integer(), nullable=False),
    sa.Column('reads', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'failed') = (fault IS NOT NULL)", name=op.f('ck_batches_fault')),
    sa.CheckConstraint("(state IN ('reading', 'grading')) = (finished_at IS NULL)", name=op.f('ck_batches_finished_at')),
    sa.CheckConstraint("column_map IS NOT NULL OR state NOT IN ('grading', 'done')", name=op.f('ck_batches_planned')),
    sa.CheckConstraint("json_typeof(column_map) = 'object'", name=op.f('ck_batches_column_map')),
    sa.CheckConstraint("kind IN ('csv', 'xlsx', 'jsonl', 'parquet')", name=op.f('ck_batches_kind')),
    sa.CheckConstraint("state IN ('reading', 'grading', 'done', 'cancelled', 'failed')", name=op.f('ck_batches_state')),
    sa.CheckConstraint('items >= 0 AND bad_rows >= 0 AND reads >= 0', name=op.f('ck_batches_counts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches'))
    )
    op.create_index(op.f('ix_batches_finished_at'), 'batches', ['finished_at'], unique=False)
    op.create_table('batch_chunks',
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('items', sa.Integer(), nullable=False),
    sa.Column('graded', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('effect_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'done')", name=op.f('ck_batch_chunks_state')),
    sa.CheckConstraint('attempts >= 0', name=op.f('ck_batch_chunks_attempts')),
    sa.CheckConstraint('graded >= 0 AND failed >= 0 AND graded + failed <= items', name=op.f('ck_batch_chunks_counts')),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_chunks_batch_id_batches'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_batch_chunks'))
    )
    op.create_table('batch_errors',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('column_name', sa.Text(), nullable=True),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_errors_batch_id_batches'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch_errors'))
    )
    op.create_index(op.f('ix_batch_errors_batch_id_id'), 'batch_errors', ['batch_id', 'id'], unique=False)
    op.create_table('batch_files',
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_files_batch_id_batches'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('batch_id', 'part', name=op.f('pk_batch_files'))
    )
    op.create_table('batch_rubrics',
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_rubrics_batch_id_batches'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_versions.id'], name=op.f('fk_batch_rubrics_rubric_version_id_rubric_versions'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('batch_id', 'rubric_version_id', name=op.f('pk_batch_rubrics'))
    )
    op.create_index(op.f('ix_batch_rubrics_rubric_version_id'), 'batch_rubrics', ['rubric_version_id'], unique=False)
    op.create_table('batch_items',
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('chunk', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('candidate_id', sa.Text(), nullable=True),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('columns', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('evaluation_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(state = 'graded') = (answer IS NULL)", name=op.f('ck_batch_items_answer')),
    sa.CheckConstraint("(state = 'graded') = (evaluation_id IS NOT NULL)", name=op.f('ck_batch_items_graded')),
    sa.CheckConstraint("jsonb_typeof(columns) = 'array'", name=op.f('ck_batch_items_columns')),
    sa.CheckConstraint("state IN ('waiting', 'graded', 'failed')", name=op.f('ck_batch_items_state')),
    sa.CheckConstraint('position >= 0', name=op.f('ck_batch_items_position')),
    sa.ForeignKeyConstraint(['batch_id', 'chunk'], ['batch_chunks.batch_id', 'batch_chunks.number'], name=op.f('fk_batch_items_batch_id_chunk_batch_chunks'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_batch_items_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('batch_id', 'position', name=op.f('pk_batch_items')),
    sa.UniqueConstraint('evaluation_id', name=op.f('uq_batch_items_evaluation_id'))
    )
    op.create_index(op.f('ix_batch_items_batch_id_chunk'), 'batch_items', ['batch_id', 'chunk'], unique=False)


def _execute(script: str) -> None:
    """Many statements at once, with percent signs that are no placeholders."""
    op.get_bind().connection.driver_connection.execute(script)


def downgrade() -> None:
    op.drop_index(op.f('ix_batch_items_batch_id_chunk'), table_name='batch_items')
    op.drop_table('batch_items')
    op.drop_index(op.f('ix_batch_rubrics_rubric_version_id'), table_name='batch_rubrics')
    op.drop_table('batch_rubrics')
    op.drop_table('batch_files')
    op.drop_index(op.f('ix_batch_errors_batch_id_id'), table_name='batch_errors')
    op.drop_table('batch_errors')
    op.drop_table('batch_chunks')
    op.drop_index(op.f('ix_batches_finished_at'), table_name='batches')
    op.drop_table('batches')
    _execute(REMOVE_QUEUE)
