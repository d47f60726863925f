"""Which addresses a capture may reach: every way to write a forbidden one is refused."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.evidence.capture.addresses import AddressRules, check_url
from palermo.model import Refused, Unreadable

OPEN = AddressRules()

FORBIDDEN = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0",  # noqa: S104 - nothing is bound
    "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1", "255.255.255.255",
    "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
    "2002:a9fe:a9fe::", "::127.0.0.1", "2001:db8::1", "name.example", "",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_is_barred(address: str) -> None:
    assert OPEN.barred(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_a_public_address_is_not(address: str) -> None:
    assert OPEN.barred(address) == ""


@given(st.ip_addresses())
def test_no_address_that_the_library_calls_private_passes(
    address: IPv4Address | IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert OPEN.barred(str(address))


@given(st.ip_addresses(v=4))
def test_mapping_into_ipv6_hides_nothing(address: IPv4Address) -> None:
    if OPEN.barred(str(address)):
        for prefix in ("::ffff:0:0", "64:ff9b::", "::"):
            mapped = IPv6Address(int(IPv6Address(prefix)) | int(address))
            assert OPEN.barred(str(mapped))


def test_private_opens_all_and_also_opens_one() -> None:
    assert AddressRules(private=True).barred("169.254.169.254") == ""
    one = AddressRules(also=(ip_network("10.0.0.0/30"),))
    assert one.barred("10.0.0.1") == ""
    assert one.barred("10.0.0.4")


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("file:///etc/passwd", Refused, "`file:` is not captured"),
        ("data:text/html,x", Refused, "`data:` is not captured"),
        ("chrome://version", Refused, "`chrome:` is not captured"),
        ("javascript:alert(1)", Refused, "`javascript:` is not captured"),
        ("view-source:http://a.example", Refused, "not captured"),
        ("site.example/x", Refused, "without http"),
        ("http://name:word@site.example/", Refused, "user name or password"),
        ("http://name@site.example/", Refused, "user name or password"),
        ("http://@site.example/", Refused, "user name or password"),
        ("http:///x", Unreadable, "names no host"),
        ("http://site.example:0/", Unreadable, "names no host"),
        ("http://site.example:99999/", Unreadable, "not a web address"),
        ("http://site.example/a b", Unreadable, "no spaces"),
        ("http://site.example\\@evil.example/", Unreadable, "backslashes"),
        ("http://[::1/", Unreadable, "not a web address"),
        ("http://localhost/", Refused, "this machine or its own network"),
        ("http://a.localhost./", Refused, "this machine or its own network"),
        ("http://metadata.google.internal/", Refused, "this machine or its own network"),
        ("http://127.0.0.1/", Refused, "this machine itself"),
        ("http://169.254.169.254/latest", Refused, "link-local"),
        ("http://[fd00:ec2::254]/", Refused, "private or reserved"),
        ("http://abc.onion/", Refused, "--proxy socks5h://127.0.0.1:9050"),
    ],
)
def test_what_is_no_address_of_a_page_is_refused(
    url: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words.replace(".", r"\.")):
        check_url(url, OPEN, proxied=False)


def test_an_onion_service_passes_with_a_proxy_and_names_get_one_form() -> None:
    assert check_url("http://abc.onion/", OPEN, proxied=True).onion
    found = check_url("HTTPS://Bücher.example./x", OPEN, proxied=False)
    assert (found.host, found.port) == ("xn--bcher-kva.example", 443)
    assert found.origin == "https://xn--bcher-kva.example"


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    for url in (text, f"http://{text}"):
        try:
            found = check_url(url, OPEN, proxied=False)
        except (Refused, Unreadable):
            continue
        assert found.scheme in {"http", "https"}
        assert found.host.isascii()
        assert "@" not in url.split("/")[2]
