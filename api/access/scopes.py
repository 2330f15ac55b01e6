"""The scope that each route needs: the one place that says so. A test fails for a route that isn't here.

read: look at what the workspace has; grade: send answers and batches, and take them away; author: change rubrics and
what people say about answers; admin: keys and webhooks. None: open to everybody. /metrics tells of all workspaces,
so that an admin of one isn't enough there: `Access.check_operator`.
"""

import re
from collections.abc import Mapping
from typing import Final

from api.access.model import Scope

_READ: Final = """
    GET /v1/info
    GET /v1/rubrics
    GET /v1/rubrics/schema
    GET /v1/rubrics/{rubric_id}
    GET /v1/rubrics/{rubric_id}/calibration
    GET /v1/rubrics/{rubric_id}/versions
    GET /v1/rubrics/{rubric_id}/versions/{version}
    GET /v1/topics
    GET /v1/evaluations
    GET /v1/evaluations/{evaluation_id}
    GET /v1/evaluations/{evaluation_id}/receipt
    GET /v1/receipts/key
    POST /v1/receipts:verify
    GET /v1/batches
    GET /v1/batches/{batch_id}
    GET /v1/batches/{batch_id}/errors
    GET /v1/batches/{batch_id}/events
    GET /v1/batches/{batch_id}/results
    GET /v1/batches/{batch_id}/report
    GET /v1/appeals
    GET /v1/appeals/{appeal_id}
    GET /v1/agreement
    GET /v1/proposals
    GET /v1/evaluations/{evaluation_id}/reviews
    GET /v1/evaluations/{evaluation_id}/sheet
    GET /v1/reviews/queue
    GET /v1/regrades/{regrade_id}
    GET /v1/regrades/{regrade_id}/answers
    GET /v1/practice
    GET /v1/practice/{practice_id}
    GET /v1/candidates/{candidate_id}/practice
"""
_GRADE: Final = """
    POST /v1/evaluations
    DELETE /v1/evaluations/{evaluation_id}
    POST /v1/evaluations/{evaluation_id}/appeals
    POST /v1/batches
    POST /v1/batches:preview
    POST /v1/batches/{batch_id}:retry
    DELETE /v1/batches/{batch_id}
    POST /v1/practice
"""
_AUTHOR: Final = """
    POST /v1/rubrics
    PUT /v1/rubrics/{rubric_id}
    DELETE /v1/rubrics/{rubric_id}/calibration
    POST /v1/rubrics/{rubric_id}:calibrate
    POST /v1/rubrics:check
    POST /v1/rubrics:try
    POST /v1/rubrics:convert
    POST /v1/rubrics:from-reference
    POST /v1/rubrics/{rubric_id}/versions/{version}:preview
    POST /v1/rubrics/{rubric_id}/versions/{version}:publish
    POST /v1/proposals/{proposal_id}:accept
    POST /v1/proposals/{proposal_id}:dismiss
    POST /v1/evaluations/{evaluation_id}/reviews
    POST /v1/reviews/claims
    DELETE /v1/reviews/claims/{claim_id}
    POST /v1/reviews:import
    POST /v1/appeals/{appeal_id}:decide
"""
_ADMIN: Final = """
    GET /v1/keys
    POST /v1/keys
    GET /v1/keys/{key_id}
    POST /v1/keys/{key_id}:rotate
    DELETE /v1/keys/{key_id}
    POST /v1/webhooks
    GET /v1/webhooks
    GET /v1/webhooks/{webhook_id}
    PATCH /v1/webhooks/{webhook_id}
    DELETE /v1/webhooks/{webhook_id}
    POST /v1/webhooks/{webhook_id}:rotate
    POST /v1/webhooks/{webhook_id}:test
    GET /v1/webhooks/{webhook_id}/deliveries
    GET /v1/webhooks/{webhook_id}/deliveries/{delivery_id}
    POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}:replay
"""
_OPERATOR: Final = """
    GET /metrics
"""
_OPEN: Final = """
    GET /healthz
    GET /readyz
"""


def _table() -> Mapping[str, Scope | None]:
    parts = (
        (_READ, Scope.READ),
        (_GRADE, Scope.GRADE),
        (_AUTHOR, Scope.AUTHOR),
        (_ADMIN, Scope.ADMIN),
        (_OPERATOR, Scope.ADMIN),
        (_OPEN, None),
    )
    return {" ".join(line.split()): scope for text, scope in parts for line in text.splitlines() if line.strip()}


SCOPES: Final = _table()
_CONVERTER: Final = re.compile(r":\w+(?=\})")


def scope_of(method: str, path: str) -> Scope | None:
    """What a route needs. One that nobody thought of needs the most; the pages are open."""
    return SCOPES.get(f"{method} {plain(path)}", Scope.ADMIN if path.startswith("/v1") else None)


def plain(path: str) -> str:
    """A route's path without what its parameters are made of: {id:uuid} is {id}."""
    return _CONVERTER.sub("", path)
