"""The fit: it finds what was put in, moves little on few marks, and holds only where there is something to find."""

from dataclasses import replace

import numpy as np
import pytest

from grader.calibration_fit import Fit, Lessons, expected, fit, log_odds, of_lists, trial
from grader.learned import load_weights
from grader.model import EngineInfo
from grader.rubric_calibration import calibrated, in_force, to_calibration, uncalibrated
from grader.verdict import expected_coverage
from rubrics import KeyPoint, Rubric, content_hash, scoring_hash
from tests.fakes import fake_engine

NUMBERS = load_weights().calibration
ENGINE = EngineInfo("9", "model", "0" * 64)
RUBRIC = Rubric("r", "Why?", tuple(KeyPoint(name, f"Because of {name}.") for name in "abcd"))


def made(count: int, shifts: list[float], slope: float = 1.0, seed: int = 0, whole: bool = False) -> Lessons:
    """Answers whose marks follow the engine's chances, moved by shifts."""
    rng = np.random.default_rng(seed)
    chances = rng.uniform(0.05, 0.95, (count, len(shifts)))
    truth = Fit(slope, 0.0, np.array(shifts)).chances(chances)
    weights = np.ones(len(shifts))
    none, nothing = np.full_like(chances, np.nan), np.full(count, np.nan)
    if whole:
        return Lessons(chances, none, expected(truth, weights, NUMBERS.coverage), weights, NUMBERS)
    return Lessons(chances, (rng.random(truth.shape) < truth).astype(float), nothing, weights, NUMBERS)


def test_it_finds_what_was_put_in() -> None:
    shifts = [2.0, 0.0, -1.0, 0.5]
    found = fit(made(4000, shifts))
    assert found.slope == pytest.approx(1.0, abs=0.1)
    assert (found.shift + found.points).tolist() == pytest.approx(shifts, abs=0.2)


def test_marks_on_wholes_teach_the_shared_shift_and_the_slope() -> None:
    found = fit(made(500, [1.0] * 4, slope=1.5, whole=True))
    assert found.slope == pytest.approx(1.5, abs=0.1)
    assert found.shift + found.points.mean() == pytest.approx(1.0, abs=0.1)


def test_without_a_mark_nothing_moves() -> None:
    empty = Lessons(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0), np.ones(3), NUMBERS)
    found = fit(empty)
    assert (found.slope, found.shift, found.points.tolist()) == (1.0, 0.0, [0.0, 0.0, 0.0])


def test_few_marks_move_little_and_more_move_more() -> None:
    moved = [abs(fit(made(count, [2.0] * 4)).shift) for count in (1, 5, 50)]
    assert moved[0] < moved[1] < moved[2]
    assert moved[0] < 0.5


def test_a_trial_holds_where_there_is_something_to_find() -> None:
    good = trial(made(60, [2.0, 2.0, -2.0, 0.0]))
    assert good.holds
    assert good.loss_after < good.loss_before
    assert (good.answers, good.marks) == (60, 240)


def test_where_there_is_nothing_to_find_few_trials_hold() -> None:
    tried = [trial(made(40, [0.0] * 4, seed=seed)) for seed in range(40)]
    assert sum(one.holds for one in tried) <= 4
    assert min(one.loss_before - one.loss_after for one in tried) > -0.03  # and what it would cost is little


def test_a_trial_is_the_same_every_time_and_sees_no_held_out_mark() -> None:
    lessons = made(30, [1.0] * 4)
    assert trial(lessons) == trial(lessons)
    noise = Lessons(lessons.chances, 1.0 - lessons.chances.round(), lessons.wholes, lessons.weights, lessons.numbers)
    assert not trial(noise).holds or not fit(noise).keeps_order


def test_expected_coverage_is_the_engines() -> None:
    chances, weights = [[0.9, 0.2, 0.6]], [2.0, 1.0, 0.5]
    ours = expected(np.array(chances), np.array(weights), NUMBERS.coverage)[0]
    assert ours == pytest.approx(expected_coverage(chances[0], weights, load_weights().calibration))
    single = expected(np.array([[0.3]]), np.array([2.0]), NUMBERS.coverage)[0]
    assert single == pytest.approx(0.3)


def test_a_calibration_is_of_one_rubric_and_one_engine() -> None:
    fitted = Fit(0.8, 0.5, np.array([1.0, -1.0, 0.0, 0.2]))
    taught = replace(RUBRIC, calibration=to_calibration(fitted, RUBRIC, ENGINE, 12))
    chances = np.array([[0.5, 0.3, 0.2], [0.1, 0.0, 0.9], [0.4, 0.4, 0.2], [1.0, 0.0, 0.0]])
    moved = calibrated(chances, taught, ENGINE)
    assert moved.sum(axis=1) == pytest.approx(np.ones(4))
    assert moved[:, 2] == pytest.approx(1 / (1 + np.exp(-(0.8 * log_odds(chances[:, 2]) + 0.5 + fitted.points))))
    assert moved[0, 0] / moved[0, 1] == pytest.approx(5 / 3)
    assert uncalibrated(moved[:, 2].tolist(), taught, ENGINE) == pytest.approx(chances[:, 2].tolist(), abs=2e-6)
    assert np.array_equal(calibrated(chances, taught, EngineInfo("10", "model", "0" * 64)), chances)
    restated = replace(taught, question="Why not?")
    assert in_force(restated, ENGINE) is None
    assert np.array_equal(calibrated(chances, restated, ENGINE), chances)


def test_a_calibration_changes_both_hashes_and_the_marks() -> None:
    engine = fake_engine()
    lenient = to_calibration(Fit(1.0, 8.0, np.zeros(4)), RUBRIC, engine.info, 12)
    taught = replace(RUBRIC, calibration=lenient)
    assert content_hash(taught) != content_hash(RUBRIC)
    assert scoring_hash(taught) != scoring_hash(RUBRIC)
    before, after = engine.grade(RUBRIC, "Because of a."), engine.grade(taught, "Because of a.")
    assert (before.coverage or 0) < (after.coverage or 0) == 1.0
    assert after.rubric.content_hash == content_hash(taught)


def test_lessons_from_lists() -> None:
    lessons = of_lists([[0.5, 0.5]], [[1.0, None]], [None], [1.0, 2.0], NUMBERS)
    assert (len(lessons), lessons.marks) == (1, 1)
