"""What `grader serve` prints, and what it does when it can't have its address."""

import json
import re
import shlex
import socket
from pathlib import Path

import pytest

from api.schemas import EvaluationIn
from api.serve import greeting, listen
from api.settings import Settings
from rubrics import load_bank


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_the_curl_can_be_pasted(host: str, address: str) -> None:
    text = greeting(host, 8000)
    assert text.splitlines()[0].split()[-1] == f"{address}/"
    assert f"{address}/docs" in text
    command = shlex.split(next(line for line in text.splitlines() if "curl" in line))
    assert f"{address}/v1/evaluations" in command
    request = EvaluationIn.model_validate(json.loads(command[command.index("-d") + 1]))
    assert request.rubric_id in load_bank()


def test_a_taken_port_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            listen(Settings(port=port, data_dir=tmp_path))
    assert end.value.code == 1
    assert re.search(rf"127\.0\.0\.1:{port}: Address already in use.*GRADER_PORT", capsys.readouterr().err)


def test_port_0_takes_a_free_one(tmp_path: Path) -> None:
    with listen(Settings(port=0, data_dir=tmp_path)) as listener:
        assert listener.getsockname()[1] > 0
