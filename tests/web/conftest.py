"""One real service, one PostgreSQL, one Chromium for all tests of the page."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.web.axe import Axe

ROOT = Path(__file__).parents[2]
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
REMEDY = "no Chromium: install it (Debian: apt-get install chromium), or name another browser in GRADER_CHROMIUM"


def chromium() -> str:
    """The browser's path; "" where there is none."""
    named = os.environ.get("GRADER_CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests are left out, but not in CI, where they fail."""
    if chromium() or os.environ.get("CI") == "true":
        return
    for item in items:
        if Path(__file__).parent in item.path.parents and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=REMEDY))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`grader serve` as it is, on a free port, with its own PostgreSQL. Returns its address."""
    data = tmp_path_factory.mktemp("data")
    models = ROOT / "var" / "models"  # converted once for all runs
    models.mkdir(parents=True, exist_ok=True)
    (data / "models").symlink_to(models)
    environment = {**os.environ, "GRADER_PORT": "0", "GRADER_DATA_DIR": str(data), "DATABASE_URL": ""}
    environment["GRADER_LOG_LEVEL"] = "warning"  # nobody reads on, and a full pipe would stop the service
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield _ready(process)
        finally:
            process.terminate()
            process.wait(30)


def _ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    printed = ""
    while not (found := re.search(r"http://127\.0\.0\.1:\d+", printed)):
        line = process.stdout.readline()
        assert line, f"the service ended: {printed}"
        printed += line
    deadline = time.monotonic() + 120
    while httpx.get(f"{found[0]}/readyz").status_code != 200:
        assert time.monotonic() < deadline, "the service didn't get ready"
        time.sleep(0.1)
    return found[0]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert chromium(), REMEDY
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, service: str) -> Iterator[BrowserContext]:
    """A fresh profile. A script error or a refusal by the Content-Security-Policy fails the test."""
    context = browser.new_context(base_url=service, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
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
