"""Plots as SVG, for light paper: hatches and labels beside colour. The only importer of matplotlib."""

import re
import threading
from collections.abc import Callable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

from api.report.model import Bins, Item, MissedPoint, Report
from grader.model import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, DEEP, PALE = "#1c2733", "#2f5d8a", "#dfe8f1"
STYLES: Final = {  # fill, ink of the figure, hatch
    Verdict.COVERED: (DEEP, "white", ""),
    Verdict.PARTIAL: ("#d3e1ee", INK, "////"),
    Verdict.MISSED: ("white", INK, ""),
    Verdict.CONTRADICTED: ("#f0dcc8", INK, "xxxx"),
}
WIDTH, WIDE, LEGEND = 7.6, 9.6, 0.4  # inches; `WIDE` where rows have long names
LEAST_LABELLED = 8  # per cent; narrower parts have no room for a figure
LONGEST_LABEL = 64  # characters; the table beside a plot has the whole
_lock = threading.Lock()  # matplotlib's settings are the process's


def plots(report: Report) -> dict[str, str]:
    """SVG elements by name: `candidates`, `answers`, `items`, `missed`; those with nothing to show are left out."""
    items = [item for item in report.items if item.difficulty.value is not None]
    out: dict[str, str] = {}
    if not items:
        return out
    if len(report.items) > 1:
        out["candidates"] = _svg(
            "Candidates by mean coverage", 2.5, lambda axes: _bars(axes, report.by_candidate, "candidates")
        )
    out["answers"] = _svg("Answers by coverage", 2.5, lambda axes: _bars(axes, report.by_answer, "answers"))
    out["items"] = _svg("Mean coverage of each item", _height(len(items)), lambda axes: _items(axes, items))
    if report.missed:
        height = _height(len(report.missed)) + LEGEND
        title = "Verdicts on the most missed key points"
        out["missed"] = _svg(title, height, lambda axes: _missed(axes, report), WIDE)
    return out


def _bars(axes: "Axes", bins: Bins, what: str) -> None:
    width = 100 / len(bins.counts)
    middles = [width * (at + 0.5) for at in range(len(bins.counts))]
    drawn = axes.bar(middles, bins.counts, width * 0.94, color=PALE, edgecolor=DEEP, linewidth=1)
    for value, name, line in ((bins.mean, "mean", "-"), (bins.median, "median", ":")):
        if value is not None:
            axes.axvline(100 * value, color=INK, linestyle=line, linewidth=1.4, label=f"{name} {value:.0%}")
    for label in axes.bar_label(drawn, [f"{count:,}" if count else "" for count in bins.counts], padding=3):
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
    axes.set(xlim=(0, 100), xticks=range(0, 101, 10), xlabel="coverage, %", ylabel=what)
    axes.set(ylim=(0, max(bins.counts) * 1.18), yticks=[])
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)


def _items(axes: "Axes", items: Sequence[Item]) -> None:
    ordered = sorted(items, key=lambda item: -(item.difficulty.value or 0))
    values = [100 * (item.difficulty.value or 0) for item in ordered]
    drawn = axes.barh(range(len(ordered)), values, 0.68, color=PALE, edgecolor=DEEP, linewidth=1)
    axes.bar_label(drawn, [f"{value:.0f}%" for value in values], padding=3)
    axes.set(xlim=(0, 100), xticks=range(0, 101, 20), xlabel="mean coverage, %: shorter is harder")
    _name_rows(axes, [item.rubric.id for item in ordered])


def _missed(axes: "Axes", report: Report) -> None:
    points = [report.items[one.item].points[one.point] for one in report.missed]
    rows, starts = range(len(points)), [0.0] * len(points)
    for verdict, (colour, ink, hatch) in STYLES.items():
        shares = [100 * dict(one.verdicts)[verdict] / sum(count for _, count in one.verdicts) for one in points]
        drawn = axes.barh(rows, shares, 0.68, starts, color=colour, edgecolor=INK, hatch=hatch, label=verdict.value)
        labels = [f"{share:.0f}%" if share >= LEAST_LABELLED else "" for share in shares]
        for label in axes.bar_label(drawn, labels, label_type="center", color=ink):
            label.set_bbox({"facecolor": colour, "edgecolor": "none", "pad": 1.2})
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    axes.set(xlim=(0, 100), xticks=range(0, 101, 20), xlabel="scored answers, %")
    _name_rows(axes, [_point_name(report, one) for one in report.missed])
    # Of the figure, not of the axes: long names leave them too narrow for it.
    axes.figure.legend(loc="outside upper right", ncols=4, frameon=False, handlelength=2.4, handleheight=1.1)


def _point_name(report: Report, one: MissedPoint) -> str:
    item = report.items[one.item]
    point = item.points[one.point].id
    return f"{item.rubric.id}: {point}" if len(report.items) > 1 else point


def _name_rows(axes: "Axes", names: Sequence[str]) -> None:
    cut = [name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…" for name in names]
    axes.set_yticks(range(len(cut)), cut, parse_math=False)
    axes.set_ylim(len(cut) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _height(rows: int) -> float:
    return 0.7 + 0.27 * rows


def _svg(title: str, height: float, draw: Callable[["Axes"], None], width: float = WIDTH) -> str:
    """The svg element alone: no declaration and no metadata."""
    import matplotlib
    from matplotlib.figure import Figure

    file = StringIO()
    with (
        _lock,
        matplotlib.rc_context(
            {
                "font.family": ["sans-serif"],
                "font.size": 9,
                "hatch.linewidth": 0.6,
                "patch.linewidth": 0.7,
                "svg.fonttype": "none",
                "svg.hashsalt": title,
            }
        ),
    ):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        figure.savefig(file, format="svg", transparent=True)
    text = re.sub(r"<metadata>.*?</metadata>", "", file.getvalue(), flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # the same in every plot of a page, and nothing refers to them
    return text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label={quoteattr(title)}', 1)
