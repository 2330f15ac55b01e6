"""YAML text → plain data and the line of every part, refusing what a rubric has no use for."""

from dataclasses import dataclass, field

import yaml

from rubrics.errors import Path, Problem, RubricError, show_path, show_value

MAX_DEPTH = 8

_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")}
_TEXT_TAG = "tag:yaml.org,2002:str"
_NO_ALIASES = "anchors and aliases (& and *) are refused; write the text out"


@dataclass
class YamlTree:
    """`data`: mappings, lists, text, numbers, booleans, None. `lines`: path → line from 1, an entry's is its key's."""

    data: object
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int | None:
        """Line of `path`, or of the nearest enclosing part that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def parse_yaml(text: str, source: str) -> YamlTree:
    """Read one YAML document. Raises RubricError, naming the line, for anything but plain data.

    Refused: syntax errors, duplicate or non-text keys, anchors and aliases, tags, several documents, dates, nesting
    deeper than 8. The depth is bounded here because the C parser's own tree builder recurses without a bound.
    """
    try:
        return _Reader(text, source).read()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise RubricError([Problem(source, "", line, f"not valid YAML: {error.problem or error.context}")]) from error
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise RubricError([Problem(source, "", line, f"not valid YAML: {error.reason}")]) from error


class _Reader:
    """Builds the data from parser events, one method a kind of node."""

    def __init__(self, text: str, source: str) -> None:
        self._loader = yaml.CSafeLoader(text)
        self._source = source
        self._lines: dict[Path, int] = {}

    def read(self) -> YamlTree:
        self._next()  # start of stream
        first = self._next()
        if isinstance(first, yaml.StreamEndEvent):
            raise RubricError([Problem(self._source, "", 1, "is empty; a rubric needs question and key_points")])
        data = self._node(self._next(), ())
        self._next()  # end of document
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._error(after, (), "holds several documents (---); put each rubric into its own file")
        return YamlTree(data, self._lines)

    def _next(self) -> yaml.Event:
        event = self._loader.get_event()
        assert event is not None  # noqa: S101  # the parser answers None only after the stream's end
        return event

    def _error(self, event: yaml.Event, path: Path, message: str, value: str = "") -> RubricError:
        return RubricError([Problem(self._source, show_path(path), _line(event), message, value)])

    def _node(self, event: yaml.Event, path: Path) -> object:
        self._refuse_extras(event, path)
        if len(path) > MAX_DEPTH:
            raise self._error(event, path[:3], f"is nested more than {MAX_DEPTH} deep; a rubric never is")
        self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path) if isinstance(event, yaml.ScalarEvent) else self._mapping(path)

    def _refuse_extras(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._error(event, path, _NO_ALIASES, f"*{event.anchor}")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.anchor is not None:
                raise self._error(event, path, _NO_ALIASES, f"&{event.anchor}")
            if event.tag is not None:
                raise self._error(event, path, "tags are refused; write plain text, numbers and lists", event.tag)

    def _sequence(self, path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, object]:
        entries: dict[str, object] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, path)
            if key in entries:
                first = self._lines[(*path, key)]
                raise self._error(event, (*path, key), f"is here twice, first on line {first}; keep one")
            self._lines[(*path, key)] = _line(event)
            entries[key] = self._node(self._next(), (*path, key))
        return entries

    def _key(self, event: yaml.Event, path: Path) -> str:
        self._refuse_extras(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event, path, "a list or mapping can't be a key; quote it if it is meant as text")
        key = self._scalar(event, path)
        if not isinstance(key, str):
            raise self._error(event, path, f"the key {event.value!r} isn't text in YAML; quote it", show_value(key))
        return key

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> object:
        tag: str = self._loader.resolve(  # type: ignore[no-untyped-call]
            yaml.ScalarNode, event.value, event.implicit
        )
        if tag == _TEXT_TAG:
            return event.value
        if tag not in _PLAIN_TAGS:
            kind = tag.rpartition(":")[2]
            message = f"YAML reads this as a {kind}; quote it if it is meant as text"
            raise self._error(event, path, message, show_value(event.value))
        try:
            return self._loader.construct_object(yaml.ScalarNode(tag, event.value))
        except (ValueError, OverflowError) as error:
            raise self._error(event, path, "not a number that can be read", show_value(event.value)) from error


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
