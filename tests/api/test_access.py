"""Keys over HTTP: who is let in, to what, until when, how often."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.routing import Route

from api.access.model import PREFIX, Scope, token_hash
from api.access.scopes import SCOPES, plain
from api.app import create_app
from api.db import Database
from api.doctor import settings_in_force
from api.routes import pages
from api.serve import refuse_without_keys
from api.service.keys import Made, create
from api.settings import Settings
from grader.engine import Engine
from tests.api.conftest import running, wait_until
from tests.api.keyed import keyed, make_key, shown

ADMIN = "grader_" + "a" * 43
METRICS = "grader_" + "m" * 43


@pytest.fixture(scope="module")
def url(new_database: Callable[..., str], migrated: str) -> str:
    return new_database(migrated)


@pytest.fixture(scope="module")
def service(url: str, engine: Engine) -> Iterator[tuple[TestClient, Made]]:
    with keyed(url, engine) as made:
        yield made


@pytest.fixture
def client(service: tuple[TestClient, Made]) -> TestClient:
    return service[0]


@pytest.fixture
def admin(service: tuple[TestClient, Made]) -> dict[str, str]:
    return shown(service[1])


def made_over_http(client: TestClient, admin: dict[str, str], **wanted: Any) -> dict[str, Any]:
    answer = client.post("/v1/keys", headers=admin, json={"name": "n", "scopes": ["read"], **wanted})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def sql(url: str, statement: str, **given: object) -> list[tuple[Any, ...]]:
    database = Database(url, 1)
    with database.everywhere().transaction() as session:
        result = session.execute(text(statement), given)
        rows = [tuple(row) for row in result] if result.returns_rows else []  # type: ignore[attr-defined]
    database.close()
    return rows


def test_every_route_says_which_scope_it_needs(engine: Engine) -> None:
    routes: list[Route] = create_app(Settings(), engine).state.routes
    open_pages = {route.path for route in pages.router.routes if isinstance(route, Route)}
    named = {
        f"{method} {plain(route.path)}"
        for route in routes
        for method in route.methods or ()
        if route.path not in open_pages
    }
    assert named == set(SCOPES)
    assert not any(path.startswith("/v1") for path in open_pages)
    assert {name for name, scope in SCOPES.items() if scope is None} == {"GET /healthz", "GET /readyz"}


def test_without_a_key_only_pages_health_and_documentation_answer(client: TestClient) -> None:
    for path in ("/", "/author", "/healthz", "/readyz", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200, path
    for path in ("/v1/rubrics", "/v1/nothing", "/v1/keys", "/v1/info"):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized"), path
        assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_numbers_of_all_workspaces_are_the_operators(client: TestClient, admin: dict[str, str], url: str) -> None:
    refused = client.get("/metrics")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    assert client.get("/metrics", headers=bearer(ADMIN)).status_code == 401
    tenant = shown(make_key(url, "tenant"))
    for key in (tenant, shown(make_key(url, scopes=frozenset(Scope) - {Scope.ADMIN}))):
        assert client.get("/v1/topics", headers=key).status_code == 200
        refused = client.get("/metrics", headers=key)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert "GRADER_METRICS_KEY" in refused.json()["detail"]
        assert "grader_http_requests" not in refused.text
    assert client.get("/v1/keys", headers=tenant).status_code == 200, "it is an admin, of its workspace"
    allowed = client.get("/metrics", headers=admin)
    assert (allowed.status_code, "RateLimit" in allowed.headers) == (200, False)
    assert "grader_http_requests_total" in allowed.text
    assert "tenant" not in allowed.text


def test_a_key_of_its_own_opens_the_numbers_alone(url: str, engine: Engine) -> None:
    metrics_key = bearer(METRICS)
    with keyed(url, engine, metrics_key=METRICS) as (client, admin):
        assert client.get("/metrics", headers=metrics_key).status_code == 200
        assert client.get("/metrics", headers=shown(admin)).status_code == 200
        assert client.get("/metrics", headers=bearer(ADMIN)).status_code == 401
        assert client.get("/v1/topics", headers=metrics_key).status_code == 401
    away = Settings(database_url="postgresql://nobody@127.0.0.1:9/none", host="0.0.0.0", metrics_key=METRICS)
    with TestClient(create_app(away, engine)) as client:
        told = client.get("/metrics", headers=metrics_key)
        assert 'grader_up{part="database"} 0.0' in told.text, "just then somebody looks"
        assert client.get("/metrics", headers=bearer(ADMIN)).status_code == 503
    assert METRICS not in repr(away)
    assert METRICS not in repr(settings_in_force(away, {}))


@pytest.mark.parametrize("given", ["", "Bearer", "Basic YTpi", f"Bearer {ADMIN}", "Bearer x", "Bearer grader_ä"])
def test_what_is_no_key_is_refused(client: TestClient, given: str) -> None:
    headers = {"Authorization": given.encode()}
    assert client.get("/v1/rubrics", headers=headers).status_code == 401  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("read", {"GET /v1/rubrics"}),
        ("grade", {"POST /v1/evaluations"}),
        ("author", {"POST /v1/rubrics"}),
        ("admin", {"GET /v1/rubrics", "POST /v1/evaluations", "POST /v1/rubrics", "GET /v1/keys"}),
    ],
)
def test_a_key_opens_its_scopes_alone(client: TestClient, admin: dict[str, str], scope: str, allowed: set[str]) -> None:
    key = bearer(made_over_http(client, admin, scopes=[scope])["key"])
    for name in ("GET /v1/rubrics", "POST /v1/evaluations", "POST /v1/rubrics", "GET /v1/keys"):
        method, path = name.split()
        answer = client.request(method, path, headers=key, json={} if method == "POST" else None)
        if name in allowed:
            assert answer.status_code in (200, 422), name
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), name
            assert SCOPES[name] in answer.json()["detail"]


def test_a_key_is_shown_once_and_stored_as_a_hash(client: TestClient, admin: dict[str, str], url: str) -> None:
    made = made_over_http(client, admin)
    key = made["key"]
    assert key.startswith(PREFIX)
    assert len(key) == len(PREFIX) + 43  # 256 bits in base64
    assert key.startswith(made["shown"])
    for answer in (client.get(f"/v1/keys/{made['id']}", headers=admin), client.get("/v1/keys", headers=admin)):
        assert key not in answer.text
        assert made["shown"] in answer.text
    [(row,)] = sql(url, "SELECT row_to_json(k)::text FROM api_keys k WHERE id = :id", id=made["id"])
    assert key not in row
    assert token_hash(key) in row


def test_an_expired_key_ends(client: TestClient, admin: dict[str, str], url: str) -> None:
    made = made_over_http(client, admin, expires_in_days=1)
    key = bearer(made["key"])
    assert client.get("/v1/topics", headers=key).status_code == 200
    sql(url, "UPDATE api_keys SET expires_at = now() WHERE id = :id", id=made["id"])
    refused = client.get("/v1/topics", headers=key)
    assert refused.status_code == 401
    assert "expired" in refused.json()["detail"]


def test_a_revoked_key_ends_at_once_and_stays_in_the_list(client: TestClient, admin: dict[str, str]) -> None:
    made = made_over_http(client, admin)
    assert client.delete(f"/v1/keys/{made['id']}", headers=admin).status_code == 204
    assert client.get("/v1/topics", headers=bearer(made["key"])).status_code == 401
    assert client.get(f"/v1/keys/{made['id']}", headers=admin).json()["revoked_at"]
    again = client.post(f"/v1/keys/{made['id']}:rotate", headers=admin, json={})
    assert again.status_code == 409


def test_rotated_keys_overlap(client: TestClient, admin: dict[str, str], url: str) -> None:
    old = made_over_http(client, admin, expires_in_days=10, daily_quota=9)
    new = client.post(f"/v1/keys/{old['id']}:rotate", headers=admin, json={"overlap_hours": 1}).json()
    assert (new["replaces"], new["scopes"], new["daily_quota"]) == (old["id"], old["scopes"], 9)
    for one in (old, new):
        assert client.get("/v1/topics", headers=bearer(one["key"])).status_code == 200
    sql(url, "UPDATE api_keys SET expires_at = expires_at - interval '1 hour' WHERE id = :id", id=old["id"])
    assert client.get("/v1/topics", headers=bearer(old["key"])).status_code == 401
    assert client.get("/v1/topics", headers=bearer(new["key"])).status_code == 200
    ended = client.post(f"/v1/keys/{new['id']}:rotate", headers=admin, json={"overlap_hours": 0})
    assert ended.status_code == 201
    assert client.get("/v1/topics", headers=bearer(new["key"])).status_code == 401


def test_last_use_is_written_once_a_minute(client: TestClient, admin: dict[str, str], url: str) -> None:
    made = made_over_http(client, admin)
    ask = "SELECT last_used_at FROM api_keys WHERE id = :id"

    def used() -> object:
        assert client.get("/v1/topics", headers=bearer(made["key"])).status_code == 200
        return sql(url, ask, id=made["id"])

    assert made["last_used_at"] is None
    first = used()
    assert first != [(None,)]
    assert used() == first
    sql(url, "UPDATE api_keys SET last_used_at = last_used_at - interval '61 seconds' WHERE id = :id", id=made["id"])
    assert used() > first  # type: ignore[operator]


def test_a_rate_is_told_and_kept(client: TestClient, admin: dict[str, str]) -> None:
    key = bearer(made_over_http(client, admin, rate_limit="3/hour")["key"])
    first = client.get("/v1/topics", headers=key)
    assert first.headers["RateLimit-Policy"] == '"rate";q=3;w=3600'
    assert first.headers["RateLimit"].startswith('"rate";r=2;t=')
    answers = [client.get("/v1/topics", headers=key) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3601
    assert client.get("/v1/topics", headers=admin).status_code == 200, "another key has a rate of its own"


def test_a_quota_is_of_the_day_and_of_all_processes(url: str, engine: Engine) -> None:
    made = make_key(url, daily_quota=3)
    with keyed(url, engine) as (one, _), keyed(url, engine) as (other, _):
        answers = [each.get("/v1/topics", headers=shown(made)) for each in (one, other, one, other)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert '"day";q=3;w=86400' in answers[0].headers["RateLimit-Policy"]
    assert '"day";r=0' in answers[2].headers["RateLimit"]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 86_400
    sql(url, "UPDATE key_usage SET day = day - 1 WHERE key_id = :id", id=made.key.id)
    with keyed(url, engine) as (one, _):
        assert one.get("/v1/topics", headers=shown(made)).status_code == 200


def test_a_local_service_is_open_until_its_first_key(
    new_database: Callable[..., str], migrated: str, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    url = new_database(migrated)
    with caplog.at_level(logging.WARNING, "api"), running(Settings(database_url=url), engine) as client:
        assert "no keys: everybody" in caplog.text
        assert client.get("/v1/topics").status_code == client.get("/metrics").status_code == 200
        refused = client.post("/v1/keys", json={"name": "n", "scopes": ["read"]})
        assert refused.status_code == 409
        assert "grader keys create" in refused.json()["detail"]
        made = make_key(url)
        wait_until(lambda: client.get("/v1/topics").status_code == 401)
        assert client.get("/metrics").status_code == 401
        assert client.get("/v1/topics", headers=shown(made)).status_code == 200
        revoked = client.delete(f"/v1/keys/{made.key.id}", headers=shown(made))
        assert revoked.status_code == 204
        assert client.get("/v1/topics").status_code == 401, "without its last key a service isn't open again"


def test_a_service_that_others_reach_refuses_to_start_without_keys(
    new_database: Callable[..., str], migrated: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_database(migrated)
    settings = Settings(host="0.0.0.0", database_url=url)
    with pytest.raises(SystemExit) as end:
        refuse_without_keys(settings)
    assert end.value.code == 1
    told = capsys.readouterr().err
    assert "grader keys create" in told
    assert "GRADER_ADMIN_KEY" in told
    refuse_without_keys(Settings(host="127.0.0.1", database_url=url))
    refuse_without_keys(Settings(host="0.0.0.0", database_url=url, admin_key=ADMIN))
    make_key(url)
    refuse_without_keys(settings)


def test_a_service_that_others_reach_is_never_open(
    new_database: Callable[..., str], migrated: str, engine: Engine
) -> None:
    with running(Settings(host="0.0.0.0", database_url=new_database(migrated)), engine) as client:
        assert client.get("/v1/topics").status_code == 401


def test_the_first_key_may_be_in_the_environment(
    new_database: Callable[..., str], migrated: str, engine: Engine
) -> None:
    settings = Settings(host="0.0.0.0", database_url=new_database(migrated), admin_key=ADMIN)
    with running(settings, engine) as client:
        assert client.get("/v1/topics").status_code == 401
        assert client.get("/v1/topics", headers=bearer(ADMIN[:-1] + "b")).status_code == 401
        made = made_over_http(client, bearer(ADMIN), scopes=["read"])
        assert made["workspace"] == "default"
        assert client.get("/v1/topics", headers=bearer(made["key"])).status_code == 200
    assert ADMIN not in repr(settings)
    assert ADMIN not in repr(settings_in_force(settings, {}))


def test_pages_of_named_origins_may_call(url: str, engine: Engine) -> None:
    origin = "https://prep.example.org"
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    with keyed(url, engine, cors_origins=f"https://other.example.org, {origin}/") as (client, key):
        allowed = client.options("/v1/evaluations", headers=asked)
        assert allowed.headers["Access-Control-Allow-Origin"] == origin
        assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
        used = {method.upper() for path in client.get("/openapi.json").json()["paths"].values() for method in path}
        assert used <= set(allowed.headers["Access-Control-Allow-Methods"].split(", "))
        seen = client.get("/v1/topics", headers={"Origin": origin, **shown(key)})
        assert seen.headers["Access-Control-Allow-Origin"] == origin
        assert "RateLimit" in seen.headers["Access-Control-Expose-Headers"]
        strange = client.get("/v1/topics", headers={"Origin": "https://evil.example.org", **shown(key)})
        assert "Access-Control-Allow-Origin" not in strange.headers
    with keyed(url, engine) as (client, key):
        assert "Access-Control-Allow-Origin" not in client.get("/v1/topics", headers={"Origin": origin}).headers


def test_a_key_of_another_workspace_is_made_on_the_command_line(
    url: str, run: Any, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    made = run(
        "keys", "create", "tenant", "--workspace", "acme", "--scope", "read", "--days", "3", "--rate", "9/second"
    )
    assert made.status == 0, made.err
    key = made.out.strip()
    assert client.get("/v1/topics", headers=bearer(key)).status_code == 200
    listed = run("keys", "list", "--workspace", "acme").out
    assert key not in listed
    assert key[:13] in listed
    [(id_,)] = sql(url, "SELECT id::text FROM api_keys WHERE workspace_id = 'acme'")
    rotated = run("keys", "rotate", id_, "--overlap-hours", "0")
    assert client.get("/v1/topics", headers=bearer(rotated.out.strip())).status_code == 200
    assert client.get("/v1/topics", headers=bearer(key)).status_code == 401
    assert "revoked" in run("keys", "revoke", id_).out
    for wrong in (["--workspace", "bank"], ["--workspace", "A b"], ["--rate", "many"]):
        assert run("keys", "create", "n", *wrong).status == 2


def test_a_key_lasts_as_long_again_when_rotated(database: Database) -> None:
    from api.service import keys

    old = create(database, keys.NewKey("n", frozenset({Scope.READ}), days=30))
    new = keys.rotate(database, old.key.id, timedelta(hours=2))
    assert new.key.expires_at is not None
    assert new.key.expires_at - new.key.created_at == timedelta(days=30)
    assert keys.read(database, old.key.id).expires_at == new.key.created_at + timedelta(hours=2)
