"""Profiles are data: what does not fit the core schema is refused with its place."""

from pathlib import Path

import pytest

from palermo.formats.goaml import core, parse_xml, profiles, read_profile
from palermo.formats.goaml.check import check
from palermo.formats.goaml.profile import profile_of
from palermo.formats.goaml.schema import elements
from palermo.model import Unreadable

HEAD = """palermo_goaml_profile: 1
profile: own
title: Own
version: "4.0"
source: made up
date: 2026-11-25
"""


def test_packaged_profiles_load_and_say_that_they_are_examples() -> None:
    assert profiles() == ("core-4.0", "core-5.0", "example-4", "example-5")
    for name in profiles():
        found = read_profile(name)
        assert found.version in {"4.0", "5.0"}
        assert found.example == name.startswith("example")


def test_each_version_has_what_the_other_has_and_more() -> None:
    old, new = core("4.0"), core("5.0")
    for name, parts in old.types.items():
        known = dict.fromkeys(one.name for one in elements(parts))
        later = dict.fromkeys(one.name for one in elements(new.types[name]))
        assert list(known) == [one for one in later if one in known]
    assert len(list(elements(new.types["t_person"]))) > len(list(elements(old.types["t_person"])))
    with pytest.raises(Unreadable, match=r"expected one of 4\.0, 5\.0"):
        core("6.0")


def test_a_profile_changes_what_counts(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        HEAD + 'occurs: {report: {reason: "1"}}\n'
        'patterns: {report.entity_reference: "[A-Z]{2}-[0-9]+"}\n'
        "lengths: {report.reason: 5..10}\nlists: {submission_type: {NO: On paper, 1: Else}}\n"
    )
    profile = read_profile(str(path))
    report = parse_xml(
        b"<report><submission_code>NO</submission_code><entity_reference>x</entity_reference>"
        b"<reason>1234</reason></report>"
    )
    told = {one.path: one.message for one in check(report, profile)}
    assert "of the form [A-Z]{2}-[0-9]+" in told["report/entity_reference"]
    assert "5 to 10 characters" in told["report/reason"]
    assert "report/submission_code" not in told  # NO is a code here, not a word for false


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("occurs: {report: {reasons: '1'}}", "no element or group `reasons`"),
        ("occurs: {reports: {reason: '1'}}", "no type `reports`"),
        ("occurs: {report: {reason: often}}", "occurs/report/reason"),
        ("patterns: {report.reason: '^a$'}", "patterns hold no"),
        ("patterns: {report.reason: '(?=a)'}", "patterns hold no"),
        ("patterns: {report.reason: '[9-+]'}", "not a pattern"),
        ("patterns: {report.reason: '('}", "not a pattern"),
        ("patterns: {report.because: a}", "no element `report.because`"),
        ("disabled: [report.because]", "no element `report.because`"),
        ("lists: {nothing_type: {A: b}}", "no element takes codes of `nothing_type`"),
        ("severity: {IBAN: fatal}", "severity/IBAN"),
        ("needs_raeson: [STR]", "needs_raeson"),
        ("profile: [", "not YAML"),
        ("a: *b", "not YAML"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(more: str, words: str) -> None:
    with pytest.raises(Unreadable, match=r"own\.yaml") as refused:
        profile_of(HEAD + more, "own.yaml")
    assert words in str(refused.value)


def test_an_unknown_profile_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="example-4, example-5"):
        read_profile("france")
    with pytest.raises(Unreadable, match="give its path"):
        read_profile(str(tmp_path / "none.yaml"))
    (tmp_path / "latin.yaml").write_bytes(HEAD.encode() + b"# \xe9\n")
    with pytest.raises(Unreadable, match="not UTF-8"):
        read_profile(str(tmp_path / "latin.yaml"))
