"""The page's words: a folder a language, a file a part of the page; `practise.submit` is `submit` in practise.json."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

LANGUAGE: Final = "en"
Forms = Mapping[str, str]  # by plural category, such as {"one": "{n} word", "other": "{n} words"}


@cache
def catalogue(language: str = LANGUAGE) -> Mapping[str, str | Forms]:
    """All messages by their whole names."""
    folder = resources.files("api.web") / "messages" / language
    parts = {entry.name.removesuffix(".json"): entry.read_text("utf-8") for entry in folder.iterdir()}
    return {f"{part}.{name}": text for part in sorted(parts) for name, text in json.loads(parts[part]).items()}


def message(name: str, **values: object) -> str:
    """A message with `{name}` replaced by values. Raises KeyError for a name that isn't in the catalogue."""
    text = catalogue()[name]
    if not isinstance(text, str):
        raise KeyError(f"{name} depends on a number; only scripts choose plural forms")
    return text.format(**values)


def as_module() -> bytes:
    """The catalogue as a JavaScript module."""
    return b"export default " + json.dumps(dict(catalogue()), ensure_ascii=False).encode() + b";\n"
