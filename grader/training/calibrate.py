"""Calibration: from alignments to probabilities, by logistic regression on training data only."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.linear_model import LogisticRegression

from grader.judge import F32
from grader.learned import CALIBRATION, Calibration
from grader.matcher import Scores
from grader.model import Verdict
from grader.training.documents import SETS
from grader.training.tables import MADE, Aligner, Example, Row, marked_rows, table, with_says
from grader.verdict import (
    bare_features,
    contrast_features,
    decide,
    doubtful,
    expected_coverage,
    judged,
    judged_features,
    probabilities,
)

F64 = NDArray[np.float64]
Judged = tuple[Example, F64]  # an answer and its chances [P, 3]
Rows3 = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]

ROWS_A_SET = 3000
SEVERAL = "saf"  # the marked set whose answers have several key points
MADE_SHARE = 0.1  # weight of a point in an answer made of the bank's own texts
CLASSES = (Verdict.MISSED, Verdict.CONTRADICTED, Verdict.COVERED)
# By decision, not by fit: the likelier side decides, and half the credit is given a little below it.
COVERED, PARTIAL, ASSERTED = 0.5, 0.42, 0.5
# Under the least that any golden answer has with its own rubric; an encoder's cosines have a level of their own.
OFF_TOPIC, OFF_TOPIC_PUBLISHED = 0.3, 0.12
RATE, CHANCE = 0.8, 0.95  # by decision: how often the verdicts that need no review are right, and how surely
STEPS = 100  # confidences tried, from 1 down to a half
LEAST = 0.1  # share of the points that the strictest confidence tried must keep: of fewer the bound says nothing
ASK = 0.8  # by decision, agreement against speed: what alignment is surer of isn't read a second time
START = Calibration(
    bare=(0, 0, 0),
    contrast=((0,) * 5, (0,) * 5, (0,) * 5),
    judged=((0,) * 7, (0,) * 7, (0,) * 7),
    bare_judged=((0,) * 5, (0,) * 5, (0,) * 5),
    ask=ASK,
    neutral=(0, 0),
    coverage=(1, 0),
    misconception=(0, 0, 0),
    half=0,
    covered=COVERED,
    partial=PARTIAL,
    certain=0.6,
    asserted=ASSERTED,
    off_topic=OFF_TOPIC,
)


def fit_bare(data: Path, aligner: Aligner, rng: np.random.Generator, sets: Sequence[str] = SETS) -> Calibration:
    """`bare` from the rows with one key point, as they are and with other covering answers as wordings. Every set
    weighs the same.
    """
    aligner = aligner.judged_by(None)
    single: list[list[Row]] = []
    for name in sets:
        rows = marked_rows(data / f"{name}_train.jsonl.gz", ROWS_A_SET, rng)
        aligned = table(rows, aligner) + table(with_says(rows, rng), aligner)
        single.append([row for row in aligned if len(row.scores.says) == 1])
    bare = _logistic(single, lambda row: [float(row.scores.passage[0]), float(np.log1p(row.scores.wordings[0]))])
    return replace(START, bare=(bare[0], bare[1], bare[2]))


def fit_coverage(
    data: Path, aligner: Aligner, rng: np.random.Generator, golden: Sequence[Example], base: Calibration
) -> Calibration:
    """`coverage` from marked rows with several key points and from golden answers, which weigh the same."""
    rows = marked_rows(data / f"{SEVERAL}_train.jsonl.gz", ROWS_A_SET, rng)
    several = [row for row in table(rows, aligner) if len(row.scores.says) > 1]
    whole = [
        Row(one.scores, one.chances, sum(v is Verdict.COVERED for v in one.verdicts) / len(one.verdicts), "")
        for one in golden
        if one.answer.kind != MADE
    ]
    scale = _logistic([several, whole], lambda row: [_logit(coverage(row, base))])
    return replace(base, coverage=(scale[1], scale[0]))


def coverage(row: Row, calibration: Calibration) -> float:
    """Expected coverage (0–1) of an answer to key points of equal weight."""
    covered = settled(row.scores, row.chances, calibration)[:, 2].tolist()
    return expected_coverage(covered, [1.0] * len(covered), calibration)


def settled(found: Scores, chances: F32, calibration: Calibration) -> F64:
    """[P, 3]: chances after both readings, as the engine gives them."""
    first = probabilities(found, calibration)
    return np.where(doubtful(first, calibration)[:, None], judged(found, chances, calibration), first)


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def _logistic(sets: Sequence[Sequence[Row]], features: Callable[[Row], list[float]]) -> list[float]:
    """Intercept and coefficients; soft labels enter as two weighted rows; every set has the same total weight."""
    x = np.array([features(row) for rows in sets for row in rows], np.float64)
    y = np.array([row.label for rows in sets for row in rows])
    share = np.concatenate([np.full(len(rows), 1000 / max(len(rows), 1)) for rows in sets])
    model = LogisticRegression(C=1e3, max_iter=1000)
    model.fit(np.r_[x, x], np.r_[np.ones(len(y)), np.zeros(len(y))], sample_weight=np.r_[share * y, share * (1 - y)])
    return [float(model.intercept_[0]), *(float(value) for value in model.coef_[0])]


def fit_contrast(rows: Sequence[Example], bare: Sequence[Example], base: Calibration) -> Calibration:
    """`neutral`, `contrast`, `judged` and `misconception` from marked answers to the bank, `bare_judged` from the same
    without their rubrics' wordings; marks of partial are left out.
    """
    neutral = (
        float(np.nanmean(np.concatenate([row.scores.says - row.scores.denies for row in rows]))),
        float(np.nanmean(np.concatenate([row.scores.says - row.scores.near for row in rows]))),
    )
    golden = [row for row in rows if row.answer.kind != MADE]
    wrong = np.concatenate([row.scores.wrong for row in golden]).astype(np.float64)
    margin = wrong - np.concatenate([row.scores.right for row in golden])
    asserted = np.concatenate([row.asserted for row in golden])
    miss = LogisticRegression(C=1e2, max_iter=2000).fit(np.stack([wrong, margin], axis=1), asserted)
    return replace(
        base,
        neutral=neutral,
        contrast=_outcomes(rows, lambda row: contrast_features(row.scores, neutral)),
        judged=_outcomes(rows, lambda row: judged_features(row.scores, row.chances, neutral)),
        bare_judged=_outcomes(bare, lambda row: bare_features(row.scores, row.chances)),
        misconception=(float(miss.intercept_[0]), float(miss.coef_[0][0]), float(miss.coef_[0][1])),
    )


def _outcomes(rows: Sequence[Example], features: Callable[[Example], F64]) -> Rows3:
    """Coefficients of missed, contradicted, covered."""
    verdicts = [verdict for row in rows for verdict in row.verdicts]
    keep = [index for index, verdict in enumerate(verdicts) if verdict in CLASSES]
    share = np.array([MADE_SHARE if row.answer.kind == MADE else 1.0 for row in rows for _ in row.verdicts])
    model = LogisticRegression(C=1e2, max_iter=2000, fit_intercept=False)
    x = np.concatenate([features(row) for row in rows])
    model.fit(x[keep], np.array([CLASSES.index(verdicts[index]) for index in keep]), sample_weight=share[keep])
    return _floats(model.coef_[0]), _floats(model.coef_[1]), _floats(model.coef_[2])


def _floats(values: F64) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def fit_half(rows: Sequence[Example], fitted: Calibration) -> Calibration:
    """`half`: the share of partial marks among the golden answers' points whose chance of covered is in the band."""
    band = [
        verdict
        for row in rows
        if row.answer.kind != MADE
        for verdict, chance in zip(row.verdicts, settled(row.scores, row.chances, fitted)[:, 2], strict=True)
        if fitted.partial <= chance < fitted.covered
    ]
    return replace(fitted, half=sum(verdict is Verdict.PARTIAL for verdict in band) / max(1, len(band)))


def held_out(rows: Sequence[Example], bare: Sequence[Example], base: Calibration) -> tuple[list[Judged], list[Judged]]:
    """Each golden answer as judged by a calibration fitted on all other topics: of `rows`, and of `bare`."""
    out: tuple[list[Judged], list[Judged]] = ([], [])
    for topic in sorted({row.answer.topic for row in rows}):
        others, plain = ([one for one in kind if one.answer.topic != topic] for kind in (rows, bare))
        fitted = fit_contrast(others, plain, base)
        for found, kind in zip(out, (rows, bare), strict=True):
            found += [
                (row, settled(row.scores, row.chances, fitted))
                for row in kind
                if row.answer.topic == topic and row.answer.kind != MADE
            ]
    return out


def fit_certain(judged_answers: Sequence[Judged], fitted: Calibration) -> Calibration:
    """`certain`: the least confidence above which verdicts are right at RATE, with chance CHANCE, on questions like
    these; 1 where none is. From chances by fits that didn't see the question's topic.

    Learn then test (Angelopoulos et al. 2021) with a fixed sequence: from the strictest confidence down, each is kept
    while the one-sided t bound over questions, of (wrong - (1 - RATE) * sure points) a point, stays under 0.
    Assumption: questions are exchangeable; the bound is asymptotic in their number.
    """
    by_question: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for row, chances in judged_answers:
        for human, (missed, contradicted, covered) in zip(row.verdicts, chances.tolist(), strict=True):
            rated, confidence = decide(missed, contradicted, covered, fitted)
            by_question[row.answer.rubric].append((confidence, rated is human))
    certain = 1.0
    for step in range(STEPS, STEPS // 2 - 1, -1):
        level = step / STEPS
        losses = [
            sum((not right) - (1 - RATE) for confidence, right in points if confidence >= level) / len(points)
            for points in by_question.values()
        ]
        kept = sum(confidence >= level for points in by_question.values() for confidence, _ in points)
        if kept < LEAST * sum(map(len, by_question.values())):
            continue
        mean, spread = float(np.mean(losses)), float(np.std(losses, ddof=1)) / len(losses) ** 0.5
        if mean + stats.t.ppf(CHANCE, len(losses) - 1) * spread > 0:
            break
        certain = level
    return replace(fitted, certain=certain)


def write(calibration: Calibration, out: Path) -> None:
    """Store a calibration as JSON."""
    (out / CALIBRATION).write_text(json.dumps(asdict(calibration), indent=1) + "\n", encoding="utf-8")
