"""API keys, their use, and the answers to calls that may come twice"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.tables.workspaces import HERE, policies

revision: str = '0014'
down_revision: str | None = '0013'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('api_keys',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('shown', sa.Text(), nullable=False),
    sa.Column('key_hash', sa.Text(), nullable=False),
    sa.Column('scopes', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('rate_limit', sa.Text(), nullable=True),
    sa.Column('daily_quota', sa.Integer(), nullable=True),
    sa.Column('replaces', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('workspace_id', sa.Text(), server_default=sa.text(HERE), nullable=False),
    sa.CheckConstraint("key_hash ~ '^[0-9a-f]{64}$'", name=op.f('ck_api_keys_key_hash')),
    sa.CheckConstraint("scopes <@ ARRAY['grade', 'read', 'author', 'admin'] AND scopes <> '{}'", name=op.f('ck_api_keys_scopes')),
    sa.CheckConstraint('daily_quota > 0', name=op.f('ck_api_keys_daily_quota')),
    sa.CheckConstraint("workspace_id <> '*'", name=op.f('ck_api_keys_workspace_id')),
    sa.ForeignKeyConstraint(['replaces'], ['api_keys.id'], name=op.f('fk_api_keys_replaces_api_keys'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_api_keys_key_hash'))
    )
    op.create_table('key_usage',
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('requests', sa.BigInteger(), nullable=False),
    sa.Column('workspace_id', sa.Text(), server_default=sa.text(HERE), nullable=False),
    sa.CheckConstraint("workspace_id <> '*'", name=op.f('ck_key_usage_workspace_id')),
    sa.ForeignKeyConstraint(['key_id'], ['api_keys.id'], name=op.f('fk_key_usage_key_id_api_keys'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key_id', 'day', name=op.f('pk_key_usage'))
    )
    op.create_table('idempotency_keys',
    sa.Column('workspace_id', sa.Text(), server_default=sa.text(HERE), nullable=False),
    sa.Column('owner', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('claim', sa.Uuid(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("fingerprint ~ '^[0-9a-f]{64}$'", name=op.f('ck_idempotency_keys_fingerprint')),
    sa.CheckConstraint('(status IS NULL) = (fingerprint IS NULL) AND (status IS NULL) = (body IS NULL)', name=op.f('ck_idempotency_keys_answer')),
    sa.CheckConstraint("workspace_id <> '*'", name=op.f('ck_idempotency_keys_workspace_id')),
    sa.PrimaryKeyConstraint('workspace_id', 'owner', 'key', name=op.f('pk_idempotency_keys'))
    )
    op.create_index(op.f('ix_idempotency_keys_created_at'), 'idempotency_keys', ['created_at'], unique=False)
    for table in ('api_keys', 'key_usage', 'idempotency_keys'):
        for statement in policies(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f('ix_idempotency_keys_created_at'), table_name='idempotency_keys')
    op.drop_table('idempotency_keys')
    op.drop_table('key_usage')
    op.drop_table('api_keys')
