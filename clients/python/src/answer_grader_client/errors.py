"""What can go wrong."""

from answer_grader_client.models import FieldError


class GraderClientError(Exception):
    """Base of all errors of this package."""


class ServiceError(GraderClientError):
    """The service refused, or failed. Decide by `code`; the words may change. Report a fault with `request_id`."""

    def __init__(self, status: int, code: str, detail: str, errors: list[FieldError], request_id: str) -> None:
        super().__init__(f"{status} {code}: {detail}" + (f" (request {request_id})" if request_id else ""))
        self.status, self.code, self.detail, self.errors, self.request_id = status, code, detail, errors, request_id


class Unreachable(GraderClientError):
    """No try got an answer. The request may have been carried out all the same: send it again with the same key."""


class WebhookInvalid(GraderClientError):
    """The callback isn't the service's, or is too old."""
