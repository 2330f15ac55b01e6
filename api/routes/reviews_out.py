"""Reviews as JSON shows them."""

from api.schemas.evaluations import EngineOut, EvidenceOut, RubricRefOut
from api.schemas.reviews import (
    DecisionOut,
    EffectiveMisconceptionOut,
    EffectiveOut,
    EffectivePointOut,
    MarkOut,
    ReviewedOut,
    ReviewOut,
    SecondOpinionOut,
    SheetOut,
    SheetTargetOut,
    WaitingOut,
)
from api.service.reviews import Reviewed
from api.store.review_claims import Waiting
from grader.effective import counts_whole, holds
from grader.rating import TOTAL, Decision, Mark, Rating, Target
from rubrics import Rubric


def reviewed_out(found: Reviewed) -> ReviewedOut:
    """An answer as it stands, with its history."""
    evaluation = found.stored.evaluation
    return ReviewedOut(
        answer_id=found.stored.of_answer,
        evaluation_id=found.stored.id,
        rubric=RubricRefOut.model_validate(evaluation.rubric),
        engine=EngineOut.model_validate(evaluation.engine),
        effective=_effective(found),
        disputed=[id_ for _, id_ in found.effective.disputed],
        history=[_review(one, found.rubric.rubric) for one in found.ratings],
        second_opinions=[
            SecondOpinionOut(
                rater=one.rater, key_point_id=one.key_point_id, statement=one.statement, verdict=one.word, at=one.at
            )
            for one in found.opinions
        ],
    )


def _effective(found: Reviewed) -> EffectiveOut:
    evaluation, decisions = found.effective.evaluation, found.effective.decisions
    engines = {one.id: one.verdict for one in found.stored.evaluation.key_points}
    return EffectiveOut(
        status=evaluation.status,
        points=evaluation.points,
        max_points=evaluation.max_points,
        coverage=evaluation.coverage,
        level=evaluation.level,
        needs_review=evaluation.needs_review,
        key_points=[
            EffectivePointOut(
                id=one.id,
                statement=one.statement,
                weight=one.weight,
                required=one.required,
                verdict=one.verdict,
                credit=one.credit,
                engine_verdict=engines[one.id],
                confidence=one.confidence,
                evidence=[EvidenceOut.model_validate(span) for span in one.evidence],
                feedback=one.feedback,
                decided=_decision(decisions.get((Target.KEY_POINT, one.id))),
            )
            for one in evaluation.key_points
        ],
        misconceptions=_misconceptions(found),
        total=_decision(decisions[Target.TOTAL, TOTAL]) if counts_whole(decisions) else None,
        missed=list(evaluation.missed),
        feedback=evaluation.feedback,
        next_step=evaluation.next_step,
        follow_ups=list(evaluation.follow_ups),
    )


def _misconceptions(found: Reviewed) -> list[EffectiveMisconceptionOut]:
    engines = {one.id for one in found.stored.evaluation.misconceptions}
    asserted = {one.id: one for one in found.effective.evaluation.misconceptions}
    out = []
    for item in found.rubric.rubric.misconceptions:
        decided = found.effective.decisions.get((Target.MISCONCEPTION, item.id))
        if item.id in engines or item.id in asserted:
            spans = asserted[item.id].evidence if item.id in asserted else ()
            out.append(
                EffectiveMisconceptionOut(
                    id=item.id,
                    statement=item.statement,
                    asserted=item.id in asserted,
                    engine_asserted=item.id in engines,
                    correction=item.correction,
                    penalty=item.penalty,
                    evidence=[EvidenceOut.model_validate(span) for span in spans],
                    decided=_decision(decided),
                )
            )
    return out


def _decision(decision: Decision | None) -> DecisionOut | None:
    if decision is None:
        return None
    rating = decision.rating
    return DecisionOut(
        review_id=rating.id, kind=rating.kind, reviewer=rating.reviewer, at=rating.at, reason=decision.mark.reason
    )


def _review(rating: Rating, rubric: Rubric) -> ReviewOut:
    return ReviewOut(
        id=rating.id,
        kind=rating.kind,
        reviewer=rating.reviewer,
        created_at=rating.at,
        comment=rating.comment,
        rubric=RubricRefOut.model_validate(rating.rubric),
        engine=EngineOut.model_validate(rating.engine),
        marks=[_mark(mark, rubric) for mark in rating.marks],
    )


def _mark(mark: Mark, rubric: Rubric) -> MarkOut:
    is_total = mark.target is Target.TOTAL
    return MarkOut(
        target=mark.target,
        id=mark.id,
        statement=mark.statement,
        verdict=None if is_total else str(mark.value),
        points=float(mark.value) if is_total else None,
        reason=mark.reason,
        quote=mark.span.quote if mark.span else None,
        applies=holds(rubric, mark),
    )


def sheet_out(found: Reviewed) -> SheetOut:
    """The answer without any verdict."""
    rubric = found.rubric.rubric
    return SheetOut(
        evaluation_id=found.stored.id,
        rubric=RubricRefOut.model_validate(found.stored.evaluation.rubric),
        question=rubric.question,
        answer=found.stored.submission.text,
        key_points=[SheetTargetOut(id=one.id, statement=one.statement) for one in rubric.key_points],
        misconceptions=[SheetTargetOut(id=one.id, statement=one.statement) for one in rubric.misconceptions],
    )


def waiting_out(one: Waiting, blind: bool) -> WaitingOut:
    """An answer that waits; what the engine thinks of it isn't told to a blind rater."""
    return WaitingOut(
        evaluation_id=one.evaluation_id,
        rubric_id=one.rubric_id,
        certainty=None if blind else one.certainty,
        needs_review=None if blind else one.needs_review,
        disputed=list(one.disputed),
    )
