"""Text that can be stored: PostgreSQL takes neither NUL nor what isn't Unicode."""

import math
import re
from typing import Annotated

from pydantic import AfterValidator, JsonValue

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
MAX_DEPTH = 16
MAX_INTEGER = 2**53
SHOWN = 200


def text_fault(text: str) -> str | None:
    """Why a text can't be stored, with the character's offset in code points; None when it can."""
    found = _UNSTORABLE.search(text)
    if found is None:
        return None
    kind = "NUL character" if found[0] == "\0" else f"lone surrogate U+{ord(found[0]):04X}"
    return f"holds a {kind} at character offset {found.start()}; remove it"


def json_fault(value: JsonValue) -> str | None:
    """Why JSON can't be stored, with its path; None when it can. Walks without recursion, so depth is no danger."""
    todo: list[tuple[str, int, JsonValue]] = [("", 0, value)]
    while todo:
        path, depth, item = todo.pop()
        fault = _scalar_fault(item)
        if depth > MAX_DEPTH:
            fault = f"is nested more than {MAX_DEPTH} deep"
        if fault:
            return f"{path[:SHOWN]}: {fault}" if path else fault
        if isinstance(item, dict):
            todo.extend((f"{path}.{key}" if path else key, depth + 1, part) for key, part in item.items())
            bad_key = next(filter(None, map(text_fault, item)), None)
            if bad_key:
                return f"{path[:SHOWN] or 'object'}: a key {bad_key}"
        elif isinstance(item, list):
            todo.extend((f"{path}[{index}]", depth + 1, part) for index, part in enumerate(item))
    return None


def _scalar_fault(item: JsonValue) -> str | None:
    if isinstance(item, str):
        return text_fault(item)
    if isinstance(item, float) and not math.isfinite(item):
        return f"{item} is not a JSON number"
    if isinstance(item, int) and abs(item) > MAX_INTEGER:
        return "is too large for a JSON number that every client reads; send it as text"
    return None


def _check_text(text: str) -> str:
    if fault := text_fault(text):
        raise ValueError(fault)
    return text


def _check_json(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if fault := json_fault(value):
        raise ValueError(fault)
    return value


StorableText = Annotated[str, AfterValidator(_check_text)]
StorableJson = Annotated[dict[str, JsonValue], AfterValidator(_check_json)]
