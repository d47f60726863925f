"""Pages that never end, in a browser: each capture ends in time, with what could be had."""

import gzip
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evidence.capture.conftest import BRIEF
from tests.evidence.capture.site import AT, CONTEXT, Names, Request, Site, png, serving
from tests.evidence.capture.test_plain import drip, endless, redirect
from tests.evidence.capture.test_rendered import codes, data, exchange, rendered

from palermo.evidence.capture import Order, collect
from palermo.model import Refused, Unreadable

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Orders = Callable[..., Order]
LONGEST = BRIEF.seconds + 20


@pytest.fixture(autouse=True)
def _in_time(chromium: str) -> "object":
    assert chromium
    began = time.monotonic()
    yield
    assert time.monotonic() - began < LONGEST


POPUP_LINK = (
    "const a = document.createElement('a'); a.href = '/popup'; a.target = '_blank'; "
    "document.body.append(a); setInterval(() => a.click(), 5)"
)


def page(body: str) -> tuple[bytes, str]:
    return f"<!doctype html><title>t</title><p>words {body}".encode(), "text/html"


def test_resources_without_end_are_cut_and_the_page_is_still_taken(
    site: Site, order: Orders
) -> None:
    bomb = gzip.compress(bytes(400 << 20), 9)
    site.routes |= {
        "/": page("<img src=/endless><img src=/drip><img src=/bomb><img src=/good.png>"),
        "/endless": endless,
        "/drip": drip,
        "/bomb": lambda request: request.give(bomb, "image/png", Content_Encoding="gzip"),
        "/good.png": (png(7), "image/png"),
    }
    capture = rendered(order(site.url()))
    assert exchange(capture, "/endless")["truncated"] == "length"
    assert exchange(capture, "/bomb")["truncated"] == "length"
    assert exchange(capture, "/drip")["truncated"] == "time"
    for name in ("/endless", "/bomb", "/drip"):
        assert exchange(capture, name)["size"] <= BRIEF.body_bytes + (1 << 20)
    assert exchange(capture, "/good.png")["size"] == len(png(7))
    assert "words" in data(capture, "visible-text").decode()
    assert data(capture, "screenshot")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_whose_connection_breaks_does_not_look_whole(
    site: Site, order: Orders, *, announced: bool
) -> None:
    def breaks(request: Request) -> None:
        length = "Content-Length: 5000\r\n" if announced else ""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n{length}\r\n"
        request.wfile.write(head.encode() + b"a{}" * 300)
        time.sleep(0.3)
        option = struct.pack("ii", 1, 0)
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        request.close_connection = True
        request.connection.close()

    site.routes |= {"/": page("<link rel=stylesheet href=/cut.css>"), "/cut.css": breaks}
    capture = rendered(order(site.url()))
    found = exchange(capture, "/cut.css")
    assert found["truncated"] == "disconnect" or found["error"]
    assert any("/cut.css" in one["url"] for one in capture.record["missing_resources"])


@pytest.mark.parametrize("kind", [endless, drip])
def test_a_page_that_is_itself_without_end_is_kept_as_far_as_it_came(
    site: Site, order: Orders, kind: Callable[[Request], None]
) -> None:
    site.routes["/"] = kind
    capture = rendered(order(site.url()))
    assert capture.record["response"]["status"] == 200
    assert exchange(capture, "/")["truncated"] in {"length", "time"}
    assert len(data(capture, "html-source")) > (BRIEF.body_bytes if kind is endless else 10)
    for item in ("screenshot", "dom", "pdf"):
        assert item in capture.record["missing"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("while (true) alert('again')", "dialog"),
        ("while (true) {}", "scripts-ended"),
        ("setInterval(() => { while (true) {} }, 0)", "scripts-ended"),
        ("setInterval(() => prompt('x'), 1)", "dialog"),
        ("setInterval(() => window.open('/popup'), 1)", None),
        (
            POPUP_LINK,
            None,
        ),
        ("for (;;) console.error('flood')", "console-error"),
        ("const more = () => { fetch('/x?' + Math.random()); setTimeout(more, 1) }; more()", None),
    ],
)
def test_scripts_without_end_are_ended_and_the_page_is_drawn(
    site: Site, order: Orders, script: str, code: str | None
) -> None:
    site.routes["/"] = page(
        f"<img src=/good.png><script>setTimeout(() => {{ {script} }}, 50)</script>"
    )
    site.routes["/good.png"] = (png(8), "image/png")
    capture = rendered(order(site.url(), limits=replace(BRIEF, requests=300)))
    if code:
        assert code in codes(capture)
    assert len(capture.record["warnings"]) < 1000
    assert "/popup" not in site.paths
    assert exchange(capture, "/good.png")["status"] == 200
    assert "words" in data(capture, "visible-text").decode()
    assert data(capture, "screenshot").startswith(b"\x89PNG")
    assert b"words" in data(capture, "dom")


def test_a_page_that_moves_on_without_end_is_held(site: Site, order: Orders) -> None:
    site.routes["/"] = page('<meta http-equiv="refresh" content="0; url=/?again">')
    capture = rendered(order(site.url()))
    assert site.paths.count("/?again") <= BRIEF.navigations
    assert "navigat" in str(capture.record["warnings"]) or "moved on" in str(
        capture.record["warnings"]
    )
    assert data(capture, "html-source")


def test_redirects_without_end_are_ended(site: Site, order: Orders) -> None:
    site.routes["/"] = redirect("/?x")
    with pytest.raises((Refused, Unreadable), match=r"redirects"):
        collect(order(site.url()), CONTEXT, at=AT)
    assert len(site.seen) <= BRIEF.redirects + 2


@pytest.mark.parametrize(
    "to", ["http://169.254.169.254/latest", "http://127.0.0.2/", "file:///etc/passwd"]
)
def test_a_redirect_inside_is_refused(site: Site, order: Orders, to: str) -> None:
    site.routes["/"] = redirect(to)
    with pytest.raises((Refused, Unreadable)) as caught:
        collect(order(site.url()), CONTEXT, at=AT)
    if to.startswith("http"):
        assert "link-local" in str(caught.value) or "this machine itself" in str(caught.value)


def test_a_name_that_moved_inside_after_the_check(site: Site, order: Orders, names: Names) -> None:
    names.known["moves.example"] = [("127.0.0.2",)]
    with serving(Site(), address="127.0.0.2", port=site.port) as inside:
        with pytest.raises(Unreadable, match="no page came"):
            collect(order(site.url(host="moves.example")), CONTEXT, at=AT)
        assert inside.seen == []


def test_a_script_that_leaves_for_the_inside_changes_nothing(site: Site, order: Orders) -> None:
    site.routes["/"] = page("<script>location = 'http://127.0.0.2/secret'</script>")
    capture = rendered(order(site.url()))
    assert capture.record["response"]["status"] == 200
    assert capture.record["url"]["final"] == site.url()
    assert any("127.0.0.2" in one["detail"] for one in capture.record["warnings"])


def test_a_download_is_refused_and_leaves_nothing(site: Site, order: Orders, scratch: Path) -> None:
    site.routes |= {
        "/": page("<script>setTimeout(() => { location = '/file' }, 50)</script>"),
        "/file": lambda request: request.give(
            b"MZ program",
            "application/octet-stream",
            Content_Disposition="attachment; filename=a.exe",
        ),
    }
    capture = rendered(order(site.url()))
    assert "download-refused" in codes(capture)
    assert capture.record["url"]["final"] == site.url()
    assert b"MZ program" not in b"".join(one.data for one in capture.files)
    assert list(scratch.iterdir()) == []
    with pytest.raises(Unreadable, match="a download"):
        collect(order(site.url("/file")), CONTEXT, at=AT)


def test_a_huge_document_is_not_written_out(site: Site, order: Orders) -> None:
    grow = "for (let i = 0; i < 60000; i++) document.body.append(document.createElement('b'))"
    site.routes["/"] = page(f"<script>{grow}</script>")
    capture = rendered(order(site.url(), limits=replace(BRIEF, page_nodes=20_000)))
    for item in ("dom", "mhtml", "pdf"):
        assert capture.record["missing"][item]["code"] == "over-limit"
    assert data(capture, "screenshot")


def test_a_page_without_end_downwards_is_drawn_to_the_limit(site: Site, order: Orders) -> None:
    site.routes["/"] = page("<div style='height: 900000px'></div>")
    limits = replace(BRIEF, page_pixels=3000)
    capture = rendered(order(site.url(), limits=limits))
    width, height = struct.unpack("!II", data(capture, "screenshot")[16:24])
    assert (width, height) == (1280, 3000)
    assert "screenshot-cut" in codes(capture)


def test_nothing_runs_on_after_a_capture(site: Site, order: Orders, scratch: Path) -> None:
    site.routes["/"] = page("<script>setInterval(() => fetch('/still'), 20)</script>")
    rendered(order(site.url()))
    asked = len(site.seen)
    time.sleep(0.5)
    assert len(site.seen) == asked
    assert list(scratch.iterdir()) == []
