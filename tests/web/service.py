"""The real service and a real browser, for tests, screenshots and benchmarks of the page."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
REMEDY = "no Chromium: install it (Debian: apt-get install chromium), or name another browser in GRADER_CHROMIUM"
START_SECONDS = 300


def chromium() -> str:
    """The browser's path; "" where there is none."""
    named = os.environ.get("GRADER_CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser without a window. Raises an AssertionError that says how to get one."""
    assert chromium(), REMEDY
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def serving() -> Iterator[str]:
    """`grader serve` as it is, on a free port, with a PostgreSQL of its own. Yields its address when it is ready."""
    models = ROOT / "var" / "models"  # converted once for all runs
    models.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
    with tempfile.TemporaryDirectory() as data:
        (Path(data) / "models").symlink_to(models)
        environment = {**os.environ, "GRADER_PORT": "0", "GRADER_DATA_DIR": data, "DATABASE_URL": ""}
        environment["GRADER_LOG_LEVEL"] = "warning"  # nobody reads on, and a full pipe would stop the service
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
    deadline = time.monotonic() + START_SECONDS
    while httpx.get(f"{found[0]}/readyz", timeout=30).status_code != 200:
        assert time.monotonic() < deadline, "the service didn't get ready"
        time.sleep(0.1)
    return found[0]
