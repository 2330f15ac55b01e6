"""Workspaces: whose a row is, and what keeps one workspace from another inside the database itself.

Every session names a workspace in the setting `grader.workspace` (api/db.py). A row gets it by its column's default,
and row level security shows, changes and takes no other's: a query that forgets to ask whose a row is still finds its
own alone, and one outside any workspace finds none. To add a table: derive it from `Owned`, name it in OWNED.
"""

from typing import Final

from sqlalchemy import DDL, CheckConstraint, MetaData, event, text
from sqlalchemy.orm import Mapped, mapped_column

DEFAULT: Final = "default"  # of a service without keys, and of all that was stored before there were workspaces
BANK: Final = "bank"  # of the packaged rubrics, which every workspace reads
EVERYWHERE: Final = "*"  # no workspace: what the service does for all of them
ROLE: Final = "grader_tenant"  # what a user who passes row level security by becomes inside a workspace

OWNED: Final = (
    "api_keys", "appeal_changes", "appeals",
    "batch_chunks", "batch_errors", "batch_files", "batch_items", "batch_rubrics", "batches", "calibrations",
    "candidates", "evaluations", "idempotency_keys", "key_point_results", "key_usage", "misconception_results",
    "opinions",
    "practice_answers", "practices", "proposal_decisions", "regrade_chunks", "regrade_items", "regrades",
    "review_claims", "review_marks", "review_states", "reviews", "rubric_drafts", "rubric_versions", "rubrics",
    "webhook_attempts", "webhook_deliveries", "webhooks",
)  # fmt: skip
SHARED: Final = ("opinion_days",)  # counts for the whole service, of no workspace
READ_BY_ALL: Final = ("rubric_versions", "rubrics")  # those of the bank

HERE: Final = "current_setting('grader.workspace'::text)"
_IS_HERE: Final = (
    "workspace_id = current_setting('grader.workspace', true) OR current_setting('grader.workspace', true) = '*'"
)


class Owned:
    """A table whose rows are a workspace's."""

    workspace_id: Mapped[str] = mapped_column(server_default=text(HERE))


def policies(table: str) -> tuple[str, ...]:
    """The statements that keep workspaces apart in a table. They bind its owner as well, but no superuser."""
    made = (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_workspace ON {table} USING ({_IS_HERE}) WITH CHECK ({_IS_HERE})",
    )
    if table in READ_BY_ALL:
        return *made, f"CREATE POLICY {table}_bank ON {table} FOR SELECT USING (workspace_id = '{BANK}')"
    return made


def install(metadata: MetaData) -> None:
    """Have the tables be made with what keeps workspaces apart."""
    for name in OWNED:
        table = metadata.tables[name]
        table.append_constraint(CheckConstraint(f"workspace_id <> '{EVERYWHERE}'", name="workspace_id"))
        for statement in policies(name):
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)
