"""Which addresses a webhook may reach, and how its URL is read. Without I/O."""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST: Final = 2000  # characters of a URL
PORTS: Final = {"https": 443, "http": 80}
_ODD: Final = re.compile(r"[^!-~]|\\")
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")

# Not for strangers (IANA's special-purpose registries): this host, private, shared by carriers, loopback, link-local
# (cloud metadata is there), protocol assignments, documentation, relays, benchmarks, multicast, reserved, broadcast.
_CLOSED_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# Of IPv6, only what is handed out to hosts; in it, what carries an IPv4 address inside (Teredo, 6to4) and examples are
# closed. Mapped and translated IPv4 addresses (::ffff:0:0/96, 64:ff9b::/96), fc00::/7, fe80::/10, ff00::/8 are outside.
_OPEN_6: Final = IPv6Network("2000::/3")
_CLOSED_6: Final = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)


class Refused(Exception):
    """A URL or an address that webhooks don't go to. The message is for whoever named it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's URL, read once: everything later works on these parts. `host` is in lower case, without brackets."""

    scheme: str
    host: str
    port: int
    path: str


def networks(text: str) -> tuple[Network, ...]:
    """Networks separated by commas. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_public(address: Address) -> bool:
    """Whether everybody may have us connect there."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _CLOSED_4)
    if address.scope_id is not None:
        return False
    return address in _OPEN_6 and address.is_global and not any(address in network for network in _CLOSED_6)


def is_allowed(address: Address, allowed: Sequence[Network], encrypted: bool = True) -> bool:
    """Whether a webhook may go there: public ones over TLS only, and what the operator allowed."""
    inside = any(address.version == network.version and address in network for network in allowed)
    return inside or (encrypted and is_public(address))


def target(url: str, allowed: Sequence[Network] = ()) -> Target:
    """Read a webhook's URL. Raises Refused for one that is no URL of a webhook, and for an address that is closed.

    A name is looked up, and its addresses are checked, whenever a message is sent.
    """
    if len(url) > LONGEST:
        raise Refused(f"has {len(url):,} characters; {LONGEST:,} are allowed")
    if odd := _ODD.search(url):
        raise Refused(f"holds {odd[0]!r}; write it percent-encoded, and a name that isn't ASCII in Punycode")
    found = _parts(url)
    if found.scheme == "http" and not allowed:
        raise Refused("must begin with https://; http:// is for networks in GRADER_WEBHOOK_NETWORKS")
    literal = _literal(found.host)
    if literal is not None and not is_allowed(literal, allowed, found.scheme == "https"):
        raise Refused(_told(found.host, literal))
    if literal is None and (found.host == "localhost" or found.host.endswith(".localhost")) and not allowed:
        raise Refused("names this machine; webhooks go to public addresses, and to GRADER_WEBHOOK_NETWORKS")
    return found


def checked(host: str, found: Sequence[str], allowed: Sequence[Network], encrypted: bool) -> list[Address]:
    """The addresses that a name was looked up to, if a webhook may go to every one of them. Raises Refused."""
    addresses = [ip_address(one) for one in found]
    if not addresses:
        raise Refused(f"{host} has no address")
    for one in addresses:
        if not is_allowed(one, allowed, encrypted):
            raise Refused(_told(host, one))
    return addresses


def _parts(url: str) -> Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"is no URL: {error}") from error
    if parts.scheme not in PORTS:
        raise Refused("must begin with https://")
    if "@" in parts.netloc:
        raise Refused("holds a user or password; a webhook is known by its signature")
    if "#" in url:
        raise Refused("holds a #; leave it and what follows out")
    host = (parts.hostname or "").lower()
    if not _HOST.fullmatch(f"[{host}]" if ":" in host else host) or len(host) > 253:
        raise Refused("names no host")
    if port == 0:
        raise Refused("names port 0")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host.removesuffix("."), port or PORTS[parts.scheme], path)


def _literal(host: str) -> Address | None:
    """The address that a host is, in any spelling that a resolver takes for one (127.1, 0x7f000001, 2130706433)."""
    if ":" in host:
        try:
            return IPv6Address(host)
        except ValueError as error:
            raise Refused("names no host") from error
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _told(host: str, address: Address) -> str:
    place = str(address) if host == str(address) else f"{host} ({address})"
    return f"{place} is no public address over https; an operator can allow its network in GRADER_WEBHOOK_NETWORKS"
