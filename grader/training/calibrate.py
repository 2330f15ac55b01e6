"""Calibration: from alignments to probabilities, by logistic regression on training data only."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from grader.learned import CALIBRATION, Calibration
from grader.matcher import Scores
from grader.model import Verdict
from grader.training.documents import SETS
from grader.training.tables import MADE, Aligner, Example, Row, marked_rows, table, with_says
from grader.verdict import contrast_features, expected_coverage, misconception_probabilities, probabilities

F64 = NDArray[np.float64]

ROWS_A_SET = 3000
MADE_SHARE = 0.1  # weight of a point in an answer made of the bank's own texts
CLASSES = (Verdict.MISSED, Verdict.CONTRADICTED, Verdict.COVERED)
# By decision, not by fit: the likelier side decides, and half the credit is given a little below it.
COVERED, PARTIAL, ASSERTED = 0.5, 0.42, 0.5
# Under the least that any golden answer has with its own rubric; an encoder's cosines have a level of their own.
OFF_TOPIC, OFF_TOPIC_PUBLISHED = 0.3, 0.12
START = Calibration(
    (0, 0, 0), ((0,) * 5, (0,) * 5, (0,) * 5), (0, 0), (1, 0), (0, 0, 0), 0, COVERED, PARTIAL, 0.6, ASSERTED, OFF_TOPIC
)


def fit_bare(data: Path, aligner: Aligner, rng: np.random.Generator, sets: Sequence[str] = SETS) -> Calibration:
    """`bare` from the rows with one key point, as they are and with other covering answers as wordings; then `coverage`
    from the rows with several. Every set weighs the same.
    """
    single: list[list[Row]] = []
    several: list[list[Row]] = []
    for name in sets:
        rows = marked_rows(data / f"{name}_train.jsonl.gz", ROWS_A_SET, rng)
        aligned = table(rows, aligner) + table(with_says(rows, rng), aligner)
        single.append([row for row in aligned if len(row.scores.says) == 1])
        several.append([row for row in aligned if len(row.scores.says) > 1])
    bare = _logistic(single, lambda s: [float(s.passage[0]), float(np.log1p(s.wordings[0]))])
    fitted = replace(START, bare=(bare[0], bare[1], bare[2]))
    scale = _logistic(several, lambda s: [_logit(coverage(s, fitted))])
    return replace(fitted, coverage=(scale[1], scale[0]))


def coverage(found: Scores, calibration: Calibration) -> float:
    """Expected coverage (0–1) of an answer to key points of equal weight."""
    covered = probabilities(found, calibration)[:, 2].tolist()
    return expected_coverage(covered, [1.0] * len(covered), calibration)


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def _logistic(sets: Sequence[Sequence[Row]], features: Callable[[Scores], list[float]]) -> list[float]:
    """Intercept and coefficients; soft labels enter as two weighted rows; every set has the same total weight."""
    x = np.array([features(row.scores) for rows in sets for row in rows], np.float64)
    y = np.array([row.label for rows in sets for row in rows])
    share = np.concatenate([np.full(len(rows), 1000 / max(len(rows), 1)) for rows in sets])
    model = LogisticRegression(C=1e3, max_iter=1000)
    model.fit(np.r_[x, x], np.r_[np.ones(len(y)), np.zeros(len(y))], sample_weight=np.r_[share * y, share * (1 - y)])
    return [float(model.intercept_[0]), *(float(value) for value in model.coef_[0])]


def fit_contrast(rows: Sequence[Example], base: Calibration) -> Calibration:
    """`neutral`, `contrast` and `misconception` from marked answers to the bank; marks of partial are left out."""
    neutral = (
        float(np.nanmean(np.concatenate([row.scores.says - row.scores.denies for row in rows]))),
        float(np.nanmean(np.concatenate([row.scores.says - row.scores.near for row in rows]))),
    )
    x = np.concatenate([contrast_features(row.scores, neutral) for row in rows])
    verdicts = [verdict for row in rows for verdict in row.verdicts]
    keep = [index for index, verdict in enumerate(verdicts) if verdict in CLASSES]
    y = np.array([CLASSES.index(verdicts[index]) for index in keep])
    share = np.array([MADE_SHARE if row.answer.kind == MADE else 1.0 for row in rows for _ in row.verdicts])
    model = LogisticRegression(C=1e2, max_iter=2000, fit_intercept=False)
    model.fit(x[keep], y, sample_weight=share[keep])
    golden = [row for row in rows if row.answer.kind != MADE]
    wrong = np.concatenate([row.scores.wrong for row in golden]).astype(np.float64)
    margin = wrong - np.concatenate([row.scores.right for row in golden])
    asserted = np.concatenate([row.asserted for row in golden])
    miss = LogisticRegression(C=1e2, max_iter=2000).fit(np.stack([wrong, margin], axis=1), asserted)
    return replace(
        base,
        neutral=neutral,
        contrast=(_floats(model.coef_[0]), _floats(model.coef_[1]), _floats(model.coef_[2])),
        misconception=(float(miss.intercept_[0]), float(miss.coef_[0][0]), float(miss.coef_[0][1])),
    )


def _floats(values: F64) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def fit_half(rows: Sequence[Example], fitted: Calibration) -> Calibration:
    """`half`: the share of partial marks among the golden answers' points whose chance of covered is in the band."""
    band = [
        verdict
        for row in rows
        if row.answer.kind != MADE
        for verdict, chance in zip(row.verdicts, probabilities(row.scores, fitted)[:, 2], strict=True)
        if fitted.partial <= chance < fitted.covered
    ]
    return replace(fitted, half=sum(verdict is Verdict.PARTIAL for verdict in band) / max(1, len(band)))


def held_out(rows: Sequence[Example], base: Calibration) -> list[tuple[Example, F64, F64]]:
    """Each golden answer with its probabilities [P, 3] and its misconceptions' [M], fitted on all other topics."""
    out = []
    for topic in sorted({row.answer.topic for row in rows}):
        fitted = fit_contrast([row for row in rows if row.answer.topic != topic], base)
        for row in rows:
            if row.answer.topic == topic and row.answer.kind != MADE:
                point = probabilities(row.scores, fitted), misconception_probabilities(row.scores, fitted)
                out.append((row, *point))
    return out


def write(calibration: Calibration, out: Path) -> None:
    """Store a calibration as JSON."""
    (out / CALIBRATION).write_text(json.dumps(asdict(calibration), indent=1) + "\n", encoding="utf-8")
