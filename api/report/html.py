"""A report as one HTML file: no script, no request, and nothing that somebody wrote is taken for markup."""

from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.report import heat, show
from api.report.hide import hidden
from api.report.model import Report
from api.report.plots import plots

FIRST = 12  # rows or cards shown at once; the others are folded


def to_html(report: Report, hide_names: bool = False) -> str:
    """The page. With `hide_names` candidates have pseudonyms, and no key or own column is shown."""
    if hide_names:
        report = hidden(report)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            names_hidden=hide_names,
            style=Markup(_style()),  # noqa: S704 our own file
            plots={name: Markup(svg) for name, svg in plots(report).items()},  # noqa: S704 escaped by matplotlib
            blocks=heat.blocks(report),
            bins=len(report.by_answer.counts),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": show.percent, "figure": show.figure, "mark": show.mark, "number": show.number}
    environment.globals |= {
        "first": FIRST,
        "heat_cells": heat.cells,
        "signs": show.SIGNS,
        "versions": show.versions,
        "wordings": show.wordings,
    }
    return environment


def _shown(value: object) -> object:
    return show.clean(value) if type(value) is str else value


@cache
def _style() -> str:
    return (resources.files("api.report") / "templates" / "report.css").read_text("utf-8")
