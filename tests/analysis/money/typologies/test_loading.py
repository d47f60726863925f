"""The lists ship whole, say where they come from, and refuse what must not be."""

import shutil
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from palermo.analysis.money.typologies import (
    KERNELS,
    default_typologies,
    load_typologies,
    with_changes,
)
from palermo.model import Refused, Unreadable

LISTS = Path(str(files("palermo.analysis.money.typologies") / "lists"))


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """A copy of the lists that a test may spoil."""
    return Path(shutil.copytree(LISTS, tmp_path / "lists"))


def edit(path: Path, change: Any) -> None:
    document = yaml.safe_load(path.read_text("utf-8"))
    change(document)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")


def test_all_indicators_are_there(shared_data: Path) -> None:
    known = yaml.safe_load((shared_data / "finance" / "indicators.json").read_text("utf-8"))
    ours = {r.id for r in default_typologies().rules if r.group not in {"counter", "context"}}
    assert ours == {one["id"] for one in known}
    assert len(ours) == 68


def test_every_rule_runs_or_says_what_it_needs() -> None:
    for rule in default_typologies().rules:
        how = [rule.kernel, rule.sql, rule.needs or None]
        assert sum(one is not None for one in how) == 1, rule.id
        assert rule.sources
        assert all(one["date"] for one in rule.sources), rule.id
        if rule.runs:
            assert 0 < rule.weight < 1, rule.id
        if rule.kernel and rule.group != "context":
            assert rule.kernel in KERNELS, rule.id
    needing = {r.id for r in default_typologies().rules if not r.runs}
    assert needing == {"L03", "L10", "L13", "L14", "F07", "G11"}


def test_figures_from_memory_are_marked_so() -> None:
    assert all(one["unchecked"] for r in default_typologies().rules for one in r.sources)
    words = default_typologies().words
    assert words["unchecked"] is True


def test_names_are_our_own_words(shared_data: Path) -> None:
    known = yaml.safe_load((shared_data / "finance" / "indicators.json").read_text("utf-8"))
    theirs = {one["name"].lower() for one in known}
    assert not theirs & {rule.name.lower() for rule in default_typologies().rules}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Holder of a given nationality", None),
        ("Members of an ethnic group pay each other", None),
        ("Something quite harmless", "SELECT account, 1 AS value FROM acc WHERE citizenship = 'X'"),
        ("Something quite harmless", "SELECT account, 1 AS value FROM acc WHERE race = 'X'"),
    ],
)
def test_a_rule_on_origin_is_refused(lists: Path, name: str, words: str | None) -> None:
    def change(document: Any) -> None:
        rule = document["rules"][0]
        rule["name"] = name
        if words:
            rule |= {"sql": words, "parameters": {}}

    edit(lists / "sexual.yaml", change)
    with pytest.raises(Refused, match="origin or belief"):
        load_typologies(lists)


@pytest.mark.parametrize("role", ["possible-victim", "controller", "buyer", "facilitator"])
@pytest.mark.parametrize("action", ["close", "freeze", "block", "restrict", "exit", "Close"])
def test_a_step_that_shuts_an_account_is_refused(lists: Path, role: str, action: str) -> None:
    edit(
        lists / "roles.yaml",
        lambda d: d["roles"][role]["steps"].append({"action": action, "text": "Do it."}),
    )
    with pytest.raises(Refused, match="no alert asks to shut an account"):
        load_typologies(lists)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: r.update(id="Z01"), "Z01"),
        (lambda r: r.update(weight=1.0), "maximum"),
        (lambda r: r.pop("source"), "source"),
        (lambda r: r["source"].append({"work": "HEARSAY"}), "not in works.yaml"),
        (lambda r: r["parameters"].update(days="30"), "days"),
        (lambda r: r["parameters"].update(extra=1), "extra"),
        (lambda r: r.update(kernel="fan"), "S01|valid"),
        (lambda r: r.update(after=["S99"]), "S99"),
        (lambda r: r.update(lists=["passports"]), "passports"),
        (lambda r: r.update(speaks_to=["buyer"]), "counter rule"),
    ],
)
def test_a_spoilt_rule_is_refused_with_its_name(lists: Path, change: Any, says: str) -> None:
    edit(lists / "sexual.yaml", lambda document: change(document["rules"][0]))
    with pytest.raises(Unreadable, match=says):
        load_typologies(lists)


def test_one_id_twice(lists: Path) -> None:
    edit(lists / "sexual.yaml", lambda d: d["rules"].append(d["rules"][0]))
    with pytest.raises(Unreadable, match="twice"):
        load_typologies(lists)


def test_a_rule_file_changes_what_it_names_and_the_version() -> None:
    base = default_typologies()
    changed = with_changes(
        base,
        {"rules": {"S04": {"enabled": False}, "S05": {"parameters": {"hours": 24}, "weight": 0.2}}},
        name="rules.yaml",
    )
    assert not changed["S04"].on
    assert changed["S05"].parameters["hours"] == 24
    assert changed["S05"].parameters["days"] == base["S05"].parameters["days"]
    assert changed["S05"].weight == 0.2
    assert changed["S06"] == base["S06"]
    assert changed.version != base.version
    assert with_changes(base, {"rules": {}}, name="x").version == base.version


def test_a_rule_file_can_switch_all_others_off() -> None:
    only = with_changes(default_typologies(), {"default": "off", "rules": {"G01": {}}}, name="x")
    on = Counter(rule.group for rule in only.rules if rule.on)
    assert [r.id for r in only.rules if r.on and r.group not in {"counter", "context"}] == ["G01"]
    assert on["counter"] > 5


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"rules": []},
        {"rules": {"X99": {}}},
        {"rules": {"S01": {"parameters": {"nothing": 1}}}},
        {"rules": {"S01": {"parameters": {"days": 1.5}}}},
        {"rules": {"S01": {"parameters": {"days": True}}}},
        {"rules": {"S01": {"parameters": {"days": -1}}}},
        {"rules": {"S01": {"parameters": {"days": 10**30}}}},
        {"rules": {"S01": {"sql": "SELECT 1"}}},
        {"rules": {"S01": {"role": "controller"}}},
        {"rules": {"S01": {"weight": 2}}},
        {"rules": {"S01": {"enabled": "yes"}}},
        {"rules": {"S01": "off"}},
        {"rules": {}, "default": "perhaps"},
        {"rules": {}, "steps": {"possible-victim": ["close"]}},
    ],
)
def test_a_rule_file_with_anything_else_is_refused(document: Any) -> None:
    with pytest.raises(Unreadable, match=r"rules\.yaml"):
        with_changes(default_typologies(), document, name="rules.yaml")
