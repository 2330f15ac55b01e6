"""Checks that more than one table makes."""

from sqlalchemy import CheckConstraint


def one_of(column: str, *values: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


def share(column: str) -> CheckConstraint:
    # PostgreSQL sorts NaN above every number, so that a range refuses it.
    return CheckConstraint(f"{column} BETWEEN 0 AND 1", name=column)


def sha256(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} ~ '^[0-9a-f]{{64}}$'", name=column)


def spans() -> CheckConstraint:
    sound = "@.start >= 0 && @.start < @.end && @.similarity >= 0 && @.similarity <= 1"
    return CheckConstraint(
        "jsonb_typeof(evidence) = 'array' AND "
        f"NOT jsonb_path_exists(evidence, '$[*] ? (!({sound}) || ({sound}) is unknown)')",
        name="evidence",
    )
