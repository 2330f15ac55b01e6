from dataclasses import replace

import numpy as np
import pytest

from grader.learned import Calibration, calibration_of, load_weights
from grader.matcher import Scores
from grader.model import Verdict
from grader.verdict import decide, expected_coverage, misconception_probabilities, probabilities

CALIBRATION = load_weights().calibration


def scores(says: float, denies: float = np.nan, near: float = np.nan, wordings: int = 0) -> Scores:
    def column(value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.array([value], np.float32)

    return Scores(
        column(says), column(says), column(denies), column(near), np.array([wordings]), column(says), column(0.3)
    )


def test_probabilities_are_a_distribution() -> None:
    for found in (scores(0.4), scores(0.4, 0.5), scores(0.4, np.nan, 0.2), scores(0.9, 0.1, 0.1, 5)):
        row = probabilities(found, CALIBRATION)
        assert row.shape == (1, 3) and row.min() >= 0
        assert row.sum() == pytest.approx(1)


def test_more_alignment_is_more_covered() -> None:
    bare = [probabilities(scores(at), CALIBRATION)[0, 2] for at in (0.1, 0.4, 0.7, 1.0)]
    contrast = [probabilities(scores(at, 0.4, 0.4), CALIBRATION)[0, 2] for at in (0.1, 0.4, 0.7, 1.0)]
    assert bare == sorted(bare) and contrast == sorted(contrast) and bare[0] < bare[-1]


def test_closer_denials_are_less_covered_and_more_contradicted() -> None:
    rows = [probabilities(scores(0.6, denies, 0.4), CALIBRATION)[0] for denies in (0.2, 0.5, 0.8)]
    assert rows[0][2] > rows[1][2] > rows[2][2]
    assert rows[0][1] < rows[1][1] < rows[2][1]


def test_contradiction_needs_contrast_wordings() -> None:
    assert probabilities(scores(0.6), CALIBRATION)[0, 1] == 0


@pytest.mark.parametrize(
    ("row", "verdict", "confidence"),
    [
        ((0.1, 0.1, 0.8), Verdict.COVERED, 0.8),
        ((0.5, 0.05, 0.45), Verdict.PARTIAL, 0.05),
        ((0.6, 0.3, 0.1), Verdict.MISSED, 0.6),
        ((0.3, 0.6, 0.1), Verdict.CONTRADICTED, 0.6),
    ],
)
def test_verdicts(row: tuple[float, float, float], verdict: Verdict, confidence: float) -> None:
    fixed = replace(CALIBRATION, half=0.05, covered=0.5, partial=0.42)
    found = decide(*row, fixed)
    assert found[0] is verdict and found[1] == pytest.approx(confidence)


def test_expected_coverage_keeps_one_point_and_weighs_several() -> None:
    assert expected_coverage([0.3], [2.0], CALIBRATION) == 0.3
    low = expected_coverage([0.9, 0.1], [1.0, 3.0], CALIBRATION)
    high = expected_coverage([0.9, 0.1], [3.0, 1.0], CALIBRATION)
    assert 0 < low < high < 1
    assert 0 < expected_coverage([0.0, 1.0], [1.0, 1.0], CALIBRATION) < 1


def test_misconception_needs_a_margin_over_the_key_points() -> None:
    near = misconception_probabilities(replace(scores(0.7), right=np.array([0.7], np.float32)), CALIBRATION)
    clear = misconception_probabilities(replace(scores(0.7), right=np.array([0.2], np.float32)), CALIBRATION)
    assert clear[0] > near[0]


def test_calibration_file_is_complete() -> None:
    with pytest.raises(KeyError):
        calibration_of({"bare": [0, 0, 0]})
    assert isinstance(CALIBRATION, Calibration)
