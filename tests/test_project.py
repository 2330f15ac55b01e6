"""The project's files agree with each other."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def pinned() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return dict(split(line) for line in lines)


def split(line: str) -> tuple[str, str]:
    name, version = re.sub(r"\[.*?\]", "", line).split("==")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def test_constraints_hold_every_direct_dependency_in_its_version() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    constraints = dict(split(line) for line in lines)
    assert {name: version for name, version in pinned().items() if constraints.get(name) != version} == {}
    assert not [line for line in lines if "+" in line]


def test_every_direct_dependency_has_its_reason() -> None:
    cells = re.findall(r"^\| (.+?) \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    documented = {re.sub(r"\[.*?\]", "", name).lower() for cell in cells for name in cell.split(", ")} - {"package"}
    page = json.loads((ROOT / "scripts/vendor/package.json").read_text())
    assert documented == {*pinned(), *page["dependencies"], *page["devDependencies"]}


def test_torch_has_one_version() -> None:
    for file in ("Makefile", "Dockerfile"):
        assert re.findall(r"torch==(\S+)", (ROOT / file).read_text()) == [pinned()["torch"]], file


def test_the_image_gets_every_package() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    copied = re.findall(r"^COPY (\w+) \./\1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    kept = re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    wanted = {name.rstrip("*") for name in packages}
    assert set(copied) == wanted
    assert wanted <= set(kept)


def test_lint_lists_what_is_installed_and_asks_for_its_weaknesses() -> None:
    done = subprocess.run(["make", "--dry-run", "lint"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "cyclonedx-py environment" in done.stdout
    assert "-m scripts.audit" in done.stdout
