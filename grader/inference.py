"""Forward passes: token ids in, unit token vectors out.

The only importer of the inference runtime.

OpenVINO runs the SentenceTransformer's own torch module, converted once and kept in a cache folder with its tokenizer;
when the cache is warm neither torch nor sentence-transformers is imported. Torch is the fallback.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from grader.errors import ModelUnavailable
from grader.model_source import (
    ModelMeta,
    ModelSource,
    find_model,
    meta_of,
    pair_module,
    plain_tokenizer,
    sentence_transformer,
    unit_module,
)

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_LAYOUT = "2"  # of the cache folder; a change makes old folders unused

PRECISIONS = ("auto", "bf16", "fp32", "int8")
GROUP = 128  # neighbouring activations that share a scale, in int8; larger ones are hardly faster and less exact

_FIRST = threading.Lock()

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]


class Forward(Protocol):
    """Runs batches, float32, in the order given: `(ids [b, n], mask [b, n])` to unit token vectors `[b, n, dim]`, or
    for the pairwise model `(ids, types, mask)` to logits `[b, 3]`.
    """

    backend: str
    precision: str

    def run(self, batches: Sequence[tuple[Ids, ...]]) -> list[Vectors]: ...


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to run."""

    meta: ModelMeta
    tokenizer: "Tokenizer"
    forward: Forward


def load_model(model: str, backend: str, precision: str, cache_dir: Path) -> LoadedModel:
    """Load `model` ("" = the packaged one; else a sentence-transformers folder or id).

    backend: "auto" (OpenVINO if it can be imported), "openvino", "torch", or "cuda" (torch on a GPU);
    precision: one of PRECISIONS; int8, whole numbers in matrix products, is OpenVINO's alone.
    Raises ModelUnavailable with the remedy.
    """
    if backend not in ("auto", "openvino", "torch", "cuda"):
        raise ModelUnavailable(f"inference backend {backend!r} is unknown: set auto, openvino, torch or cuda")
    if precision not in PRECISIONS:
        raise ModelUnavailable(f"precision {precision!r} is unknown: set one of {', '.join(PRECISIONS)}")
    return load_source(find_model(model), backend, precision, cache_dir)


def load_source(source: ModelSource, backend: str, precision: str, cache_dir: Path) -> LoadedModel:
    """Load a model that was found; arguments as in `load_model`."""
    if backend == "cuda":
        return _load_torch(source, precision, "cuda")
    if backend == "torch" or (backend == "auto" and util.find_spec("openvino") is None):
        return _load_torch(source, precision)
    return _load_openvino(source, precision, cache_dir)


class TorchForward:
    """The fallback: plain PyTorch, one text a pass, for its sums depend on what else is in a batch."""

    backend = "torch"

    def __init__(self, module: Any, precision: str, device: str = "cpu") -> None:
        self._module, self._device = module.to(device), device
        self.precision = "bf16" if precision == "bf16" else "fp32"

    def run(self, batches: Sequence[tuple[Ids, ...]]) -> list[Vectors]:
        import torch

        out: list[Vectors] = []
        with torch.inference_mode(), torch.autocast(self._device, torch.bfloat16, enabled=self.precision == "bf16"):
            for batch in batches:
                rows = [
                    self._module(*(torch.from_numpy(one).to(self._device) for one in row)) for row in _single(batch)
                ]
                out.append(torch.cat(rows).float().cpu().numpy())
        return out


def _single(batch: tuple[Ids, ...]) -> list[tuple[Ids, ...]]:
    return [tuple(one[at : at + 1] for one in batch) for at in range(len(batch[0]))]


def _load_torch(source: ModelSource, precision: str, device: str = "cpu") -> LoadedModel:
    import torch

    if precision == "int8":
        raise ModelUnavailable("torch doesn't do int8 here: set the backend to openvino, or the precision to auto")
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelUnavailable("torch finds no GPU here: set the backend to auto, or install torch with CUDA")
    model = sentence_transformer(source)
    forward = TorchForward(_module(source, model), precision, device)
    return LoadedModel(meta_of(source, model), plain_tokenizer(model), forward)


def _module(source: ModelSource, model: Any) -> Any:
    return pair_module(model, Path(source.adapter)) if source.pairs else unit_module(model)


class OpenVinoForward:
    """One compiled model, two streams of a core each; requests run asynchronously and outside the GIL."""

    backend = "openvino"

    def __init__(self, xml: Path, precision: str) -> None:
        import openvino as ov

        core = ov.Core()
        can_bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self.precision = ("bf16" if can_bf16 else "fp32") if precision == "auto" else precision
        hint = "bf16" if self.precision == "bf16" else "f32"
        cores = _cores()
        options = {"NUM_STREAMS": str(cores), "INFERENCE_NUM_THREADS": str(cores), "INFERENCE_PRECISION_HINT": hint}
        model = core.read_model(str(xml))
        if self.precision == "int8":
            _in_whole_numbers(model)
            options["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = str(GROUP)
        self._model = core.compile_model(model, "CPU", options)
        self._slots = 2 * cores
        # OpenVINO sets something up at its first run and may give the GIL away while it does: two threads whose first
        # runs meet wait for each other for ever. So the first run is here, and one at a time.
        with _FIRST:
            self.run([tuple(np.ones((1, 8), np.int64) for _ in self._model.inputs)])

    def run(self, batches: Sequence[tuple[Ids, ...]]) -> list[Vectors]:
        # No AsyncInferQueue: a callback in Python lets the runtime's thread wait for the GIL, which deadlocks with
        # whoever holds it and drops the model.
        requests = [self._model.create_infer_request() for _ in range(min(self._slots, len(batches)))]
        out: list[Vectors] = []
        for index, batch in enumerate(batches):
            request = requests[index % len(requests)]
            if index >= len(requests):
                out.append(_result(request))
            request.start_async(dict(enumerate(batch)))
        out += [_result(requests[index % len(requests)]) for index in range(len(out), len(batches))]
        return out


def _in_whole_numbers(model: Any) -> None:
    """Store the matrices that texts are multiplied with in 8 bits, a scale a row. OpenVINO then makes whole numbers of
    the texts' activations as well, where the processor has instructions for it (VNNI, AMX).
    """
    from openvino import opset13 as ops

    for node in model.get_ordered_ops():
        constant = node.input_value(1).get_node() if node.get_type_name() == "MatMul" else None
        if constant is None or constant.get_type_name() != "Constant":
            continue
        flags = node.get_attributes()
        rows = constant.data if flags["transpose_b"] else constant.data.T
        scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True) / 127, np.float32(1e-12))
        whole = ops.convert(ops.constant(np.round(rows / scale).astype(np.int8)), "f32")
        matrix = ops.multiply(whole, ops.constant(scale))
        node.output(0).replace(ops.matmul(node.input_value(0), matrix, flags["transpose_a"], True).output(0))


def _result(request: Any) -> Vectors:
    request.wait()
    vectors: Vectors = request.get_output_tensor(0).data.copy()
    return vectors


def _cores() -> int:
    """How many cores to use: the process's, or fewer where OMP_NUM_THREADS says so, as it does in Ray's actors."""
    cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else len(os.sched_getaffinity(0))
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores or 1, int(limit)) if limit.isdigit() and int(limit) else cores or 1)


def _load_openvino(source: ModelSource, precision: str, cache_dir: Path) -> LoadedModel:
    from tokenizers import Tokenizer

    key = hashlib.sha256(
        "\0".join((_LAYOUT, source.path, source.sha256, source.adapter_sha256, metadata.version("openvino"))).encode()
    ).hexdigest()[:20]
    folder = cache_dir / f"openvino-{key}"
    if not (folder / "meta.json").is_file():
        _convert_apart(source, folder)
    raw = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    meta = ModelMeta(**{**raw, "prefix": tuple(raw["prefix"]), "suffix": tuple(raw["suffix"])})
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return LoadedModel(meta, tokenizer, OpenVinoForward(folder / "model.xml", precision))


def _convert_apart(source: ModelSource, folder: Path) -> None:
    """Convert in a process of its own, so that torch's memory goes back with it."""
    command = [sys.executable, "-m", "grader.inference", *astuple(source), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ModelUnavailable(reason[-1])


def _convert(source: ModelSource, folder: Path) -> None:
    """Convert into a scratch folder and rename it in place, so that a killed process leaves no half cache."""
    import openvino as ov
    import torch

    model = sentence_transformer(source)
    ones = torch.ones(2, 16, dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = ("ids", "types", "mask") if source.pairs else ("input_ids", "attention_mask")
        converted = ov.convert_model(_module(source, model), example_input=dict.fromkeys(names, ones))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix="convert-", dir=folder.parent))
    except OSError as error:
        raise ModelUnavailable(
            f"cache folder {folder.parent} can't be written ({error}): set GRADER_DATA_DIR"
        ) from error
    try:
        ov.save_model(converted, scratch / "model.xml", compress_to_fp16=False)
        plain_tokenizer(model).save(str(scratch / "tokenizer.json"))
        meta = meta_of(source, model)
        (scratch / "meta.json").write_text(
            json.dumps({name: getattr(meta, name) for name in meta.__slots__}), encoding="utf-8"
        )
        scratch.chmod(0o755)
        try:
            scratch.rename(folder)
        except OSError:
            if not (folder / "meta.json").is_file():  # another process didn't finish first: a real failure
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    try:
        _convert(ModelSource(*sys.argv[1:-1]), Path(sys.argv[-1]))
    except ModelUnavailable as error:
        raise SystemExit(str(error)) from None
