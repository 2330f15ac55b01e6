"""`grader verify`: check a receipt, without a database."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

import typer
from pydantic import ValidationError

from api.cli_common import fail, load_engine, read_settings
from api.cli_rubrics import find
from api.errors import KeyInvalid
from api.receipt_key import FILE, PublicKey, ReceiptKey, read_public
from api.schemas.receipts import ReceiptIn
from api.service.receipts import Checked, check
from api.settings import Settings
from grader.receipt import Outcome, Receipt
from rubrics import Rubric, load_bank

_WANTED: Final = "give what GET /v1/evaluations/ID/receipt answers"
STATUS: Final = {Outcome.VERIFIED: 0, Outcome.SIGNED: 0, Outcome.UNKNOWN_KEY: 3, Outcome.OTHER_ENGINE: 3}


def verify(file: Path, answer: str | None, rubric: str | None, key: Path | None, as_json: bool) -> None:
    """Print what a check found, and exit with 0 where all is well, 3 where that can't be told, 1 otherwise."""
    settings, receipt = read_settings(), _read(file)

    def chosen() -> Rubric | None:
        return find(rubric) if rubric is not None else _of_bank(receipt)

    found = check(receipt, [_key(settings, key)], answer, chosen, lambda: load_engine(settings))
    typer.echo(_json(found) if as_json else _text(receipt, found))
    raise typer.Exit(STATUS.get(found.outcome, 1))


def _read(file: Path) -> Receipt:
    try:
        return ReceiptIn.model_validate(json.loads(file.read_bytes())).value()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    except ValidationError as error:
        told = error.errors(include_url=False)[0]
        fail(f"{file}: {'.'.join(map(str, told['loc']))}: {told['msg']}; {_WANTED}")
    except (ValueError, RecursionError) as error:
        fail(f"{file} isn't JSON ({error}); {_WANTED}")


def _key(settings: Settings, file: Path | None) -> PublicKey:
    if file is not None:
        return read_public(file)
    if not settings.receipt_key_file and not (settings.data_dir / FILE).exists():
        raise KeyInvalid(f"{settings.data_dir / FILE} isn't there: give the public key with --key, or GRADER_DATA_DIR")
    return ReceiptKey(settings).public()


def _of_bank(receipt: Receipt) -> Rubric | None:
    named = receipt.body.get("rubric")
    return load_bank().get(str(named.get("id"))) if isinstance(named, dict) else None


def _json(found: Checked) -> str:
    told = {"outcome": found.outcome.value, "told": found.told, "differences": list(map(asdict, found.differences))}
    return json.dumps(told, indent=2)


def _text(receipt: Receipt, found: Checked) -> str:
    lines = [f"{found.outcome.value}: {found.told}"]
    if found.outcome not in (Outcome.FORGED, Outcome.UNKNOWN_KEY):
        mark = receipt.body.get("mark")
        shown = mark if isinstance(mark, dict) else {}
        lines.append(f"It says: {shown.get('points')} of {shown.get('max_points')} points, {shown.get('level')}.")
    lines.extend(f"  {one.field}: {one.receipt} in the receipt, {one.again} now" for one in found.differences)
    return "\n".join(lines)
