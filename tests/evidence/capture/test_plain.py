"""Plain HTTP: the bytes as they came, and every way a server can be unpleasant."""

import gzip
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.capture.conftest import BRIEF
from tests.evidence.capture.site import (
    AT,
    CONTEXT,
    RULES,
    Names,
    Request,
    Site,
    SocksServer,
    certificate,
    serving,
)

from palermo.evidence.capture import Capture, Order, Upstream, collect
from palermo.evidence.capture.plain import unpack
from palermo.model import Refused, Unreadable

Orders = Callable[..., Order]
PAGE = (b"<title>A page</title><p>text", "text/html; charset=utf-8")


def plain(order: Order) -> Capture:
    found = collect(replace(order, method="plain"), CONTEXT, at=AT)
    assert isinstance(found, Capture)
    return found


def source(capture: Capture) -> bytes:
    return next(one.data for one in capture.files if one.item == "html-source")


def redirect(to: str, status: int = 302) -> Callable[[Request], None]:
    return lambda request: request.give(b"moved", status=status, Location=to)


def test_a_page_with_its_redirects(site: Site, order: Orders) -> None:
    site.routes |= {"/": redirect("/next"), "/next": redirect(site.url("/page", "b.example"), 301)}
    site.routes["/page"] = PAGE
    capture = plain(order(site.url("/#part")))
    record = capture.record
    assert record["url"]["final"] == site.url("/page", "b.example")
    assert [one["status"] for one in record["url"]["redirects"]] == [302, 301]
    assert record["url"]["redirects"][0]["location"] == "/next"
    assert record["page"]["title"] == "A page"
    assert record["response"]["address"] == "127.0.0.1"
    assert source(capture) == PAGE[0]
    assert {one["name"] for one in record["dns"]} == {"site.example", "b.example"}
    assert site.paths == ["/", "/next", "/page"]
    for _, _, headers in site.seen:
        assert not {"Cookie", "Referer", "Authorization"} & headers.keys()


def test_a_secure_page_shows_its_chain(tmp_path: Path, order: Orders) -> None:
    path = certificate(tmp_path, "site.example")
    with serving(Site({"/": PAGE}), certificate=path) as site:
        with pytest.raises(Unreadable, match="certificate verify failed"):
            plain(order(site.url(scheme="https")))
        capture = plain(order(site.url(scheme="https"), accept_invalid_tls=True))
    (shown,) = capture.record["tls"]
    assert not shown["verified"]
    assert [one["subject"] for one in shown["certificates"]] == [
        "CN=site.example", "CN=Test authority"
    ]  # fmt: skip
    pem = next(one.data for one in capture.files if one.item == "certificates")
    assert pem.count(b"BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/", "http://127.0.0.2:{port}/", "http://10.0.0.1/",
        "http://[::1]:{port}/", "http://localhost:{port}/", "file:///etc/passwd", "//127.0.0.3/",
        "http://u:p@site.example:{port}/page", "http://inside.example:{port}/", "data:text/html,x",
        "http://0x7f000002:{port}/", "http://2130706434:{port}/", "http://abc.onion/",
    ],
)  # fmt: skip
def test_a_redirect_is_judged_like_a_first_address(
    site: Site, order: Orders, names: Names, to: str
) -> None:
    names.known = {
        "inside.example": [("127.0.0.2",)],
        "0x7f000002": [("127.0.0.2",)],
        "2130706434": [("127.0.0.2",)],
    }
    site.routes |= {"/": redirect(to.format(port=site.port)), "/page": PAGE}
    with serving(Site({"/": PAGE}), address="127.0.0.2", port=site.port) as inside:
        with pytest.raises((Refused, Unreadable)):
            plain(order(site.url()))
        assert inside.seen == []
    assert site.paths == ["/"]


def test_redirects_without_end_are_ended(site: Site, order: Orders) -> None:
    site.routes["/"] = redirect("/")
    with pytest.raises(Refused, match="redirects in a row"):
        plain(order(site.url()))
    assert len(site.seen) == BRIEF.redirects + 1


def endless(request: Request) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"x" * 65536)


def test_a_body_without_end_is_cut(site: Site, order: Orders) -> None:
    site.routes["/"] = endless
    capture = plain(order(site.url()))
    assert BRIEF.body_bytes < len(source(capture)) <= BRIEF.body_bytes + (1 << 16)
    assert capture.record["exchanges"][0]["truncated"] == "length"
    assert "body-cut" in {one["code"] for one in capture.record["warnings"]}


def test_a_body_that_unpacks_without_end_is_cut(site: Site, order: Orders) -> None:
    bomb = gzip.compress(bytes(400 << 20), 9)
    site.routes["/"] = lambda request: request.give(bomb, Content_Encoding="gzip")
    capture = plain(order(site.url()))
    assert len(bomb) < 500_000
    assert len(source(capture)) == BRIEF.body_bytes
    assert capture.record["exchanges"][0]["truncated"] == "length"


def drip(request: Request) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while True:
        request.wfile.write(b".")
        time.sleep(0.1)


def drip_head(request: Request) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        request.wfile.write(b"X: y\r\n"[:1])
        time.sleep(0.1)


def test_a_slow_body_is_cut_and_a_slow_head_gives_up(site: Site, order: Orders) -> None:
    brief = replace(BRIEF, load_seconds=1.5)
    site.routes |= {"/": drip, "/head": drip_head}
    began = time.monotonic()
    capture = plain(order(site.url(), limits=brief))
    assert capture.record["exchanges"][0]["truncated"] == "time"
    assert 5 < len(source(capture)) < 20
    with pytest.raises(Unreadable, match="timed out"):
        plain(order(site.url("/head"), limits=brief))
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"junk", b"\x00" * 100, b"HTTP/1.1 200 OK", b"HTTP/9 999 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 500_000 + b"\r\n\r\n",
        b"HTTP/1.1 103 Early\r\n\r\n" * 50,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_said_in_one_sentence(
    site: Site, order: Orders, answer: bytes
) -> None:
    def give(request: Request) -> None:
        request.wfile.write(answer)
        request.close_connection = True

    site.routes["/"] = give
    with pytest.raises(Unreadable, match="no page came"):
        plain(order(site.url()))


def test_a_body_that_ends_early_is_kept_and_said(site: Site, order: Orders) -> None:
    def give(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        request.close_connection = True

    site.routes["/"] = give
    capture = plain(order(site.url()))
    assert source(capture) == b"only this"
    assert capture.record["exchanges"][0]["truncated"] == "disconnect"


def test_interim_answers_are_passed_over(site: Site, order: Orders) -> None:
    def give(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        request.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.give(b"<p>page")

    site.routes["/"] = give
    capture = plain(order(site.url()))
    assert capture.record["response"]["status"] == 200
    assert source(capture) == b"<p>page"


def test_an_error_page_is_a_page(site: Site, order: Orders) -> None:
    capture = plain(order(site.url("/none")))
    assert capture.record["response"]["status"] == 404
    assert source(capture) == b"nothing here"


def test_an_onion_service_through_a_proxy(site: Site, order: Orders, names: Names) -> None:
    site.routes["/"] = PAGE
    host = "b" * 56 + ".onion"
    with SocksServer(("127.0.0.1", site.port)).serving() as proxy:
        capture = plain(order(f"http://{host}/", proxy=Upstream("127.0.0.1", proxy.port)))
    assert proxy.asked == [(3, host, 80)]
    assert names.asked == []
    record = capture.record
    assert record["vantage"]["egress"] == "proxy"
    for item in ("remote-address", "dns", "collecting-address"):
        assert record["missing"][item]["code"] == "resolved-by-proxy"


def test_nothing_answers(order: Orders, names: Names) -> None:
    names.default = ()
    with pytest.raises(Unreadable, match="could not be resolved"):
        plain(order("http://site.example/"))
    with pytest.raises(Refused, match="this machine itself"):
        plain(order("http://127.0.0.9/", rules=RULES))


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "x-gzip", "", "GZIP "]))
def test_any_bytes_unpack_to_something(data: bytes, coding: str) -> None:
    body, cut = unpack(data, coding, 1000)
    assert len(body) <= max(1000, len(data))
    assert cut in {"", "length"}


@given(st.binary(max_size=500))
def test_codings_are_undone(data: bytes) -> None:
    machine = zlib.compressobj(wbits=-15)
    bare = machine.compress(data) + machine.flush()
    for coding, packed in (
        ("gzip", gzip.compress(data)), ("deflate", zlib.compress(data)), ("deflate", bare)
    ):  # fmt: skip
        assert unpack(packed, coding, 1000) == (data, "")
