"""Problems are told with their place, what was expected and what to do; sound reports have none."""

from pathlib import Path

import pytest

from palermo.formats.goaml import Node, check, parse_xml, read_profile
from palermo.formats.goaml.rules import RULES
from palermo.formats.reports import Issue, Severity

GOLDEN = Path(__file__).parent / "golden"


def golden() -> str:
    return (GOLDEN / "report-5.xml").read_text()


def told(text: str, profile: str = "example-5") -> tuple[Issue, ...]:
    return check(parse_xml(text.encode()), read_profile(profile))


def errors(text: str, profile: str = "example-5") -> dict[str, str]:
    return {
        one.rule: f"{one.path}: {one.message}"
        for one in told(text, profile)
        if one.severity is not Severity.NOTE
    }


def test_the_golden_report_is_sound() -> None:
    assert told(golden()) == ()


#: What is replaced in the golden report, by what, which rule says so, and where.
_BROKEN = (
    ("<amount_local>150.00", "<amount_local>-150.00", "AMOUNTS", "transaction[1]/amount_local"),
    ("GB82WEST12345698765432", "GB83WEST12345698765432", "IBAN", "to_account/iban"),
    ("<swift>ABCDXBXX", "<swift>ABCD1BXX", "BIC", "from_account/swift"),
    ("2026-03-01T22:10:00", "2027-03-01T22:10:00", "DATE-REPORT", "[1]/date_transaction"),
    ("<transactionnumber>t2", "<transactionnumber>t1", "NUMBERS", "report"),
    ("<indicator>MLLAY", "<indicator>THBSX", "INDICATORS", "report_indicators"),
    ("<reason>Rent", "<reason/><action>Rent", "REASON", "report/reason"),
    (
        "<foreign_currency_code>USD",
        "<foreign_currency_code>EUR",
        "FOREIGN",
        "from_foreign_currency",
    ),
    ("<foreign_amount>100.00", "<foreign_amount>900.00", "FOREIGN", "from_foreign_currency"),
    ("<opened>2026-01-02", "<opened>2026-06-02", "DATES", "to_account/date_balance"),
    ("<report_code>STR", "<report_code>SAR", "CONTENTS", "report/activity"),
    ("<ipv6>2001:db8::1", "<ipv6>2001:db8::1::2", "IPV6", "ip_address/ipv6"),
    ("_my_client>", ">", "CLIENT", "transaction"),
    ("<to_country>XB", "<to_country>xb", "VALUE", "to_country"),
    ("<transmode_code>ONLIN", "<transmode_code>NOPE", "VALUE", "transmode_code"),
    ("<submission_date>2026", "<submission_date>1026", "VALUE", "submission_date"),
)


@pytest.mark.parametrize(("old", "new", "rule", "path"), _BROKEN)
def test_each_rule_speaks(old: str, new: str, rule: str, path: str) -> None:
    text = golden().replace(old, new)
    if old.startswith("<reason"):
        text = text.replace("</reason>", "</action>")
    assert text != golden()
    found = errors(text)
    assert rule in found
    assert path in found[rule]


def test_every_rule_is_broken_above_or_below() -> None:
    assert {one.name for one in RULES} <= {rule for _, _, rule, _ in _BROKEN} | {"PARTIES"}
    one_party = (
        "<involved_parties><party><role>SENDR</role><account><swift>ABCDXBXX</swift>"
        "<account>1</account></account><country>XB</country></party></involved_parties>"
    )
    start = golden().index("<t_from>")
    end = golden().index("</t_to_my_client>") + len("</t_to_my_client>")
    assert "PARTIES" in errors(golden()[:start] + one_party + golden()[end:])


def test_a_missing_side_and_two_sides_are_told() -> None:
    start, end = golden().index("<t_from>"), golden().index("</t_from>") + len("</t_from>")
    side = golden()[start:end]
    assert "one of t_from_my_client, t_from" in errors(golden().replace(side, "", 1))["STRUCTURE"]
    two = golden().replace(side, side + side, 1)
    assert "stands 2 times" in errors(two)["STRUCTURE"]


def test_line_and_advice_are_in_the_words() -> None:
    (issue,) = told(golden().replace("<to_country>XB", "<to_country>x", 1))
    line = golden().splitlines().index("      <to_country>XB</to_country>") + 1
    assert str(issue).startswith(
        f"report/transaction[1]/t_to_my_client/to_country, line {line}: expected a code like"
    )
    assert "correct the value" in str(issue)


def test_unknown_elements_are_told_and_kept() -> None:
    text = golden().replace(
        "<transmode_code>", "<!-- why --><own_code>7</own_code><transmode_code>", 1
    )
    issues = told(text)
    assert {(one.rule, one.severity) for one in issues} == {
        ("UNKNOWN", Severity.ERROR),
        ("UNKNOWN", Severity.NOTE),
    }
    kept = parse_xml(text.encode()).first("transaction", "own_code")
    assert kept is not None
    assert kept.text == "7"


def test_an_element_of_a_later_version_is_named_so() -> None:
    found = errors(
        "<report><rentity_id>1</rentity_id><schema_version>5</schema_version></report>", "example-4"
    )
    assert "only 5.0 knows this element" in found["UNKNOWN"]


def test_a_disabled_element_is_told() -> None:
    text = golden().replace("<ssn>", "<mothers_name>X</mothers_name><ssn>")
    assert errors(text)["STRUCTURE"].endswith("mothers_name: is switched off in this profile")


def test_a_profile_weighs_rules() -> None:
    text = golden().replace("<foreign_amount>100.00", "<foreign_amount>900.00")
    weights = {
        one.rule: one.severity for one in check(parse_xml(text.encode()), read_profile("example-4"))
    }
    assert weights["FOREIGN"] is Severity.WARNING


def test_another_root_is_no_report() -> None:
    (issue,) = check(Node(name="reports"), read_profile("core-5.0"))
    assert issue.rule == "ROOT"
