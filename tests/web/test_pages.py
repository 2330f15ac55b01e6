"""The page without a browser: what is sent, under which headers, and with which words."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.routes import pages as routes
from api.settings import Settings
from api.web.assets import Assets, assets
from api.web.messages import catalogue
from api.web.pages import PAGES, ROOMS
from tests.fakes import fake_engine

WEB = Path(__file__).parents[2] / "api" / "web"
ADDRESSES = [re.sub(r"\{\w+\}", "some-id", page.path) for page in PAGES]


@pytest.fixture(scope="module")
def client() -> TestClient:
    """Nothing is started: pages must show before the database and the model are up."""
    return TestClient(create_app(Settings(), fake_engine()))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_html_under_a_strict_policy(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == client.head(address).status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_has_nothing_inline_and_asks_no_other_host(client: TestClient, address: str) -> None:
    text = client.get(address).text
    assert "<noscript>" in text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)
    linked = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert all(re.match(r"/(?!/)|#", one) for one in linked)
    for one in linked:
        if one.startswith("/assets/"):
            assert client.get(one).status_code == 200, one


def test_an_asset_is_kept_for_good_under_its_own_address_only(client: TestClient) -> None:
    address = assets().address("js/api.js")
    current, older = client.get(address), client.get(address.replace(assets().version, "0" * 16))
    assert current.text == older.text == (WEB / "assets" / "js" / "api.js").read_text()
    assert "immutable" in current.headers["cache-control"]
    assert older.headers["cache-control"] == "no-cache"
    assert current.headers["content-type"] == "text/javascript; charset=utf-8"


def test_what_is_sent_is_packed_for_those_who_unpack(client: TestClient) -> None:
    address = assets().address("js/api.js")
    plain = client.get(address, headers={"accept-encoding": "identity"})
    packed = client.get(address)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content


@pytest.mark.parametrize("path", ["nothing.js", "../pages.py", "%2e%2e/pages.py", "js/../../pages.py", "js"])
def test_only_assets_are_assets(client: TestClient, path: str) -> None:
    answer = client.get(f"/assets/{assets().version}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_version_follows_the_content() -> None:
    one, same, other = Assets({"a.js": b"1"}), Assets({"a.js": b"1"}), Assets({"a.js": b"2"})
    assert one.version == same.version != other.version
    assert gzip.decompress(one.file("a.js").packed) == b"1"  # type: ignore[union-attr]


def test_modules_are_found_through_imports() -> None:
    files = {
        "room/a.js": b'import "../js/b.js";\nimport {\n  c,\n} from "./c.js";\nexport { d } from "../js/b.js";\n',
        "room/c.js": b'import { b } from "../js/b.js";\nconst text = "import \'./no.js\'";\n',
        "js/b.js": b'import { a } from "../room/a.js";\n',
    }
    assert Assets(files).modules("room/a.js") == ("room/a.js", "js/b.js", "room/c.js")


def test_every_module_that_a_script_names_is_there() -> None:
    for page in PAGES:
        assert all(assets().file(path) for path in assets().modules(page.script)), page.script


def test_what_is_of_others_is_built_from_the_versions_that_are_pinned() -> None:
    folder = WEB.parents[1] / "scripts" / "vendor"
    wanted = json.loads((folder / "package.json").read_text())
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    pinned = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in pinned} == pinned
    shipped = {
        f"{path.removeprefix('node_modules/')} {one['version']}"
        for path, one in packages.items()
        if path and not one.get("dev")
    }
    text = (WEB / "assets" / "vendor" / "charts.js").read_text()
    inputs = b"".join((folder / name).read_bytes() for name in ("build.mjs", "charts.mjs", "package-lock.json"))
    names, _, made_from = text.partition("\n")[0].removeprefix("/* ").partition("; built by scripts/vendor from ")
    assert set(names.split(", ")) == shipped
    assert made_from == hashlib.sha256(inputs).hexdigest(), "make vendor"
    assert text.count("Permission is hereby granted, free of charge") == len(shipped)


def test_what_is_of_others_comes_only_with_the_first_chart() -> None:
    for page in PAGES:
        assert not [path for path in assets().modules(page.script) if path.startswith("vendor/")], page.script
    assert assets().file("vendor/charts.js")


def test_every_room_has_a_page() -> None:
    assert {room.path for room in ROOMS} <= {page.path for page in PAGES}
    assert {page.room for page in PAGES} == {room.id for room in ROOMS}


SCRIPTS = [path for path in WEB.glob("assets/**/*.js") if path.parent.name != "vendor"]
SOURCES = [*SCRIPTS, *WEB.glob("templates/**/*.j2"), WEB / "pages.py"]


def names_used() -> Iterator[str]:
    """Message names in the sources, as regular expressions: a part that is put in at run time stands for any word."""
    for source in SOURCES:
        text = source.read_text()
        yield from map(re.escape, re.findall(r"""["'`]([a-z_]+\.[a-z_0-9-]+)["'`]""", text))
        for made in re.findall(r"`([a-z_]+\.[^`\s]*\$\{[^`]+)`", text):
            yield re.sub(r"\\\$\\\{.*?\\\}", "[a-z_0-9-]+", re.escape(made))
        yield from (re.escape(start) + "[a-z_0-9-]+" for start in re.findall(r"'([a-z_]+\.[a-z_]*)' ~", text))


def test_every_message_is_used_and_every_name_is_in_the_catalogue() -> None:
    used = {*names_used()}
    unused = [name for name in catalogue() if not any(re.fullmatch(pattern, name) for pattern in used)]
    assert unused == []
    rooms = {name.partition(".")[0] for name in catalogue()}
    plain = {re.sub(r"\\(.)", r"\1", name) for name in used if not re.search(r"[+\[]", name)}
    assert {name for name in plain if name.partition(".")[0] in rooms and not name.endswith(".js")} <= set(catalogue())


def test_templates_hold_no_words_of_their_own() -> None:
    for template in WEB.glob("templates/**/*.j2"):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", " ", template.read_text(), flags=re.DOTALL)
        assert re.findall(r"\w{2,}", bare) == [], template.name


def test_messages_are_texts_or_plural_forms() -> None:
    for name, message in catalogue().items():
        assert isinstance(message, str) or set(message) == {"one", "other"}, name


def test_scripts_never_make_markup_of_text() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function")
    for script in WEB.glob("assets/**/*.js"):
        assert not forbidden.search(script.read_text()), script.name


def test_the_page_doubts_where_the_engine_does() -> None:
    calibration = json.loads((WEB.parents[1] / "grader" / "weights" / "calibration.json").read_text())
    script = (WEB / "assets" / "js" / "graded.js").read_text()
    assert float(re.findall(r"CERTAIN = ([\d.]+)", script)[0]) == calibration["certain"]


def test_styles_can_be_mirrored() -> None:
    physical = re.compile(
        r"\b(?:margin|padding|border)-(?:left|right)\b|(?<![\w-])(?:left|right)\s*:|text-align:\s*(?:left|right)"
    )
    for style in WEB.glob("assets/**/*.css"):
        assert not physical.search(style.read_text()), style.name


def test_no_page_is_part_of_the_api(client: TestClient) -> None:
    assert not [
        path
        for path in client.get("/openapi.json").json()["paths"]
        if not path.startswith(("/v1", "/healthz", "/readyz"))
    ]
    assert routes.router.routes
