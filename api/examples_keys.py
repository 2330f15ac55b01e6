"""Worked examples of API keys. Tests hold each against its schema."""

from typing import Final

from api.examples import Example

KEY_ID: Final = "01978a44-5f3a-7b21-9d10-5c6b7a8f9e0e"
KEY_REQUEST: Final[Example] = {"name": "prep tool", "scopes": ["grade", "read"], "expires_in_days": 365}
ROTATION_REQUEST: Final[Example] = {"overlap_hours": 24}
KEY: Final[Example] = {
    "id": KEY_ID,
    "name": "prep tool",
    "shown": "grader_Ab3xQ9",
    "scopes": ["grade", "read"],
    "workspace": "default",
    "rate_limit": None,
    "daily_quota": None,
    "replaces": None,
    "created_at": "2026-01-15T09:30:00.123456Z",
    "expires_at": "2027-01-15T09:30:00.123456Z",
    "last_used_at": "2026-01-16T08:00:00.123456Z",
    "revoked_at": None,
}
NEW_KEY: Final[Example] = {
    **KEY,
    "last_used_at": None,
    "key": "grader_Ab3xQ9mD4s7Yw1Lr8Kc5Vt2Zp6Nh0Jf-Gb_Xe3Ui9Oa",
}
KEY_PAGE: Final[Example] = {"items": [KEY], "next_cursor": None}
