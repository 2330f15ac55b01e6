"""Strange URLs, for fuzzing: what a stranger might name to have us reach inside."""

import random
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import strategies as st

from api.hooks.addresses import Refused, checked, is_public, target

INSIDE = [
    "127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0", "0.0.0.0", "10.0.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "0xa9fea9fe", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]",
    "[ff02::1]", "[fec0::1]", "[::127.0.0.1]", "[2001:db8::1]", "[2001::1]", "localhost", "LOCALHOST.", "a.localhost",
]  # fmt: skip
OUTSIDE = ["example.com", "8.8.8.8", "[2606:4700:4700::1111]", "xn--bcher-kva.example", "a.b-c.d_e.org."]
_HOSTS = st.sampled_from(INSIDE + OUTSIDE) | st.ip_addresses().map(
    lambda one: f"[{one}]" if one.version == 6 else str(one)
)
_PIECES = st.sampled_from(["", "@", "user@", "user:word@", "\\", "%00", "%2e", "#", "?", "/", "//", "\t", "\r\n", " "])
_PORTS = st.sampled_from(["", ":", ":0", ":80", ":443", ":99999", ":-1", ":x"])
URLS = st.text(max_size=60) | st.builds(
    lambda scheme, before, host, after, port, path: f"{scheme}{before}{host}{after}{port}{path}",
    st.sampled_from(["https://", "http://", "HTTPS://", "https:", "file://", "gopher://", "//", ""]),
    _PIECES,
    _HOSTS,
    _PIECES,
    _PORTS,
    st.sampled_from(["", "/", "/a?b=c", "/../..", "/@127.0.0.1/", "?https://127.0.0.1"]) | st.text(max_size=20),
)


def holds(url: str) -> bool:
    """Whether a URL is refused, or read as one whose host is no address inside. Raises nothing."""
    try:
        found = target(url)
    except Refused:
        return True
    try:
        literal: IPv4Address | IPv6Address | None = ip_address(found.host)
    except ValueError:
        literal = None
    outside = literal is None or is_public(literal)
    return outside and found.scheme == "https" and 0 < found.port < 65536 and found.path.startswith(("/", "?"))


def random_urls(seed: int) -> Iterator[str]:
    """Without end: URLs of the same pieces in any order, with characters changed at random."""
    draw = random.Random(seed)
    pieces = [*INSIDE, *OUTSIDE, "https://", "http://", "@", ":", "/", "\\", "#", "?", "%2f", "\0", "é", "。", "[", "]"]
    while True:
        made = "".join(draw.choices(pieces, k=draw.randint(1, 6)))
        if draw.random() < 0.8:
            made = "https://" + made
        if made and draw.random() < 0.5:
            at = draw.randrange(len(made))
            made = made[:at] + chr(draw.choice([draw.randrange(128), draw.randrange(0xD7FF)])) + made[at + 1 :]
        yield made


def random_answer(draw: random.Random) -> list[str]:
    """What a name server might say: some addresses, of any kind."""
    some = []
    for _ in range(draw.randint(1, 3)):
        inside = draw.choice(INSIDE[7:15]).strip("[]")
        some.append(
            draw.choice([str(IPv4Address(draw.getrandbits(32))), str(IPv6Address(draw.getrandbits(128))), inside])
        )
    return [one for one in some if "x" not in one]


def never_inside(found: list[str]) -> bool:
    """Whether a name with these addresses is refused unless every one of them is public."""
    try:
        return all(is_public(one) for one in checked("example.com", found, (), True))
    except Refused:
        return True
