"""Find rubrics of the catalogue by words and by meaning."""

from dataclasses import dataclass

from api.db import Database
from api.errors import InputInvalid
from api.store import catalogue
from api.store.catalogue import Filters
from api.store.rubrics import StoredRubric
from grader.encoder import Encoder
from grader.search import Hit, Index, place, search
from grader.text import words


@dataclass(frozen=True, slots=True)
class Found:
    """A rubric and how well it fits the query, 0–1."""

    stored: StoredRubric
    score: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of hits ends: the score and id of its last."""

    score: float
    rubric_id: str

    def written(self) -> str:
        """For a cursor."""
        return f"{self.score} {self.rubric_id}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """What `written` wrote. Raises ValueError."""
        score, _, rubric_id = text.partition(" ")
        if not (rubric_id and 0 <= float(score) <= 1):
            raise ValueError(f"{text!r} is no place among hits")
        return cls(float(score), rubric_id)


def find(
    database: Database, encoder: Encoder, index: Index, query: str, filters: Filters, after: Place | None, limit: int
) -> tuple[list[Found], Place | None]:
    """Best first, from the hit after `after`, and where the next page begins (None on the last one).

    Raises InputInvalid for a query without words.
    """
    if not words(query):
        raise InputInvalid("q", f"{query!r} has no words; leave q out to list all rubrics")
    with database.reading() as session:
        stored = {one.rubric.id: one for one in catalogue.everything(session, filters)}
    hits = rest(search(query, [one.rubric for one in stored.values()], encoder, index), after)
    found = [Found(stored[hit.rubric.id], hit.score) for hit in hits[:limit]]
    return found, Place(found[-1].score, found[-1].stored.rubric.id) if len(hits) > limit else None


def rest(hits: list[Hit], after: Place | None) -> list[Hit]:
    """The hits after a place. They are the same whether or not the rubric that stood there is still a hit."""
    return hits if after is None else [hit for hit in hits if place(hit) > (-after.score, after.rubric_id)]
