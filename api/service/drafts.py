"""Work on a rubric that isn't stored: try it out, make one of a reference answer."""

from collections.abc import Sequence

from api.errors import InputInvalid
from api.service.evaluations import check_length
from grader.engine import Engine
from grader.explain import Explanation, explain
from rubrics import Rubric, RubricError, from_reference


def try_out(engine: Engine, rubric: Rubric, answers: Sequence[str], max_chars: int) -> list[Explanation]:
    """Grade sample answers and keep nothing. Raises InputInvalid for a long one, and the engine's errors."""
    for index, answer in enumerate(answers):
        check_length(answer, max_chars, f"answers[{index}]")
    return explain(engine, rubric, answers)


def of_reference(reference: str, question: str, id: str) -> Rubric:
    """A rubric with a key point for each proposition of a model answer. Raises InputInvalid."""
    if not question.strip():
        raise InputInvalid("question", "is blank; a rubric needs the item that candidates see")
    try:
        return from_reference(reference, question, id)
    except RubricError as error:
        raise InputInvalid("reference_answer", error.problems[0].message) from error
