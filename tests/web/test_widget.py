"""The embeddable widget in a page of somebody else, under a strict policy, with hostile texts."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

WIDGET = (Path(__file__).parents[2] / "clients/widget/graded-rubric.js").read_bytes()
POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
HOSTILE = "<img src=x onerror='document.title=\"owned\"'><script>document.title='owned'</script>"
ANSWER = f"\U0001f469\U0001f3fd\u200d\U0001f52c says: one after another. {HOSTILE}"
START = ANSWER.index("one")
EVALUATION: dict[str, Any] = {
    "status": "scored", "unscored_reason": None, "points": 2.5, "max_points": 4.0, "level": f"good {HOSTILE}",
    "needs_review": True, "feedback": HOSTILE, "next_step": "Name the bootstrap.",
    "key_points": [
        {"statement": "One after another.", "verdict": "covered", "feedback": "Well said.",
         "evidence": [{"quote": "one after another", "start": START, "end": START + 17}]},
        {"statement": HOSTILE, "verdict": "missed", "feedback": "", "evidence": []},
        {"statement": "New.", "verdict": HOSTILE, "feedback": None, "evidence": None},
    ],
    "misconceptions": [{"statement": "Bagging is boosting.", "correction": HOSTILE}],
    "answer": {"text": ANSWER},
}  # fmt: skip
FILES: dict[str, tuple[str, bytes, int]] = {
    "/graded-rubric.js": ("text/javascript", WIDGET, 200),
    "/mark.json": ("application/json", json.dumps(EVALUATION).encode(), 200),
    "/gone.json": ("application/problem+json", json.dumps({"detail": f"No such mark {HOSTILE}"}).encode(), 404),
    "/broken.json": ("application/json", b"{", 200),
}


@pytest.fixture
def shown(browser: Browser) -> Iterator[tuple[Page, dict[str, str]]]:
    """A page, and what its body shall hold."""
    content: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html = "<!doctype html><html lang=en><title>host</title><script src=graded-rubric.js defer></script>"
            kind, body, status = FILES.get(self.path, ("text/html", (html + content.get("body", "")).encode(), 200))
            self.send_response(status)
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-security-policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.server_port}")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
    yield page, content
    context.close()
    server.shutdown()
    assert faults == []


def test_a_mark_from_an_address(shown: tuple[Page, dict[str, str]]) -> None:
    page, content = shown
    content["body"] = "<graded-rubric src=/mark.json></graded-rubric>"
    page.goto("/")
    rubric = page.locator("graded-rubric")
    expect(rubric.locator(".points")).to_have_text("2.5 of 4 points")
    expect(rubric.locator(".level")).to_have_text(f"good {HOSTILE}")
    expect(rubric.locator(".review")).to_be_visible()
    expect(rubric.locator("li")).to_have_count(4)
    expect(rubric.locator("li").nth(0)).to_contain_text("covered: One after another.")
    expect(rubric.locator("q")).to_have_text(["one after another"])
    expect(rubric.locator("mark")).to_have_text(["one after another"])
    assert rubric.locator(".answer").evaluate("block => block.textContent") == ANSWER
    expect(rubric.locator("img, script")).to_have_count(0)
    assert page.title() == "host"


def test_a_mark_given_by_the_page(shown: tuple[Page, dict[str, str]]) -> None:
    page, content = shown
    inside = json.dumps({**EVALUATION, "answer": {}}).replace("<", "\\u003c")
    content["body"] = f'<graded-rubric><script type="application/json">{inside}</script></graded-rubric>'
    page.goto("/")
    rubric = page.locator("graded-rubric")
    expect(rubric.locator(".points")).to_have_text("2.5 of 4 points")
    expect(rubric.locator(".answer")).to_have_count(0)
    unscored = {"status": "unscored", "unscored_reason": "blank: the answer has no words", "max_points": 4}
    rubric.evaluate("(element, value) => { element.evaluation = value }", unscored)
    expect(rubric.locator(".points")).to_have_text("Not marked")
    expect(rubric).to_contain_text("no words")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<graded-rubric src=/gone.json></graded-rubric>", f"can't be shown: No such mark {HOSTILE}"),
        ("<graded-rubric src=/broken.json></graded-rubric>", "can't be loaded"),
        ("<graded-rubric><script type=application/json>{</script></graded-rubric>", "can't be read"),
    ],
)
def test_a_mark_that_cant_be_had_is_told(shown: tuple[Page, dict[str, str]], body: str, told: str) -> None:
    page, content = shown
    content["body"] = body
    page.goto("/")
    expect(page.locator("graded-rubric").get_by_role("status")).to_contain_text(told)
