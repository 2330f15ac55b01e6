"""Figures to plain sentences: what a figure means, and what it can't mean here."""

from api.report.model import Statistic
from api.report.statistics import F64, LEAST_FOR_CORRELATION, alpha, alpha_interval, complete, item_rest

FEW_CANDIDATES = 30
FEW_ITEMS = 5

_ALPHA = (
    (0.9, "very consistent: fit for comparing single candidates"),
    (0.8, "consistent: fit for most uses"),
    (0.7, "acceptable for a picture of the group, thin for decisions about single candidates"),
    (0.5, "low: a picture of the group at best, no ground for decisions about single candidates"),
    (0.0, "very low: the sum says little about what a candidate knows in general"),
)
_DISCRIMINATION = (
    (0.3, "candidates who do well elsewhere do well here: the item tells them apart"),
    (0.2, "fair: it helps a little to tell candidates apart"),
    (0.0, "weak: doing well here has little to do with doing well elsewhere"),
    (-1.0, "negative: who does well elsewhere does worse here. Read the rubric and some answers before using the mark"),
)
_DIFFICULTY = ((0.8, "easy"), (0.3, "of middling difficulty"), (0.0, "hard"))


def difficulty(value: float | None, n: int) -> Statistic:
    """Mean coverage of one item in words."""
    if value is None:
        return Statistic(None, 0, "Can't be told: no answer to this item was scored.")
    grade = _band(value, _DIFFICULTY)
    caveat = f" (only {n} scored)" if n < FEW_ITEMS else ""
    return Statistic(value, n, f"Answers covered {value:.0%} on average{caveat}: {grade} for this cohort.")


def discrimination(scores: F64, item: int) -> Statistic:
    """Corrected item–total correlation in words. `scores` [candidates, items], NaN where unscored."""
    if scores.shape[1] < 2:
        return Statistic(None, 0, "Can't be told with one item: there is nothing to compare it with.")
    value, n = item_rest(scores, item)
    if n < LEAST_FOR_CORRELATION:
        least = f"at least {LEAST_FOR_CORRELATION} candidates scored on this item and another are needed, here are {n}"
        return Statistic(None, n, f"Can't be told: {least}.")
    if value is None:
        return Statistic(None, n, "Can't be told: all scores are the same, on this item or on the others.")
    text = _band(value, _DISCRIMINATION)
    return Statistic(value, n, _sentence(text) + _few_candidates(n))


def reliability(scores: F64) -> Statistic:
    """Alpha over a cohort's items in words. `scores` [candidates, items], NaN where unscored."""
    rows = complete(scores)
    n, k = rows.shape
    if k < 2:
        return Statistic(None, n, "Can't be told: alpha compares items with each other, and here are fewer than two.")
    value = alpha(rows)
    if n < 2:
        return Statistic(None, n, f"Can't be told: it needs two candidates scored on all {k} items, here: {n}.")
    if value is None:
        return Statistic(None, n, f"Can't be told: all {n} candidates scored on every item have the same total.")
    left_out = len(scores) - n
    skipped = f" Left out for want of a score on every item: {left_out}." if left_out else ""
    return Statistic(value, n, _alpha_sentence(value) + _interval(value, n, k, "candidates") + _few_items(k) + skipped)


def reliability_of_points(credits: F64) -> Statistic:
    """Alpha over one item's key points in words. `credits` [answers, points], no NaN."""
    n, k = credits.shape
    if k < 2:
        return Statistic(None, n, "Can't be told: the rubric has one key point.")
    if n < 2:
        return Statistic(None, n, f"Can't be told: it needs two scored answers, here: {n}.")
    value = alpha(credits)
    if value is None:
        return Statistic(None, n, f"Can't be told: all {n} scored answers have the same total.")
    if value >= 0.7:
        text = "The key points go together: who makes one tends to make the others."
    elif value >= 0.3:
        text = "The key points go together loosely. That is no fault where they are meant to cover different things."
    elif value >= 0:
        text = "The key points hardly go together: the mark adds up separate bits of knowledge, which may be intended."
    else:
        text = "Negative: who makes one point tends to miss others. Look for points that stand in for each other."
    return Statistic(value, n, text + _interval(value, n, k, "answers"))


def without(scores: F64, item: int, whole: float | None) -> Statistic:
    """Alpha of the set with one item left out, in words. `scores` as for `reliability`; `whole`: its alpha."""
    rows = complete(scores)
    n, k = rows.shape
    if k < 3:
        return Statistic(None, n, "Can't be told: at least three items are needed.")
    value = alpha(rows[:, [at for at in range(k) if at != item]])
    if value is None or whole is None:
        return Statistic(None, n, "Can't be told: too few candidates scored on every item, or all totals are the same.")
    if value > whole + 0.02:
        text = "The set would be more consistent without this item: it may measure something else, or need mending."
    else:
        text = "The item contributes: without it the set wouldn't be more consistent."
    return Statistic(value, n, text)


def _alpha_sentence(value: float) -> str:
    if value < 0:
        return "Negative: the items work against each other, so their sum means little. Check the rubrics."
    return _sentence(_band(value, _ALPHA))


def _interval(value: float, n: int, k: int, what: str) -> str:
    low, high = (f"{end:.2f}".replace("-", "−") for end in alpha_interval(value, n, k))
    rough = ", so take it as rough" if n < FEW_CANDIDATES else ""
    return f" Over {n} {what} it may well lie anywhere from {low} to {high}{rough}."


def _few_items(k: int) -> str:
    return f" So few items ({k}) keep alpha low, even where each is good." if k < FEW_ITEMS else ""


def _few_candidates(n: int) -> str:
    return f" With {n} candidates this is a hint, no finding." if n < FEW_CANDIDATES else ""


def _band(value: float, bands: tuple[tuple[float, str], ...]) -> str:
    return next((text for least, text in bands if value >= least), bands[-1][1])


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
