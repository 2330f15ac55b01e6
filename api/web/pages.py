"""Which pages there are, and their HTML. It holds no data, so that it is made once and can be shown at any time."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.web.assets import File, assets, packed
from api.web.messages import LANGUAGE, message


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its address (FastAPI's path syntax), its template and script, and the room that it belongs to.

    `name`: the message with its title.
    """

    path: str
    name: str
    template: str
    script: str
    room: str


@dataclass(frozen=True, slots=True)
class Room:
    """An entry of the navigation. `name`: the message with its label."""

    id: str
    path: str
    name: str


ROOMS: Final = (
    Room("practise", "/", "common.practise"),
    Room("cohort", "/cohort", "common.cohort"),
    Room("author", "/author", "common.author"),
)
PAGES: Final = (
    Page("/", "practise.title", "practise/choose.html.j2", "practise/choose.js", "practise"),
    Page("/questions", "practise.questions_title", "practise/questions.html.j2", "practise/questions.js", "practise"),
    Page("/practise/{rubric_id}", "practise.answer_title", "practise/answer.html.j2", "practise/answer.js", "practise"),
    Page("/cohort", "cohort.title", "cohort/start.html.j2", "cohort/start.js", "cohort"),
    Page("/cohort/{batch_id}", "cohort.report_title", "cohort/batch.html.j2", "cohort/batch.js", "cohort"),
    Page("/review", "review.title", "cohort/review.html.j2", "cohort/review.js", "cohort"),
    Page("/session", "practise.session_title", "practise/session.html.j2", "practise/session.js", "practise"),
    Page("/author", "author.title", "author/start.html.j2", "author/start.js", "author"),
    Page("/author/new", "author.new_title", "author/editor.html.j2", "author/editor.js", "author"),
    Page("/author/edit/{rubric_id}", "author.edit_title", "author/editor.html.j2", "author/editor.js", "author"),
)


@cache
def html(page: Page) -> File:
    """The page as it is sent."""
    text = _environment().get_template(page.template).render(page=page)
    return packed("text/html; charset=utf-8", text.encode())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "t": message,
        "asset": assets().address,
        "modules": assets().modules,
        "language": LANGUAGE,
        "rooms": ROOMS,
    }
    return environment
