"""`grader mcp`: tools for assistants that hold a mock interview, over the Model Context Protocol on stdin and stdout.

It grades in its own process, with the bank that is packaged: no service, no database, and nothing is stored.
"""

import random
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Annotated, Final

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from api.errors import InputInvalid
from api.schemas import EvaluationOut, ItemOut
from api.service.evaluations import check_length
from grader.draw import draw
from grader.engine import Engine
from grader.errors import GraderError
from rubrics import Rubric
from rubrics.model import Difficulty

INSTRUCTIONS: Final = """Holds a mock interview: next_question gives a question, grade_answer marks the answer by its
rubric and says what was missed. Pass the answer exactly as the candidate gave it. The mark is a small model's: where
needs_review is true, say that it can't tell. Don't show key points before the candidate has answered."""

Topic = Annotated[str | None, Field(description="Only this topic, such as ensembles.")]
Hard = Annotated[Difficulty | None, Field(description="Only this difficulty.")]


def run(bank: Iterable[Rubric], load: Callable[[], Engine], max_chars: int) -> None:
    """Serve until the assistant hangs up. The engine is loaded while the first question is asked."""
    with ThreadPoolExecutor(1) as loading:
        server(bank, loading.submit(load), max_chars).run("stdio")


def server(bank: Iterable[Rubric], engine: "Future[Engine]", max_chars: int) -> MCPServer:
    """The tools over these rubrics."""
    known = {rubric.id: rubric for rubric in bank}
    made = MCPServer("answer-grader", instructions=INSTRUCTIONS, log_level="WARNING")

    def matching(topic: str | None, difficulty: Difficulty | None) -> list[Rubric]:
        topics = sorted({rubric.topic for rubric in known.values()})
        if topic is not None and topic not in topics:
            raise ToolError(f"There is no topic {topic!r}; there are {', '.join(topics)}.")
        return [
            rubric
            for rubric in known.values()
            if topic in (None, rubric.topic) and difficulty in (None, rubric.difficulty)
        ]

    @made.tool()
    def list_rubrics(topic: Topic = None, difficulty: Hard = None) -> list[ItemOut]:
        """The questions that can be asked, with topic, kind and difficulty."""
        return [ItemOut.of(rubric) for rubric in matching(topic, difficulty)]

    @made.tool()
    def next_question(
        topic: Topic = None,
        difficulty: Hard = None,
        asked: Annotated[list[str], Field(description="Ids of the rubrics that were asked already.")] = [],  # noqa: B006
    ) -> ItemOut:
        """A question that wasn't asked yet, drawn at random."""
        left = [rubric for rubric in matching(topic, difficulty) if rubric.id not in asked]
        if not left:
            raise ToolError("All such questions were asked: name another topic or difficulty, or leave out asked.")
        return ItemOut.of(draw(left, 1, random.randrange(2**31))[0])  # noqa: S311

    @made.tool()
    def grade_answer(
        rubric_id: Annotated[str, Field(description="rubric_id of the question.")],
        answer: Annotated[str, Field(description="The candidate's answer, word for word.")],
    ) -> EvaluationOut:
        """Mark an answer: points, level, and for each key point a verdict, the words that show it, and feedback."""
        if rubric_id not in known:
            raise ToolError(f"There is no rubric {rubric_id!r}; list_rubrics lists them.")
        try:
            check_length(answer, max_chars)
            return EvaluationOut.from_evaluation(engine.result().grade(known[rubric_id], answer))
        except (GraderError, InputInvalid) as error:
            raise ToolError(str(error)) from error

    return made
