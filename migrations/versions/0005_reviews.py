"""reviews, appeals, proposals, drafts of rubrics"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


revision: str = '0005'
down_revision: str | None = '0003'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPEND_ONLY = ('reviews', 'review_marks', 'appeals', 'appeal_changes', 'proposal_decisions')
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change_of_what_people_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what a person said never changes: add to %', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
CERTAINTY = """
UPDATE evaluations SET answer_id = id, certainty = CASE status WHEN 'scored' THEN (
    SELECT sum(weight * confidence) / sum(weight) FROM key_point_results WHERE evaluation_id = evaluations.id
) END
"""


def upgrade() -> None:
    op.create_table('proposal_decisions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('rubric_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('target_id', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("by <> ''", name=op.f('ck_proposal_decisions_by')),
    sa.CheckConstraint("decision IN ('accepted', 'dismissed')", name=op.f('ck_proposal_decisions_decision')),
    sa.ForeignKeyConstraint(['rubric_id'], ['rubrics.id'], name=op.f('fk_proposal_decisions_rubric_id_rubrics'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_versions.id'], name=op.f('fk_proposal_decisions_rubric_version_id_rubric_versions'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_decisions'))
    )
    op.create_index(op.f('ix_proposal_decisions_rubric_id'), 'proposal_decisions', ['rubric_id'], unique=False)
    op.create_table('rubric_drafts',
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_versions.id'], name=op.f('fk_rubric_drafts_rubric_version_id_rubric_versions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rubric_version_id', name=op.f('pk_rubric_drafts'))
    )
    op.create_table('appeals',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('evaluation_id', sa.Uuid(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('key_point_id', sa.Text(), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('argument', sa.Text(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=True),
    sa.CheckConstraint("argument <> ''", name=op.f('ck_appeals_argument')),
    sa.ForeignKeyConstraint(['answer_id'], ['evaluations.id'], name=op.f('fk_appeals_answer_id_evaluations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_appeals_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeals'))
    )
    op.create_index(op.f('ix_appeals_answer_id'), 'appeals', ['answer_id'], unique=False)
    op.create_index(op.f('ix_appeals_evaluation_id'), 'appeals', ['evaluation_id'], unique=False)
    op.create_table('review_claims',
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('lane', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reviewer', sa.Text(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("lane IN ('review', 'blind', 'adjudication')", name=op.f('ck_review_claims_lane')),
    sa.CheckConstraint("reviewer <> ''", name=op.f('ck_review_claims_reviewer')),
    sa.ForeignKeyConstraint(['answer_id'], ['evaluations.id'], name=op.f('fk_review_claims_answer_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('answer_id', 'lane', name=op.f('pk_review_claims')),
    sa.UniqueConstraint('id', name=op.f('uq_review_claims_id'))
    )
    op.create_table('review_states',
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('raters', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('blind', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('disputed', sa.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['evaluations.id'], name=op.f('fk_review_states_answer_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('answer_id', name=op.f('pk_review_states'))
    )
    op.create_table('reviews',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('evaluation_id', sa.Uuid(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reviewer', sa.Text(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('review', 'blind', 'adjudication', 'appeal', 'import')", name=op.f('ck_reviews_kind')),
    sa.CheckConstraint("reviewer <> ''", name=op.f('ck_reviews_reviewer')),
    sa.ForeignKeyConstraint(['answer_id'], ['evaluations.id'], name=op.f('fk_reviews_answer_id_evaluations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluations.id'], name=op.f('fk_reviews_evaluation_id_evaluations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews'))
    )
    op.create_index(op.f('ix_reviews_answer_id_id'), 'reviews', ['answer_id', 'id'], unique=False)
    op.create_index(op.f('ix_reviews_created_at'), 'reviews', ['created_at'], unique=False)
    op.create_index(op.f('ix_reviews_evaluation_id'), 'reviews', ['evaluation_id'], unique=False)
    op.create_table('appeal_changes',
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('review_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'upheld') = (review_id IS NOT NULL)", name=op.f('ck_appeal_changes_review')),
    sa.CheckConstraint("number = CASE state WHEN 'open' THEN 0 ELSE 1 END", name=op.f('ck_appeal_changes_number')),
    sa.CheckConstraint("state = 'open' OR (coalesce(by, '') <> '' AND reason <> '')", name=op.f('ck_appeal_changes_reason')),
    sa.CheckConstraint("state IN ('open', 'upheld', 'rejected')", name=op.f('ck_appeal_changes_state')),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeals.id'], name=op.f('fk_appeal_changes_appeal_id_appeals'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['review_id'], ['reviews.id'], name=op.f('fk_appeal_changes_review_id_reviews'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('appeal_id', 'number', name=op.f('pk_appeal_changes'))
    )
    op.create_table('review_marks',
    sa.Column('review_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('target_id', sa.Text(), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=True),
    sa.Column('points', sa.Double(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=True),
    sa.Column('quote_start', sa.Integer(), nullable=True),
    sa.Column('quote_end', sa.Integer(), nullable=True),
    sa.CheckConstraint("(target = 'total') = (points IS NOT NULL)", name=op.f('ck_review_marks_total')),
    sa.CheckConstraint("CASE target WHEN 'key_point' THEN coalesce(verdict, '') IN ('covered', 'partial', 'missed', 'contradicted') WHEN 'misconception' THEN coalesce(verdict, '') IN ('asserted', 'absent') ELSE verdict IS NULL END", name=op.f('ck_review_marks_verdict')),
    sa.CheckConstraint("points >= 0 AND points < 'Infinity'", name=op.f('ck_review_marks_points')),
    sa.CheckConstraint("target IN ('key_point', 'misconception', 'total')", name=op.f('ck_review_marks_target')),
    sa.CheckConstraint('(quote IS NULL) = (quote_start IS NULL) AND (quote IS NULL) = (quote_end IS NULL) AND quote_start >= 0 AND quote_start < quote_end', name=op.f('ck_review_marks_quote')),
    sa.ForeignKeyConstraint(['review_id'], ['reviews.id'], name=op.f('fk_review_marks_review_id_reviews'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('review_id', 'position', name=op.f('pk_review_marks'))
    )
    op.create_index(op.f('ix_review_marks_review_id_target_target_id'), 'review_marks', ['review_id', 'target', 'target_id'], unique=True)
    op.add_column('evaluations', sa.Column('answer_id', sa.Uuid(), nullable=True))
    op.add_column('evaluations', sa.Column('certainty', sa.Double(), nullable=True))
    op.execute(CERTAINTY)
    op.alter_column('evaluations', 'answer_id', nullable=False)
    op.create_check_constraint(op.f('ck_evaluations_scored_certainty'), 'evaluations', "(status = 'scored') = (certainty IS NOT NULL)")
    op.create_check_constraint(op.f('ck_evaluations_certainty'), 'evaluations', 'certainty BETWEEN 0 AND 1')
    op.create_index(op.f('ix_evaluations_answer_id_id'), 'evaluations', ['answer_id', 'id'], unique=False)
    op.create_foreign_key(op.f('fk_evaluations_answer_id_evaluations'), 'evaluations', 'evaluations', ['answer_id'], ['id'], ondelete='CASCADE')
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change_of_what_people_said()'
        )


def downgrade() -> None:
    op.drop_constraint(op.f('fk_evaluations_answer_id_evaluations'), 'evaluations', type_='foreignkey')
    op.drop_index(op.f('ix_evaluations_answer_id_id'), table_name='evaluations')
    op.drop_constraint(op.f('ck_evaluations_certainty'), 'evaluations', type_='check')
    op.drop_constraint(op.f('ck_evaluations_scored_certainty'), 'evaluations', type_='check')
    op.drop_column('evaluations', 'certainty')
    op.drop_column('evaluations', 'answer_id')
    op.drop_index(op.f('ix_review_marks_review_id_target_target_id'), table_name='review_marks')
    op.drop_table('review_marks')
    op.drop_table('appeal_changes')
    op.drop_index(op.f('ix_reviews_evaluation_id'), table_name='reviews')
    op.drop_index(op.f('ix_reviews_created_at'), table_name='reviews')
    op.drop_index(op.f('ix_reviews_answer_id_id'), table_name='reviews')
    op.drop_table('reviews')
    op.drop_table('review_states')
    op.drop_table('review_claims')
    op.drop_index(op.f('ix_appeals_evaluation_id'), table_name='appeals')
    op.drop_index(op.f('ix_appeals_answer_id'), table_name='appeals')
    op.drop_table('appeals')
    op.drop_table('rubric_drafts')
    op.drop_index(op.f('ix_proposal_decisions_rubric_id'), table_name='proposal_decisions')
    op.drop_table('proposal_decisions')
    op.execute('DROP FUNCTION refuse_change_of_what_people_said()')
