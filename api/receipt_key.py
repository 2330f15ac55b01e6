"""The service's Ed25519 key, and receipts signed and checked with it."""

import base64
import hashlib
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from api.errors import KeyInvalid
from api.settings import Settings
from grader.receipt import Body, Json, Receipt, canonical

FILE: Final = "receipt-key.pem"
MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that receipts can be checked with. `id`: the first 16 hex digits of the SHA-256 of its 32 bytes."""

    key: Ed25519PublicKey

    @property
    def raw(self) -> bytes:
        """Its 32 bytes."""
        return self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def id(self) -> str:
        """What receipts call it."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @property
    def pem(self) -> str:
        """The same for other tools, such as openssl."""
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def has_signed(self, body: Json, signature: str) -> bool:
        """Whether the signature is this key's on this body."""
        try:
            self.key.verify(base64.b64decode(signature, validate=True), canonical(body))
            return True
        except (InvalidSignature, ValueError):
            return False


class ReceiptKey:
    """The key of the settings' file, or of the data folder, where it is made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._named = settings.receipt_key_file
        self._file = Path(self._named) if self._named else settings.data_dir / FILE
        self._key: Ed25519PrivateKey | None = None
        self._lock = threading.Lock()

    def sign(self, body: Body) -> Receipt:
        """Raises KeyInvalid."""
        signature = self._private().sign(canonical(body))
        return Receipt(body, self.public().id, base64.b64encode(signature).decode())

    def public(self) -> PublicKey:
        """What receipts of this service are checked with. Raises KeyInvalid."""
        return PublicKey(self._private().public_key())

    def _private(self) -> Ed25519PrivateKey:
        with self._lock:
            if self._key is None:
                self._key = self._loaded()
            return self._key

    def _loaded(self) -> Ed25519PrivateKey:
        try:
            if not self._named and not self._file.exists():
                _make(self._file)
            found = load_pem_private_key(self._file.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyInvalid(f"The key of receipts, {self._file}, can't be used ({error}). {_REMEDY}") from error
        if not isinstance(found, Ed25519PrivateKey):
            raise KeyInvalid(f"The key of receipts, {self._file}, isn't an Ed25519 key. {_REMEDY}")
        return found


_REMEDY: Final = "Make one with openssl genpkey -algorithm ed25519, and name its file in GRADER_RECEIPT_KEY_FILE."


def read_public(file: Path) -> PublicKey:
    """A public key in PEM, as `GET /v1/receipts/key` gives it. Raises KeyInvalid."""
    try:
        found = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyInvalid(f"{file} can't be used ({error}); give the key's pem of GET /v1/receipts/key") from error
    if not isinstance(found, Ed25519PublicKey):
        raise KeyInvalid(f"{file} isn't an Ed25519 key; give the key's pem of GET /v1/receipts/key")
    return PublicKey(found)


def signer_of(receipt: Receipt, keys: Sequence[PublicKey]) -> PublicKey | None:
    """The key among these that a receipt names."""
    return next((key for key in keys if key.id == receipt.key_id), None)


def _make(file: Path) -> None:
    """A new key, for its owner's eyes only. Of processes that start together, the first one's stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
