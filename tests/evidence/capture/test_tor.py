"""An onion service through a real Tor, on a private network of our own on loopback."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evidence.capture.site import AT, CONTEXT, Names, Site, png
from tests.evidence.capture.tor_network import available, tor_network

from palermo.evidence.capture import Capture, Order, Upstream, collect
from palermo.model import Unreadable

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.tor]


def test_a_page_of_an_onion_service(
    site: Site, names: Names, order: Callable[..., Order], chromium: str, tmp_path: Path
) -> None:
    assert chromium
    if not available():
        pytest.skip("no tor on PATH (Debian package tor)")
    site.routes |= {
        "/": (b"<!doctype html><title>Hidden</title><p>words<img src=/p.png>", "text/html"),
        "/p.png": (png(1), "image/png"),
    }
    with tor_network(tmp_path, site.port) as (host, port):
        proxy = Upstream("127.0.0.1", port)
        for method in ("plain", "rendered"):
            found = collect(order(f"http://{host}/", proxy=proxy, method=method), CONTEXT, at=AT)
            assert isinstance(found, Capture)
            assert found.record["page"]["title"] == "Hidden"
            assert found.record["vantage"]["egress"] == "proxy"
        wrong = "a" * 56 + ".onion"
        with pytest.raises(Unreadable, match="no page came"):
            collect(order(f"http://{wrong}/", proxy=proxy, method="plain"), CONTEXT, at=AT)
    assert {one for one, _, _ in site.seen} == {host}
    assert names.asked == []
