"""One real service, one PostgreSQL, one Chromium for all tests of the page."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.web.assets import assets
from tests.web.axe import Axe
from tests.web.service import REMEDY, browsing, chromium, serving

PATIENCE = 120_000  # milliseconds; a busy machine is no failure


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests are left out, but not in CI, where they fail."""
    if chromium() or os.environ.get("CI") == "true":
        return
    for item in items:
        if Path(__file__).parent in item.path.parents and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=REMEDY))


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with browsing() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, service: str) -> Iterator[BrowserContext]:
    """A fresh profile. A script error or a refusal by the Content-Security-Policy fails the test."""
    context = browser.new_context(base_url=service, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    yield context
    context.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def axe() -> Axe:
    return Axe()


@pytest.fixture(scope="module")
def run(browser: Browser, service: str) -> Iterator[Callable[..., Any]]:
    """Calls a function of a module with arguments: run("js/diff.js", "diff", "a", "b")."""
    page = browser.new_page(base_url=service)
    page.goto("/session")

    def call(path: str, name: str, *arguments: Any) -> Any:
        code = "async ([path, name, given]) => (await import(path))[name](...given)"
        return page.evaluate(code, [assets().address(path), name, list(arguments)])

    yield call
    page.close()
