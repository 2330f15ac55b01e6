"""Secrets of webhooks: made, signed with, and stored so that they can sign; encrypted where the operator gave a key."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from standardwebhooks import Webhook

from api.errors import KeyInvalid

PREFIX: Final = "whsec_"
_PLAIN, _ENCRYPTED = "plain:", "fernet:"


class SecretUnreadable(Exception):
    """A stored secret that none of the keys opens."""


class Vault:
    """Seals and opens secrets. Without keys they are stored as they are."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """`keys`: Fernet keys; the first one seals, all of them open. Raises ValueError."""
        self._box = MultiFernet([Fernet(key) for key in keys]) if keys else None

    @classmethod
    def read(cls, file: str) -> "Vault":
        """With the keys in a file, one a line; without one where the name is empty. Raises KeyInvalid."""
        if not file:
            return cls()
        try:
            keys = [line.strip() for line in Path(file).read_text("ascii").splitlines() if line.strip()]
            if not keys:
                raise ValueError("it holds no key")
            return cls(keys)
        except (OSError, ValueError) as error:
            raise KeyInvalid(
                f"GRADER_WEBHOOK_KEY_FILE: {file} can't be used ({error}); make one with "
                "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
            ) from error

    def seal(self, secret: str) -> str:
        """The secret as it is stored."""
        return _ENCRYPTED + self._box.encrypt(secret.encode()).decode() if self._box else _PLAIN + secret

    def open(self, stored: str) -> str:
        """The secret. Raises SecretUnreadable."""
        if stored.startswith(_PLAIN):
            return stored.removeprefix(_PLAIN)
        try:
            if self._box is None:
                raise InvalidToken
            return self._box.decrypt(stored.removeprefix(_ENCRYPTED)).decode()
        except InvalidToken as error:
            raise SecretUnreadable(
                "the webhook's secret is encrypted, and no key in GRADER_WEBHOOK_KEY_FILE opens it: give that key, or "
                "rotate the secret"
            ) from error


def new_secret() -> str:
    """256 random bits, in the spelling of the Standard Webhooks scheme."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(message_id: str, at: datetime, body: str, given: Sequence[str]) -> dict[str, str]:
    """The headers of a message: a signature by each secret."""
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in given]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
