"""first tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = '0001'
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


REFUSE_UPDATE = """
CREATE FUNCTION refuse_rubric_version_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rubric version % never changes: an edit is a new version', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$
"""
IMMUTABLE = """
CREATE TRIGGER rubric_versions_immutable BEFORE UPDATE ON rubric_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_rubric_version_update()
"""


def upgrade() -> None:
    op.create_table('candidates',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("id <> ''", name=op.f('ck_candidates_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidates'))
    )
    op.create_table('rubrics',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("id <> ''", name=op.f('ck_rubrics_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rubrics'))
    )
    op.create_table('rubric_versions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('rubric_id', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('scoring_hash', sa.Text(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('difficulty', sa.Text(), nullable=False),
    sa.Column('document', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(source = 'inline') = (rubric_id IS NULL)", name=op.f('ck_rubric_versions_inline')),
    sa.CheckConstraint("content_hash ~ '^[0-9a-f]{64}$'", name=op.f('ck_rubric_versions_content_hash')),
    sa.CheckConstraint("jsonb_typeof(document) = 'object'", name=op.f('ck_rubric_versions_document')),
    sa.CheckConstraint("scoring_hash ~ '^[0-9a-f]{64}$'", name=op.f('ck_rubric_versions_scoring_hash')),
    sa.CheckConstraint("source IN ('bank', 'api', 'import', 'inline')", name=op.f('ck_rubric_versions_source')),
    sa.CheckConstraint('version >= 1', name=op.f('ck_rubric_versions_version')),
    sa.ForeignKeyConstraint(['rubric_id'], ['rubrics.id'], name=op.f('fk_rubric_versions_rubric_id_rubrics'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rubric_versions')),
    sa.UniqueConstraint('rubric_id', 'version', name=op.f('uq_rubric_versions_rubric_id_version'))
    )
    op.create_index('uq_rubric_versions_inline_content_hash', 'rubric_versions', ['content_hash'], unique=True, postgresql_where=sa.text('rubric_id IS NULL'))
    op.create_table('evaluations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('candidate_id', sa.Text(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answer_sha256', sa.Text(), nullable=False),
    sa.Column('answer_words', sa.Integer(), nullable=False),
    sa.Column('answer_language', sa.Text(), nullable=False),
    sa.Column('engine_version', sa.Text(), nullable=False),
    sa.Column('engine_model', sa.Text(), nullable=False),
    sa.Column('engine_weights_hash', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('unscored_reason', sa.Text(), nullable=True),
    sa.Column('points', sa.Double(), nullable=True),
    sa.Column('max_points', sa.Double(), nullable=False),
    sa.Column('coverage', sa.Double(), nullable=True),
    sa.Column('expected_coverage', sa.Double(), nullable=True),
    sa.Column('level', sa.Text(), nullable=True),
    sa.Column('needs_review', sa.Boolean(), nullable=False),
    sa.Column('review_reasons', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('missed', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=False),
    sa.Column('next_step', sa.Text(), nullable=False),
    sa.Column('follow_ups', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('flags', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('metadata', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(status = 'scored') = (coverage IS NOT NULL)", name=op.f('ck_evaluations_scored_coverage')),
    sa.CheckConstraint("(status = 'scored') = (expected_coverage IS NOT NULL)", name=op.f('ck_evaluations_scored_expected_coverage')),
    sa.CheckConstraint("(status = 'scored') = (level IS NOT NULL)", name=op.f('ck_evaluations_scored_level')),
    sa.CheckConstraint("(status = 'scored') = (points IS NOT NULL)", name=op.f('ck_evaluations_scored_points')),
    sa.CheckConstraint("(status = 'unscored') = (unscored_reason IS NOT NULL)", name=op.f('ck_evaluations_unscored_reason')),
    sa.CheckConstraint("answer_sha256 ~ '^[0-9a-f]{64}$'", name=op.f('ck_evaluations_answer_sha256')),
    sa.CheckConstraint("jsonb_typeof(metadata) = 'object'", name=op.f('ck_evaluations_metadata')),
    sa.CheckConstraint("max_points > 0 AND max_points < 'Infinity'", name=op.f('ck_evaluations_max_points')),
    sa.CheckConstraint("status IN ('scored', 'unscored')", name=op.f('ck_evaluations_status')),
    sa.CheckConstraint('answer_words >= 0', name=op.f('ck_evaluations_answer_words')),
    sa.CheckConstraint('coverage BETWEEN 0 AND 1', name=op.f('ck_evaluations_coverage')),
    sa.CheckConstraint('expected_coverage BETWEEN 0 AND 1', name=op.f('ck_evaluations_expected_coverage')),
    sa.CheckConstraint('points BETWEEN 0 AND max_points', name=op.f('ck_evaluations_points')),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidates.id'], name=op.f('fk_evaluations_candidate_id_candidates'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_versions.id'], name=op.f('fk_evaluations_rubric_version_id_rubric_versions'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluations'))
    )
    op.create_index(op.f('ix_evaluations_candidate_id'), 'evaluations', ['candidate_id'], unique=False)
    op.create_index(op.f('ix_evaluations_created_at'), 'evaluations', ['created_at'], unique=False)
    op.create_index(op.f('ix_evaluations_rubric_version_id'), 'evaluations', ['rubric_version_id'], unique=False)
    op.create_table('key_point_results',
    sa.Column('evaluation_id', sa.Uuid(), nullable=False),
    sa.Column('key_point_id', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('weight', sa.Double(), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('credit', sa.Double(), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('probability', sa.Double(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=False),
    sa.CheckConstraint("jsonb_typeof(evidence) = 'array' AND NOT jsonb_path_exists(evidence, '$[*] ? (!(@.start >= 0 && @.start < @.end && @.similarity >= 0 && @.similarity <= 1) || (@.start >= 0 && @.start < @.end && @.similarity >= 0 && @.similarity <= 1) is unknown)')", name=op.f('ck_key_point_results_evidence')),
    sa.CheckConstraint("verdict IN ('covered', 'partial', 'missed', 'contradicted')", name=op.f('ck_key_point_results_verdict')),
    sa.CheckConstraint("weight > 0 AND weight < 'Infinity'", name=op.f('ck_key_point_results_weight')),
    sa.CheckConstraint('confidence BETWEEN 0 AND 1', name=op.f('ck_key_point_results_confidence')),
    sa.CheckConstraint('credit BETWEEN 0 AND 1', name=op.f('ck_key_point_results_credit')),
    sa.CheckConstraint('position >= 0', name=op.f('ck_key_point_results_position')),
    sa.CheckConstraint('probability BETWEEN 0 AND 1', name=op.f('ck_key_point_results_probability')),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_key_point_results_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('evaluation_id', 'key_point_id', name=op.f('pk_key_point_results'))
    )
    op.create_index(op.f('ix_key_point_results_key_point_id_verdict'), 'key_point_results', ['key_point_id', 'verdict'], unique=False)
    op.create_table('misconception_results',
    sa.Column('evaluation_id', sa.Uuid(), nullable=False),
    sa.Column('misconception_id', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('correction', sa.Text(), nullable=False),
    sa.Column('penalty', sa.Double(), nullable=False),
    sa.CheckConstraint("jsonb_typeof(evidence) = 'array' AND NOT jsonb_path_exists(evidence, '$[*] ? (!(@.start >= 0 && @.start < @.end && @.similarity >= 0 && @.similarity <= 1) || (@.start >= 0 && @.start < @.end && @.similarity >= 0 && @.similarity <= 1) is unknown)')", name=op.f('ck_misconception_results_evidence')),
    sa.CheckConstraint("penalty >= 0 AND penalty < 'Infinity'", name=op.f('ck_misconception_results_penalty')),
    sa.CheckConstraint('confidence BETWEEN 0 AND 1', name=op.f('ck_misconception_results_confidence')),
    sa.CheckConstraint('position >= 0', name=op.f('ck_misconception_results_position')),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_misconception_results_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('evaluation_id', 'misconception_id', name=op.f('pk_misconception_results'))
    )
    op.execute(REFUSE_UPDATE)
    op.execute(IMMUTABLE)


def downgrade() -> None:
    op.drop_table('misconception_results')
    op.drop_index(op.f('ix_key_point_results_key_point_id_verdict'), table_name='key_point_results')
    op.drop_table('key_point_results')
    op.drop_index(op.f('ix_evaluations_rubric_version_id'), table_name='evaluations')
    op.drop_index(op.f('ix_evaluations_created_at'), table_name='evaluations')
    op.drop_index(op.f('ix_evaluations_candidate_id'), table_name='evaluations')
    op.drop_table('evaluations')
    op.drop_index('uq_rubric_versions_inline_content_hash', table_name='rubric_versions', postgresql_where=sa.text('rubric_id IS NULL'))
    op.drop_table('rubric_versions')
    op.drop_table('rubrics')
    op.drop_table('candidates')
    op.execute('DROP FUNCTION refuse_rubric_version_update()')
