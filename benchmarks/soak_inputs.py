"""Strangers' input, made at random without end: URLs of webhooks, what name servers say, rubrics, files of answers.

Each is read or refused with the error that is meant for it. A short form of each is among the tests.
"""

import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import count
from pathlib import Path

from api.hooks.addresses import Refused, checked, is_public, target
from grader.batch.tables import open_table
from grader.errors import DataInvalid
from rubrics import RubricError
from rubrics.loader import BANK, load_text

SLOWEST = 10.0  # seconds that any one input may take
GROWTH_MB = 200  # by which memory may grow after the first thousand
INSIDE = [
    "127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0", "0.0.0.0", "10.0.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "0xa9fea9fe", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]",
    "[ff02::1]", "[fec0::1]", "[::127.0.0.1]", "[2001:db8::1]", "[2001::1]", "localhost", "LOCALHOST.", "a.localhost",
]  # fmt: skip
OUTSIDE = ["example.com", "8.8.8.8", "[2606:4700:4700::1111]", "xn--bcher-kva.example", "a.b-c.d_e.org."]
_PIECES = [*INSIDE, *OUTSIDE, "https://", "http://", "@", ":", "/", "\\", "#", "?", "%2f", "\0", "é", "。", "[", "]"]


def url_holds(url: str) -> bool:
    """Whether a URL is refused, or read as one whose host is no address inside. Raises nothing."""
    try:
        found = target(url)
    except Refused:
        return True
    try:
        outside = is_public(ip_address(found.host))
    except ValueError:  # a name, which is looked up when a message is sent
        outside = True
    return outside and found.scheme == "https" and 0 < found.port < 65536 and found.path.startswith(("/", "?"))


def name_holds(found: list[str]) -> bool:
    """Whether a name with these addresses is refused unless every one of them is public."""
    try:
        return all(is_public(one) for one in checked("example.com", found, (), True))
    except Refused:
        return True


def urls(draw: random.Random) -> Iterator[str]:
    """Pieces of URLs in any order, with a character changed now and then."""
    while True:
        made = "".join(draw.choices(_PIECES, k=draw.randint(1, 6)))
        if draw.random() < 0.8:
            made = "https://" + made
        yield _with_one_changed(draw, made) if draw.random() < 0.5 else made


def names(draw: random.Random) -> Iterator[list[str]]:
    """What a name server might say: some addresses, of any kind."""
    inside = [str(ip_address(one.strip("[]"))) for one in INSIDE if one.strip("[]").count(".") == 3 or ":" in one
              if "x" not in one and not one.startswith("0177")]  # fmt: skip
    while True:
        any_4, any_6 = IPv4Address(draw.getrandbits(32)), IPv6Address(draw.getrandbits(128))
        yield draw.choices([str(any_4), str(any_6), draw.choice(inside)], k=draw.randint(1, 3))


def rubrics(draw: random.Random) -> Iterator[str]:
    """Rubrics of the bank with lines moved, doubled or cut, and characters changed."""
    bank = [file.read_text("utf-8") for file in sorted(BANK.rglob("*.yaml"))]
    while True:
        lines = draw.choice(bank).splitlines(keepends=True)
        for _ in range(draw.randint(1, 4)):
            at, to = draw.randrange(len(lines)), draw.randrange(len(lines))
            lines[at] = draw.choice([lines[to], lines[at] * 2, lines[at][: draw.randrange(9)], " " * 3 + lines[at]])
        made = "".join(lines)
        yield _with_one_changed(draw, made) if draw.random() < 0.7 else made


def files(draw: random.Random) -> Iterator[bytes]:
    """Files of answers: bytes of any kind behind the beginnings of the formats that are read."""
    starts = [b"", b"PK\x03\x04", b"PAR1", b'{"answer": "', b"\xff\xfe", b"candidate,answer\n", b"\xef\xbb\xbfa\tb\n"]
    marks = b'",;\t\n\r\0\xff{}[]a1 '
    while True:
        size = draw.randrange(2000)
        body = draw.randbytes(size) if draw.random() < 0.5 else bytes(draw.choices(marks, k=size))
        yield draw.choice(starts) + body


def run(seconds: float) -> bool:
    """Try each kind for so long; whether nothing was found. Prints what was tried."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "answers"
        kinds: list[tuple[str, Callable[[random.Random], Iterator[object]], Callable[..., bool]]] = [
            ("webhook URLs", urls, url_holds),
            ("name servers' answers", names, name_holds),
            ("rubrics", rubrics, _rubric_holds),
            ("files of answers", files, lambda content: _file_holds(place, content)),
        ]
        found = [_tried(*kind, seconds) for kind in kinds]  # all of them, whatever the first finds
        return all(found)


def _tried(
    name: str, made: Callable[[random.Random], Iterator[object]], holds: Callable[..., bool], seconds: float
) -> bool:
    seed = random.SystemRandom().randrange(2**32)
    stream, until, slowest, early, tried = made(random.Random(seed)), time.monotonic() + seconds, 0.0, 0, 0
    for tried in count(1):
        one, began = next(stream), time.monotonic()
        try:
            good = holds(one)
        except Exception as error:  # whatever it is, it is a finding
            print(f"  {name}: {type(error).__name__}: {error}", flush=True)
            good = False
        slowest = max(slowest, time.monotonic() - began)
        if not good or slowest > SLOWEST:
            print(f"  {name}: seed {seed}, input {tried}: {one!r:.500}", flush=True)
            return False
        early = _memory_mb() if tried == 1000 else early
        if time.monotonic() > until:
            break
    grown = _memory_mb() - early if early else 0
    print(f"  {name}: {tried:,} tried (seed {seed}), slowest {slowest:.3f} s, memory +{grown} MB", flush=True)
    return grown <= GROWTH_MB


def _rubric_holds(text: str) -> bool:
    try:
        load_text(text, format="yaml")
    except RubricError as error:
        return bool(error.problems)
    return True


def _file_holds(place: Path, content: bytes) -> bool:
    place.write_bytes(content)
    for kind in (None, "csv", "jsonl", "xlsx", "parquet"):
        try:
            if any(row.line < 1 for row in open_table(place, kind).rows()):
                return False
        except DataInvalid:
            continue
    return True


def _with_one_changed(draw: random.Random, text: str) -> str:
    at = draw.randrange(max(1, len(text)))
    return text[:at] + chr(draw.choice([draw.randrange(128), draw.randrange(0xD7FF)])) + text[at + 1 :]


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
