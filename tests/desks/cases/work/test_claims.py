"""Claims: both distinctions of the law, handling codes that hold, victims before suspects."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.desks.cases.work.conftest import Desk

from palermo.desks.access.models import Case
from palermo.desks.cases.handling import Way, leaving
from palermo.desks.cases.models import Claim, Indication, Release, Task

CLAIM = {
    "predicate": "uses the number",
    "value": "+33 6 00 00 00 00",
    "source": "hotline",
    "said_at": "2026-11-20T10:00",
    "standing": "assessment",
    "category": "unknown",
    "reliability": "B",
    "information": "3",
    "handling": "H0",
}


def write(desk: Desk, who: str = "investigator", **changed: Any) -> Any:
    return desk.post(who, "claim_add", **(CLAIM | changed))


def test_a_claim_keeps_source_grading_standing_and_category(desk: Desk) -> None:
    key = desk.item().ident
    assert write(desk, subject="item", subject_key=key).status_code == 302
    claim = Claim.rows.get()
    assert (claim.source, claim.reliability, claim.information) == ("hotline", "B", "3")
    assert (claim.standing, claim.category, claim.handling) == ("assessment", "unknown", "H0")
    page = desk.text("analyst", "about", "item", key)
    for words in ("uses the number", "hotline", "B3", "somebody's assessment", "H0"):
        assert words in page
    detail = desk.logged("claim").detail
    assert detail == {"on": "item", "handling": "H0", "category": "unknown"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"standing": ""}, "standing"),
        ({"category": ""}, "category"),
        ({"category": "criminal"}, "category"),
        ({"source": ""}, "source"),
        ({"reliability": "Z"}, "reliability"),
        ({"handling": "H3"}, "restrictions"),
        ({"said_at": "2027-01-01T00:00"}, "said_at"),
        ({"said_at": "yesterday"}, "said_at"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_kept(
    desk: Desk, changed: dict[str, str], field: str
) -> None:
    answer = write(desk, **changed)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not Claim.rows.exists()


def test_the_database_itself_refuses_h3_without_words(desk: Desk) -> None:
    write(desk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.rows.update(handling="H3")


def test_a_claim_is_withdrawn_with_a_reason_and_stays(desk: Desk) -> None:
    write(desk)
    claim = Claim.rows.get()
    assert desk.post("analyst", "claim_withdraw", claim.pk, reason="x").status_code == 404
    assert desk.post("investigator", "claim_withdraw", claim.pk, reason="").status_code == 422
    desk.post("investigator", "claim_withdraw", claim.pk, reason="misheard")
    claim.refresh_from_db()
    assert claim.withdrawn_why == "misheard"
    assert claim.value == CLAIM["value"]
    page = desk.text("analyst", "claims")
    assert "<del>" in page
    assert "misheard" in page


def export(desk: Desk, who: str = "investigator") -> dict[str, Any]:
    answer = desk.post(who, "claims_export")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    found: dict[str, Any] = json.loads(answer.content)
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return sorted(one["handling"] for one in found["rows"])


def test_h2_and_h3_stay_out_of_an_export_and_it_says_how_many(desk: Desk) -> None:
    for code in ("H0", "H1", "H2", "H2", "H3"):
        write(desk, handling=code, restrictions="not to be named", value=f"value {code}")
    found = export(desk)
    assert codes(found) == ["H0", "H1"]
    assert found["held_back"] == {"H2": 2, "H3": 1}
    assert "value H2" not in json.dumps(found)
    entry = desk.logged("claims export")
    assert (entry.kind, entry.recipient) == ("disclosure", "Investigator")
    assert entry.detail == {"claims": 2, "held_back": 3, "as": "json"}


def test_the_table_says_what_was_held_back_and_no_cell_is_run(desk: Desk) -> None:
    write(desk, value="=1+1")
    write(desk, handling="H2", value="hidden words")
    answer = desk.post("investigator", "claims_export", **{"as": "csv"})
    text = answer.content.decode("utf-8-sig")
    assert "# held back by handling code,H2: 1" in text
    assert "'=1+1" in text
    assert "hidden words" not in text
    assert desk.post("investigator", "claims_export", **{"as": "exe"}).status_code == 404


def test_a_package_holds_back_h1_too(desk: Desk) -> None:
    for code in ("H0", "H1", "H2"):
        write(desk, handling=code)
    found = leaving(desk.sirocco.viewer(), desk.case, Way.PACKAGE)
    assert [one.handling for one in found.claims] == ["H0"]
    assert found.held_back == {"H1": 1, "H2": 1}


def test_only_a_lead_permits_one_way_at_a_time_and_can_take_it_back(desk: Desk) -> None:
    write(desk, handling="H2")
    claim = Claim.rows.get()
    permit = {"way": "export", "reason": "the source agreed"}
    assert desk.post("investigator", "claim_release", claim.pk, **permit).status_code == 403
    assert codes(export(desk)) == []
    assert desk.post("lead", "claim_release", claim.pk, way="fax", reason="x").status_code == 404
    assert desk.post("lead", "claim_release", claim.pk, way="export").status_code == 422
    desk.post("lead", "claim_release", claim.pk, **permit)
    desk.post("lead", "claim_release", claim.pk, **permit)
    assert Release.rows.count() == 1
    assert codes(export(desk)) == ["H2"]
    assert leaving(desk.sirocco.viewer(), desk.case, Way.PACKAGE).held == 1
    assert "the source agreed" in desk.text("analyst", "claims")
    desk.post("lead", "release_end", Release.rows.get().pk)
    assert codes(export(desk)) == []


def test_a_withdrawn_claim_leaves_by_no_way(desk: Desk) -> None:
    write(desk)
    desk.post("investigator", "claim_withdraw", Claim.rows.get().pk, reason="wrong")
    assert export(desk)["rows"] == []


def test_claims_of_another_case_are_neither_exported_nor_released(
    desk: Desk, foreign: Case
) -> None:
    claim = Claim.rows.create(
        case=foreign,
        by=desk.sirocco.people["analyst"],
        at=desk.sirocco.at,
        predicate="p",
        value="v",
        source="s",
        said_at=desk.sirocco.at,
        handling="H2",
    )
    assert export(desk)["rows"] == []
    for who, name in (("lead", "claim_release"), ("lead", "claim_withdraw")):
        assert desk.post(who, name, claim.pk, way="export", reason="x").status_code == 404
    assert desk.post("analyst", "claims_export").status_code == 403


def test_a_person_who_may_need_help_is_not_written_down_as_suspect_in_passing(desk: Desk) -> None:
    about = {"subject": "item", "subject_key": desk.item().ident}
    write(desk, category="victim", **about)
    answer = write(desk, category="suspect", **about)
    assert answer.status_code == 422
    assert "in_need" in answer.context["form"].errors
    assert not Task.rows.exists()
    assert write(desk, category="suspect", in_need="on", **about).status_code == 302
    # What was written before is not changed, and somebody has to look at it.
    assert sorted(Claim.rows.values_list("category", flat=True)) == ["suspect", "victim"]
    task = Task.rows.get()
    assert "victims are not punished" in task.text
    assert task.subject_key == about["subject_key"]


def test_a_text_in_which_somebody_asks_for_help_is_enough(desk: Desk) -> None:
    asking = Indication.rows.of(desk.case).filter(polarity="support").first()
    assert asking is not None, "the practice case has somebody who asks for help"
    about = {"subject": "item", "subject_key": asking.item.ident}
    assert write(desk, category="convicted", **about).status_code == 422
    assert write(desk, category="witness", **about).status_code == 302
