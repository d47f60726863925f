"""Addresses on the web and e-mail, plain and hidden; and words that only look like them."""

import pytest

from palermo.analysis.identifiers import extract_text


def values(text: str, *kinds: str) -> list[str]:
    found = extract_text(text)
    assert all(text[m.start : m.end] == m.raw for m in found)
    return [m.value for m in found if m.kind in kinds]


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.org",
        "<Anna@Example.ORG>",
        "mail:anna@example.org.",
        "anna＠example．org",
        "请发邮件至anna@example.org。",
        "anna (at) example (dot) org",
        "anna[at]example[dot]org",
        "anna(arroba)example.org",
        "anna at example dot org",
        "anna arroba example punto org",
        "anna arobase example point org",
        "anna собака example точка org",
        "anna {at} example.org",
        "anna @ example . org",
        "anna@example (dot) org",
        "ANNA AT EXAMPLE DOT ORG",
        "an\u200bna@example.org",
        "anna [@] example [.] org",
    ],
)
def test_email(text: str) -> None:
    assert values(f"Write: {text} today", "email") == ["anna@example.org"]
    assert values(f"Write: {text} today", "domain", "url") == []


@pytest.mark.parametrize(
    "text",
    [
        "look at example.org",
        "find us at example dot org",
        "the dot com bubble at work",
        "sprite@2x.png",
        "a@b",
        "x@@y.org",
        "user@localhost",
        "we meet at five at the dot on the map",
        "foo@bar..com",
        "@anna_jobs",
    ],
)
def test_no_email(text: str) -> None:
    assert values(text, "email") == []


@pytest.mark.parametrize(
    ("text", "url", "domain"),
    [
        (
            "https://WWW.Example.org/Jobs?id=1#top",
            "https://www.example.org/Jobs?id=1",
            "example.org",
        ),
        ("HTTP://EXAMPLE.ORG/", "http://example.org", "example.org"),
        ("(see https://example.org/a_(b)).", "https://example.org/a_(b)", "example.org"),
        ("http://example.com:80/x", "http://example.com/x", "example.com"),
        ("https://example.org/jobs。谢谢", "https://example.org/jobs", "example.org"),
        ("www.example.org/apply", "https://www.example.org/apply", "example.org"),
        ("hxxps://evil[.]example/x", "https://evil.example/x", "evil.example"),
    ],
)
def test_url(text: str, url: str, domain: str) -> None:
    assert values(text, "url") == [url]
    assert values(text, "domain") == [domain]


@pytest.mark.parametrize(
    "host", ["example.org", "jobs.example.co.uk", "www.example.com", "site-7.example", "пример.рф"]
)
def test_bare_domain(host: str) -> None:
    assert values(f"Visit {host}.", "domain") == [host.removeprefix("www.")]
    assert values(f"Visit {host}.", "url") == []


@pytest.mark.parametrize(
    "text",
    [
        "file.pdf node.js ASP.NET e.g. i.e. U.S.A. Ph.D.",
        "the end.Next one. now.It is",
        "see me.to work.in",
        "3.14 v2.x 12.05.2026",
        "Mr.Smith etc.etc",
        "photo.jpg",
        "10.30h a.m",
    ],
)
def test_no_domain(text: str) -> None:
    assert values(text, "domain", "url") == []


def test_links_name_more_than_themselves() -> None:
    assert values("wa.me/447700900123", "phone", "url", "domain") == [
        "wa.me",
        "https://wa.me/447700900123",
        "+447700900123",
    ]
    assert values("https://t.me/Anna_Jobs?x=1", "telegram") == ["anna_jobs"]
    assert values("https://t.me/joinchat/AAAAAE", "telegram") == []
    assert values("https://instagram.com/anna.k/", "instagram") == ["anna.k"]
    assert values("https://www.tiktok.com/@anna.tt", "tiktok") == ["anna.tt"]
    assert values("https://line.me/ti/p/~anna_l", "line") == ["anna_l"]
    assert values("https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv", "whatsapp") == [
        "AbCdEfGhIjKlMnOpQrStUv"
    ]
