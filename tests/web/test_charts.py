"""The charts of a cohort's report: drawn from its figures, in the page's colours, on paper too, a table behind each."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.web.assets import assets
from tests.web.cohorts import ROWS, as_csv, graded, report
from tests.web.test_design import BUDGET_BYTES, BUDGET_REQUESTS, HEADERS

LIGHT, DARK = [39, 64, 139], [169, 189, 247]  # --accent
VERDICTS = ("covered", "partial", "missed", "contradicted")


@pytest.fixture(scope="module")
def batch(service: str, browser: Browser) -> dict[str, Any]:
    return graded(service, as_csv(ROWS), "charts.csv")


@pytest.fixture(scope="module")
def small(service: str, batch: dict[str, Any]) -> dict[str, Any]:
    return report(service, batch["id"])


@pytest.fixture
def opened(page: Page, batch: dict[str, Any], small: dict[str, Any]) -> Iterator[Page]:
    page.route("**/report?format=json&hide_names=false", lambda route: route.fulfill(json=small))
    page.emulate_media(color_scheme="light")
    page.goto(f"/cohort/{batch['id']}")
    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()
    yield page


# Of each data set its bars: how long each is, and which colours lie near its ends, off the middle where figures stand.
BARS = """async (chart, address) => {
    const { Chart } = await import(address);
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame); // colours have changed by then
    const drawn = Chart.getChart(chart.querySelector("canvas"));
    const colour = (x, y) => [...drawn.ctx.getImageData(x * drawn.currentDevicePixelRatio, y * drawn.currentDevicePixelRatio, 1, 1).data];
    return drawn.data.datasets.map((_, index) => drawn.getDatasetMeta(index).data.map((bar) => {
        const { x, y, base, width, horizontal } = bar.getProps(["x", "y", "base", "width", "horizontal"], true);
        if (horizontal) return { long: Math.abs(x - base), colours: [] };
        const height = (y + base) / 2;
        return { long: base - y, colours: [-0.4, 0.4].map((side) => colour(x + side * width, height).slice(0, 3)) };
    }));
}"""  # noqa: E501


def bars(chart: Locator) -> list[list[dict[str, Any]]]:
    expect(chart.locator("canvas")).to_have_css("display", "block")  # as the library has it once it has drawn
    found: list[list[dict[str, Any]]] = chart.evaluate(BARS, assets().address("vendor/charts.js"))
    return found


def colours(chart: Locator) -> list[list[int]]:
    """Those of bars that are there."""
    return [colour for bar in bars(chart)[0] if bar["long"] > 1 for colour in bar["colours"]]


def test_bars_are_as_high_as_the_counts(opened: Page, small: dict[str, Any]) -> None:
    counts = small["coverage_of_candidates"]["counts"]
    heights = [bar["long"] for bar in bars(opened.locator("#glance report-chart").first)[0]]
    assert [round(height * max(counts) / max(heights), 3) for height in heights] == counts
    shares = [item["difficulty"]["value"] for item in small["items"]]
    lengths = [bar["long"] for bar in bars(opened.locator("#items report-chart").first)[0]]
    assert lengths[0] / lengths[1] == pytest.approx(shares[0] / shares[1], rel=0.01)


def test_verdicts_are_parts_of_a_whole_and_their_counts_stand_in_the_table(opened: Page, small: dict[str, Any]) -> None:
    points = small["items"][0]["key_points"]
    opened.locator("#items .more summary").first.click()
    chart = opened.get_by_role("img", name="Chart: Verdicts on each key point").first
    for at, parts in enumerate(zip(*bars(chart), strict=True)):
        lengths, counts = [part["long"] for part in parts], [points[at][verdict] for verdict in VERDICTS]
        assert [x / sum(lengths) for x in lengths] == pytest.approx([x / sum(counts) for x in counts], abs=0.01)
    figure = opened.locator("#items .more figure").first
    figure.get_by_text("As a table").click()
    rows = figure.locator("tbody tr")
    expect(rows).to_have_count(len(points))
    for row, point in zip(rows.all(), points, strict=True):
        expect(row.locator("th")).to_contain_text(point["statement"])
        assert row.locator("td").all_inner_texts() == [str(point[verdict]) for verdict in VERDICTS]


def test_charts_follow_the_colours_and_are_printed_in_those_of_paper(opened: Page) -> None:
    chart = opened.locator("#glance report-chart").first
    assert LIGHT in colours(chart)
    opened.emulate_media(color_scheme="dark")
    assert DARK in colours(chart)
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert LIGHT in colours(chart)
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert DARK in colours(chart)
    opened.evaluate("document.documentElement.dataset.theme = 'light'")
    assert LIGHT in colours(chart)


# The grey of each data set's filling: how light it is on average, and how much it varies, from 0 to 255.
GREYS = """async (chart, address) => {
    const { Chart } = await import(address);
    const size = 28;
    return Chart.getChart(chart.querySelector("canvas")).data.datasets.map(({ backgroundColor }) => {
        const context = Object.assign(document.createElement("canvas"), { width: size, height: size }).getContext("2d");
        context.fillStyle = backgroundColor;
        context.fillRect(0, 0, size, size);
        const { data } = context.getImageData(0, 0, size, size);
        const greys = Array.from({ length: size * size }, (_, at) => 0.3 * data[4 * at] + 0.59 * data[4 * at + 1] + 0.11 * data[4 * at + 2]);
        const mean = greys.reduce((sum, grey) => sum + grey, 0) / greys.length;
        return [mean, Math.sqrt(greys.reduce((sum, grey) => sum + (grey - mean) ** 2, 0) / greys.length)];
    });
}"""  # noqa: E501


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_verdicts_can_be_told_without_colours(opened: Page, scheme: Any) -> None:
    opened.emulate_media(color_scheme=scheme)
    chart = opened.locator("#missed report-chart")
    bars(chart)
    covered, partial, missed, contradicted = chart.evaluate(GREYS, assets().address("vendor/charts.js"))
    assert max(covered[1], missed[1]) < 1  # plain, and far from each other
    assert abs(covered[0] - missed[0]) > 100
    assert min(partial[1], contradicted[1]) > 15  # hatched, one more closely than the other
    assert abs(partial[0] - contradicted[0]) > 15


def test_without_the_library_the_tables_are_there(page: Page, batch: dict[str, Any], small: dict[str, Any]) -> None:
    page.route("**/report?format=json&hide_names=false", lambda route: route.fulfill(json=small))
    page.route("**/vendor/charts.js", lambda route: route.abort())
    page.goto(f"/cohort/{batch['id']}")
    expect(page.get_by_text("The chart couldn't be fetched.").first).to_be_visible()
    page.locator("#glance").get_by_text("As a table").first.click()
    expect(page.locator("#glance tbody tr:visible")).to_have_count(10)


def test_all_that_shows_a_report_is_small(opened: Page, service: str) -> None:
    """With the library. The report itself, which grows with its cohort, doesn't count by its size."""
    bars(opened.locator("#glance report-chart").first)
    opened.wait_for_load_state("networkidle")
    loaded = opened.evaluate(LOADED)
    assert {host for _, host, _ in loaded} == {service.removeprefix("http://")}
    page = {path: size for path, _, size in loaded if not path.endswith("/report")}
    assert any(path.endswith("/vendor/charts.js") for path in page)
    assert sum(size + HEADERS for size in page.values()) < BUDGET_BYTES
    with_the_first_chart = [path for path, _, _ in loaded if path.endswith(("/vendor/charts.js", "/chart_look.js"))]
    assert len(with_the_first_chart) == 2
    assert len(loaded) <= BUDGET_REQUESTS + len(with_the_first_chart)


LOADED = """() => [performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")]
    .map((entry) => [new URL(entry.name).pathname, new URL(entry.name).host, entry.encodedBodySize])"""
