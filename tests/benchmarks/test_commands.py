"""Every benchmark and script can be loaded: what they measure with moves, and nobody runs them in between."""

from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "path", [*ROOT.glob("benchmarks/*.py"), *ROOT.glob("scripts/*.py")], ids=lambda path: path.stem
)
def test_it_loads(path: Path) -> None:
    import_module(f"{path.parent.name}.{path.stem}")
