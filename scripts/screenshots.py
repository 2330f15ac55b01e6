"""Pictures of every page in docs/screenshots: phone and desktop, light and dark. Run it after a change that shows.

.venv/bin/python scripts/screenshots.py [NAME…]
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.web.author import SECOND as SECOND_POINT  # noqa: E402
from tests.web.author import VAGUE, opened, tab, tried  # noqa: E402
from tests.web.candidate import FIRST, SECOND, answered, improved, write  # noqa: E402
from tests.web.cohorts import ROWS, as_csv, disputed, graded  # noqa: E402
from tests.web.service import browsing, serving  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {"phone": 390, "desktop": 1440}
MOST_TALL = 2600  # pixels; the rest of a long page shows nothing new
COLOURS = 96  # flat colours, so that few of them look the same and the files stay small


def choose(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".topics a").first).to_be_visible()


def questions(page: Page) -> None:
    page.goto("/questions?topic=ensembles")
    expect(page.locator(".questions a").first).to_be_visible()


def writing(page: Page) -> None:
    write(page, FIRST)


def result(page: Page) -> None:
    answered(page, FIRST)


def second(page: Page) -> None:
    answered(page, FIRST)
    improved(page, SECOND)


def session(page: Page) -> None:
    answered(page, "It switches off random units while training.", "/practise/dropout")
    answered(page, "A model has learned the noise.", "/practise/overfitting-vs-underfitting")
    second(page)
    page.goto("/session")
    expect(page.locator("#next a").first).to_be_visible()


def author_start(page: Page) -> None:
    page.goto("/author")
    expect(page.locator("#rubrics a").first).to_be_visible()


def author_text(page: Page) -> None:
    opened(page).locator(SECOND_POINT).fill(VAGUE)
    expect(page.locator("#form .found .error").first).to_be_visible()
    tab(page, "text")


def author_form(page: Page) -> None:
    """The form by itself where there is no room beside it."""
    opened(page)
    tab(page, "form" if page.locator("#tab-form").is_visible() else "found")


def author_try(page: Page) -> None:
    tried(page)
    page.get_by_role("button", name="Expect what the engine says").click()
    page.locator("#s-point-1 select").select_option("missed")
    page.locator(".heat button").first.focus()


def author_versions(page: Page) -> None:
    opened(page).locator(SECOND_POINT).fill(VAGUE)
    tab(page, "past")
    expect(page.locator(".changed")).to_be_visible()


def columns(page: Page) -> None:
    page.goto("/cohort")
    page.locator("#example").click()
    expect(page.locator("#columns")).to_be_visible()


def report(page: Page, part: str = "") -> None:
    """The example's report; it is graded once for all pictures."""
    if not COHORT:
        columns(page)
        page.locator("#check").click()
        page.locator("#grade").click()
        page.wait_for_url("**/cohort/*-*")
        COHORT.append(page.url)
    page.goto(COHORT[0] + part)
    expect(page.locator("heat-map")).to_be_attached()


def candidate(page: Page) -> None:
    report(page, "#candidate-1-0")
    expect(page.locator(".candidate")).to_be_visible()


def review(page: Page) -> None:
    report(page)
    page.locator("#glance a").click()
    page.locator("[name=reviewer]").fill("Ann")
    page.locator("#begin .primary").click()
    expect(page.locator(".judge").first).to_be_focused()


def adjudication(page: Page) -> None:
    """In a cohort of its own, for people's marks show in reports."""
    page.goto("/review")
    service = page.url.removesuffix("/review")
    batch = graded(service, as_csv(ROWS[:1]))
    disputed(service, batch["id"])
    page.goto(f"/review?batch={batch['id']}&lane=adjudication")
    page.locator("[name=reviewer]").fill("Ann")
    page.locator("#begin .primary").click()
    expect(page.locator(".judge .ratings")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.type("Half of it stands there.")


COHORT: list[str] = []
SCENES: dict[str, Callable[[Page], None]] = {
    "practise-choose": choose,
    "practise-questions": questions,
    "practise-writing": writing,
    "practise-result": result,
    "practise-second": second,
    "practise-session": session,
    "author-start": author_start,
    "author-form": author_form,
    "author-text": author_text,
    "author-try": author_try,
    "author-versions": author_versions,
    "cohort-columns": columns,
    "cohort-report": report,
    "cohort-candidate": candidate,
    "cohort-review": review,
    "cohort-adjudication": adjudication,
}


def main(names: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=120_000)
    with serving() as address, browsing() as browser:
        for size, width in WIDTHS.items():
            for name in names or SCENES:
                with browser.new_context(
                    base_url=address,
                    viewport={"width": width, "height": 900},
                    reduced_motion="reduce",
                    locale="en-GB",
                ) as context:
                    context.set_default_timeout(120_000)
                    page = context.new_page()
                    SCENES[name](page)
                    take(page, name, size)


def take(page: Page, name: str, size: str) -> None:
    """Both schemes of what the page shows now."""
    page.mouse.move(0, 0)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shot = Image.open(
            io.BytesIO(page.screenshot(full_page=True, style=".actions, .tabs, .side { position: static !important; }"))
        )
        cut = shot.convert("RGB").crop((0, 0, shot.width, min(shot.height, MOST_TALL)))
        cut.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}-{size}-{scheme}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
