"""/v1/topics."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from fastapi import APIRouter

from api import examples
from api.deps import DatabaseDep
from api.openapi import documented
from api.schemas import TopicList, TopicOut
from api.service import rubrics as service
from api.store.catalogue import GuideCount, TopicCount
from rubrics import Difficulty, Kind

router = APIRouter(prefix="/v1/topics", tags=["rubrics"])


@router.get(
    "",
    summary="Count rubrics by topic",
    operation_id="listTopics",
    responses=documented(examples.TOPICS, 503),
)
def topics(database: DatabaseDep) -> TopicList:
    """How many rubrics each topic has, by kind, by difficulty and by guide."""
    counts, guides = service.topics(database)
    by_topic = groupby(counts, key=lambda count: count.topic)
    return TopicList(items=[_topic(topic, list(parts), guides) for topic, parts in by_topic])


def _topic(topic: str, counts: Sequence[TopicCount], guides: Sequence[GuideCount]) -> TopicOut:
    kinds: Counter[Kind] = Counter()
    difficulties: Counter[Difficulty] = Counter()
    for count in counts:
        kinds[Kind(count.kind)] += count.rubrics
        difficulties[Difficulty(count.difficulty)] += count.rubrics
    return TopicOut(
        topic=topic,
        rubrics=kinds.total(),
        kinds=dict(kinds),
        difficulties=dict(difficulties),
        guides={count.guide: count.rubrics for count in guides if count.topic == topic},
    )
