"""Callbacks of the service, by the Standard Webhooks scheme."""

from collections.abc import Mapping

from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from answer_grader_client.errors import WebhookInvalid
from answer_grader_client.models import WebhookEvent


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes | str) -> WebhookEvent:
    """The event, if the service signed it with this secret within the last five minutes.

    `headers`: of the request, in any case. `body`: exactly as it came. Raises WebhookInvalid.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        return WebhookEvent.model_validate(Webhook(secret).verify(body, named))
    except (WebhookVerificationError, ValidationError, ValueError) as error:
        raise WebhookInvalid(f"the callback isn't to be trusted: {error}") from error
