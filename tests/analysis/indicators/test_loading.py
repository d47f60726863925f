import shutil
from pathlib import Path

import pytest

from palermo.analysis.indicators import load_rules, packaged_lists
from palermo.model import Refused, Unreadable

GOOD = """\
group: X
title: A list for this test
rules:
  - id: X1.1
    version: 1
    status: live
    title: A rule for this test
    dimension: exploitation
    strength: weak
    polarity: for
    source: [{work: ILO11, section: "some section"}]
    rationale: Because this test needs a rule that is good.
    falsepositives: [nothing real]
    languages:
      en: {kept: ["passport kept"]}
      fr: {kept: ["passeport garde"]}
      es: {kept: ["pasaporte guardado"]}
    condition: kept
    examples:
      en: {should_match: [passport kept], should_not_match: [a]}
      fr: {should_match: [passeport gardé], should_not_match: [a]}
      es: {should_match: [pasaporte guardado], should_not_match: [a]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("words.yaml", "sources.yaml", "not_scored.yaml", "rule.schema.json"):
        shutil.copy(str(packaged_lists() / name), tmp_path / name)
    (tmp_path / "X_test.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_a_good_list_is_read(folder: Path) -> None:
    rules = load_rules(folder)
    assert [rule.id for rule in rules.rules] == ["X1.1"]
    assert rules.rules[0].sources[0].checked == "unchecked"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("strength: weak", "strength: fatal", "rule X1.1, field strength: 'fatal'"),
        ("version: 1", "version: one", "rule X1.1, field version"),
        ("    strength: weak\n", "", r"rule X1.1, field \(rule\): 'strength' is a required"),
        ("group: X", "group: XX", r"\(whole file\), field group"),
        ("id: X1.1", "id: Y1.1", "rule Y1.1, field id: expected it begins with X"),
        ("work: ILO11", "work: NOWHERE", "field source: expected NOWHERE in sources.yaml"),
        ("condition: kept", "condition: kept and lost", "they differ in lost"),
        ("condition: kept", "condition: kept +", "rule X1.1: condition 'kept"),
        ('["passport kept"]', '["(passport kept"]', "rule X1.1: phrase"),
        ("      fr: {kept:", "      de: {kept:", "field languages/fr: expected the lists kept"),
        (
            "should_match: [passeport gardé], ",
            "",
            "field examples/fr: expected a sentence under should_match",
        ),
        ("    condition: kept\n", "", "field .*'condition' is a dependency"),
        ("dimension: exploitation", "dimension: counter", "field dimension"),
        ("title: A list", "title: [A list", "X_test.yaml: not YAML"),
    ],
)
def test_errors_name_file_rule_field_and_what_was_expected(
    folder: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    (folder / "X_test.yaml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(Unreadable, match=said) as caught:
        load_rules(folder)
    assert "X_test.yaml" in str(caught.value)


def test_two_rules_cannot_share_an_id(folder: Path) -> None:
    (folder / "X_twin.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(Unreadable, match=r"X_twin.yaml, rule X1.1, field id"):
        load_rules(folder)


def test_a_rule_on_a_proxy_is_refused(folder: Path) -> None:
    bad = GOOD.replace("passport kept", "new in town")
    (folder / "X_test.yaml").write_text(bad, encoding="utf-8")
    with pytest.raises(Refused, match=r"X_test.yaml, rule X1.1: .*not_scored.yaml"):
        load_rules(folder)


@pytest.mark.parametrize("text", ["en: {no: [a]}\nfr: [b]", "[a]", "en: {x: word}", "en:"])
def test_shared_words_have_a_form(folder: Path, text: str) -> None:
    (folder / "words.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable, match=r"words.yaml, .*expected names"):
        load_rules(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "words.yaml").unlink()
    with pytest.raises(Unreadable, match=r"words.yaml: expected a readable UTF-8 file"):
        load_rules(folder)
