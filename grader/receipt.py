"""Receipts: what a mark was made of, in a form that can be signed and made again.

Canonical as in RFC 8785: UTF-8, keys sorted, no spaces. There are no floats in it, whose spelling differs between
languages: points and shares are decimal strings, rounded to six places, without trailing zeros.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from grader.model import EngineInfo, Evaluation
from rubrics import Rubric, content_hash, scoring_hash

FORMAT: Final = 1
Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"
Body: TypeAlias = "dict[str, Json]"


class Outcome(StrEnum):
    """What a check found.

    verified: signed by us, and grading again gives the same mark. signed: signed by us; the text wasn't given. forged:
    the signature doesn't fit. unknown_key: signed by a key that isn't at hand. other_answer, other_rubric: signed by
    us, for another text than was given. other_engine: signed by us; the engine at hand isn't the one that graded, so
    that another mark says nothing. differs: signed by us, the same text and engine, and another mark.
    """

    VERIFIED = "verified"
    SIGNED = "signed"
    FORGED = "forged"
    UNKNOWN_KEY = "unknown_key"
    OTHER_ANSWER = "other_answer"
    OTHER_RUBRIC = "other_rubric"
    OTHER_ENGINE = "other_engine"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a mark that came out otherwise: `key_points.a`, `points`, … . None: it isn't there."""

    field: str
    receipt: str | None
    again: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A body (see `body`) and its Ed25519 signature in Base64 by the key of that id."""

    body: Body
    key_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What a receipt says beside the marks. `evaluation_id` is None for one that isn't stored."""

    evaluation_id: str | None
    graded_at: datetime | None
    issued_at: datetime


def canonical(body: Json) -> bytes:
    """The bytes that are signed. Raises ValueError for what has no canonical form: floats, lone surrogates."""
    _refuse_floats(body)
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")


def body(
    rubric: Rubric, engines: Evaluation, effective: Evaluation, people: Sequence[tuple[str, str]], issue: Issue
) -> Body:
    """What is signed. `engines`: as the engine marked; `effective`: as it counts; `people`: kind and id of what they
    decided. Nobody's name is in it, and no words of the answer.
    """
    return {
        "format": FORMAT,
        "evaluation_id": issue.evaluation_id,
        "graded_at": _time(issue.graded_at),
        "issued_at": _time(issue.issued_at),
        "answer_sha256": engines.answer.sha256,
        "rubric": {
            "id": rubric.id,
            "version": engines.rubric.version,
            "content_hash": content_hash(rubric),
            "scoring_hash": scoring_hash(rubric),
        },
        "engine": engine_json(engines.engine),
        "engine_mark": mark(engines),
        "mark": mark(effective),
        "decided_by_people": [f"{kind}.{id_}" for kind, id_ in people],
    }


def engine_json(engine: EngineInfo) -> Body:
    """The engine: its version, model, and the hash of all weights and settings that can change a mark."""
    return {"version": engine.version, "model": engine.model, "weights_hash": engine.weights_hash}


def mark(evaluation: Evaluation) -> Body:
    """What an evaluation comes to."""
    return {
        "status": evaluation.status.value,
        "points": number(evaluation.points),
        "max_points": number(evaluation.max_points),
        "coverage": number(evaluation.coverage),
        "level": evaluation.level,
        "key_points": {one.id: one.verdict.value for one in evaluation.key_points},
        "misconceptions": sorted(one.id for one in evaluation.misconceptions),
    }


def number(value: float | None) -> str | None:
    """A decimal of at most six places."""
    if value is None:
        return None
    text = format(Decimal(repr(round(value, 6))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def sha256(text: str) -> str:
    """The hash of an answer, as evaluations have it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def answer_fits(receipt: Mapping[str, Json], answer: str) -> bool:
    """Whether a receipt is for this answer, to the last character."""
    return receipt.get("answer_sha256") == sha256(answer)


def rubric_fits(receipt: Mapping[str, Json], rubric: Rubric) -> bool:
    """Whether a receipt is for a rubric that marks as this one does; what candidates are told may differ."""
    return _part(receipt, "rubric").get("scoring_hash") == scoring_hash(rubric)


def engine_fits(receipt: Mapping[str, Json], engine: EngineInfo) -> bool:
    """Whether this engine must give the same mark."""
    return _part(receipt, "engine") == engine_json(engine)


def differences(receipt: Mapping[str, Json], again: Evaluation) -> list[Difference]:
    """Where grading again comes out otherwise than the receipt says that the engine marked."""
    before, now = _flat(_part(receipt, "engine_mark")), _flat(mark(again))
    fields = dict.fromkeys([*before, *now])
    return [
        Difference(field, before.get(field), now.get(field)) for field in fields if before.get(field) != now.get(field)
    ]


def _flat(found: Mapping[str, Json]) -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for name, value in found.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{key}": str(one) for key, one in value.items()})
        elif isinstance(value, Sequence) and not isinstance(value, str):
            flat.update({f"{name}.{one}": "asserted" for one in value})
        else:
            flat[name] = None if value is None else str(value)
    return flat


def _part(receipt: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    part = receipt.get(name)
    return part if isinstance(part, Mapping) else {}


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z") if at else None


def _refuse_floats(whole: Json) -> None:
    todo: list[object] = [whole]
    while todo:
        one = todo.pop()
        if isinstance(one, float):
            raise ValueError(f"{one} is a float: a receipt has decimals as strings")
        if isinstance(one, Mapping):
            todo.extend(one.values())
        elif isinstance(one, list | tuple):
            todo.extend(one)
