"""how calibrations of rubrics came about"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0007'
down_revision: str | None = '0006'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('calibrations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('marks', sa.Integer(), nullable=False),
    sa.Column('loss_before', sa.Double(), nullable=False),
    sa.Column('loss_after', sa.Double(), nullable=False),
    sa.Column('loss_error', sa.Double(), nullable=False),
    sa.Column('distance_before', sa.Double(), nullable=False),
    sa.Column('distance_after', sa.Double(), nullable=False),
    sa.Column('distance_error', sa.Double(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('answers > 0 AND marks >= answers', name=op.f('ck_calibrations_marks')),
    sa.CheckConstraint("by <> ''", name=op.f('ck_calibrations_by')),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_versions.id'], name=op.f('fk_calibrations_rubric_version_id_rubric_versions'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calibrations')),
    sa.UniqueConstraint('rubric_version_id', name=op.f('uq_calibrations_rubric_version_id'))
    )


def downgrade() -> None:
    op.drop_table('calibrations')
