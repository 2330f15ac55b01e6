"""How long a candidate waits: from handing in to the graded rubric on the screen, beside the bare HTTP call.

    .venv/bin/python -m benchmarks.page [--answers 100]

Real service, real model, Chromium, on loopback. Needs a browser (GRADER_CHROMIUM, or chromium on the PATH).
"""

import argparse
import statistics
import time

import httpx
from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from tests.web.candidate import FIRST, QUESTION, SECOND
from tests.web.service import browsing, serving

WARM = 5
# From the key press to the frame after the one in which the graded rubric was laid out.
WAIT = """() => new Promise((resolve) => {
    const begun = performance.now();
    const shown = () => {
        if (!document.querySelector("#result:not([hidden]) .graded")) return false;
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begun)));
        return true;
    };
    const watcher = new MutationObserver(() => shown() && watcher.disconnect());
    watcher.observe(document.body, { subtree: true, childList: true, attributes: true });
    document.querySelector("#submit").click();
})"""


def texts(count: int) -> list[str]:
    """Answers of a usual length, each different, so that nothing is answered from memory."""
    return [f"{FIRST if at % 2 else SECOND} This is what I said in round {at}." for at in range(count)]


def on_the_page(page: Page, text: str) -> float:
    """Milliseconds."""
    page.goto(QUESTION)
    page.evaluate("localStorage.clear()")
    page.reload()
    page.locator("#text").fill(text)
    return float(page.evaluate(WAIT))


def over_http(client: httpx.Client, text: str) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    request = {"rubric_id": "bagging-vs-boosting", "answer": text, "store": False}
    client.post("/v1/evaluations", json=request).raise_for_status()
    return 1000 * (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100)
    count = parser.parse_args().answers
    page_times, http_times = [], []
    with serving() as address, browsing() as browser, httpx.Client(base_url=address, timeout=60) as client:
        page = browser.new_page(base_url=address)
        page.set_default_timeout(60_000)
        for at, text in enumerate(texts(count + WARM)):
            pair = on_the_page(page, text), over_http(client, f"{text} Again.")
            if at >= WARM:
                page_times.append(pair[0])
                http_times.append(pair[1])
    table = Table("", "p50 ms", "p95 ms", title=f"From handing in to the graded rubric, n = {count}")
    for name, times in (("on the page", page_times), ("HTTP call alone", http_times)):
        cuts = statistics.quantiles(times, n=20)
        table.add_row(name, f"{cuts[9]:.0f}", f"{cuts[18]:.0f}")
    ratio = statistics.median(page_times) / statistics.median(http_times)
    table.add_row("ratio of medians", f"{ratio:.1f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
