"""One contract for every judge: the fake, the packaged one on both runtimes, and a CrossEncoder made for the test."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from grader.errors import ModelUnavailable
from grader.judge import CrossEncoderJudge, Judge, PairwiseJudge, load_judge
from grader.model_source import judging
from tests.fakes import FakeJudge
from tests.grader.conftest import ROOT

CACHE = ROOT / "var" / "models"
PAIRS = [
    ("Bagging averages many trees, so the variance comes down.", "Bagging reduces variance."),
    ("Bagging averages many trees, so the variance goes up.", "Bagging reduces variance."),
    ("", "Bagging reduces variance."),
    ("word " * 2000, "A statement 😀 with e\u0301."),
]
LABELS = {0: "contradiction", 1: "entailment", 2: "neutral"}


def tiny(folder: Path, labels: dict[int, str]) -> str:
    """A CrossEncoder of random weights."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", "bagging", "variance"]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label=labels,
        label2id={name: at for at, name in labels.items()},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module", params=["fake", "openvino", "int8", "torch", "cross-encoder"])
def judge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    match request.param:
        case "fake":
            return FakeJudge()
        case "cross-encoder":
            return CrossEncoderJudge(tiny(tmp_path_factory.mktemp("judge") / "tiny", LABELS))
        case "int8":
            return PairwiseJudge.load("openvino", "int8", CACHE)
        case backend:
            return PairwiseJudge.load(backend, "fp32", CACHE)


def last_digits(judge: Judge) -> float:
    """How far equal things may differ: in int8 they are equal where it was tried, and that is promised nowhere."""
    return 1e-3 if getattr(judge, "precision", "") == "int8" else 0


def test_chances_are_distributions_in_order(judge: Judge) -> None:
    found = judge.chances(PAIRS)
    assert found.shape == (4, 3) and found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(judge.chances(PAIRS[::-1]), found[::-1], rtol=0, atol=last_digits(judge))


def test_same_chances_in_any_company(judge: Judge) -> None:
    together = judge.chances([*PAIRS, *PAIRS[:2] * 9])
    for pair, row in zip(PAIRS, together, strict=False):
        np.testing.assert_allclose(judge.chances([pair])[0], row, rtol=0, atol=last_digits(judge))


def test_nothing_asked_nothing_said(judge: Judge) -> None:
    assert judge.chances([]).shape == (0, 3)


def test_runtimes_agree() -> None:
    fast, slow = (PairwiseJudge.load(backend, "fp32", CACHE).chances(PAIRS) for backend in ("openvino", "torch"))
    np.testing.assert_allclose(fast, slow, atol=0.01)


def test_a_model_can_be_dropped_right_after_its_last_pass() -> None:
    """In a process of its own: where the runtime's threads wait for Python, this hangs within a few rounds."""
    code = f"""
import subprocess
import sys
from pathlib import Path
from grader.judge import PairwiseJudge
for _ in range(10):
    PairwiseJudge.load("openvino", "fp32", Path({str(CACHE)!r})).chances({PAIRS!r} * 10)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=300)


def test_the_packaged_judge_tells_a_statement_from_its_denial() -> None:
    says, denies, nothing, _ = PairwiseJudge.load("auto", "fp32", CACHE).chances(PAIRS)
    assert says.argmax() == 2 and denies[2] < says[2] and nothing.argmax() == 0


def test_labels_of_a_cross_encoder_find_their_places(tmp_path: Path) -> None:
    model = tiny(tmp_path / "three", LABELS)
    raw = np.asarray(CrossEncoder(model, device="cpu").predict([PAIRS[0]], batch_size=1))[0]
    found = CrossEncoderJudge(model).chances(PAIRS[:1])[0]
    order = np.argsort([raw[2], raw[0], raw[1]])  # missed, contradicted, covered
    np.testing.assert_array_equal(np.argsort(found), order)


def test_a_model_that_knows_no_contradiction_gives_none(tmp_path: Path) -> None:
    model = tiny(tmp_path / "two", {0: "entailment", 1: "not_entailment"})
    assert (CrossEncoderJudge(model).chances(PAIRS)[:, 1] == 0).all()


def test_a_model_without_inference_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"good, bad.*GRADER_JUDGE"):
        CrossEncoderJudge(tiny(tmp_path / "stars", {0: "good", 1: "bad"}))


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"nothing-here.*GRADER_JUDGE"):
        load_judge(str(tmp_path / "nothing-here"), "auto", "auto", CACHE)
    with pytest.raises(ModelUnavailable, match="reinstall"):
        judging(tmp_path / "judge.safetensors")


def test_off_is_no_judge() -> None:
    assert load_judge("off", "auto", "auto", CACHE) is None
