"""Handles need the name of a service; without "@" they need more than that."""

import pytest

from palermo.analysis.identifiers import extract_text

MESSENGERS = (
    "telegram",
    "wechat",
    "line",
    "viber",
    "signal",
    "instagram",
    "snapchat",
    "tiktok",
    "facebook",
    "vk",
)


def handles(text: str) -> list[tuple[str, str]]:
    found = extract_text(text)
    assert all(text[m.start : m.end].lower() == m.raw.lower() for m in found)
    return [(m.kind, m.value) for m in found if m.kind in MESSENGERS]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Telegram @Anna_Jobs", "telegram", "anna_jobs"),
        ("write on telegram: anna_jobs", "telegram", "anna_jobs"),
        ("@anna_jobs (Telegram)", "telegram", "anna_jobs"),
        ("@anna_jobs on Telegram", "telegram", "anna_jobs"),
        ("tg: @anna_jobs", "telegram", "anna_jobs"),
        ("TG anna_jobs", "telegram", "anna_jobs"),
        ("телеграм @anna_jobs", "telegram", "anna_jobs"),
        ("تيليجرام @anna_jobs", "telegram", "anna_jobs"),
        ("Te\u200blegram ＠anna_jobs", "telegram", "anna_jobs"),
        ("微信：mei_wang88", "wechat", "mei_wang88"),
        ("加微信mei_wang88", "wechat", "mei_wang88"),
        ("WeChat ID meiwang", "wechat", "meiwang"),
        ("WeChat group of newcomers: mei_wang88", "wechat", "mei_wang88"),
        ("ID LINE mei.w88", "line", "mei.w88"),
        ("Line ID: meiw", "line", "meiw"),
        ("IG: anna.k", "instagram", "anna.k"),
        ("Instagram @anna.k.", "instagram", "anna.k"),
        ("инста anna.k", "instagram", "anna.k"),
        ("Snap: annak99", "snapchat", "annak99"),
        ("سناب: annak99", "snapchat", "annak99"),
        ("TikTok @anna.tt", "tiktok", "anna.tt"),
        ("Signal: anna.42", "signal", "anna.42"),
        ("Usuario de Signal anna.042", "signal", "anna.042"),
        ("Viber: anna_k", "viber", "anna_k"),
        ("Facebook: anna.k.90", "facebook", "anna.k.90"),
        ("ВК: anna_vk", "vk", "anna_vk"),
    ],
)
def test_handles(text: str, kind: str, value: str) -> None:
    assert handles(text) == [(kind, value)]
    assert handles(f"Hello. {text}, today") == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "Nice photo @someone_here",
        "My telegram is down",
        "instagram stories and whatsapp only",
        "Telegram channel today",
        "the signal was weak, line: 3",
        "online line up",
        "WeChat pay accepted",
        "signal: strong",
        "Call the line: sales",
        "write to anna@example.org on Telegram",
        "Telegram: +44 7700 900123",
        "Telegram. Anna: yes",
        "Telegram: https://example.org/x",
    ],
)
def test_no_handles(text: str) -> None:
    assert handles(text) == []


def test_one_handle_of_two_services() -> None:
    assert sorted(handles("Instagram/TikTok: @anna.tt")) == [
        ("instagram", "anna.tt"),
        ("tiktok", "anna.tt"),
    ]


def test_each_handle_goes_to_its_own_service() -> None:
    assert handles("Telegram @anna_tg, Instagram @anna_ig") == [
        ("telegram", "anna_tg"),
        ("instagram", "anna_ig"),
    ]


def test_a_service_in_another_sentence_claims_nothing() -> None:
    assert handles("We love Telegram. Photo by @anna_jobs") == []
