"""The recipe's parts: what a document says of its points, and that training does what its loss says."""

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

from grader.golden import GoldenAnswer, Mark
from grader.model import Verdict
from grader.model_source import adapt, published
from grader.pair_network import Pairwise
from grader.training import fit_judge
from grader.training.adapter import RANK, SHARE, write_adapter
from grader.training.calibrate import RATE, START, Judged, fit_certain
from grader.training.documents import attack_document, composed_document, golden_document
from grader.training.fit_judge import write_judge
from grader.training.fit_pairs import chances, fit_pairwise, loss_of
from grader.training.folds import UNSEEN
from grader.training.network import Aligning, Boards
from grader.training.pairs import LONGEST, Pair, around, batches, golden_pairs, wording_pairs
from grader.training.tables import Example
from rubrics import load_bank
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


def test_about_half_of_the_bank_is_kept_from_the_judge() -> None:
    topics = Counter(rubric.topic for rubric in load_bank().values())
    assert topics.keys() >= UNSEEN
    assert abs(sum(topics[topic] for topic in UNSEEN) / topics.total() - 0.5) < 0.1


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


def test_wordings_become_pairs_with_their_kind_as_verdict() -> None:
    kinds = {wording: kind for point in RUBRIC.key_points for kind, wordings in _kinds(point) for wording in wordings}
    pairs = wording_pairs([RUBRIC], Random(0))
    assert len(pairs) >= 6
    flipped = {text for point in RUBRIC.key_points for text in point.denies}
    assert {pair.verdict for pair in pairs if pair.statement in flipped} <= {Verdict.CONTRADICTED}
    for pair in (one for one in pairs if one.statement not in flipped):
        own = next(p for p in RUBRIC.key_points if pair.statement in (p.statement, *p.says))
        used = [text for text in kinds if text in pair.text and (text in own.denies or text in own.near)]
        if pair.verdict is Verdict.CONTRADICTED:
            assert any(text in own.denies for text in used)
        assert pair.statement not in pair.text.split(". ")


def _kinds(point: KeyPoint) -> tuple[tuple[Verdict, tuple[str, ...]], ...]:
    return (Verdict.COVERED, point.says), (Verdict.CONTRADICTED, point.denies), (Verdict.MISSED, point.near)


def test_golden_pairs_leave_partial_out_and_keep_the_marks() -> None:
    marks = {"less": Mark(Verdict.CONTRADICTED, "more"), "size": Mark(Verdict.PARTIAL, "small")}
    answer = GoldenAnswer("trees", "t", "a", "free", "terse", "more noise, small", marks, ())
    pairs = golden_pairs([(answer, ["more noise", "small"])], {"trees": RUBRIC}, Random(1))
    assert {(pair.text, pair.verdict) for pair in pairs} == {("more noise", Verdict.CONTRADICTED)}


def test_what_covers_a_point_contradicts_what_denies_it() -> None:
    pairs = [pair for seed in range(20) for pair in wording_pairs([RUBRIC], Random(seed))]
    marks = {"less": Mark(Verdict.COVERED, "less noise"), "size": Mark(Verdict.MISSED, "")}
    answer = GoldenAnswer("trees", "t", "a", "free", "terse", "less noise", marks, ())
    for seed in range(20):
        pairs += golden_pairs([(answer, ["less noise", "less noise"])], {"trees": RUBRIC}, Random(seed))
    found = Counter(
        (pair.text, pair.verdict) for pair in pairs if pair.statement in ("it overfits more", "the tree grows")
    )
    assert set(found) == {
        (text, Verdict.CONTRADICTED) for text in ("it fits less noise", "fewer leaves remain", "less noise")
    }
    assert all(count < 20 for count in found.values()), "now and then"


def test_a_passage_without_the_quote_gives_way_to_the_sentences_around_it() -> None:
    text = f"First things. {'well ' * 50}. Trees cut noise. So they do. {'hm ' * 50}."
    marks = {"less": Mark(Verdict.COVERED, "cut noise"), "size": Mark(Verdict.MISSED, "")}
    answer = GoldenAnswer("trees", "t", "a", "free", "terse", text, marks, ())
    pairs = golden_pairs([(answer, ["First things.", "First things."])], {"trees": RUBRIC}, Random(1), again=0)
    assert [(pair.text, pair.verdict) for pair in pairs] == [
        ("Trees cut noise. So they do.", Verdict.COVERED),
        ("First things.", Verdict.MISSED),
    ]
    assert around("so " * 100, "so so") == "", "one sentence of more than FULL words"


def test_an_open_miss_may_be_contradicted() -> None:
    logits = torch.tensor([[0.0, 5.0, 0.0]])
    target = torch.tensor([0])
    closed, unsure = (loss_of(logits, target, torch.tensor([flag])) for flag in (False, True))
    assert unsure < 0.02 < 4 < closed


def test_batches_hold_every_pair_that_fits_once() -> None:
    tokenizer = _tokenizer()
    pairs = [Pair("a " * size, "b", Verdict.COVERED) for size in (1, 5, LONGEST, 30, 2)]
    found = batches(pairs, tokenizer, 40, Random(0))
    assert sum(len(one.ids) for one in found) == 4
    assert all(one.ids.shape == one.types.shape == one.mask.shape for one in found)
    assert sorted(int(row.sum()) for one in found for row in one.mask) == [5, 6, 9, 34]


def test_a_judge_learns_and_is_stored_in_whole_numbers(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = BertConfig(vocab_size=30, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    network = Pairwise(BertModel(config, add_pooling_layer=False))
    before = {name: value.clone() for name, value in network.named_parameters()}
    said, denied = Pair("a b", "c", Verdict.COVERED), Pair("a d", "c", Verdict.CONTRADICTED)
    fit_pairwise(network, [said, denied] * 320, _tokenizer(), 3e-3, 0)
    found = chances(network, [(said.text, "c"), (denied.text, "c")], _tokenizer())
    assert found.argmax(1).tolist() == [2, 1]
    write_judge(before, network, tmp_path / "judge.safetensors")
    again = Pairwise(BertModel(config, add_pooling_layer=False))
    with torch.no_grad():
        for name, value in again.named_parameters():
            value.copy_(torch.zeros_like(value) if name.startswith("head") else before[name])
    adapt(again, tmp_path / "judge.safetensors")
    np.testing.assert_allclose(chances(again.eval(), [("a b", "c")], _tokenizer()), found[:1], atol=0.05)


def test_judges_are_means_of_before_and_after_the_opposites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def network() -> Pairwise:
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
        )
        return Pairwise(BertModel(config, add_pooling_layer=False))

    def one_more(trained: Pairwise, lesson: list[str], *_: object) -> Pairwise:
        seen.extend(lesson)
        with torch.no_grad():
            next(trained.head.parameters()).add_(1.0)
        return trained

    seen: list[str] = []
    monkeypatch.setattr(fit_judge, "new_network", lambda: (network(), None))
    monkeypatch.setattr(fit_judge, "fit_pairwise", one_more)
    monkeypatch.setattr(fit_judge, "_bank", lambda data, lesson, rng: [*lesson.rubrics, "bank"])
    monkeypatch.setattr(fit_judge, "_subjects", lambda data, lesson, rng, stage: [*lesson.rubrics, *lesson.without])
    half = fit_judge.Lesson([], {"half": RUBRIC}, without=["new"])
    full = fit_judge.Lesson([], {"full": RUBRIC}, without=["old"])
    files = tmp_path / "half.safetensors", tmp_path / "full.safetensors"
    start = network().state_dict()
    fit_judge.tune(tmp_path, {name: value.clone() for name, value in start.items()}, half, full, 0, files)
    assert seen == ["half", "bank", "half", "new", "full", "half", "new", "half", "new", "half", "new", "full", "old"]
    name = next(name for name in start if name.startswith("head"))
    gained = [float((load_file(file)[f"{name}.all"].float() - start[name]).mean()) for file in files]
    assert gained == pytest.approx([(3 + 5) / 2, (3 + 6) / 2], abs=0.01)


def _tokenizer() -> Tokenizer:
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "d"]
    tokenizer = Tokenizer(WordLevel({name: at for at, name in enumerate(names)}, "[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def judged_points(rubric: str, confidences: list[float], right: list[bool]) -> Judged:
    """An answer whose covered points the engine gives these confidences, right or not."""
    said = tuple(Verdict.COVERED if one else Verdict.MISSED for one in right)
    answer = GoldenAnswer(rubric, "t", "a", "free", "terse", "text", {}, ())
    nothing = np.zeros(0, np.bool_)
    chances = np.array([[1 - value, 0, value] for value in confidences])
    return Example(answer, None, None, said, nothing), chances  # type: ignore[arg-type]


def test_what_needs_no_review_is_right_at_the_stated_rate() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for question in range(200):
        confidences = rng.uniform(0.5, 1, 8)
        rows.append(judged_points(str(question), confidences.tolist(), (rng.random(8) < confidences).tolist()))
    certain = fit_certain(rows, START).certain
    kept = [
        (value, said is Verdict.COVERED)
        for example, chances in rows
        for value, said in zip(chances[:, 2], example.verdicts, strict=True)
        if value >= certain
    ]
    assert 0.55 < certain < 0.75  # a confidence of c is right at c: from here on the mean is just above RATE
    assert np.mean([right for _, right in kept]) >= RATE


def test_an_engine_that_guesses_is_never_certain() -> None:
    rng = np.random.default_rng(0)
    rows = [judged_points(str(at), [0.6, 0.7, 0.9], (rng.random(3) < 0.5).tolist()) for at in range(60)]
    assert fit_certain(rows, START).certain > 0.9
