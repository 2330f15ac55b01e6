"""/v1/topics."""

from collections import Counter
from itertools import groupby

from fastapi import APIRouter

from api import examples
from api.deps import DatabaseDep
from api.openapi import documented
from api.schemas import TopicList, TopicOut
from api.service import rubrics as service
from api.store.rubrics import TopicCount
from rubrics import Difficulty, Kind

router = APIRouter(prefix="/v1/topics", tags=["rubrics"])


@router.get(
    "",
    summary="Count rubrics by topic",
    operation_id="listTopics",
    responses=documented(examples.TOPICS, 503),
)
def topics(database: DatabaseDep) -> TopicList:
    """How many rubrics each topic has, by kind and by difficulty."""
    counts = groupby(service.topics(database), key=lambda count: count.topic)
    return TopicList(items=[_topic(topic, list(parts)) for topic, parts in counts])


def _topic(topic: str, counts: list[TopicCount]) -> TopicOut:
    kinds: Counter[Kind] = Counter()
    difficulties: Counter[Difficulty] = Counter()
    for count in counts:
        kinds[Kind(count.kind)] += count.rubrics
        difficulties[Difficulty(count.difficulty)] += count.rubrics
    return TopicOut(topic=topic, rubrics=kinds.total(), kinds=dict(kinds), difficulties=dict(difficulties))
