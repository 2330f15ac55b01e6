"""The threat model names tests, and every one of them is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "security.md").read_text()
TABLES = [line for line in GUIDE.splitlines() if re.match(r"\| (API|V)\d", line)]
NAMED = re.findall(r"`(tests/[\w/]+\.py)`", GUIDE)


@pytest.mark.parametrize("name", sorted(set(NAMED)))
def test_every_test_that_is_named_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


def test_every_measure_has_a_test() -> None:
    assert all(re.search(r"\| `tests/[^|]+\|$", line) for line in TABLES)


def test_all_ten_of_the_top_ten_are_there() -> None:
    assert [line.split()[1] for line in TABLES if line.startswith("| API")] == [
        f"API{number}" for number in range(1, 11)
    ]
