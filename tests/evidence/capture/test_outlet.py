"""The only way out: rebinding, proxies, and no name told to anybody but the proxy."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.capture.site import RULES, Names, Site, SocksServer

from palermo.evidence.capture.filter import FilteringProxy
from palermo.evidence.capture.outlet import Barred, Outlet
from palermo.evidence.capture.socks import Upstream, socks_accept, socks_connect
from palermo.model import Unreadable

ONION = "a" * 56 + ".onion"


def through(port: int, host: str, target: int) -> socket.socket:
    """Ask the filter for a connection, as a browser does."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=5)
    try:
        opened.sendall(b"\x05\x01\x00")
        assert opened.recv(2) == b"\x05\x00"
        name = host.encode()
        opened.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + target.to_bytes(2, "big"))
        reply = opened.recv(10)
    except BaseException:
        opened.close()
        raise
    if reply[1]:
        opened.close()
        raise PermissionError(reply[1])
    return opened


def test_a_name_that_moves_to_a_forbidden_address_is_caught(site: Site) -> None:
    names = Names({"moves.example": [("127.0.0.1",), ("127.0.0.2",), ("169.254.169.254",)]})
    outlet = Outlet(RULES, resolver=names)
    opened, made = outlet.open("moves.example", site.port)
    opened.close()
    assert made.address == "127.0.0.1"
    for reason in ("127.0.0.2 is this machine itself", "169.254.169.254 is link-local"):
        with pytest.raises(Barred, match=reason):
            outlet.open("moves.example", site.port)
    assert [one.addresses for one in outlet.answers] == [
        ("127.0.0.1",), ("127.0.0.2",), ("169.254.169.254",)
    ]  # fmt: skip
    assert [bool(one.refused) for one in outlet.connections] == [False, True, True]


def test_one_forbidden_address_among_public_ones_bars_the_name(site: Site) -> None:
    outlet = Outlet(RULES, resolver=Names({"mixed.example": [("127.0.0.1", "10.0.0.1")]}))
    with pytest.raises(Barred, match=r"10\.0\.0\.1"):
        outlet.open("mixed.example", site.port)


def test_an_onion_name_is_never_resolved_here(site: Site, names: Names) -> None:
    with pytest.raises(Barred, match="Tor"):
        Outlet(RULES, resolver=names).open(ONION, site.port)
    assert names.asked == []


def test_a_proxy_gets_the_name_and_nobody_else_does(site: Site, names: Names) -> None:
    with SocksServer(("127.0.0.1", site.port)).serving() as proxy:
        outlet = Outlet(RULES, Upstream("127.0.0.1", proxy.port), resolver=names)
        for host in (ONION, "site.example"):
            opened, made = outlet.open(host, 80)
            opened.close()
            assert made.via == f"socks5h://127.0.0.1:{proxy.port}"
            assert made.address == ""
    assert proxy.asked == [(3, ONION, 80), (3, "site.example", 80)]
    assert names.asked == []


def test_two_captures_do_not_share_a_circuit(site: Site) -> None:
    with SocksServer(("127.0.0.1", site.port)).serving() as proxy:
        for _ in range(2):
            outlet = Outlet(RULES, Upstream("127.0.0.1", proxy.port))
            for _ in range(2):
                outlet.open(ONION, 80)[0].close()
    assert proxy.words[0] == proxy.words[1] != proxy.words[2] == proxy.words[3]


@pytest.mark.parametrize("reply", [1, 4, 5, 0xF0])
def test_when_the_proxy_fails_nothing_is_tried_directly(
    site: Site, names: Names, reply: int
) -> None:
    made: list[object] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        made.append(address)
        return socket.create_connection(address, timeout)

    with SocksServer(("127.0.0.1", site.port), refuses=reply).serving() as proxy:
        upstream = Upstream("127.0.0.1", proxy.port)
        outlet = Outlet(RULES, upstream, resolver=names, connect=connect)
        with pytest.raises(OSError, match="socks5h"):
            outlet.open("site.example", site.port)
        assert made == [("127.0.0.1", proxy.port)]
    with pytest.raises(OSError, match=r".+"):  # the proxy is gone altogether
        outlet.open("site.example", site.port)
    assert made == [("127.0.0.1", proxy.port)] * 2
    assert names.asked == []
    assert site.seen == []


def test_a_number_inside_is_not_handed_to_the_proxy_either(site: Site) -> None:
    with SocksServer(("127.0.0.1", site.port)).serving() as proxy:
        outlet = Outlet(RULES, Upstream("127.0.0.1", proxy.port))
        for host in ("192.168.0.1", "localhost", "box.internal"):
            with pytest.raises(Barred):
                outlet.open(host, 80)
    assert proxy.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "socks5://127.0.0.1:9050", "socks4a://127.0.0.1:9050", "http://127.0.0.1:8080",
        "socks5h://127.0.0.1", "socks5h://localhost:9050", "socks5h://a:b@127.0.0.1:1", "",
        "127.0.0.1:9050", "socks5h://127.0.0.1:99999", "socks5h://[::1:9050",
    ],
)  # fmt: skip
def test_a_proxy_that_would_resolve_here_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="socks5h"):
        Upstream.parse(text)


def test_the_filter_lets_only_expected_hosts_pass(site: Site, names: Names) -> None:
    outlet = Outlet(RULES, resolver=names)
    with FilteringProxy(outlet, total_bytes=1 << 20, idle_seconds=5) as proxy:
        with pytest.raises(PermissionError):
            through(proxy.port, "site.example", site.port)
        assert names.asked == []
        proxy.expect("site.example", site.port)
        with through(proxy.port, "site.example", site.port) as opened:
            opened.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert b"404" in opened.recv(100)
        with pytest.raises(PermissionError):
            through(proxy.port, "site.example", site.port + 1)
        proxy.expect("inside.example", site.port)
        names.known["inside.example"] = [("127.0.0.2",)]
        with pytest.raises(PermissionError):
            through(proxy.port, "inside.example", site.port)
    refused = [one.refused for one in outlet.connections if one.refused]
    assert len(refused) == 3
    assert refused[-1] == "127.0.0.2 is this machine itself"


def test_the_filter_cuts_off_at_its_limit(site: Site, names: Names) -> None:
    site.routes["/"] = (bytes(300_000), "text/plain")
    outlet = Outlet(RULES, resolver=names)
    with FilteringProxy(outlet, total_bytes=100_000, idle_seconds=5) as proxy:
        proxy.expect("site.example", site.port)
        with through(proxy.port, "site.example", site.port) as opened:
            opened.sendall(b"GET / HTTP/1.0\r\n\r\n")
            received, ended = 0, ""
            while not ended:
                try:
                    piece = opened.recv(1 << 16)
                except ConnectionResetError:
                    ended = "reset"  # not an end that looks like the body's
                    continue
                received, ended = received + len(piece), "" if piece else "closed"
    assert ended == "reset"
    assert received <= 100_000
    assert "cut off" in outlet.connections[0].refused


def test_the_filter_survives_what_is_no_socks(site: Site, names: Names) -> None:
    outlet = Outlet(RULES, resolver=names)
    with FilteringProxy(outlet, total_bytes=1 << 20, idle_seconds=2) as proxy:
        proxy.expect("site.example", site.port)
        for junk in (b"", b"\x04\x01", b"\x05\x01\x02", b"\x05\x01\x00\x05\x02\x00\x01", b"GET /"):
            with socket.create_connection(("127.0.0.1", proxy.port)) as opened:
                opened.sendall(junk)
        with through(proxy.port, "site.example", site.port):
            pass


@given(st.binary(max_size=40))
def test_no_bytes_from_a_proxy_do_more_than_an_oserror(data: bytes) -> None:
    for work in (
        lambda opened: socks_connect(opened, "a.example", 80, Upstream("127.0.0.1", 1)),
        socks_accept,
    ):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            try:
                work(ours)
            except OSError:
                continue
