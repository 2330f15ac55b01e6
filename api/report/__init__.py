"""The cohort report: graded answers in; a picture of the cohort out, as HTML, XLSX or JSON."""

from api.report.as_json import to_json
from api.report.build import build
from api.report.hide import hidden
from api.report.html import to_html
from api.report.model import Report
from api.report.xlsx import to_xlsx

__all__ = ["Report", "build", "hidden", "to_html", "to_json", "to_xlsx"]
