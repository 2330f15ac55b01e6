"""Worked examples of receipts. Tests hold each against its schema."""

from typing import Final

from api.examples import ANSWER, EVALUATION, HASH, ID, Example

KEY_ID: Final = "5d3c7a1b9e2f4068"
_MARK: Final[Example] = {
    "status": "scored",
    "points": "2",
    "max_points": "3",
    "coverage": "0.666667",
    "level": "proficient",
    "key_points": {"sequential-training": "covered", "bootstrap-samples": "contradicted"},
    "misconceptions": [],
}
RECEIPT: Final[Example] = {
    "receipt": {
        "format": 1,
        "evaluation_id": ID,
        "graded_at": "2026-01-15T10:30:00.123456Z",
        "issued_at": "2026-01-16T08:00:00.123456Z",
        "answer_sha256": "8ddb79b6dfab3e121f67fe4dad74c957777264db41d7987b820ee0eac26afd0b",
        "rubric": {"id": "bagging-vs-boosting", "version": 1, "content_hash": HASH, "scoring_hash": HASH},
        "engine": {"version": "5", "model": "all-MiniLM-L6-v2", "weights_hash": HASH},
        "engine_mark": _MARK,
        "mark": _MARK,
        "decided_by_people": [],
    },
    "key_id": KEY_ID,
    "signature": "q0Zk0t0Y5m5q3d0m8e9l1yF2cU7b6v8w9x0A1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q7R8S9T0U1V2W3X4Y5Z==",
}
PUBLIC_KEY: Final[Example] = {
    "key_id": KEY_ID,
    "algorithm": "Ed25519",
    "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "pem": "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n",
}
VERIFY_REQUEST: Final[Example] = {**RECEIPT, "answer": ANSWER}
VERIFIED: Final[Example] = {
    "outcome": "verified",
    "told": "The signature fits, and grading again gives the same mark.",
    "differences": [],
    "again": {**EVALUATION, "id": None, "candidate_id": None, "metadata": None, "created_at": None},
}
