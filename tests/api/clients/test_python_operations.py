"""The Python client beside the service's description: each operation is offered, or left out for a reason."""

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from answer_grader_client import AsyncGrader, Grader, ServiceError

from api.app import create_app
from api.settings import Settings
from grader.engine import Engine

ID: Final = "0190163d-8694-739b-aea5-966c26f8ad91"
DOCUMENT: Final = {"id": "r", "question": "Why?", "key_points": ["Because."]}

AUTHOR: Final = "authors write in the page's Author room and with grader rubrics"
LEFT_OUT: Final = {
    "tryRubric": AUTHOR,
    "convertRubric": AUTHOR,
    "rubricFromReference": AUTHOR,
    "listRubricVersions": AUTHOR,
    "previewRubricVersion": AUTHOR,
    "publishRubricVersion": AUTHOR,
    "getRegrade": AUTHOR,
    "listRegradedAnswers": AUTHOR,
    "getRubricCalibration": AUTHOR,
    "removeRubricCalibration": AUTHOR,
    "calibrateRubric": AUTHOR,
    "listProposals": AUTHOR,
    "acceptProposal": AUTHOR,
    "dismissProposal": AUTHOR,
    "getRubricSchema": "editors read it from its address",
    "previewBatch": "it is for a page that asks which column is which; submit_file(dry_run=True) says what is wrong",
    "watchBatch": "wait() asks instead, which goes through every proxy",
    "importReviews": "grader reviews import",
    "getAgreement": "the page's cohort report, and grader agree",
    "getHealth": "for what keeps the service running",
    "getReadiness": "for what keeps the service running",
}

# Each method of the client with arguments that make it send its request.
OFFERED: Final[dict[str, tuple[Any, ...]]] = {
    "grade": ("r", "An answer."),
    "evaluation": (ID,),
    "delete_evaluation": (ID,),
    "evaluations": (),
    "rubrics": (),
    "rubric": ("r",),
    "create_rubric": (DOCUMENT,),
    "edit_rubric": (DOCUMENT, "*"),
    "check_rubric": (DOCUMENT,),
    "topics": (),
    "draw": (),
    "practise": ({"r": "An answer."},),
    "practice": (ID,),
    "practices": ("a candidate/1",),
    "submit": ([{"custom_id": "1", "answer": "An answer."}],),
    "submit_file": (Path(__file__),),
    "batch": (ID,),
    "batches": (),
    "wait": (ID,),
    "retry": (ID,),
    "cancel": (ID,),
    "batch_errors": (ID,),
    "download_results": (ID, Path("never-made.csv")),
    "download_report": (ID, Path("never-made.html")),
    "create_review": (ID, "Ada"),
    "reviewed": (ID,),
    "review_queue": (),
    "claim_review": ("Ada",),
    "release_claim": (ID,),
    "review_sheet": (ID,),
    "create_appeal": (ID, "k", "It is there."),
    "appeals": (),
    "appeal": (ID,),
    "decide_appeal": (ID, "Ada", "upheld", "It is there."),
    "receipt": (ID,),
    "receipt_key": (),
    "verify_receipt": ({"receipt": {}, "key_id": "k", "signature": "s"},),
    "create_webhook": ("https://example.org", ["batch.completed"]),
    "webhooks": (),
    "webhook": (ID,),
    "change_webhook": (ID,),
    "delete_webhook": (ID,),
    "rotate_webhook": (ID,),
    "test_webhook": (ID,),
    "deliveries": (ID,),
    "delivery": (ID, ID),
    "replay": (ID, ID),
    "create_key": ("n", ["read"]),
    "keys": (),
    "key": (ID,),
    "rotate_key": (ID,),
    "revoke_key": (ID,),
    "info": (),
}
VERSION: Final = ("rubric", ("r", 2))  # the only method with two operations


@pytest.fixture(scope="module")
def operations(engine: Engine) -> dict[str, tuple[str, re.Pattern[str]]]:
    """Each operation's method and addresses."""
    paths = create_app(Settings(), engine).openapi()["paths"]
    return {
        operation["operationId"]: (method.upper(), re.compile(re.sub(r"\\\{\w+\\\}", r"[^/:]+", re.escape(path))))
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


class Refusing(httpx.MockTransport):
    """Refuses everything and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        super().__init__(self._refuse)

    def _refuse(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.raw_path.decode().partition("?")[0]))
        return httpx.Response(418)


def asked_by(name: str, arguments: tuple[Any, ...]) -> tuple[str, str]:
    """Method and path of a method's request: the same of both clients."""
    waiting, awaited = Refusing(), Refusing()
    with Grader("http://service", transport=waiting) as grader, pytest.raises(ServiceError):
        made = getattr(grader, name)(*arguments)
        next(made)

    async def ask() -> None:
        async with AsyncGrader("http://service", transport=awaited) as grader:
            made = getattr(grader, name)(*arguments)
            await (made if inspect.isawaitable(made) else anext(made))

    with pytest.raises(ServiceError):
        asyncio.run(ask())
    assert waiting.asked == awaited.asked
    [one] = waiting.asked
    return one


def test_every_operation_is_offered_or_left_out_on_purpose(
    operations: dict[str, tuple[str, re.Pattern[str]]],
) -> None:
    offered = set()
    for name, arguments in [*OFFERED.items(), VERSION]:
        method, path = asked_by(name, arguments)
        [operation] = [
            id
            for id, (known, paths) in operations.items()
            if known == method and _literal_first(paths, path, operations)
        ]
        offered.add(operation)
    assert offered & set(LEFT_OUT) == set()
    assert offered | set(LEFT_OUT) == set(operations)


def _literal_first(paths: re.Pattern[str], path: str, operations: dict[str, tuple[str, re.Pattern[str]]]) -> bool:
    """Whether these are the addresses that the service takes the path for: the one that is written out, if any is."""
    fits = {known.pattern for _, known in operations.values() if known.fullmatch(path)}
    return paths.pattern == min(fits, key=lambda pattern: pattern.count("[^/:]+"))


@pytest.mark.parametrize("client", [Grader, AsyncGrader])
def test_every_method_is_in_the_list(client: type) -> None:
    methods = {name for name, _ in inspect.getmembers(client, callable) if not name.startswith("_")}
    assert methods - {"close"} == set(OFFERED)


@pytest.mark.parametrize("name", OFFERED)
def test_both_clients_take_the_same(name: str) -> None:
    parameters = [
        [(one.name, one.kind, one.default) for one in inspect.signature(getattr(client, name)).parameters.values()]
        for client in (Grader, AsyncGrader)
    ]
    assert parameters[0] == parameters[1]
