"""The TypeScript client: generated from this service's description, type-checked, and run against the live service."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings
from grader.engine import Engine

FOLDER = Path(__file__).parents[3] / "clients" / "typescript"
NO_NODE = "Node isn't installed: the TypeScript client is left out"


def run(*command: str, **more: str) -> str:
    done = subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, timeout=300, env={**os.environ, **more}, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.skipif(shutil.which("npm") is None and os.environ.get("CI") != "true", reason=NO_NODE)
def test_the_typescript_client(live: str, engine: Engine) -> None:
    if not (FOLDER / "node_modules" / ".package-lock.json").is_file():
        run("npm", "ci")
    (FOLDER / "openapi.json").write_text(json.dumps(create_app(Settings(), engine).openapi()))
    run("npm", "run", "generate")
    run("npx", "--no-install", "tsc")
    told = run("node", "--test", "build/test/live.js", GRADER_ADDRESS=live)
    assert "fail 0" in told and "pass 5" in told
