"""schemathesis asks the live service what its OpenAPI description allows, and what it doesn't: no 5xx, no schema break.

The short form: a few examples an operation, the same ones every time. `make soak` has 500 of them.
"""

import os
import subprocess
from pathlib import Path

from benchmarks.soak import command

SHORT = ("--seed", "1", "--generation-deterministic", "--no-shrink", "--max-failures", "20", "--max-time", "120")


def test_every_operation_holds_what_the_description_says(live: str, tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        command(live, 1, *SHORT), cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Operations:" in done.stdout, "nothing was asked"
