"""Where webhooks may go: no private address, in whatever spelling, by whatever name, at whatever moment."""

import asyncio
import random
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import islice
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.hooks import sender as sender_module
from api.hooks.addresses import Refused, Target, checked, is_public, networks, target
from api.hooks.backoff import FIRST, GIVE_UP, LONGEST, next_attempt
from api.hooks.sender import Sender, Sent
from benchmarks import soak_inputs
from benchmarks.soak_inputs import INSIDE, OUTSIDE, name_holds, url_holds
from tests.api.receivers import receiving
from tests.api.urls import URLS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOOPBACK = networks("127.0.0.0/8")


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_addresses_inside_are_refused(host: str, scheme: str) -> None:
    with pytest.raises(Refused):
        target(f"{scheme}://{host}/x")


@pytest.mark.parametrize("host", OUTSIDE)
def test_addresses_outside_are_read(host: str) -> None:
    found = target(f"https://{host}:8443/a?b=c")
    assert (found.scheme, found.host, found.port, found.path) == ("https", host.strip("[].").lower(), 8443, "/a?b=c")
    with pytest.raises(Refused, match="GRADER_WEBHOOK_NETWORKS"):
        target(f"http://{host}/")


def test_what_the_operator_allows() -> None:
    assert target("http://127.0.0.1:9/", LOOPBACK) == Target("http", "127.0.0.1", 9, "/")
    with pytest.raises(Refused):
        target("http://10.0.0.1/", LOOPBACK)
    with pytest.raises(Refused):
        target("http://8.8.8.8/", LOOPBACK)  # in the clear only where it was allowed
    assert checked("a", ["127.0.0.1"], LOOPBACK, False) == [ip_address("127.0.0.1")]
    with pytest.raises(Refused):
        checked("a", ["127.0.0.1", "10.0.0.1"], LOOPBACK, True)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "ten", "10.0.0.1/8"])
def test_networks_that_mean_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|host bits"):
        networks(text)


@settings(max_examples=500, deadline=None)
@given(URLS)
@example("https://\u3002/")
@example("https://[v1.a]/")
@example("https://[::1%25eth0]/")
@example("https://example.com:٣/")
def test_any_text_is_a_url_of_ours_or_refused(url: str) -> None:
    assert url_holds(url)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.ip_addresses().map(str), min_size=1, max_size=3))
def test_a_name_with_any_address_inside_is_refused(found: list[str]) -> None:
    assert name_holds(found)


def test_the_long_runs_inputs_are_strange_and_plain() -> None:
    made = list(islice(soak_inputs.urls(random.Random(1)), 2000))
    assert all(map(url_holds, made))
    read = [url for url in made if _is_read(url)]
    assert 0 < len(read) < len(made)
    answers = list(islice(soak_inputs.names(random.Random(1)), 2000))
    assert all(map(name_holds, answers))
    assert 0 < sum(all(is_public(ip_address(one)) for one in some) for some in answers) < len(answers)


def test_the_long_run_in_short(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(soak_inputs, "SLOWEST", 1e9)  # how fast this machine is just now is none of its concern
    assert soak_inputs.run(0.5)
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in told] == [
        "webhook URLs",
        "name servers' answers",
        "rubrics",
        "files of answers",
    ]


def test_the_long_run_finds_what_is_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(soak_inputs, "target", lambda _: Target("https", "127.0.0.1", 443, "/"))
    monkeypatch.setattr(soak_inputs, "checked", lambda *_: 1 // 0)
    assert not soak_inputs.run(0.1)
    told = capsys.readouterr().out
    assert "webhook URLs: seed" in told
    assert "name servers' answers: ZeroDivisionError" in told


class Wire(httpcore.AsyncNetworkBackend):
    """Records where connections go, and makes none."""

    def __init__(self) -> None:
        self.went: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.went.append(host)
        raise httpcore.ConnectError("nothing is sent")


class Names:
    """A name server that says something else each time."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]


def send(names: Names, wire: httpcore.AsyncNetworkBackend, url: str = "https://rebinds.example/", **more: Any) -> Sent:
    chosen = Sender((), "test", names, wire, **more)
    return asyncio.run(chosen.send(target(url), b"{}", {}))


def test_a_name_that_changes_its_mind_gets_what_was_checked() -> None:
    names, wire = Names(["93.184.216.34"], ["127.0.0.1"]), Wire()
    assert send(names, wire).error == "ConnectError: nothing is sent"
    assert (names.asked, wire.went) == (1, ["93.184.216.34"])
    again = send(names, wire)
    assert "rebinds.example (127.0.0.1) is no public address" in str(again.error)
    assert (names.asked, wire.went) == (2, ["93.184.216.34"])


@pytest.mark.parametrize(
    "inside",
    ["10.1.1.1", "169.254.169.254", "100.100.1.1", "::1", "::ffff:10.0.0.1", "fe80::1", "fd00::1", "224.0.0.9"],
)
def test_one_address_inside_among_others_is_enough(inside: str) -> None:
    wire = Wire()
    assert "no public address" in str(send(Names(["93.184.216.34", inside]), wire).error)
    assert wire.went == []


def test_the_next_address_is_tried_where_one_is_dead() -> None:
    names, wire = Names(["93.184.216.34", "2606:4700:4700::1111"]), Wire()
    send(names, wire)
    assert wire.went == ["93.184.216.34", "2606:4700:4700::1111"]


class ToReceiver(Wire):
    """Whatever the address, the connection is made to a receiver here: stands in for the outside."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.went.append(f"{host}:{port}")
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self._port, timeout)


def test_the_name_goes_into_the_request() -> None:
    with receiving() as receiver:
        wire = ToReceiver(target(receiver.url, LOOPBACK).port)
        chosen = Sender(networks("93.184.216.34/32"), "test", Names(["93.184.216.34"]), wire)
        place = target("http://hooks.example:8080/a", LOOPBACK)
        sent = asyncio.run(chosen.send(place, b"{}", {"webhook-id": "m"}))
        assert (sent.status, wire.went) == (204, ["93.184.216.34:8080"])
        [(path, headers, body)] = receiver.got
        assert (path, headers["host"], headers["webhook-id"], body) == ("/a", "hooks.example:8080", "m", b"{}")


@pytest.mark.parametrize("name", ["hooks.example", "other.example"])
def test_the_certificate_must_be_the_names(tmp_path: Path, name: str) -> None:
    files = certificate(tmp_path, "hooks.example")
    trust, asked = ssl.create_default_context(cafile=files[0]), list[str | None]()
    wrap = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    wrap.load_cert_chain(*files)
    wrap.sni_callback = lambda _, told, __: asked.append(told)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async def run() -> Sent:
        server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=wrap)
        wire = ToReceiver(server.sockets[0].getsockname()[1])
        try:
            chosen = Sender((), "test", Names(["93.184.216.34"]), wire, trust)
            return await chosen.send(target(f"https://{name}/"), b"{}", {})
        finally:
            server.close()

    sent = asyncio.run(run())
    assert asked == [name]
    if name == "hooks.example":
        assert (sent.status, sent.error) == (204, None)
    else:
        assert sent.status is None
        assert "certificate" in str(sent.error).lower()


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Files with a certificate for a name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(whose, whose, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    place, key_place = folder / "certificate.pem", folder / "key.pem"
    place.write_bytes(made.public_bytes(Encoding.PEM))
    key_place.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return place, key_place


def test_whoever_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "WHOLE_SECONDS", 0.3)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"x: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def run() -> Sent:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await Sender(LOOPBACK, "test").send(target(f"http://127.0.0.1:{port}/", LOOPBACK), b"{}", {})
        finally:
            server.close()

    sent = asyncio.run(run())
    assert (sent.status, sent.is_taken) == (None, False)
    assert "took longer than" in str(sent.error)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 999999 x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 99_999]
)
def test_answers_that_are_none(answer: bytes) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async def run() -> Sent:
        server = await asyncio.start_server(say, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await Sender(LOOPBACK, "test").send(target(f"http://127.0.0.1:{port}/", LOOPBACK), b"{}", {})
        finally:
            server.close()

    sent = asyncio.run(run())
    assert not sent.is_taken
    assert sent.error


def test_a_name_that_nobody_knows() -> None:
    sent = asyncio.run(Sender((), "test").send(target("https://nothing.invalid/"), b"{}", {}))
    assert sent.error is not None
    assert sent.error.startswith("nothing.invalid isn't known")


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 5), (2, 10), (3, 20), (8, 640), (11, 5120), (12, 7200), (500, 7200)]
)
def test_waits_grow(tries: int, seconds: int) -> None:
    assert next_attempt(tries, NOW, NOW, 0) == NOW + timedelta(seconds=seconds)
    assert next_attempt(tries, NOW, NOW, 1) == NOW + timedelta(seconds=seconds * 0.75)


@given(st.floats(0, 1), st.integers(0, 2**32))
def test_it_ends_after_a_day(chance: float, seed: int) -> None:
    now: datetime | None = NOW
    tries = 0
    while now is not None:
        tries += 1
        last, now = now, next_attempt(tries, NOW, now, chance)
        assert now is None or FIRST * 0.75 <= now - last <= LONGEST
    assert last - NOW > GIVE_UP - LONGEST
    assert last - NOW <= GIVE_UP
    assert 20 < tries < 40


def _is_read(url: str) -> bool:
    try:
        target(url)
    except Refused:
        return False
    return True
