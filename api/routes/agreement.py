"""/v1/agreement."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api import examples, examples_agreement
from api.deps import DatabaseDep, Moment
from api.openapi import documented
from api.schemas.agreement import (
    AgreementOut,
    BandAgreementOut,
    FiguresOut,
    ModelAgreementOut,
    PointAgreementOut,
    TimeAgreementOut,
)
from api.service import agreement as service
from api.texts import StorableText
from grader.rater_agreement import Figures

router = APIRouter(tags=["reviews"])


@router.get(
    "/v1/agreement",
    summary="How far people and engine agree",
    operation_id="getAgreement",
    responses=documented(examples_agreement.AGREEMENT, 404, 422, 503),
)
def read(
    database: DatabaseDep,
    rubric: Annotated[StorableText | None, Query(max_length=200, examples=["bagging-vs-boosting"])] = None,
    batch: Annotated[UUID | None, Query(examples=[examples.ID])] = None,
    since: Annotated[Moment | None, Query(examples=["2026-01-15T00:00:00Z"])] = None,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="Of the intervals.", examples=[0])] = 0,
) -> AgreementOut:
    """Over all that was reviewed, by key point, by what people gave, and by month; each figure with its n."""
    found = service.agreement(database, rubric, batch, since, seed)
    return AgreementOut(
        seed=seed,
        reviewed=found.reviewed,
        unscored=found.unscored,
        engine=_figures(found.engine),
        unseen=_figures(found.unseen),
        people=_figures(found.people),
        key_points=[
            PointAgreementOut(
                rubric_id=place[0],
                key_point_id=place[1],
                engine=_figures(one),
                people=_figures(found.people_points[place]) if place in found.people_points else None,
            )
            for place, one in found.points.items()
        ],
        bands=[BandAgreementOut(quarter=band, engine=_figures(one)) for band, one in found.bands.items()],
        months=[TimeAgreementOut(month=month, engine=_figures(one)) for month, one in found.times.items()],
        models=[
            ModelAgreementOut(rater=rater, model=_figures(model), engine=_figures(engine))
            for rater, (model, engine) in found.models.items()
        ],
    )


def _figures(found: Figures) -> FiguresOut:
    return FiguresOut.model_validate(found)
