"""Decisions: a person's reason, a second person where it is adverse, help before everything."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.desks.cases.sirocco import let_in, person, signed_in
from tests.desks.cases.work.conftest import Desk

from palermo.desks.access.models import AuditEntry, Case, Conflict, Membership
from palermo.desks.cases.models import Claim, Decision, Indication, Task
from palermo.desks.cases.steps import steps

WHY = "The texts and the number agree, and I read them all."
YES = {"agreed": "yes", "reason": "I looked at both sides."}
ADVERSE = [key for key, step in steps().steps.items() if step.adverse]


def propose(desk: Desk, who: str = "investigator", **fields: Any) -> Decision:
    given = {"step": "referral", "reason": WHY, "care": "shelter told"} | about(desk) | fields
    answer = desk.post(who, "propose", **given)
    assert answer.status_code == 302
    made: Decision = Decision.rows.order_by("-pk")[0]
    return made


def about(desk: Desk) -> dict[str, str]:
    return {"subject": "network", "subject_key": desk.network().key}


def fresh(decision: Decision) -> Decision:
    found: Decision = Decision.rows.get(pk=decision.pk)
    return found


@pytest.mark.parametrize("step", ADVERSE)
def test_an_adverse_step_waits_for_another_person(desk: Desk, step: str) -> None:
    made = propose(desk, step=step)
    assert made.needs_second
    assert made.state == "waits"
    assert desk.post("second", "second", made.pk, **YES).status_code == 302
    made = fresh(made)
    assert made.state == "holds"
    assert made.seconded_by == desk.sirocco.people["second"]
    assert (made.second_role, made.second_unit) == ("second", desk.case.unit)
    assert desk.logged("decision seconded").detail == {"agreed": True}


def test_support_needs_no_second_person_and_is_not_shown_as_adverse(desk: Desk) -> None:
    made = propose(desk, step="support", care="")
    assert made.state == "holds"
    page = desk.text("reader", "decision", made.pk)
    assert "affects a person" not in page
    assert not Task.rows.exists()
    assert "affects a person" in desk.text("reader", "decision", propose(desk).pk)


def test_what_is_indicated_and_what_speaks_against_it_stand_on_the_form_and_are_kept(
    desk: Desk,
) -> None:
    page = desk.text("investigator", "propose", **about(desk))
    assert "What speaks against it" in page
    assert "not findings about a person" in page
    made = propose(desk)
    kept = made.indicated
    facts = desk.network().facts["assessment"]
    for name in ("indicated", "open", "counter", "adult_pattern", "child_review"):
        assert kept[name] == facts[name]
    assert kept["items"] == desk.network().items
    assert kept["rules"]["for"]
    Indication.rows.of(desk.case).delete()
    assert fresh(made).indicated == kept
    page = desk.text("reader", "decision", made.pk)
    assert kept["rules"]["for"][0]["rule"] in page
    assert "Since then a run has changed what is indicated" in page


@pytest.mark.parametrize(
    "field", [{"reason": ""}, {"reason": "yes"}, {"step": "arrest"}, {"step": ""}]
)
def test_no_step_without_a_reason_in_words(desk: Desk, field: dict[str, str]) -> None:
    fields = {"step": "referral", "reason": WHY, "care": "x"} | about(desk) | field
    assert desk.post("investigator", "propose", **fields).status_code == 422
    assert not Decision.rows.exists()


@pytest.mark.parametrize("who", ["analyst", "second", "examiner", "reader"])
def test_roles_that_do_not_decide(desk: Desk, who: str) -> None:
    fields = {"step": "support", "reason": WHY} | about(desk)
    assert desk.post(who, "propose", **fields).status_code == 403
    assert not Decision.rows.exists()


@pytest.mark.parametrize("who", ["investigator", "analyst", "examiner", "reader"])
def test_roles_that_do_not_second(desk: Desk, who: str) -> None:
    made = propose(desk, "lead")
    assert desk.post(who, "second", made.pk, **YES).status_code == 403
    assert fresh(made).state == "waits"


def test_the_same_person_is_no_second_person_not_even_by_another_role(desk: Desk) -> None:
    made = propose(desk, "lead")
    let_in(desk.case, desk.sirocco.people["lead"], "second")
    desk.post("lead", "second", made.pk, **YES)
    assert fresh(made).state == "waits"
    refused = desk.logged("decision seconded")
    assert (refused.kind, refused.reason) == ("refusal", "same person")
    assert "It waits for another person than you." in desk.text("lead", "decision", made.pk)


def test_the_database_itself_refuses_the_same_person(desk: Desk) -> None:
    made = propose(desk, "lead")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.rows.filter(pk=made.pk).update(
            seconded_by=made.by, seconded_at=desk.sirocco.at, agreed=True
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.rows.filter(pk=made.pk).update(agreed=True)


def test_a_second_person_named_in_the_form_is_nobody(desk: Desk) -> None:
    forged = {"seconded_by": desk.sirocco.people["second"].pk, "agreed": "yes", "by": "1"}
    made = propose(desk, "lead", **forged)
    assert (made.state, made.seconded_by, made.by) == ("waits", None, desk.sirocco.people["lead"])
    desk.post("lead", "second", made.pk, **(YES | forged))
    assert fresh(made).state == "waits"


def test_a_second_person_with_a_conflict_or_no_membership_any_more(desk: Desk) -> None:
    made = propose(desk)
    second = desk.sirocco.people["second"]
    conflict = Conflict.objects.create(
        person=second, case=desk.case, reason="x", declared_at=desk.sirocco.at, declared_by=second
    )
    assert desk.post("second", "second", made.pk, **YES).status_code == 404
    conflict.lifted_at = desk.sirocco.at
    conflict.save()
    Membership.objects.filter(person=second).update(until=desk.sirocco.at - timedelta(hours=1))
    assert desk.post("second", "second", made.pk, **YES).status_code == 404
    assert fresh(made).state == "waits"


def test_an_answer_is_given_once(desk: Desk) -> None:
    made = propose(desk)
    desk.post("second", "second", made.pk, agreed="no", reason="not enough")
    desk.post("lead", "second", made.pk, **YES)
    made = fresh(made)
    assert made.state == "refused"
    assert made.seconded_by == desk.sirocco.people["second"]
    assert "not enough" in desk.text("reader", "decision", made.pk)


@pytest.mark.parametrize("field", [{"agreed": ""}, {"agreed": "maybe"}, {"reason": ""}])
def test_an_answer_needs_both_word_and_reason(desk: Desk, field: dict[str, str]) -> None:
    made = propose(desk)
    assert desk.post("second", "second", made.pk, **(YES | field)).status_code == 422
    assert fresh(made).state == "waits"


def test_a_decision_is_undone_with_a_reason_and_stays(desk: Desk) -> None:
    made = propose(desk)
    desk.post("second", "second", made.pk, **YES)
    assert desk.post("analyst", "decision_undo", made.pk, reason="x").status_code == 403
    assert desk.post("investigator", "decision_undo", made.pk, reason="").status_code == 422
    desk.post("investigator", "decision_undo", made.pk, reason="new facts")
    made = fresh(made)
    assert (made.state, made.agreed) == ("undone", True)
    desk.post("lead", "second", made.pk, agreed="no", reason="late")
    assert fresh(made).agreed is True
    assert "new facts" in desk.text("reader", "decision", made.pk)
    assert AuditEntry.objects.filter(what="decision undone").count() == 1
    desk.post("lead", "decision_undo", made.pk, reason="again")
    assert AuditEntry.objects.filter(what="decision undone").count() == 1


def asking(desk: Desk) -> dict[str, str]:
    """Return the fields of an item in which somebody asks for help."""
    row = Indication.rows.of(desk.case).filter(polarity="support").select_related("item")[0]
    return {"subject": "item", "subject_key": row.item.ident}


def test_where_somebody_asks_for_help_an_adverse_step_says_what_is_done_for_them(
    desk: Desk,
) -> None:
    page = desk.text("investigator", "propose", **asking(desk))
    assert "Somebody asks for help: this comes first" in page
    fields = {"step": "referral", "reason": WHY} | asking(desk)
    answer = desk.post("investigator", "propose", **fields)
    assert answer.status_code == 422
    assert "care" in answer.context["form"].errors
    made = propose(desk, **asking(desk))
    assert (made.care, made.follows) == ("shelter told", False)
    assert "victims are not punished" in Task.rows.get().text
    assert propose(desk, step="support", care="", **asking(desk)).follows is True
    assert Task.rows.count() == 1


def test_a_victim_written_down_by_a_person_counts_as_asking_for_help(desk: Desk) -> None:
    item = {"subject": "item", "subject_key": desk.item().ident}
    claim = Claim.rows.create(
        case=desk.case,
        **item,
        by=desk.sirocco.people["analyst"],
        at=desk.sirocco.at,
        predicate="p",
        value="v",
        source="s",
        said_at=desk.sirocco.at,
        category="victim",
    )
    made = propose(desk, step="support", **item)
    assert made.indicated["support_first"]
    claim.refresh_from_db()
    assert claim.category == "victim"


def test_things_and_decisions_of_another_case(desk: Desk, foreign: Case) -> None:
    fields = {"step": "support", "reason": WHY, "subject": "network", "subject_key": "n-foreign"}
    assert desk.post("lead", "propose", **fields).status_code == 404
    there = reverse("cases:propose", args=[foreign.key])
    outsider = signed_in(person("colleague"))
    assert outsider.post(there, {"step": "support", "reason": WHY}).status_code == 404
    desk.sirocco.client("analyst").post(there, {"step": "referral", "reason": WHY, "care": "c"})
    theirs = Decision.rows.get(case=foreign)
    for name, more in (("second", YES), ("decision_undo", {"reason": "x"})):
        assert desk.post("lead", name, theirs.pk, **more).status_code == 404
    assert desk.get("lead", "decision", theirs.pk).status_code == 404
    assert fresh(theirs).state == "waits"


def test_what_waits_for_a_second_person_stands_on_their_first_page(desk: Desk) -> None:
    propose(desk)
    heading = "Waits for you as second person"
    assert heading in desk.text("second", "case")
    assert heading in desk.text("lead", "case")
    assert heading not in desk.text("investigator", "case")
    assert heading not in desk.text("reader", "case")


def test_agreement_is_counted_by_unit_and_role(desk: Desk) -> None:
    made = propose(desk, step="nothing", care="")
    referral = propose(desk, "lead")
    desk.post("second", "second", referral.pk, agreed="no", reason="not enough")
    page = desk.get("reader", "oversight")
    found = {(one.what, one.role): one for one in page.context["rates"]}
    expected = {True: (1, 0), False: (0, 1), None: (0, 0)}
    mine, theirs = found["decision", "investigator"], found["second", "second"]
    assert (mine.agreed, mine.departed) == expected[made.follows]
    assert (theirs.agreed, theirs.departed) == (0, 1)
    assert all(one.unit == desk.case.unit.name for one in found.values())
    text = page.content.decode()
    assert "fewer than 20: says little" in text
    everywhere = desk.sirocco.client("outsider").get(reverse("cases:oversight_everywhere"))
    assert list(everywhere.context["rates"]) == []
    everywhere = desk.sirocco.client("lead").get(reverse("cases:oversight_everywhere"))
    assert everywhere.context["rates"] == page.context["rates"]
