"""The audit: pip-audit itself, asked over real HTTP for an answer that the test wrote."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts import audit

PINNED = {"alembic==1.20.1", "numpy==2.4.6"}


class Weaknesses(ThreadingHTTPServer):
    """Answers as OSV does: `known` maps NAME==VERSION to the ids of its weaknesses; `status` is what all get."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {audit.PROBE: ["PROBE-1"]}
        self.status = 200
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Answering)

    def arguments(self) -> list[str]:
        return ["--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{self.server_port}/"]


class Answering(BaseHTTPRequestHandler):
    server: Weaknesses

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name, version = query["package"]["name"], query["version"]
        self.server.asked.append(f"{name}=={version}")
        fixed = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]
        affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": fixed}]
        vulns = [{"id": id, "affected": affected} for id in self.server.known.get(f"{name}=={version}", [])]
        body = json.dumps({"vulns": vulns} if vulns else {}).encode()
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Weaknesses]:
    pinned = tmp_path / "constraints.txt"
    pinned.write_text("# A comment\n" + "\n".join(sorted(PINNED)) + "\n")
    monkeypatch.setattr(audit, "CONSTRAINTS", pinned)
    server = Weaknesses()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_known_weakness_fails(service: Weaknesses, capsys: pytest.CaptureFixture[str]) -> None:
    service.known["numpy==2.4.6"] = ["CVE-2026-1"]
    assert audit.main(service.arguments()) == 1
    assert capsys.readouterr().out.splitlines() == [
        "numpy 2.4.6: CVE-2026-1, mended in 99.1",
        "pip-audit: 1 of 2 packages with known weaknesses",
    ]


def test_an_accepted_weakness_passes(
    service: Weaknesses, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service.known["numpy==2.4.6"] = ["CVE-2026-1"]
    monkeypatch.setattr(audit, "ACCEPTED", {"CVE-2026-1": "We never call it."})
    assert audit.main(service.arguments()) == 0


def test_without_a_weakness_it_passes_and_every_package_was_asked_for(
    service: Weaknesses, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(service.arguments()) == 0
    assert capsys.readouterr().out == "pip-audit: 0 of 2 packages with known weaknesses\n"
    assert set(service.asked) == PINNED | {audit.PROBE}


@pytest.mark.parametrize("fault", ["nobody there", "fails", "knows nothing", "takes too long"])
def test_where_nobody_can_be_asked_one_line_says_so_and_it_passes(
    service: Weaknesses, fault: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service.known["numpy==2.4.6"] = ["CVE-2026-1"]
    arguments = service.arguments()
    if fault == "nobody there":
        arguments[-1] = "http://127.0.0.1:9/"
    elif fault == "fails":
        service.status = 503
    elif fault == "takes too long":
        monkeypatch.setattr(audit, "PROBE_SECONDS", 0.01)
    else:
        del service.known[audit.PROBE]
    assert audit.main(arguments) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("pip-audit: the list of known weaknesses couldn't be asked (")


def test_what_isnt_the_networks_fault_fails(
    service: Weaknesses, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert audit.main(["--no-such-option"]) == 1
    assert "pip-audit failed" in capsys.readouterr().out
    audit.CONSTRAINTS.write_text("numpy>=2\n")
    assert audit.main(service.arguments()) == 1
    assert "numpy" in capsys.readouterr().out
