"""A page in a browser: everything it loads is recorded, and nothing else happens."""

import io
import json
import os
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.capture.conftest import BRIEF
from tests.evidence.capture.site import (
    AT,
    CONTEXT,
    RULES,
    Names,
    Site,
    SocksServer,
    certificate,
    png,
    serving,
)

from palermo.evidence.capture import Capture, Order, Screen, Upstream, collect
from palermo.model import Refused, Unreadable

pytestmark = pytest.mark.browser

Orders = Callable[..., Order]


def rendered(order: Order) -> Capture:
    found = collect(order, CONTEXT, at=AT)
    assert isinstance(found, Capture)
    assert found.record["method"] == "rendered"
    return found


def data(capture: Capture, item: str) -> bytes:
    return next(one.data for one in capture.files if one.item == item)


def codes(capture: Capture) -> set[str]:
    return {one["code"] for one in capture.record["warnings"]}


def exchange(capture: Capture, ending: str) -> dict[str, Any]:
    return next(one for one in capture.record["exchanges"] if one["url"].endswith(ending))


PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Une page</title>
<meta property="article:published_time" content="2026-01-02T03:04:05Z">
<script type="application/ld+json">{"datePublished": "2026-01-01"}</script>
<link rel="stylesheet" href="/style.css"></head>
<body><h1>Bonjour</h1><time datetime="2025-12-31">hier</time><img src="/picture.png">
<iframe src="http://other.example:PORT/frame"></iframe>
<script>
  const worker = new Worker('/worker.js');
  worker.onmessage = (event) => document.body.append('worker:' + event.data);
  fetch('/moved').then(answer => answer.text()).then(text => document.body.append(text));
  fetch('/none');
  console.error('something broke');
  Object.defineProperty(Document.prototype, 'title', {get: () => 'a lie'});
  Element.prototype.getAttribute = () => { throw new Error('no') };
</script></body></html>"""


@pytest.fixture(scope="module")
def taken(
    chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Capture, Site]]:
    assert chromium
    site = Site()
    with serving(site):
        site.routes |= {
            "/start": lambda request: request.give(b"", status=302, Location="/"),
            "/": (PAGE.replace("PORT", str(site.port)).encode(), "text/html"),
            "/style.css": (b"h1 { color: rgb(200, 0, 0) }", "text/css"),
            "/picture.png": (png(1), "image/png"),
            "/frame": (b"<p>in a frame<img src=/inner.png>", "text/html"),
            "/inner.png": (png(2), "image/png"),
            "/worker.js": (
                b"fetch('/by-worker').then(a => a.text()).then(t => postMessage(t))",
                "text/javascript",
            ),
            "/by-worker": (b"done", "text/plain"),
            "/moved": lambda request: request.give(b"", status=307, Location="/there"),
            "/there": lambda request: request.give(b"fetched", "text/plain", Set_Cookie="a=b"),
        }
        order = Order(
            url=site.url("/start"), rules=RULES, resolver=Names(), limits=BRIEF,
            screen=Screen(width=900, height=700, locale="fr-FR", time_zone="Europe/Paris"),
            persona="p-17", collector="K. Example",
        )  # fmt: skip
        yield rendered(order), site


def test_everything_the_page_loaded_is_recorded(taken: tuple[Capture, Site]) -> None:
    capture, site = taken
    for path in (
        "/start", "/", "/style.css", "/picture.png", "/frame", "/inner.png", "/worker.js",
        "/by-worker", "/moved", "/there", "/none",
    ):  # fmt: skip
        found = exchange(capture, path)
        assert found["status"], path
        assert found["address"] == "127.0.0.1"
    recorded = {one["url"].partition(str(site.port))[2] for one in capture.record["exchanges"]}
    assert set(site.paths) <= recorded


def test_the_renderings_show_the_page_after_its_scripts(taken: tuple[Capture, Site]) -> None:
    capture, _ = taken
    assert data(capture, "screenshot").startswith(b"\x89PNG")
    assert b"worker:done" in data(capture, "dom")
    assert b"fetched" in data(capture, "dom")
    assert b"<!DOCTYPE html>" in data(capture, "dom")
    assert "Bonjour" in data(capture, "visible-text").decode()
    assert data(capture, "pdf").startswith(b"%PDF")
    assert b"multipart/related" in data(capture, "mhtml")
    assert b"worker:done" not in data(capture, "html-source")


def test_the_record_says_how(taken: tuple[Capture, Site]) -> None:
    capture, site = taken
    record = capture.record
    assert record["url"]["final"] == site.url("/")
    assert [one["status"] for one in record["url"]["redirects"]] == [302]
    assert record["page"]["title"] == "Une page"
    assert {"2026-01-02T03:04:05Z", "2026-01-01", "2025-12-31"} <= {
        one["value"] for one in record["page"]["claimed_times"]
    }
    browser, screen = record["browser"], record["screen"]
    assert len(browser["sha256"]) == 64
    assert browser["version"].split(".")[0].isdecimal()
    assert browser["viewport"] == [900, 700]
    assert "Headless" not in screen["user_agent"]
    assert record["persona"] == "p-17"
    assert [one["media_type"] for one in record["media"]] == ["image/png"] * 2
    sent = {key.lower(): value for key, value in record["response"]["request_headers"]}
    assert sent["user-agent"] == screen["user_agent"]
    assert sent["accept-language"].startswith("fr-FR")
    assert [one["detail"] for one in record["warnings"] if one["code"] == "console-error"]
    assert any(one["url"].endswith("/none") for one in record["missing_resources"])
    assert set(record["missing"]) <= {
        "contextual-data", "collecting-address", "clock", "tls-chain", "embedded-metadata"
    }  # fmt: skip


def test_the_browser_says_nothing_to_its_maker(taken: tuple[Capture, Site]) -> None:
    capture, _ = taken
    through = [one for one in capture.record["connections"] if not one["refused"]]
    assert {one["host"] for one in through} == {"site.example", "other.example"}


def test_a_secure_page(chromium: str, tmp_path: Path, order: Orders) -> None:
    path = certificate(tmp_path, "site.example")
    with serving(Site({"/": (b"<title>s</title>", "text/html")}), certificate=path) as site:
        with pytest.raises(Unreadable, match="CERT_AUTHORITY_INVALID"):
            collect(order(site.url(scheme="https")), CONTEXT, at=AT)
        capture = rendered(order(site.url(scheme="https"), accept_invalid_tls=True))
    (shown,) = capture.record["tls"]
    assert shown["certificates"][0]["subject"] == "CN=site.example"
    assert data(capture, "certificates").count(b"BEGIN CERTIFICATE") == 2


def test_an_onion_service_through_a_proxy(
    chromium: str, site: Site, order: Orders, names: Names
) -> None:
    host = "c" * 56 + ".onion"
    site.routes |= {
        "/": (b"<title>o</title><img src='http://cdn.example/p.png'>", "text/html"),
        "/p.png": (png(3), "image/png"),
    }
    with SocksServer(("127.0.0.1", site.port)).serving() as proxy:
        capture = rendered(order(f"http://{host}/", proxy=Upstream("127.0.0.1", proxy.port)))
        with pytest.raises(Refused, match="through Tor only"):
            collect(order(f"http://{host}/"), CONTEXT, at=AT)
    assert {one for _, one, _ in proxy.asked} == {host, "cdn.example"}
    assert {kind for kind, _, _ in proxy.asked} == {3}
    assert names.asked == []
    assert exchange(capture, "/p.png")["status"] == 200


def test_when_the_proxy_fails_the_browser_reaches_nothing(
    chromium: str, site: Site, order: Orders, names: Names
) -> None:
    with SocksServer(("127.0.0.1", site.port), refuses=1).serving() as proxy:
        upstream = Upstream("127.0.0.1", proxy.port)
    with pytest.raises(Unreadable, match="no page came"):
        collect(order(site.url(), proxy=upstream), CONTEXT, at=AT)
    assert site.seen == []
    assert names.asked == []


HOSTILE = """<!doctype html><title>hostile</title>
<link rel="dns-prefetch" href="//prefetch.example"><link rel="preconnect" href="//connect.example">
<link rel="prefetch" href="http://127.0.0.2:PORT/prefetched">
<img src="http://169.254.169.254/latest/meta-data/"><img src="http://127.0.0.2:PORT/inside">
<img src="http://localhost:PORT/local"><img src="http://[::1]:PORT/six">
<img src="http://name:word@site.example:PORT/userinfo"><img src="/to-inside">
<img src="http://rebind.example:PORT/one">
<iframe src="http://127.0.0.2:PORT/frame"></iframe><iframe src="file:///etc/passwd"></iframe>
<a id="save" href="/file.zip" download>x</a>
<script>
  const note = (text) => document.body.append('[' + text + ']');
  setTimeout(() => { new Image().src = 'http://rebind.example:PORT/two' }, 300);
  fetch('http://10.0.0.1/').catch(() => note('fetch refused'));
  new Worker(URL.createObjectURL(new Blob([
    `fetch('http://127.0.0.2:PORT/by-worker').catch(() => postMessage('worker refused'))`
  ]))).onmessage = (event) => note(event.data);
  try { note(window.open('http://popup.example:PORT/popup') ? 'popup' : 'no popup') } catch (e) {}
  document.getElementById('save').click();
  for (const to of ['mailto:a@b.example', 'tel:123', 'intent://x', 'steam://run'])
    try { const frame = document.createElement('iframe'); frame.src = to;
          document.body.append(frame) } catch (e) {}
  navigator.serviceWorker?.register('/worker.js').catch(() => 0);
  navigator.permissions.query({name: 'geolocation'}).then(found => note('geo ' + found.state));
  navigator.geolocation.getCurrentPosition(() => note('geo given'), () => note('geo refused'));
  window.Notification?.requestPermission().then(found => note('notify ' + found));
  try { const socket = new WebSocket('ws://127.0.0.2:PORT/socket');
        socket.onclose = () => note('socket closed') } catch (e) {}
  const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:UDP'}]});
  peer.createDataChannel('x');
  peer.onicecandidate = (event) => event.candidate && note('ice ' + event.candidate.candidate);
  peer.createOffer().then(offer => peer.setLocalDescription(offer));
  navigator.sendBeacon('http://127.0.0.2:PORT/beacon', 'x');
  alert('one'); confirm('two');
  setTimeout(() => { location = 'file:///etc/passwd' }, 400);
  setTimeout(() => { location = 'chrome://version' }, 500);
  setTimeout(() => { location = 'data:text/html,x' }, 600);
  window.onbeforeunload = () => 'stay';
  note('all tried');
</script>"""


@pytest.fixture(scope="module")
def attacked(
    chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Capture, Site, Site, Names, list[bytes]]]:
    assert chromium
    site, inside = Site(closes=True), Site()
    names = Names({"rebind.example": [("127.0.0.1",), ("127.0.0.2",)]})
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stun, serving(site):
        stun.bind(("127.0.0.1", 0))
        stun.settimeout(0.1)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                try:
                    heard.append(stun.recv(2000))
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        page = HOSTILE.replace("PORT", str(site.port)).replace("UDP", str(stun.getsockname()[1]))
        inner = f"http://127.0.0.2:{site.port}/redirected"
        site.routes |= {
            "/": (page.encode(), "text/html"),
            "/to-inside": lambda request: request.give(b"", status=302, Location=inner),
            "/file.zip": (b"PK" + bytes(100), "application/zip"),
            "/worker.js": (b"1", "text/javascript"),
            "/one": (png(4), "image/png"),
            "/two": (png(5), "image/png"),
        }
        with serving(inside, address="127.0.0.2", port=site.port):
            order = Order(url=site.url(), rules=RULES, resolver=names, limits=BRIEF)
            capture = rendered(order)
            ended.set()
            thread.join()
            yield capture, site, inside, names, heard


Attacked = tuple[Capture, Site, Site, Names, list[bytes]]


def test_nothing_inside_is_reached_by_any_path(attacked: Attacked) -> None:
    capture, site, inside, _, _ = attacked
    assert inside.seen == []
    assert "/local" not in site.paths
    assert "/six" not in site.paths
    why = {one["url"]: one["error"] for one in capture.record["exchanges"] if one["error"]}
    for part in (
        "169.254.169.254", "/inside", "localhost", "[::1]", "/redirected", "/frame", "10.0.0.1",
        "/by-worker", "/beacon",
    ):  # fmt: skip
        reasons = [error for url, error in why.items() if part in url]
        assert reasons, part
        assert all("refused" in reason for reason in reasons), (part, reasons)


def test_a_rebinding_name_is_caught_at_its_second_connection(attacked: Attacked) -> None:
    capture, site, inside, _, _ = attacked
    assert "/one" in site.paths
    assert "/two" not in [*site.paths, *inside.paths]
    barred = [one["refused"] for one in capture.record["connections"] if "rebind" in one["host"]]
    assert "127.0.0.2 is this machine itself" in barred


def test_names_are_not_asked_for_ahead(attacked: Attacked) -> None:
    *_, names, _ = attacked
    assert set(names.asked) <= {"site.example", "rebind.example"}


def test_webrtc_sends_no_datagram_and_shows_no_address(attacked: Attacked) -> None:
    capture, *_, heard = attacked
    assert heard == []
    text = data(capture, "visible-text").decode()
    for one in text.split("["):
        if one.startswith("ice "):
            assert ".local" in one or "0.0.0.0" in one, one  # noqa: S104


def test_popups_downloads_prompts_and_other_schemes_come_to_nothing(attacked: Attacked) -> None:
    capture, site, *_ = attacked
    assert capture.record["url"]["final"] == site.url()
    text = data(capture, "visible-text").decode()
    for word in ("[geo denied]", "[geo refused]", "[fetch refused]", "[all tried]"):
        assert word in text
    assert "[worker refused]" in text
    assert "/popup" not in site.paths
    assert "/worker.js" not in site.paths
    assert "/userinfo" not in site.paths
    assert {"dialog", "request-refused"} <= codes(capture)
    assert b"root:" not in data(capture, "dom")


def test_third_parties_get_no_more_than_from_a_usual_browser(chromium: str, order: Orders) -> None:
    site, other = Site(), Site()
    with serving(site), serving(other):
        body = f"""<title>t</title><script>document.cookie = 'secret=1'</script>
        <img src="http://third.example:{other.port}/pixel?x">"""
        site.routes["/page"] = (body.encode(), "text/html")
        other.routes["/pixel"] = lambda request: request.give(
            png(6), "image/png", Set_Cookie="track=1"
        )
        rendered(order(site.url("/page?private=1")))
        rendered(order(site.url("/page?private=1")))
    pixels = [headers for _, path, headers in other.seen if path.startswith("/pixel")]
    assert len(pixels) == 2
    for headers in pixels:
        assert "Cookie" not in headers  # the second visit knows nothing of the first
        assert "Authorization" not in headers
        assert headers.get("Referer", "") in {"", site.url("/")}
    first = [headers for _, path, headers in site.seen if path.startswith("/page")]
    assert all("Cookie" not in headers and "Referer" not in headers for headers in first)


def test_the_archive_holds_what_came(taken: tuple[Capture, Site]) -> None:
    capture, _ = taken
    with zipfile.ZipFile(io.BytesIO(data(capture, "archive"))) as archive:
        assert archive.testzip() is None
        pages = archive.read("pages/pages.jsonl").decode().splitlines()
        assert json.loads(pages[1])["url"] == capture.record["url"]["final"]
        package = json.loads(archive.read("datapackage.json"))
        assert package["wacz_version"] == "1.1.1"
        assert package["mainPageUrl"] == capture.record["url"]["final"]


def test_no_browser_falls_back_and_says_so(
    site: Site, order: Orders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site.routes["/"] = (b"<title>t</title>", "text/html")
    monkeypatch.setenv("PATH", str(tmp_path))
    capture = collect(order(site.url()), CONTEXT, at=AT)
    assert isinstance(capture, Capture)
    assert capture.record["method"] == "plain"
    assert "no Chromium" in capture.record["method_note"]
    with pytest.raises(Unreadable, match="no Chromium"):
        collect(order(site.url(), method="rendered"), CONTEXT, at=AT)
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexit 3\n")
    os.chmod(fake, 0o755)  # noqa: PTH101, S103 - a program has to be executable
    with pytest.raises(Unreadable, match="did not start"):
        collect(order(site.url(), browser=str(fake)), CONTEXT, at=AT)
