"""The tables of `python -m benchmarks.robustness`: each figure beside its target."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from rich.table import Table

from grader.model import Verdict

GAIN, DENIED, COST = 0.02, 0.05, 0.02  # at most: gained by an attack, denied points covered, cost of an edit
DENIALS_NOTE = (
    "The first row is the honest figure: denials written without sight of the rubric's wordings. The second puts in a\n"
    "wording of the rubric's `denies`, with which the engine compares every answer: it only shows that a known denial\n"
    "is found inside a strong answer. Both flatter: the shipped weights have seen golden answers and wordings in\n"
    "training. With topics held out: `python -m benchmarks.golden`."
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a text gains (signed, as a share of the points) over the one that it was made from."""

    what: str
    item: str
    note: str
    coverage: float
    expected: float


@dataclass(frozen=True, slots=True)
class Denial:
    """The verdict on a denied key point, and the one before it was denied where that was graded."""

    what: str
    item: str
    verdict: Verdict
    before: Verdict | None


class _Named(Protocol):
    @property
    def what(self) -> str: ...


Row = TypeVar("Row", bound=_Named)


def grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """By what was done, in the order of first sight."""
    out: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        out[row.what].append(row)
    return dict(out)


def attacks(changes: Sequence[Change]) -> Table:
    """A row an attack: mean gain, how many texts gain anything, the worst item."""
    columns = (
        "attack",
        "texts",
        "gained",
        "target",
        "met",
        "gained, expected",
        "texts that gain",
        "worst",
        "worst item",
    )
    table = _table("attacks: mean share of the points gained", columns)
    for what, rows in grouped(changes).items():
        gained = _mean(row.coverage for row in rows)
        worst = max(rows, key=lambda row: (row.coverage, row.expected))
        table.add_row(
            what,
            str(len(rows)),
            f"{gained:+.1%}",
            f"≤ {GAIN:.0%}",
            _met(gained <= GAIN),
            f"{_mean(row.expected for row in rows):+.1%}",
            f"{_mean(row.coverage > 0 for row in rows):.0%}",
            f"{worst.coverage:+.0%}",
            _item(worst),
        )
    return table


def denials(found: Sequence[Denial]) -> Table:
    """A row a source of denials: the verdicts that denied points get."""
    columns = (
        "denied key points",
        "points",
        "covered",
        "target",
        "met",
        "partial",
        "missed",
        "contradicted",
        "before: covered",
    )
    table = _table("denied key points: share by verdict", columns)
    for what, rows in grouped(found).items():
        shares = {verdict: _mean(row.verdict is verdict for row in rows) for verdict in Verdict}
        before = [row.before is Verdict.COVERED for row in rows if row.before is not None]
        table.add_row(
            what,
            str(len(rows)),
            f"{shares[Verdict.COVERED]:.1%}",
            f"≤ {DENIED:.0%}",
            _met(shares[Verdict.COVERED] <= DENIED),
            *(f"{shares[verdict]:.1%}" for verdict in (Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED)),
            f"{_mean(before):.0%}" if before else "–",
        )
    return table


def edits(changes: Sequence[Change]) -> Table:
    """A row an edit: mean absolute and mean signed change over the texts that it changes."""
    columns = (
        "edit",
        "texts",
        "coverage |Δ|",
        "coverage Δ",
        "target",
        "met |Δ|",
        "met Δ",
        "expected |Δ|",
        "expected Δ",
    )
    table = _table("harmless edits: mean change, of the texts that the edit changes", (*columns, "worst", "worst item"))
    for what, rows in grouped(changes).items():
        absolute, signed = _mean(abs(row.coverage) for row in rows), _mean(row.coverage for row in rows)
        worst = min(rows, key=lambda row: (row.coverage, row.expected))
        table.add_row(
            what,
            str(len(rows)),
            f"{absolute:.3f}",
            f"{signed:+.3f}",
            f"≤ {COST}",
            _met(absolute <= COST),
            _met(abs(signed) <= COST),
            f"{_mean(abs(row.expected) for row in rows):.3f}",
            f"{_mean(row.expected for row in rows):+.3f}",
            f"{worst.coverage:+.2f}",
            _item(worst),
        )
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="left" if column in (columns[0], "worst item") else "right")
    return table


def _met(reached: bool) -> str:
    return "yes" if reached else "NO"


def _item(change: Change) -> str:
    if not change.coverage:
        return "–"
    return f"{change.item} ({change.note})" if change.note else change.item


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
