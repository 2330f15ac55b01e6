"""What the service stands: `python -m benchmarks.soak` (`make soak`), or one part of it by name.

fuzz: schemathesis over the whole OpenAPI description; inputs: URLs, rubrics and files made at random; load: minutes at
80% of saturation, then three times saturation; outage: PostgreSQL gone for half a minute under load; slow: a thousand
sockets that hardly send. Every part starts services of its own on 127.0.0.1, sends to no other address, and ends by
itself. Exit status 1: a part failed.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import soak_inputs, soak_load, soak_outage, soak_slow
from benchmarks.serving import service

# A description can't say that of two fields exactly one must be there, nor that a rubric's parts must fit each other.
NOT_CHECKED = "positive_data_acceptance"
CONFIG = Path(__file__).parents[1] / "schemathesis.toml"
PHASES = "coverage,fuzzing,stateful"


def command(address: str, examples: int, *more: str) -> list[str]:
    """schemathesis against a service, so many examples an operation."""
    chosen = ["--phases", PHASES, "--exclude-checks", NOT_CHECKED, "--max-examples", str(examples), "--no-color"]
    chosen += ["--request-timeout", "120"]
    return [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        str(CONFIG),
        "run",
        f"{address}/openapi.json",
        *chosen,
        *more,
    ]


def fuzz(chosen: argparse.Namespace) -> bool:
    """Whether nothing was found."""
    with service(chosen.cache, {"GRADER_WORKER": "true"}) as running:
        limit = str(chosen.fuzz_minutes * 60)
        done = subprocess.run(command(running.address, chosen.examples, "--max-time", limit), check=False)
    return done.returncode == 0


PARTS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "fuzz": fuzz,
    "inputs": lambda chosen: soak_inputs.run(chosen.input_minutes * 60),
    "load": lambda chosen: soak_load.run(chosen.cache, chosen.minutes * 60),
    "outage": lambda chosen: soak_outage.run(chosen.cache),
    "slow": lambda chosen: soak_slow.run(chosen.cache),
}


def main() -> int:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--examples", type=int, default=500, help="fuzz: of each operation")
    parser.add_argument("--fuzz-minutes", type=int, default=120, help="fuzz: at most")
    parser.add_argument("--input-minutes", type=float, default=5, help="inputs: of each kind")
    parser.add_argument("--minutes", type=float, default=10, help="load: at 80%% of saturation")
    parser.add_argument("--cache", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {unknown.pop()!r}: name some of {', '.join(PARTS)}")
    failed = []
    for name in chosen.parts or PARTS:
        print(f"== {name}", flush=True)
        if not PARTS[name](chosen):
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all parts held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
