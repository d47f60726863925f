"""What is written down, and who reads it: the officer all of it, people what is about them."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, DAY, opening, signed_in

from palermo.desks.access import audit, members
from palermo.desks.access.audit import Act, Kind, record
from palermo.desks.access.models import AuditEntry, Membership, Person
from palermo.desks.access.reading import PAGE


@pytest.fixture
def officer(world: World) -> Client:
    return signed_in(world["data-protection-officer"])


def acts(by: Person, number: int = 1, **more: object) -> list[AuditEntry]:
    values: dict[str, object] = {"kind": Kind.CONSULTATION, "what": "item", **more}
    return [
        record(Act(**values, of=str(n)), by=by, at=AT)  # type: ignore[arg-type]
        for n in range(number)
    ]


def test_every_look_has_person_case_purpose_and_page(world: World) -> None:
    opening(world["lead"], world.case)
    client = signed_in(world["lead"])
    client.get(reverse("cases:items", args=[world.case.key]))
    client.head(reverse("cases:items", args=[world.case.key]))
    looks = AuditEntry.objects.filter(kind="consultation")
    assert [(one.person, one.case, one.purpose, one.what) for one in looks] == [
        (world["lead"], world.case, "investigate", "items")
    ] * 2


def test_a_page_is_not_shown_when_the_look_cannot_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening(world["lead"], world.case)
    client = signed_in(world["lead"])
    client.raise_request_exception = False

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(audit, "_log", broken)
    page = client.get(reverse("cases:case", args=[world.case.key]))
    assert page.status_code == 500
    assert world.case.title not in page.content.decode()


def test_only_the_officer_reads_the_audit(world: World) -> None:
    for who in ("lead", "administrator", "registrar", "approver", "outsider"):
        client = signed_in(world[who])
        for name in ("audit", "anomalies", "audit_verify", "notices", "all_conflicts"):
            assert client.get(reverse(f"access:{name}")).status_code == 404, (who, name)
        assert client.post(reverse("access:audit_export")).status_code == 404
        assert AuditEntry.objects.filter(kind="refusal", person=world[who]).count() == 6


def test_reading_the_audit_is_in_the_audit(world: World, officer: Client) -> None:
    entry = acts(world["lead"])[0]
    officer.get(reverse("access:audit"), {"person": str(world["lead"].pk), "kind": "consultation"})
    officer.get(reverse("access:entry", args=[entry.seq]))
    officer.get(reverse("access:anomalies"))
    read = AuditEntry.objects.filter(person=world["data-protection-officer"]).order_by("seq")
    assert [one.what for one in read][1:] == ["audit", "audit entry", "unusual look-ups"]
    assert read[1].detail["person"] == str(world["lead"].handle)


def test_filters(world: World, officer: Client) -> None:
    lead, analyst = world["lead"], world["analyst"]
    acts(lead, 2, case=world.case)
    acts(analyst, 1, what="network")
    record(Act(kind=Kind.DISCLOSURE, what="package"), by=lead, at=AT - 2 * DAY)

    def found(**asked: str | int) -> list[str]:
        page = officer.get(reverse("access:audit"), asked)
        return [one.what for one in page.context["entries"]]

    assert found(person=analyst.pk) == ["network"]
    assert found(reference=world.case.reference) == ["item", "item"]
    assert found(reference="2099") == []
    assert found(kind="disclosure") == ["package"]
    assert found(what="netw") == ["network"]
    assert found(until="2026-02-28") == ["package"]
    assert found(since="2026-02-28", until="2026-02-28") == ["package"]
    assert "package" not in found(since="2026-03-01")
    page = officer.get(reverse("access:audit"), {"person": lead.pk})
    assert dict(page.context["totals"]) == {"consultation": 2, "disclosure": 1}
    bad = officer.get(reverse("access:audit"), {"since": "yesterday"})
    assert "Enter a valid date" in bad.content.decode()


def test_pages_of_the_audit_follow_on_each_other_without_gap(world: World, officer: Client) -> None:
    acts(world["lead"], PAGE + 5)
    asked: dict[str, int] = {"person": world["lead"].pk}
    first = officer.get(reverse("access:audit"), asked).context
    second = officer.get(
        reverse("access:audit"), {**asked, "before": int(first["following"])}
    ).context
    seqs = [one.seq for one in (*first["entries"], *second["entries"])]
    assert len(first["entries"]) == PAGE
    assert seqs == sorted(
        AuditEntry.objects.filter(person=world["lead"]).values_list("seq", flat=True), reverse=True
    )
    assert second["following"] is None
    for odd in ("-1", "x", "1e9", "٣"):
        assert officer.get(reverse("access:audit"), {"before": odd}).status_code == 200


def test_the_export_is_safe_filtered_and_itself_written_down(world: World, officer: Client) -> None:
    lead = world["lead"]
    evil = '=HYPERLINK("http://evil.example";"x")'
    acts(lead, 1, reason=evil, recipient="@SUM(A1)", case=world.case)
    acts(world["analyst"], 3)
    answer = officer.post(reverse("access:audit_export"), {"person": lead.pk})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = b"".join(answer).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["person"] for row in rows] == ["lead"]
    assert rows[0]["reason"] == f"'{evil}"
    assert rows[0]["recipient"] == "'@SUM(A1)"
    told = AuditEntry.objects.get(kind="disclosure", what="audit exported")
    assert told.detail["entries"] == 1
    assert told.detail["person"] == str(lead.handle)
    refused = officer.post(reverse("access:audit_export"), {"since": "yesterday"})
    assert refused.status_code == 400


def test_people_see_what_was_written_about_themselves_and_about_nobody_else(
    world: World,
) -> None:
    acts(world["lead"], 1, what="own look")
    acts(world["analyst"], 1, what="look of another")
    page = signed_in(world["lead"]).get(reverse("access:own_looks")).content.decode()
    assert "own look" in page
    assert "look of another" not in page


def test_asking_for_ones_own_name_is_noted_as_yes_and_never_in_words(world: World) -> None:
    lead = world["lead"]
    lead.full_name = "Inès Núñez"
    lead.save()
    opening(lead, world.case)
    client = signed_in(lead)
    there = reverse("cases:items", args=[world.case.key])
    for asked, yes in (("NUNEZ +39", True), ("inés nunez", True), ("ines", False), ("+39", False)):
        client.get(there, {"q": asked})
        entry = AuditEntry.objects.order_by("-seq")[0]
        assert entry.detail.get("own_name", False) is yes, asked
        assert asked not in str(vars(entry))


def test_unusual_look_ups_show_why_and_what_may_be_innocent(world: World, officer: Client) -> None:
    lead = world["lead"]
    lead.full_name = "Ines Ashgrove"
    lead.save()
    opening(lead, world.case)
    signed_in(lead).get(reverse("cases:items", args=[world.case.key]), {"q": "ashgrove"})
    for _ in range(6):
        signed_in(world["outsider"]).get(reverse("cases:case", args=[world.case.key]))
    page = officer.get(reverse("access:anomalies"))
    # What happens now counts from the next moment on.
    from palermo.desks.access.counting import unusual

    found = {one.rule.rule: one for one in unusual(at=AT + timedelta(minutes=1))}
    assert set(found) == {"own-name", "refusals"}
    assert found["own-name"].person == lead.pk
    assert found["refusals"].number == 6
    text = page.content.decode()
    assert "Why it is shown" in text
    assert "What may be innocent in it" in text


def test_a_membership_that_ended_is_followed_back_to_the_looks_before(world: World) -> None:
    from palermo.desks.access.counting import unusual

    analyst = world["analyst"]
    acts(analyst, 40, case=world.case)
    held = Membership.objects.get(person=analyst)
    members.remove(held, by=world["lead"], at=AT + timedelta(hours=5))
    (one,) = [
        each for each in unusual(at=AT + timedelta(hours=6)) if each.rule.rule == "before-leaving"
    ]
    assert (one.person, one.case, one.number) == (analyst.pk, world.case.pk, 40)
    members.add(world.case, analyst, "analyst", by=world["lead"], at=AT + timedelta(hours=5))
    assert not [
        each for each in unusual(at=AT + timedelta(hours=6)) if each.rule.rule == "before-leaving"
    ], "a changed role is no leaving"
