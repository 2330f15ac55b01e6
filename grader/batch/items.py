"""Rows → answers to grade: every answer once, or a reason why not."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType

from grader.batch.column_map import ColumnMap
from grader.batch.model import BadRow, Item
from grader.batch.rows import NO_TEXT, Row, Table
from grader.errors import AnswerInvalid, DataInvalid

MAX_ID = 500  # characters of a key or a candidate's id


def items(
    table: Table,
    columns: ColumnMap,
    known: Container[str],
    check: Callable[[str], None],
    seen: Mapping[bytes, int] = MappingProxyType({}),
) -> Iterator[Item | BadRow]:
    """Every answer of `table` in the file's order, or the row or cell that can't be graded.

    known: ids of rubrics. check: raises AnswerInvalid for a text that can't be graded (`Engine.check`). seen: keys that
    came before this table, by `key_digest`, each with its line. Keeps about 120 bytes an answer, to find keys that come
    twice. Raises DataInvalid at once when `columns` names a column that the
    table lacks or a rubric that isn't known.
    """
    _refuse_unknown(table, columns, known)
    return _Intake(table, columns, known, check, dict(seen)).items()


def key_digest(key: str) -> bytes:
    """128 bits of an answer's key."""
    return blake2b(key.encode(), digest_size=16).digest()


def _refuse_unknown(table: Table, columns: ColumnMap, known: Container[str]) -> None:
    for name in columns.used:
        if name not in table.columns:
            there = ", ".join(repr(one) for one in table.columns)
            raise DataInvalid(f"the file has no column {name!r:.80}; it has {there:.400}: correct the map")
    named = [rubric for _, rubric in columns.questions]
    for rubric in [*named, columns.fixed_rubric] if columns.fixed_rubric else named:
        if rubric not in known:
            raise DataInvalid(f"no rubric is known as {rubric!r:.80}: correct the map, or add the rubric")


class _Bad(Exception):
    """What is wrong with a row, or with one column's value."""

    def __init__(self, column: str | None, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.code, self.reason = column, code, reason


@dataclass(frozen=True, slots=True)
class _Fields:
    """One row's values by column."""

    row: Row
    places: dict[str, int]

    def text(self, column: str) -> str:
        """The value that somebody wrote there, "" for none. Raises _Bad for any other."""
        place = self.places[column]
        for fault in self.row.faults:
            if fault.column == place:
                raise _Bad(column, fault.code, fault.reason)
        return self.kept(column, place)

    def kept(self, column: str, place: int) -> str:
        """The value there, whatever it came from, "" for none. Raises _Bad for what no file of results could hold."""
        value = self.row.values[place] or ""
        if value.isprintable() or (wrong := NO_TEXT.search(value)) is None:
            return value
        what = f"has the character U+{ord(wrong.group()):04X} at {wrong.start()}, which is no text: remove it"
        reasons = [fault.reason for fault in self.row.faults if fault.column == place]
        raise _Bad(column, "not_text", reasons[0] if reasons else what)

    def id(self, column: str | None) -> str | None:
        """An id without white space around it, None for none. Raises _Bad."""
        value = self.text(column).strip() if column is not None else ""
        if len(value) > MAX_ID:
            raise _Bad(column, "too_long", f"{value:.40}… has {len(value):,} characters, an id at most {MAX_ID}")
        return value or None


class _Intake:
    """One pass over a table. `_seen`: a hash of each key with the line that has it."""

    def __init__(
        self,
        table: Table,
        columns: ColumnMap,
        known: Container[str],
        check: Callable[[str], None],
        seen: dict[bytes, int],
    ) -> None:
        self._table, self._map, self._known, self._check = table, columns, known, check
        self._places = {name: place for place, name in enumerate(table.columns)}
        used = set(columns.used)
        self._own = tuple((name, place) for name, place in self._places.items() if name not in used)
        self._seen = seen

    def items(self) -> Iterator[Item | BadRow]:
        questions = self._map.questions or ((self._map.answer or "", None),)
        for row in self._table.rows():
            if isinstance(row, BadRow):
                yield row
                continue
            try:
                fields = _Fields(row, self._places)
                candidate = fields.id(self._map.candidate)
                own = tuple((name, fields.kept(name, place)) for name, place in self._own)
            except _Bad as bad:
                yield BadRow(row.line, bad.column, bad.code, bad.reason)
                continue
            for column, rubric in questions:
                try:
                    yield self._item(fields, candidate, column, rubric, own)
                except _Bad as bad:
                    yield BadRow(row.line, bad.column, bad.code, bad.reason)

    def _item(
        self, fields: _Fields, candidate: str | None, column: str, rubric: str | None, own: tuple[tuple[str, str], ...]
    ) -> Item:
        answer = self._answer(fields, column)
        rubric = rubric or self._rubric(fields)
        return Item(fields.row.line, self._key(fields, candidate, rubric), candidate, rubric, answer, own)

    def _answer(self, fields: _Fields, column: str) -> str:
        answer = fields.text(column)
        if not answer or answer.isspace():
            raise _Bad(column, "blank_answer", "the answer is blank: leave the row out, or fill it in")
        try:
            self._check(answer)
        except AnswerInvalid as error:
            raise _Bad(column, "too_long", str(error)) from error  # what is no text was refused before
        return answer

    def _rubric(self, fields: _Fields) -> str:
        if self._map.fixed_rubric is not None:
            return self._map.fixed_rubric
        rubric = fields.id(self._map.rubric)
        if rubric is None:
            raise _Bad(self._map.rubric, "unknown_rubric", "the rubric's id is missing: fill it in")
        if rubric not in self._known:
            raise _Bad(self._map.rubric, "unknown_rubric", f"no rubric is known as {rubric!r:.80}: correct it")
        return rubric

    def _key(self, fields: _Fields, candidate: str | None, rubric: str) -> str:
        """The caller's key, or CANDIDATE/RUBRIC; rubric ids have no slash, so no two pairs make the same."""
        own = fields.id(self._map.key)
        if self._map.key is not None and own is None:
            raise _Bad(self._map.key, "blank_key", "the answer's id is missing: fill it in")
        key = own or f"{candidate or f'line {fields.row.line}'}/{rubric}"
        if (first := self._seen.setdefault(key_digest(key), fields.row.line)) != fields.row.line:
            what = f"the id {key!r:.80}" if own else f"the same candidate's answer to {rubric!r}"
            remedy = "keep one, or give each answer an id in a column of its own"
            raise _Bad(
                self._map.key or self._map.candidate, "duplicate_key", f"{what} is in line {first} too: {remedy}"
            )
        return key
