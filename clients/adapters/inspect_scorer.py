"""An Inspect scorer: the share of a rubric's key points that a model's output covers, by an answer-grader service.

    pip install inspect-ai ./clients/python

    Task(dataset=[Sample(input="How do bagging and boosting differ?", metadata={"rubric": "bagging-vs-boosting"})],
         solver=generate(), scorer=key_point_coverage())

A sample's `rubric` is a stored rubric's id, or a rubric written out. The service's address is in GRADER_ADDRESS, its
key in GRADER_API_KEY. What can't be marked, such as a blank output, has the score NaN: it isn't zero.
"""

import math
import os

from answer_grader_client import AsyncGrader
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import TaskState


@scorer(metrics=[mean(), stderr()], name="key_point_coverage")
def key_point_coverage(rubric: str | dict | None = None, address: str | None = None) -> Scorer:
    """`rubric`: of all samples; by default each sample's metadata names its own."""
    place = address or os.environ.get("GRADER_ADDRESS", "http://127.0.0.1:8000")

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001 Inspect's signature
        chosen = rubric or state.metadata.get("rubric")
        if not chosen:
            raise ValueError(f"sample {state.sample_id}: name the rubric in its metadata, or for the scorer")
        async with AsyncGrader(place, os.environ.get("GRADER_API_KEY")) as grader:
            marked = await grader.grade(chosen, state.output.completion, store=False)
        return Score(
            value=math.nan if marked.coverage is None else marked.coverage,
            answer=state.output.completion,
            explanation="\n".join(f"{point.verdict}: {point.statement}" for point in marked.key_points)
            or marked.unscored_reason,
            metadata={
                "points": marked.points,
                "max_points": marked.max_points,
                "level": marked.level,
                "needs_review": marked.needs_review,
                "missed": marked.missed,
            },
        )

    return score
