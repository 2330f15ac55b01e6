"""What came of a batch, as files: results while it runs and after, and the report of its cohort."""

import json
from pathlib import Path
from typing import Final
from uuid import UUID

from api.db import Database
from api.errors import Conflict
from api.service.batches import read
from api.store import batch_outcomes
from api.store import rubrics as rubric_store
from grader.batch.outputs import write
from grader.encoder import Encoder
from grader.search import text_vectors

LARGEST_REPORT: Final = 50_000  # answers; it is made in memory


def write_results(database: Database, batch_id: UUID, kind: str, path: Path) -> None:
    """Write what is graded so far, in the file's order. Raises NotFound, and DataInvalid for too much for XLSX."""
    batch = read(database, batch_id)
    with database.reading() as session:
        write(path, kind, batch_outcomes.graded(session, batch_id), batch.own_columns)


def write_report(database: Database, encoder: Encoder, batch_id: UUID, kind: str, hide_names: bool, path: Path) -> None:
    """Write the report of what is graded so far as html, xlsx or json.

    Raises NotFound, and Conflict for nothing graded and for too much.
    """
    from api.report import build, to_html, to_json, to_xlsx  # draws, and takes a while to import

    batch = read(database, batch_id)
    if not 0 < batch.counts.graded <= LARGEST_REPORT:
        raise Conflict(
            f"Batch {batch_id} has {batch.counts.graded:,} graded answers, and a report shows 1 to {LARGEST_REPORT:,}; "
            + ("wait for some." if not batch.counts.graded else "download its results, and report on parts of them.")
        )
    with database.reading() as session:
        versions = rubric_store.by_key(session, batch_outcomes.versions(session, batch_id).values())
        rubrics = {stored.rubric.id: stored.rubric for stored in versions.values()}
        graded = list(batch_outcomes.graded(session, batch_id))
    report = build(graded, rubrics, lambda texts: text_vectors(texts, encoder))  # takes longer than a transaction may
    if kind == "xlsx":
        to_xlsx(report, path, hide_names)
    elif kind == "json":
        path.write_text(json.dumps(to_json(report, hide_names), ensure_ascii=False), encoding="utf-8")
    else:
        path.write_text(to_html(report, hide_names), encoding="utf-8")
