"""The heat map: what every candidate did with every key point."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.report.model import Item, Report
from api.report.show import SIGNS, UNSCORED
from grader.model import Verdict

MOST_COLUMNS = 36  # key points side by side: what fits a page
CLASSES = {  # of the page's style sheet; one letter, for there are many cells
    SIGNS[Verdict.COVERED]: "c",
    SIGNS[Verdict.PARTIAL]: "p",
    SIGNS[Verdict.MISSED]: "m",
    SIGNS[Verdict.CONTRADICTED]: "x",
    UNSCORED: "u",
    "": "n",
}
_CELLS = {sign: f"<td class={name}>{sign}" for sign, name in CLASSES.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate's position, and a sign for every key point of the block: "" where there is no answer."""

    candidate: int
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Items side by side, and a row for every candidate."""

    items: tuple[Item, ...]
    rows: tuple[Row, ...]


def blocks(report: Report) -> list[Block]:
    """The map in blocks of whole items, MOST_COLUMNS or fewer unless one item has more; best candidates first."""
    signs = _signs(report)
    order = sorted(
        range(len(report.candidates)),
        key=lambda at: (report.candidates[at].coverage is None, -(report.candidates[at].coverage or 0.0)),
    )
    out = []
    for group in _packed([len(item.points) for item in report.items]):
        rows = (Row(who, tuple(sign for item in group for sign in _cells(report, signs, who, item))) for who in order)
        out.append(Block(tuple(report.items[item] for item in group), tuple(rows)))
    return out


def cells(signs: Sequence[str]) -> Markup:
    """The cells of a row, in one go: a map has a hundred thousand."""
    return Markup("".join(_CELLS[sign] for sign in signs))  # noqa: S704 signs are our own


def _packed(widths: Sequence[int]) -> list[list[int]]:
    """Positions of neighbours that fit together."""
    out: list[list[int]] = []
    room = 0
    for at, width in enumerate(widths):
        if width > room or not out:
            out.append([])
            room = MOST_COLUMNS
        out[-1].append(at)
        room -= width
    return out


def _signs(report: Report) -> dict[tuple[int, int], tuple[str, ...]]:
    """By candidate and item, for answers that count."""
    out = {}
    for answer in report.answers:
        if answer.counts:
            got = {one.id: SIGNS[one.verdict] for one in answer.graded.evaluation.key_points}
            points = report.items[answer.item].points
            out[answer.candidate, answer.item] = tuple(got.get(point.id, UNSCORED) for point in points)
    return out


def _cells(report: Report, signs: dict[tuple[int, int], tuple[str, ...]], candidate: int, item: int) -> tuple[str, ...]:
    return signs.get((candidate, item), ("",) * len(report.items[item].points))
