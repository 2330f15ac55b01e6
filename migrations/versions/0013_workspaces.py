"""workspaces: every row is one's, and row level security keeps them apart"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.tables.workspaces import HERE, READ_BY_ALL, policies

revision: str = '0013'
down_revision: str | None = '0010'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OWNED = (
    'appeal_changes', 'appeals', 'batch_chunks', 'batch_errors', 'batch_files', 'batch_items', 'batch_rubrics',
    'batches', 'calibrations', 'candidates', 'evaluations', 'key_point_results', 'misconception_results', 'opinions', 'practice_answers',
    'practices', 'proposal_decisions', 'regrade_chunks', 'regrade_items', 'regrades', 'review_claims', 'review_marks',
    'review_states', 'reviews', 'rubric_drafts', 'rubric_versions', 'rubrics',
    'webhook_attempts', 'webhook_deliveries', 'webhooks',
)
# The bank's, unless somebody edited them: such a rubric is the default workspace's own with all of its versions.
IS_BANKS = "NOT EXISTS (SELECT FROM rubric_versions AS other WHERE other.rubric_id = {id} AND other.source <> 'bank')"


def upgrade() -> None:
    for table in OWNED:
        # For the rows that are there, in no time; a new row gets the workspace of its session.
        op.add_column(table, sa.Column('workspace_id', sa.Text(), server_default='default', nullable=False))
        op.alter_column(table, 'workspace_id', server_default=sa.text(HERE))
        op.create_check_constraint(op.f(f'ck_{table}_workspace_id'), table, "workspace_id <> '*'")
    _drop_keys()
    # Its trigger refuses any change of a version; whose it is, is none.
    op.execute('ALTER TABLE rubric_versions DISABLE TRIGGER rubric_versions_immutable')
    op.execute(f"UPDATE rubrics SET workspace_id = 'bank' WHERE {IS_BANKS.format(id='rubrics.id')}")
    op.execute(
        "UPDATE rubric_versions SET workspace_id = 'bank' "
        f"WHERE rubric_id IS NOT NULL AND {IS_BANKS.format(id='rubric_versions.rubric_id')}"
    )
    op.execute('ALTER TABLE rubric_versions ENABLE TRIGGER rubric_versions_immutable')
    _make_keys()
    for table in OWNED:
        for statement in policies(table):
            op.execute(statement)


def _drop_keys() -> None:
    for table, target in (('evaluations', 'candidates'), ('practices', 'candidates')):
        op.drop_constraint(op.f(f'fk_{table}_candidate_id_{target}'), table, type_='foreignkey')
    for table in ('rubric_versions', 'proposal_decisions'):
        op.drop_constraint(op.f(f'fk_{table}_rubric_id_rubrics'), table, type_='foreignkey')
    for table in ('candidates', 'rubrics', 'proposal_decisions'):
        op.drop_constraint(op.f(f'pk_{table}'), table, type_='primary')
    op.drop_constraint(op.f('uq_rubric_versions_rubric_id_version'), 'rubric_versions', type_='unique')
    op.drop_index('uq_rubric_versions_inline_content_hash', table_name='rubric_versions')


def _make_keys() -> None:
    for table in ('candidates', 'rubrics', 'proposal_decisions'):
        op.create_primary_key(op.f(f'pk_{table}'), table, ['workspace_id', 'id'])
    op.create_unique_constraint(
        op.f('uq_rubric_versions_workspace_id_rubric_id_version'),
        'rubric_versions', ['workspace_id', 'rubric_id', 'version'],
    )
    op.create_index(
        'uq_rubric_versions_inline_content_hash', 'rubric_versions', ['workspace_id', 'content_hash'],
        unique=True, postgresql_where=sa.text('rubric_id IS NULL'),
    )
    op.create_index(op.f('ix_evaluations_workspace_id_id'), 'evaluations', ['workspace_id', 'id'])
    for table, target, column in (
        ('evaluations', 'candidates', 'candidate_id'),
        ('practices', 'candidates', 'candidate_id'),
        ('rubric_versions', 'rubrics', 'rubric_id'),
    ):
        op.create_foreign_key(
            op.f(f'fk_{table}_workspace_id_{column}_{target}'), table, target,
            ['workspace_id', column], ['workspace_id', 'id'], ondelete='RESTRICT',
        )


def downgrade() -> None:
    """Of rows that aren't of the default workspace only the bank's are kept, where nothing hides them."""
    for table in OWNED:
        op.execute(f'DROP POLICY {table}_workspace ON {table}')
        if table in READ_BY_ALL:
            op.execute(f'DROP POLICY {table}_bank ON {table}')
        op.execute(f'ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE {table} DISABLE ROW LEVEL SECURITY')
    _refuse_loss()
    for table, target, column in (
        ('evaluations', 'candidates', 'candidate_id'),
        ('practices', 'candidates', 'candidate_id'),
        ('rubric_versions', 'rubrics', 'rubric_id'),
    ):
        op.drop_constraint(op.f(f'fk_{table}_workspace_id_{column}_{target}'), table, type_='foreignkey')
    for table in ('candidates', 'rubrics', 'proposal_decisions'):
        op.drop_constraint(op.f(f'pk_{table}'), table, type_='primary')
        op.create_primary_key(op.f(f'pk_{table}'), table, ['id'])
    op.drop_index(op.f('ix_evaluations_workspace_id_id'), table_name='evaluations')
    op.drop_constraint(
        op.f('uq_rubric_versions_workspace_id_rubric_id_version'), 'rubric_versions', type_='unique'
    )
    op.drop_index('uq_rubric_versions_inline_content_hash', table_name='rubric_versions')
    for table in OWNED:
        op.drop_column(table, 'workspace_id')
    op.create_unique_constraint(
        op.f('uq_rubric_versions_rubric_id_version'), 'rubric_versions', ['rubric_id', 'version']
    )
    op.create_index(
        'uq_rubric_versions_inline_content_hash', 'rubric_versions', ['content_hash'],
        unique=True, postgresql_where=sa.text('rubric_id IS NULL'),
    )
    for table, target, column in (
        ('evaluations', 'candidates', 'candidate_id'),
        ('practices', 'candidates', 'candidate_id'),
        ('rubric_versions', 'rubrics', 'rubric_id'),
        ('proposal_decisions', 'rubrics', 'rubric_id'),
    ):
        op.create_foreign_key(
            op.f(f'fk_{table}_{column}_{target}'), table, target, [column], ['id'], ondelete='RESTRICT'
        )


def _refuse_loss() -> None:
    """Tables without workspaces can't hold what two of them own; a bank's rubric that is hidden goes if it is unused."""
    hidden = "workspace_id = 'bank' AND {id} IN (SELECT id FROM rubrics WHERE workspace_id <> 'bank')"
    op.execute(f'DELETE FROM rubric_versions WHERE {hidden.format(id="rubric_id")}')
    op.execute(f'DELETE FROM rubrics AS given WHERE {hidden.format(id="given.id")}')
    others = ' UNION ALL '.join(
        f"SELECT workspace_id FROM {table} WHERE workspace_id NOT IN ('default', 'bank')" for table in OWNED
    )
    found = op.get_bind().execute(sa.text(f'SELECT DISTINCT workspace_id FROM ({others}) AS found')).scalars().all()
    if found:
        raise RuntimeError(f'Workspaces {", ".join(found)} have rows, which earlier tables can\'t hold: remove them first.')
