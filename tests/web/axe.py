"""axe-core on a page: WCAG 2.2 A and AA, and axe's own good practice."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe as Runner
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Axe:
    """Call it with a page: the violations in light and in dark, each with the place and the reason; [] is good."""

    def __init__(self) -> None:
        self._runner = Runner()

    def __call__(self, page: Page) -> list[str]:
        found = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{scheme}: {line}" for line in self._once(page)]
        return found

    def _once(self, page: Page) -> list[str]:
        result: dict[str, Any] = self._runner.run(page, options={"runOnly": RULES}).response
        return [
            f"{fault['id']}: {node['target']}: {node['failureSummary']}"
            for fault in result["violations"]
            for node in fault["nodes"]
        ]
