"""/metrics, for Prometheus."""

from typing import Final

from fastapi import APIRouter, Request, Response

from api.observe.metrics import Metrics

router = APIRouter(tags=["service"])

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """Numbers of this process and of the queue, in Prometheus' text format: for machines, not a part of the API.

    All workspaces are counted together, without a label that names one: names of tenants are nobody else's business,
    and each value of a label is a time series. Who may read it is `Access.check_operator`'s to say.
    """
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=TEXT)
