"""`grader mcp`, through the SDK's own client: over stdio as assistants start it, in-process for refusals."""

import asyncio
import os
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from api.mcp_server import server
from api.schemas import EvaluationOut
from grader.engine import Engine
from rubrics import load_bank

ROOT = Path(__file__).parents[2]


def ask(engine: Engine, tool: str, **arguments: Any) -> CallToolResult:
    loaded: Future[Engine] = Future()
    loaded.set_result(engine)

    async def work() -> CallToolResult:
        async with Client(server(load_bank().values(), loaded, 100)) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(work())


def test_a_mock_interview_over_stdio(tmp_path: Path) -> None:
    models = ROOT / "var" / "models"
    models.mkdir(parents=True, exist_ok=True)
    (tmp_path / "models").symlink_to(models)
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "api.cli", "mcp"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "GRADER_DATA_DIR": str(tmp_path)},
    )

    async def interview() -> None:
        async with Client(command) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"list_rubrics", "next_question", "grade_answer"}
            assert all(tool.description and tool.output_schema for tool in tools.values())
            asked: list[str] = []
            for _ in range(3):
                question = await client.call_tool("next_question", {"topic": "regularisation", "asked": asked})
                assert question.structured_content and "key_points" not in question.structured_content
                asked.append(question.structured_content["rubric_id"])
            assert len(set(asked)) == 3
            rubric = load_bank()[asked[0]]
            marked = await client.call_tool("grade_answer", {"rubric_id": rubric.id, "answer": rubric.reference_answer})
            evaluation = EvaluationOut.model_validate(marked.structured_content)
            assert evaluation.coverage is not None and evaluation.coverage > 0.5
            assert evaluation.key_points[0].evidence

    asyncio.run(interview())


def test_lists_what_matches(engine: Engine) -> None:
    found = ask(engine, "list_rubrics", topic="ensembles", difficulty="core").structured_content
    assert found
    wanted = {one.id for one in load_bank().values() if (one.topic, one.difficulty.value) == ("ensembles", "core")}
    assert {item["rubric_id"] for item in found["result"]} == wanted


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("grade_answer", {"rubric_id": "bagging", "answer": "x" * 101}, "GRADER_MAX_ANSWER_CHARS"),
        ("grade_answer", {"rubric_id": "nothing", "answer": "x"}, "list_rubrics"),
        ("grade_answer", {"rubric_id": "bagging"}, "answer"),
        ("list_rubrics", {"topic": "cooking"}, "ensembles"),
        ("next_question", {"difficulty": "odd"}, "core"),
        ("next_question", {"asked": list(load_bank())}, "were asked"),
    ],
)
def test_what_is_refused_is_told(engine: Engine, tool: str, arguments: dict[str, Any], told: str) -> None:
    answer = ask(engine, tool, **arguments)
    assert answer.is_error
    assert told in str(answer.content)
