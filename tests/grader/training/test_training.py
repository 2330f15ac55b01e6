"""The recipe's parts: what a document says of its points, and that training does what its loss says."""

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from grader.golden import GoldenAnswer, Mark
from grader.model import Verdict
from grader.model_source import adapt, published
from grader.training.adapter import RANK, SHARE, write_adapter
from grader.training.documents import attack_document, composed_document, golden_document
from grader.training.folds import halves
from grader.training.network import Aligning, Boards
from rubrics.model import KeyPoint, Rubric

RUBRIC = Rubric(
    id="trees",
    question="What does pruning a tree do?",
    key_points=(
        KeyPoint(
            "less",
            "Pruning reduces overfitting.",
            says=("it fits less noise",),
            denies=("it overfits more",),
            near=("trees split",),
        ),
        KeyPoint(
            "size",
            "The tree gets smaller.",
            says=("fewer leaves remain",),
            denies=("the tree grows",),
            near=("leaves predict",),
        ),
    ),
)


def test_a_composed_point_has_the_verdict_of_the_wording_used_and_not_that_wording() -> None:
    kinds: Counter[Verdict | None] = Counter()
    for seed in range(200):
        document = composed_document(RUBRIC, [RUBRIC], Random(seed))
        for key_point, point in zip(RUBRIC.key_points, document.points, strict=True):
            kinds[point.verdict] += 1
            given = {
                Verdict.COVERED: (key_point.statement, *key_point.says),
                Verdict.CONTRADICTED: key_point.denies,
            }.get(point.verdict or Verdict.MISSED)
            if given:
                used = [text for text in given if text not in (*point.says, *point.denies)]
                assert len(used) == 1 and used[0].rstrip(".") in document.text
            assert point.label == (point.verdict is Verdict.COVERED)
    assert all(kinds[verdict] > 20 for verdict in (Verdict.COVERED, Verdict.CONTRADICTED, Verdict.MISSED))


def test_a_golden_answer_keeps_its_marks_and_partial_is_half() -> None:
    marks = {"less": Mark(Verdict.PARTIAL, "noise"), "size": Mark(Verdict.CONTRADICTED, "it grows")}
    answer = GoldenAnswer("trees", "trees", "free", "free", "spoken", "noise, and it grows", marks, ())
    first, second = golden_document(answer, RUBRIC).points
    assert (first.label, first.verdict) == (0.5, None)
    assert (second.label, second.verdict) == (0.0, Verdict.CONTRADICTED)


def test_attacks_cover_nothing() -> None:
    for seed in range(20):
        document = attack_document(RUBRIC, Random(seed))
        assert document.text
        assert {point.verdict for point in document.points} == {Verdict.MISSED}


def test_halves_have_about_as_many_points() -> None:
    marks = {"less": Mark(Verdict.MISSED, ""), "size": Mark(Verdict.MISSED, "")}
    sizes = {"a": 9, "b": 5, "c": 4, "d": 1}
    answers = [
        GoldenAnswer("r", topic, str(at), "free", "spoken", "text", marks, ())
        for topic, n in sizes.items()
        for at in range(n)
    ]
    half = halves(answers)
    assert [sum(sizes[topic] for topic in sizes if half[topic] == one) for one in (0, 1)] == [10, 9]


@pytest.fixture
def tiny() -> tuple[BertModel, Tokenizer]:
    tokenizer = Tokenizer.from_file(str(Path(published().path) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertModel(config), tokenizer


def test_training_lowers_the_loss(tiny: tuple[BertModel, Tokenizer]) -> None:
    encoder, tokenizer = tiny
    network = Aligning(encoder, np.ones(tokenizer.get_vocab_size(), np.float32))
    boards = Boards(tokenizer, tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]"))
    board = boards.make([composed_document(RUBRIC, [RUBRIC], Random(seed)) for seed in range(12)])
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        loss = network.loss(board)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_an_alignment_sees_only_its_own_document(tiny: tuple[BertModel, Tokenizer]) -> None:
    encoder, tokenizer = tiny
    network = Aligning(encoder, np.ones(tokenizer.get_vocab_size(), np.float32)).eval()
    boards = Boards(tokenizer, tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]"))
    documents = [composed_document(RUBRIC, [RUBRIC], Random(seed)) for seed in (1, 2)]
    with torch.no_grad():
        whole, short = network.alignments(boards.make([*documents, documents[0]]))
    assert torch.allclose(whole[0], whole[2], atol=1e-2)
    assert torch.all(short <= whole + 1e-2), "one sentence aligns no better than the text that has it"


def test_an_adapter_brings_back_what_training_changed(tiny: tuple[BertModel, Tokenizer], tmp_path: Path) -> None:
    encoder, _ = tiny
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    weight = encoder.encoder.layer[0].intermediate.dense.weight
    with torch.no_grad():
        weight += torch.randn(64, 4) @ torch.randn(4, 64) * 0.01
        encoder.encoder.layer[1].output.LayerNorm.bias += 0.5
    trained = {name: value.clone() for name, value in encoder.state_dict().items()}
    error = write_adapter(before, trained, tmp_path / "adapter.safetensors")
    assert error < 1e-3, f"a change of rank 4 fits rank {RANK}"
    encoder.load_state_dict(before)
    adapt(encoder, tmp_path / "adapter.safetensors")
    for name, value in encoder.state_dict().items():
        wanted = before[name] + SHARE * (trained[name] - before[name]) if value.is_floating_point() else value
        assert torch.allclose(value, wanted, atol=1e-3), name
