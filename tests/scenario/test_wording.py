"""The wording is refused when it holds a figure or sign of its own, or a slot that is not there."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from palermo.model import Unreadable
from palermo.scenario.sirocco import wording as module
from palermo.scenario.sirocco.data import load
from palermo.scenario.sirocco.wording import LANGUAGES, wording


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_bank(language: str) -> None:
    words = wording(language)
    templates = [t.key for bank in words.rings.values() for t in bank]
    assert set(words.rings) == {"levante", "tramontana", "poniente"}
    templates += [t.key for t in words.innocent]
    assert len(templates) >= 20
    assert len(set(templates)) == len(templates)
    themes = load("cast.yaml")["hub_channels"]
    assert set(words.hubs) == set(themes)
    needed = set(load("cast.yaml")["single_channels"][language]) | set(load("cast.yaml")["wallets"])
    assert needed <= set(words.contacts)


def spoil(change: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch) -> None:
    data = copy.deepcopy(load("en.yaml"))
    change(data)
    monkeypatch.setattr(module, "load", lambda name: data if name == "en.yaml" else load(name))
    wording.__wrapped__("en")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Call 0161 and ask", "plain words"),
        ("Only for 500 euros", "plain words"),
        ("Write @somebody", "plain words"),
        ("See www.somewhere", "plain words"),
        ("Pay {gold} now", "no slot 'gold'"),
    ],
)
def test_bad_wording_is_named(text: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable, match=f"en.yaml: common.*{told}"):
        spoil(lambda data: data["common"].append(text), monkeypatch)


def test_a_contact_without_its_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable, match=r"contacts\.phone: 'Call us' needs one"):
        spoil(lambda data: data["contacts"]["phone"].append("Call us"), monkeypatch)
