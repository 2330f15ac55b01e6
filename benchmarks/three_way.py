"""Covered, missed or contradicted on school answers: `python -m benchmarks.three_way --data FOLDER`.

ScientsBank and Beetle mark an answer correct, contradictory or (all else) incorrect against a reference answer. Prints
the macro F1 over the three outcomes with the engine as it ships, and without its judge, beside AUC and accuracy.
"""

import argparse
import gzip
import json
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.agreement_files import FileAgreement, agree_file
from grader.engine import Engine
from grader.judge import OFF
from grader.training.pairs import SCHOOL

SETS = ("scientsbank_dev", "beetle_dev")


def with_verdicts(source: Path, out: Path) -> None:
    """The same rows with a `verdict` of their own."""
    with gzip.open(source, "rt", encoding="utf-8") as stream, out.open("w", encoding="utf-8") as target:
        for line in stream:
            row = json.loads(line)
            target.write(json.dumps({**row, "verdict": SCHOOL[row["label_raw"]]}) + "\n")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.three_way", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of scientsbank_dev and beetle_dev")
    data = parser.parse_args().data
    table = Table("set", "judge", "answers", "macro F1 of three outcomes", "AUC", "accuracy", "answers/s")
    for judge in ("", OFF):
        engine = Engine.load(judge=judge)
        for name in SETS:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / f"{name}.jsonl"
                with_verdicts(data / f"{name}.jsonl.gz", file)
                table.add_row(name, judge or "packaged", *_shown(agree_file(engine, file)))
    Console(width=120).print(table)


def _shown(found: FileAgreement) -> tuple[str, ...]:
    one = found.agreement
    return (
        str(one.n),
        "–" if found.macro_f1 is None else f"{found.macro_f1:.3f}",
        "–" if one.auc is None else f"{one.auc:.3f}",
        f"{one.accuracy:.3f}",
        f"{found.answers_per_second:.0f}",
    )


if __name__ == "__main__":
    main()
