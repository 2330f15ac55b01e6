"""Two workspaces and every operation of the OpenAPI description: what one has, the other can't see, count or change.

The description says which operations there are, so that a new one is asked too: for every id in an address there has to
be a thing of the first workspace here, or the test says which is missing.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.routes import health
from api.settings import Settings
from api.worker import Worker
from grader.engine import Engine
from tests.api.conftest import running
from tests.api.keyed import make_key, shown
from tests.api.reviewing import COVERS_A, new_rubric

SECRET = "zanzibar"  # in all that the first workspace says, and in nothing else
ID_OF_NOTHING = "01978a44-0000-7000-8000-000000000000"
# An address and its query, where the first workspace's things are named by parameters.
FILTERS = {
    "GET /v1/evaluations": "candidate_id={candidate_id}",
    "GET /v1/reviews/queue": "lane=review",
    "GET /v1/appeals": "state=open",
    "GET /v1/practice": "seed=1",
    "GET /v1/rubrics": f"topic={SECRET}",
}
# What every workspace has: the packaged rubrics, and what the service says of itself.
SHARED = {"GET /v1/topics", "GET /v1/rubrics/schema", "GET /v1/info", "GET /v1/practice", "GET /v1/receipts/key"}


@dataclass(frozen=True)
class Tenants:
    """`things`: ids of the first workspace's, by the name that addresses have for them."""

    client: TestClient
    first: dict[str, str]
    second: dict[str, str]
    things: dict[str, str]
    document: dict[str, Any]


@pytest.fixture(scope="module")
def tenants(new_database: Callable[..., str], migrated: str, engine: Engine) -> Iterator[Tenants]:
    url = new_database(migrated)
    first, second = (shown(make_key(url, name)) for name in ("first", "second"))
    settings = Settings(database_url=url)
    with running(settings, engine) as client:
        client.headers.update(first)
        things = furnished(client, lambda: Worker(url, settings, lambda: engine).run_until_idle())
        del client.headers["Authorization"]
        yield Tenants(client, first, second, things, client.get("/openapi.json").json())


def furnished(client: TestClient, work: Callable[[], None]) -> dict[str, str]:
    """A workspace with something of everything."""

    def post(path: str, body: Any, status: int = 201) -> Any:
        made = client.post(path, json=body)
        assert made.status_code == status, f"{path}: {made.text}"
        return made.json()

    rubric = new_rubric(id=f"{SECRET}-rubric", topic=SECRET, question=f"What is {SECRET}?")
    etag = client.post("/v1/rubrics", json=rubric).headers["ETag"]
    quote = f"The bags of {SECRET} are drawn with replacement."
    hook = {"url": f"https://{SECRET}.example/hook", "events": ["evaluation.completed"]}
    webhook = post("/v1/webhooks", hook)["id"]
    graded = {"rubric_id": rubric["id"], "answer": f"{COVERS_A} {quote}", "candidate_id": f"{SECRET}-c"}
    evaluation, contested = (post("/v1/evaluations", graded)["id"] for _ in range(2))
    appeal = {"key_point_id": "b", "argument": f"{SECRET}!"}
    practice = {"candidate_id": f"{SECRET}-c", "answers": [{"rubric_id": rubric["id"], "answer": COVERS_A}]}
    batch = {"name": SECRET, "rubric_id": rubric["id"], "rows": [{"custom_id": "1", "answer": f"{COVERS_A} {SECRET}"}]}
    things = {
        "rubric_id": rubric["id"],
        "version": "1",
        "candidate_id": f"{SECRET}-c",
        "evaluation_id": evaluation,
        "appeal_id": post(f"/v1/evaluations/{contested}/appeals", appeal)["id"],
        "practice_id": post("/v1/practice", practice)["id"],
        "batch_id": post("/v1/batches", batch, 202)["id"],
        "key_id": post("/v1/keys", {"name": SECRET, "scopes": ["read"]})["id"],
    }
    deliveries = client.get(f"/v1/webhooks/{webhook}/deliveries").json()["items"]
    things |= {"webhook_id": webhook, "delivery_id": deliveries[0]["id"]}
    work()
    marks = [{"id": "b", "verdict": "covered", "reason": SECRET, "quote": quote}]
    post(f"/v1/evaluations/{evaluation}/reviews", {"reviewer": SECRET, "key_points": marks})
    things["claim_id"] = post("/v1/reviews/claims", {"reviewer": SECRET, "lane": "review"}, 200)["id"]
    proposals = client.get("/v1/proposals", params={"rubric": rubric["id"]}).json()["items"]
    assert proposals, "a workspace without proposals shows nothing"
    things["proposal_id"] = proposals[0]["id"]
    draft = client.put(
        f"/v1/rubrics/{rubric['id']}?draft=true",
        json=rubric | {"question": f"Where is {SECRET}?"},
        headers={"If-Match": etag},
    )
    assert draft.status_code == 200, draft.text
    things["regrade_id"] = post(f"/v1/rubrics/{rubric['id']}/versions/2:preview", None, 202)["id"]
    work()
    return things


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        if path.startswith("/v1"):
            for method, operation in item.items():
                yield method.upper(), path, operation


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    """A body that the operation takes: its example."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        given = content["application/json"]
        if "examples" in given:
            return {"json": next(iter(given["examples"].values()))["value"]}
        example = given.get("example") or given["schema"].get("examples", [None])[0]
        return {"json": example}
    if "multipart/form-data" in content:
        return {"files": {"file": ("a.csv", b"candidate,rubric,answer\nc,bagging-vs-boosting,a\n")}}
    return {}


def named(path: str) -> list[str]:
    return [name.partition(":")[0] for name in re.findall(r"\{([^}]*)\}", path)]


def address(path: str, things: dict[str, str]) -> str:
    return re.sub(r"\{([^}:]*)[^}]*\}", lambda match: things[match[1]], path)


def asked(tenants: Tenants, key: dict[str, str], method: str, path: str, operation: dict[str, Any]) -> Any:
    """The answer to an operation on the first workspace's things."""
    headers = {**key, "If-Match": "*"}
    body = body_of(operation)
    if method == "PUT" and path == "/v1/rubrics/{rubric_id}":
        body = {"json": new_rubric(id=tenants.things["rubric_id"])}
    filters = FILTERS.get(f"{method} {path}", "").format(**tenants.things)
    place = address(path, tenants.things) + (f"?{filters}" if filters else "")
    return tenants.client.request(method, place, headers=headers, **body)


def everything_of(tenants: Tenants, key: dict[str, str]) -> dict[str, str]:
    """What a workspace sees of itself, by operation: all that GET answers."""
    seen = {}
    for method, path, operation in operations(tenants.document):
        if method == "GET" and not path.endswith(("/events", "/keys", "/keys/{key_id}", "/receipt")):
            answer = asked(tenants, key, method, path, operation)
            kind = answer.headers["content-type"]
            seen[path] = answer.text if "json" in kind and "report" not in path else str(answer.status_code)
    return seen


def test_the_first_workspace_has_something_of_everything(tenants: Tenants) -> None:
    wanted = {name for _, path, _ in operations(tenants.document) for name in named(path)}
    assert wanted == set(tenants.things), "give the first workspace one of these, in `furnished`"
    for method, path, operation in operations(tenants.document):
        if method == "GET" and named(path) and not path.endswith("/events"):
            answer = asked(tenants, tenants.first, method, path, operation)
            assert answer.status_code == 200, f"{path}: {answer.text}"


def test_what_one_workspace_has_is_nowhere_for_the_other(tenants: Tenants) -> None:
    before = everything_of(tenants, tenants.first)
    count = 0
    for method, path, operation in operations(tenants.document):
        if not named(path):
            continue
        answer = asked(tenants, tenants.second, method, path, operation)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text}"
        assert SECRET not in answer.text.replace(address(path, tenants.things), "").replace(
            repr(tenants.things["rubric_id"]), ""
        ).replace(f"/{tenants.things['rubric_id']}/", "").replace(repr(tenants.things["candidate_id"]), ""), path
        count += 1
    assert count > 25
    assert everything_of(tenants, tenants.first) == before, "the second workspace changed something of the first's"


def test_another_workspaces_thing_is_told_like_one_that_never_was(tenants: Tenants) -> None:
    nothing = dict.fromkeys(tenants.things, ID_OF_NOTHING) | {"version": "1"}
    for method, path, operation in operations(tenants.document):
        if named(path) and method in ("GET", "DELETE"):
            theirs = asked(tenants, tenants.second, method, path, operation).text
            never = asked(Tenants(tenants.client, {}, {}, nothing, {}), tenants.second, method, path, operation).text
            for name in named(path):
                theirs = theirs.replace(tenants.things[name], "ID")
                never = never.replace(nothing[name], "ID")
            assert theirs == never, path


def test_lists_of_the_other_are_empty(tenants: Tenants) -> None:
    for method, path, operation in operations(tenants.document):
        if method != "GET" or named(path):
            continue
        answer = asked(tenants, tenants.second, method, path, operation)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert SECRET not in answer.text, path
        if f"{method} {path}" in SHARED or path == "/v1/keys":
            continue
        assert everything_empty(answer.json()), f"{path}: {answer.text}"


def everything_empty(value: Any) -> bool:
    """No items, and no number that counts any."""
    if isinstance(value, dict):
        return all(everything_empty(part) for part in value.values())
    if isinstance(value, list):
        return not value
    return value in (None, 0, "") or isinstance(value, str)


def test_the_secret_is_there_for_its_owner(tenants: Tenants) -> None:
    """Without this, the tests above could look for what nobody would be shown."""
    seen = everything_of(tenants, tenants.first)
    shared = {path for path in seen if f"GET {path}" in SHARED - {"GET /v1/topics"}}
    hidden = [path for path, answer in seen.items() if SECRET not in answer and path not in shared and answer != "200"]
    allowed = {
        "/v1/reviews/queue",
        "/v1/agreement",
        "/v1/batches/{batch_id}/errors",
        "/v1/regrades/{regrade_id}/answers",
        "/v1/rubrics/{rubric_id}/versions",
    }
    assert set(hidden) <= allowed


def test_routes_have_no_other_way_to_a_tenants_data() -> None:
    routes = Path(health.__file__).parent
    around = {path.name for path in routes.glob("*.py") if "runtime.database" in path.read_text(encoding="utf-8")}
    assert around == {"health.py"}, "take DatabaseDep, which sees one workspace"


def test_ids_in_queries_are_kept_apart(tenants: Tenants) -> None:
    """Parameters that name a rubric, a batch or a candidate say nothing of another workspace's."""
    things = tenants.things
    for path, params in {
        "/v1/evaluations": {"rubric_id": things["rubric_id"]},
        "/v1/appeals": {"rubric": things["rubric_id"]},
    }.items():
        answer = tenants.client.get(path, params=params, headers=tenants.second)
        assert answer.json()["items"] == [], path
    for path, params in {
        "/v1/agreement": {"rubric": things["rubric_id"]},
        "/v1/proposals": {"rubric": things["rubric_id"]},
        "/v1/reviews/queue": {"rubric": things["rubric_id"]},
    }.items():
        assert tenants.client.get(path, params=params, headers=tenants.second).status_code == 404, path
    for path, body in {
        "/v1/evaluations": {"rubric_id": things["rubric_id"], "answer": "a"},
        "/v1/practice": {"answers": [{"rubric_id": things["rubric_id"], "answer": "a"}]},
    }.items():
        refused = tenants.client.post(path, json=body, headers=tenants.second)
        assert refused.status_code == 404, f"{path}: {refused.text}"
    form = {"rubric_id": things["rubric_id"]}
    refused = tenants.client.post(
        "/v1/batches", files={"file": ("a.csv", b"candidate,answer\nc,a\n")}, data=form, headers=tenants.second
    )
    assert refused.status_code == 404, refused.text


def test_a_name_is_free_in_another_workspace(tenants: Tenants) -> None:
    theirs = new_rubric(id=tenants.things["rubric_id"], question="Something else?")
    answer = tenants.client.post("/v1/rubrics", json=theirs, headers=tenants.second)
    assert answer.status_code == 201, answer.text
    assert answer.json()["version"] == 1
    place = f"/v1/rubrics/{theirs['id']}"
    assert SECRET in tenants.client.get(place, headers=tenants.first).json()["rubric"]["question"]
    assert tenants.client.get(place, headers=tenants.second).json()["rubric"]["question"] == "Something else?"
    graded = {"rubric_id": theirs["id"], "answer": "a", "candidate_id": tenants.things["candidate_id"]}
    made = tenants.client.post("/v1/evaluations", json=graded, headers=tenants.second)
    assert made.status_code == 201, made.text
    listed = tenants.client.get(f"/v1/candidates/{graded['candidate_id']}/practice", headers=tenants.second)
    assert listed.json()["items"] == []
    assert tenants.client.delete(f"/v1/evaluations/{made.json()['id']}", headers=tenants.second).status_code == 204


def test_a_change_of_a_packaged_rubric_stays_in_its_workspace(tenants: Tenants) -> None:
    place = "/v1/rubrics/bagging-vs-boosting"
    packaged = tenants.client.get(place, headers=tenants.first)
    changed = packaged.json()["rubric"] | {"question": f"What of {SECRET}?"}
    edited = tenants.client.put(place, json=changed, headers={**tenants.first, "If-Match": packaged.headers["ETag"]})
    assert edited.json()["version"] == packaged.json()["version"] + 1, edited.text
    versions = tenants.client.get(f"{place}/versions", headers=tenants.first).json()["items"]
    assert [one["source"] for one in versions] == ["api", *["bank"] * packaged.json()["version"]]
    assert tenants.client.get(place, headers=tenants.second).json() == packaged.json()
    assert SECRET not in json.dumps(tenants.client.get(f"{place}/versions", headers=tenants.second).json())
    taken = tenants.client.post("/v1/rubrics", json=changed | {"version": 1}, headers=tenants.second)
    assert taken.status_code == 409, taken.text
