"""Known weaknesses of the pinned packages: `python -m scripts.audit`. Where nobody can be asked, one line says so.

Arguments go on to pip-audit: `--vulnerability-service osv --osv-url URL` asks a mirror of your own.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

CONSTRAINTS: Final = Path(__file__).parent.parent / "constraints.txt"
# Weak for certain. A service that doesn't know this one knows nothing of weaknesses: a mirror without them, say.
PROBE: Final = "jinja2==2.4.1"
# Weaknesses that don't touch us, or that nobody has mended yet: id → why we live with it.
ACCEPTED: Final[Mapping[str, str]] = {}
SECONDS: Final = 120  # for all packages, a request each
PROBE_SECONDS: Final = 30  # for the one that tells whether anybody answers; pip-audit itself needs a few to start
UNREACHABLE: Final = re.compile(r"(requests|urllib3)\.exceptions\.|ServiceError|your network may be blocking")


class Unasked(Exception):
    """There is no answer: the network's, not the packages', fault."""


class Broken(Exception):
    """pip-audit itself failed: nothing is known of the packages."""


def main(arguments: Sequence[str] = ()) -> int:
    """0: no weakness is known, or nobody could be asked; 1: some are, and they are listed, or pip-audit is broken."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            probe = Path(folder, "probe.txt")
            probe.write_text(PROBE)
            if not _weak(_asked(probe, arguments, PROBE_SECONDS)):
                raise Unasked("what answers there knows of no weaknesses")
        ignored = [part for id in ACCEPTED for part in ("--ignore-vuln", id)]
        packages = _asked(CONSTRAINTS, [*arguments, *ignored], SECONDS)
    except Unasked as error:
        print(f"pip-audit: the list of known weaknesses couldn't be asked ({error}); go on without")
        return 0
    except Broken as error:
        print(f"pip-audit failed, and nothing is known of the packages: {error}")
        return 1
    return _told(packages)


def _asked(requirements: Path, arguments: Sequence[str], seconds: float) -> list[dict[str, Any]]:
    """pip-audit's answer, a package each, within so many seconds. Raises Unasked and Broken."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "10", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Unasked(f"no answer in {seconds:g} seconds") from None
    if done.stdout.startswith("{"):
        return list(json.loads(done.stdout)["dependencies"])
    last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:150]
    raise Unasked(last) if UNREACHABLE.search(done.stderr) else Broken(last)


def _weak(packages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [package for package in packages if package.get("vulns")]


def _told(packages: Sequence[dict[str, Any]]) -> int:
    weak, unknown = _weak(packages), [package["name"] for package in packages if "skip_reason" in package]
    for package in weak:
        for weakness in package["vulns"]:
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {weakness['id']}, mended in {mended}")
    if unknown:
        print(f"pip-audit: not known there: {', '.join(unknown)}")
    print(f"pip-audit: {len(weak)} of {len(packages) - len(unknown)} packages with known weaknesses")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
