"""A stamp is asked of a real authority; an answer to another question is refused."""

import time
from collections.abc import Iterator

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
from tests.evidence.authority import Authority, Server, openssl, serving

from palermo.evidence.timestamp import verify_stamp
from palermo.evidence.tsa import request_stamp
from palermo.model import Refused, Unreadable

DATA = b"a checkpoint"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with serving(authority) as server:
        yield server


def test_a_stamp_is_asked_and_verified(authority: Authority, server: Server) -> None:
    response = request_stamp(server.url, DATA, timeout=20)
    assert verify_stamp(response, DATA, roots=authority.roots, at=None).trusted
    query = authority.asked[-1]
    assert DATA not in query  # only its digest leaves the machine
    assert b"Nonce: 0x" in openssl("ts", "-query", "-in", _file(authority, query), "-text"), (
        "a nonce is asked for"
    )


def _file(authority: Authority, query: bytes) -> object:
    path = authority.folder / "asked.tsq"
    path.write_bytes(query)
    return path


def test_each_request_has_its_own_nonce(authority: Authority, server: Server) -> None:
    request_stamp(server.url, DATA, timeout=20)
    request_stamp(server.url, DATA, timeout=20)
    assert authority.asked[-1] != authority.asked[-2]


def test_an_older_answer_to_the_same_data_is_refused(authority: Authority, server: Server) -> None:
    old = request_stamp(server.url, DATA, timeout=20)
    server.told = 200, {}, old
    with pytest.raises(Refused, match="nonce differs"):
        request_stamp(server.url, DATA, timeout=20)


def test_an_answer_without_a_nonce_is_refused(authority: Authority, server: Server) -> None:
    query = TimestampRequestBuilder(DATA, HashAlgorithm.SHA256, nonce=False).build()
    server.told = 200, {}, authority.reply(query.as_bytes())
    with pytest.raises(Refused, match="nonce differs"):
        request_stamp(server.url, DATA, timeout=20)


def test_a_stamp_of_other_data_is_refused(authority: Authority, server: Server) -> None:
    server.told = 200, {}, authority.stamp(b"something else")
    with pytest.raises(Refused, match="other data"):
        request_stamp(server.url, DATA, timeout=20)


def test_an_authority_that_gives_none(authority: Authority, server: Server) -> None:
    path = authority.folder / "data"
    path.write_bytes(DATA)
    refusal = authority.reply(openssl("ts", "-query", "-data", path, "-sha1"))
    server.told = 200, {}, refusal
    with pytest.raises(Unreadable, match="did not give one: it does not know the digest"):
        request_stamp(server.url, DATA, timeout=20)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ((503, {}, b"busy"), "answers 503; try later"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "it moved to 'file:///etc/passwd'"),
        ((302, {"Location": "/elsewhere"}, b""), "it moved to '/elsewhere'"),
        ((307, {"Location": "http://127.0.0.1:1/"}, b""), "it moved to"),
        ((200, {}, b"<html>sign in to the network</html>"), "is no time stamp"),
        ((200, {}, b""), "is no time stamp"),
        ((200, {}, bytes(300 << 10)), "sends more than"),
        ((200, {"Content-Length": "100000"}, b"short"), "no time stamp|cannot be reached"),
    ],
)
def test_what_an_authority_may_answer_instead(
    server: Server, told: tuple[int, dict[str, str], bytes], why: str
) -> None:
    server.told = told
    with pytest.raises(Unreadable, match=why):
        request_stamp(server.url, DATA, timeout=20)


def test_an_authority_that_trickles_is_left(server: Server) -> None:
    server.pause = 0.2
    server.told = 200, {}, bytes(2_000)
    started = time.monotonic()
    with pytest.raises(Unreadable, match=r"in time|timed out"):
        request_stamp(server.url, DATA, timeout=1)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "tsa.example.org", ""])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(Unreadable, match="expected the address of an authority"):
        request_stamp(url, DATA, timeout=1)


def test_nobody_there_and_nothing_to_stamp() -> None:
    with pytest.raises(Unreadable, match="cannot be reached"):
        request_stamp("http://127.0.0.1:1/", DATA, timeout=2)
    with pytest.raises(Unreadable, match="nothing to stamp"):
        request_stamp("http://127.0.0.1:1/", b"", timeout=2)
    with pytest.raises(Unreadable, match="cannot be reached"):
        request_stamp("http://127.0.0.1:notaport/", DATA, timeout=2)
