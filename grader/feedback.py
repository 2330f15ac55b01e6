"""Verdicts to words for the candidate: short, kind, specific, and never warmer than the mark."""

from collections.abc import Sequence

from grader.model import Evidence, KeyPointResult, MisconceptionResult, Verdict
from grader.scoring import Step
from rubrics.model import KeyPoint, Rubric

LONGEST_QUOTE = 140  # characters shown in feedback; the evidence itself is never cut
MOST_NAMED = 2


def for_point(point: KeyPoint, verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """One or two sentences on one key point."""
    said = f"“{quoted(evidence[0].quote)}”" if evidence else ""
    hint = point.missed or f"A full answer says: {_sentence(point.statement)}"
    if verdict is Verdict.COVERED:
        return f"You said it: {said}." if said else "You said it."
    if verdict is Verdict.PARTIAL:
        return f"You came near with {said}. {hint}" if said else hint
    if verdict is Verdict.CONTRADICTED:
        opening = f"What you wrote, {said}, seems to say otherwise." if said else "Your answer seems to say otherwise."
        return f"{opening} In fact: {_sentence(point.statement)}"
    return hint


def overall(results: Sequence[KeyPointResult], wrong: Sequence[MisconceptionResult], nothing: bool) -> str:
    """A paragraph: what was covered, what was wrong, what was missed and why it matters."""
    if nothing:
        return "There is nothing here to mark yet: answer in full sentences and in your own words."
    by_verdict = {kind: sorted((r for r in results if r.verdict is kind), key=lambda r: -r.weight) for kind in Verdict}
    parts = [_covered(by_verdict[Verdict.COVERED], len(results))]
    for result in by_verdict[Verdict.CONTRADICTED][:MOST_NAMED]:
        parts.append(result.feedback)
    parts.extend(f"Careful: {_sentence(item.correction)}" for item in wrong[:MOST_NAMED] if item.correction)
    gaps = by_verdict[Verdict.MISSED] + by_verdict[Verdict.PARTIAL]
    if gaps:
        parts.append(f"Most worth adding: {gaps[0].feedback}")
    return " ".join(part for part in parts if part)


def _covered(covered: Sequence[KeyPointResult], total: int) -> str:
    if not covered:
        return f"None of the {total} key points came through clearly."
    quotes = [f"“{quoted(result.evidence[0].quote)}”" for result in covered[:MOST_NAMED] if result.evidence]
    count = f"You covered {'all' if len(covered) == total else len(covered)} of the {total} key points"
    return f"{count}, for example with {' and '.join(quotes)}." if quotes else f"{count}."


def step_text(rubric: Rubric, step: Step | None) -> str:
    """The shortest way to the next level, in words; "" at the top."""
    if step is None:
        return ""
    statements = {point.id: point.statement for point in rubric.key_points}
    corrections = {item.id: item.statement for item in rubric.misconceptions}
    parts = [f"make this point: {_sentence(statements[name])}" for name in step.key_points]
    parts += [f"drop this claim: {_sentence(corrections[name])}" for name in step.misconceptions]
    return f"To reach “{step.level}”, " + " Then ".join(parts) if parts else ""


def follow_ups(rubric: Rubric, missed: Sequence[str]) -> tuple[str, ...]:
    """Questions tied to missed key points, the heaviest point's first, each once."""
    found = [item.question for name in missed for item in rubric.follow_ups if name in item.key_points]
    return tuple(dict.fromkeys(found))


def quoted(text: str) -> str:
    """`text` on one line and at most LONGEST_QUOTE characters long, the middle left out."""
    flat = " ".join(text.split()).rstrip(".")
    if len(flat) <= LONGEST_QUOTE:
        return flat
    half = LONGEST_QUOTE // 2 - 2
    return f"{flat[:half].rstrip()} … {flat[-half:].lstrip()}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
