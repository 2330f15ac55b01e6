"""The whole flow of grading, readable on one screen."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from threadpoolctl import threadpool_limits

from grader.encoder import Encoder, ModelEncoder, TokenVectors
from grader.evaluate import Aligned, evaluation, unscored
from grader.guards import Guarded, blank, guard, off_topic
from grader.judge import Judge, load_judge
from grader.learned import FOLDER, PUBLISHED, Calibration, Weights, load_weights
from grader.matcher import match, scores
from grader.model import EngineInfo, Evaluation, RubricRef
from grader.prepared import F32, PreparedRubric, prepare, wording_vectors
from grader.reading import FirstReading, settle
from grader.rubric_calibration import calibrated
from grader.text import check
from grader.verdict import misconception_probabilities, probabilities
from rubrics import content_hash, scoring_hash
from rubrics.model import Rubric

VERSION = "5"  # changes with every weight, threshold or rule that can change a mark
CHUNK = 256  # answers encoded together; a chunk's vectors are what grade_many holds in memory, twice
KEPT_RUBRICS = 128  # prepared rubrics kept, about 2 MB each
DEFAULT_LIMIT = 20_000  # characters an answer


class Engine:
    """Grades answers: a function of rubric, answer, settings and weights. Safe to call from many threads."""

    def __init__(
        self, encoder: Encoder, weights: Weights, max_chars: int = DEFAULT_LIMIT, judge: Judge | None = None
    ) -> None:
        self._encoder, self._weights, self._max_chars, self._judge = encoder, weights, max_chars, judge
        self._kept: OrderedDict[str, PreparedRubric] = OrderedDict()
        self._lock = threading.Lock()
        self.info = EngineInfo(VERSION, encoder.name, _weights_hash(encoder, weights, judge))

    @classmethod
    def load(
        cls,
        model: str = "",
        backend: str = "auto",
        precision: str = "auto",
        cache_dir: Path | str = "var/models",
        max_chars: int = DEFAULT_LIMIT,
        judge: str = "",
    ) -> Self:
        """Load models and weights. `model`: "" for the packaged one, or a sentence-transformers folder or id;
        `backend`: auto, openvino or torch; `precision`: auto, bf16, fp32 or int8; `judge`: "" for the packaged pairwise
        model, "off", or a CrossEncoder's folder or id. Another model is calibrated as the packaged one was before its
        training. Raises ModelUnavailable, WeightsInvalid.
        """
        threadpool_limits(1, "blas")  # matching runs beside the forward passes, which already use every core
        encoder = ModelEncoder.load(model, backend, precision, Path(cache_dir))
        weights = load_weights(FOLDER if encoder.adapted else PUBLISHED)
        return cls(encoder, weights, max_chars, load_judge(judge, backend, precision, Path(cache_dir)))

    def alone(self) -> "Engine":
        """The same engine by alignment alone, without the judge."""
        return Engine(self._encoder, self._weights, self._max_chars)

    @property
    def encoder(self) -> Encoder:
        """The embedding model, for what else depends on meaning."""
        return self._encoder

    @property
    def calibration(self) -> Calibration:
        """The coefficients and thresholds that it was trained to."""
        return self._weights.calibration

    def grade(self, rubric: Rubric, answer: str) -> Evaluation:
        """Grade one answer. Raises AnswerInvalid for text that is no Unicode text or too long."""
        return next(self.grade_many([(rubric, answer)]))

    def grade_many(self, pairs: Iterable[tuple[Rubric, str]]) -> Iterator[Evaluation]:
        """Grade answers in order, as a stream: any number of pairs, across rubrics, in constant memory.

        An answer gets the same evaluation, to the last digit, whatever it is graded with. Raises as `grade` does.
        """
        stream = iter(pairs)
        chunk = list(islice(stream, CHUNK))
        if len(chunk) < CHUNK:
            yield from self._encoded(chunk).graded(self)
            return
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self._encoded, chunk)
            while chunk:
                chunk = list(islice(stream, CHUNK))
                encoded = coming.result()
                if chunk:
                    coming = ahead.submit(self._encoded, chunk)
                yield from encoded.graded(self)

    def check(self, answer: str) -> None:
        """Raise AnswerInvalid when `grade` would."""
        check(answer, self._max_chars)

    def prepared(self, rubrics: Iterable[Rubric]) -> dict[str, PreparedRubric]:
        """The rubrics' vectors by scoring hash; computed together at first use, and kept."""
        wanted = {scoring_hash(rubric): rubric for rubric in rubrics}
        with self._lock:
            ready = {key: self._kept[key] for key in wanted if key in self._kept}
        absent = [key for key in wanted if key not in ready]
        if absent:
            made = prepare([wanted[key] for key in absent], self._encoder, self._weights.tokens)
            ready.update(zip(absent, made, strict=True))
        with self._lock:
            for key in wanted:
                self._kept[key] = ready[key]
                self._kept.move_to_end(key)
            while len(self._kept) > KEPT_RUBRICS:
                self._kept.popitem(last=False)
        return ready

    def wording_vectors(self, rubrics: Iterable[Rubric]) -> dict[str, F32]:
        """Unit vectors [dim] of all wordings of rubrics, by their text; what is prepared isn't encoded again."""
        given = {scoring_hash(rubric): rubric for rubric in rubrics}
        ready = self.prepared(given.values())
        return {text: vector for key in given for text, vector in wording_vectors(given[key], ready[key]).items()}

    def _encoded(self, pairs: Sequence[tuple[Rubric, str]]) -> "_Encoded":
        for _, text in pairs:
            self.check(text)
        distinct = {id(rubric): rubric for rubric, _ in pairs}
        return _Encoded(pairs, self._encoder.encode([text for _, text in pairs]), self.prepared(distinct.values()))

    def grade_encoded(
        self, answers: Sequence[tuple[Rubric, str, TokenVectors, PreparedRubric]]
    ) -> Iterator[Evaluation]:
        """Grade answers whose token vectors are at hand: each is read once, what is doubtful in any a second time."""
        read = [self._read(*one) for one in answers]
        settled = iter(settle([one for _, one in read if one is not None], self._judge, self._weights.calibration))
        for (rubric, text, _, _), (guarded, first) in zip(answers, read, strict=True):
            if guarded is None:
                yield unscored(rubric, _reference(rubric), self.info, text, "blank: the answer has no words")
            else:
                aligned = None if first is None else self._as_taught(rubric, next(settled))
                yield evaluation(
                    rubric, _reference(rubric), self.info, text, guarded, aligned, self._weights.calibration
                )

    def _as_taught(self, rubric: Rubric, aligned: Aligned) -> Aligned:
        if rubric.calibration is None:
            return aligned
        return replace(aligned, points=calibrated(aligned.points, rubric, self.info))

    def _read(
        self, rubric: Rubric, text: str, tokens: TokenVectors, prepared: PreparedRubric
    ) -> tuple[Guarded | None, FirstReading | None]:
        """What the guards say, None for a blank answer, and the alignments, None where nothing may earn points."""
        if blank(text) or not len(tokens):
            return None, None
        guarded = guard(rubric, text)
        kept = _outside(tokens, guarded)
        if guarded.nothing or not len(kept):
            return guarded, None
        found = match(prepared, text, kept)
        best = scores(prepared, found)
        aligned = Aligned(
            tokens=kept,
            prepared=prepared,
            found=found,
            points=probabilities(best, self._weights.calibration),
            wrong=misconception_probabilities(best, self._weights.calibration),
            off_topic=off_topic(_similarity(prepared, kept), self._weights.calibration.off_topic),
        )
        return guarded, FirstReading(rubric, text, aligned, best)


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A chunk of answers with their token vectors and their rubrics'."""

    pairs: Sequence[tuple[Rubric, str]]
    tokens: Sequence[TokenVectors]
    prepared: dict[str, PreparedRubric]

    def graded(self, engine: Engine) -> Iterator[Evaluation]:
        yield from engine.grade_encoded(
            [
                (rubric, text, one, self.prepared[scoring_hash(rubric)])
                for (rubric, text), one in zip(self.pairs, self.tokens, strict=True)
            ]
        )


def _weights_hash(encoder: Encoder, weights: Weights, judge: Judge | None) -> str:
    """Everything besides code, rubric and text that a mark depends on; arithmetic, too, which moves the last digits."""
    arithmetic = f"{getattr(encoder, 'backend', '')} {getattr(encoder, 'precision', '')}"
    parts = [encoder.weights_sha256, weights.sha256, judge.weights_sha256 if judge else "no judge", arithmetic]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _reference(rubric: Rubric) -> RubricRef:
    return RubricRef(rubric.id, rubric.version, content_hash(rubric))


def _outside(tokens: TokenVectors, guarded: Guarded) -> TokenVectors:
    """The tokens outside the spans that must earn nothing."""
    if not guarded.void:
        return tokens
    keep = np.ones(len(tokens), np.bool_)
    for start, end in guarded.void:
        keep &= (tokens.ends <= start) | (tokens.starts >= end)
    return TokenVectors(tokens.ids[keep], tokens.starts[keep], tokens.ends[keep], tokens.vectors[keep])


def _similarity(prepared: PreparedRubric, tokens: TokenVectors) -> float:
    mean = tokens.vectors.mean(axis=0)
    return float(prepared.topic @ mean / max(float(np.linalg.norm(mean)), 1e-9))
