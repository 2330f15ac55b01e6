"""Which pages may call the service from a browser."""

from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
SENT: Final = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-ID")
READ: Final = (
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)


def add_cors(app: FastAPI, origins: str) -> None:
    """Let pages of these origins (separated by commas) call the service. Keys come in a header, never as cookies."""
    allowed = [one.strip().rstrip("/") for one in origins.split(",") if one.strip()]
    if allowed:
        app.add_middleware(
            CORSMiddleware, allow_origins=allowed, allow_methods=METHODS, allow_headers=SENT, expose_headers=READ
        )
