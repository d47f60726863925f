"""Two people at the same moment, on a real PostgreSQL: one of them comes first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from tests.desks.cases.sirocco import AT, Investigated, let_in, person, signed_in
from tests.desks.cluster import Database

from palermo.desks.access import mandates
from palermo.desks.access.models import AuditEntry, Case, Membership, Person, Unit
from palermo.desks.cases.models import HandOver


class Parties:
    """A case without items, and people who are about to do the same thing.

    Rows of the case are made by its pages and read by the superuser: past the wall of the database,
    which shows them to nobody who was not named.
    """

    def __init__(self, database: Database, authority: bytes) -> None:
        self.database = database
        self.unit, self.other = (Unit.objects.create(name=name) for name in ("A", "B"))
        self.lead = person("lead", self.unit)
        self.case = Case.objects.create(
            reference="R-1", title="T", unit=self.unit, created_at=AT, created_by=self.lead
        )
        mandates.add(self.case, authority, by=self.lead, at=AT)
        let_in(self.case, self.lead, "lead")
        self.seconds = [person(f"second{n}", self.unit) for n in range(4)]
        for one in self.seconds:
            let_in(self.case, one, "second")

    def post(self, name: str, **fields: Any) -> None:
        """Send a form as the lead."""
        there = reverse(f"cases:{name}", args=[self.case.key])
        answer = signed_in(self.lead).post(there, fields)
        assert answer.status_code == 302

    def rows(self, query: str) -> list[Any]:
        with self.database.connect("superuser") as beside:
            return beside.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]

    def decision(self) -> int:
        self.post("propose", step="referral", reason="the texts agree")
        pk: int = self.rows("SELECT max(id) FROM cases_decision")[0][0]
        return pk


@pytest.fixture
def parties(postgres: Database, clock: Settings, investigated: Investigated) -> Parties:
    return Parties(postgres, (investigated.source / "authority.yaml").read_bytes())


def at_once(sends: list[Callable[[], Any]]) -> list[Any]:
    """Call all at the same moment, each in a thread with a connection of its own."""
    barrier = Barrier(len(sends))

    def one(send: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=30)
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(sends)) as pool:
        return list(pool.map(one, sends))


def sending(client: Client, there: str, **fields: Any) -> Callable[[], Any]:
    return lambda: client.post(there, fields)


def test_of_several_seconds_at_once_exactly_one_answers(parties: Parties) -> None:
    for _turn in range(3):
        pk = parties.decision()
        there = reverse("cases:second", args=[parties.case.key, pk])
        answers = at_once(
            [
                sending(signed_in(one), there, agreed="yes" if n % 2 else "no", reason=str(one))
                for n, one in enumerate(parties.seconds)
            ]
        )
        assert {one.status_code for one in answers} == {302}
        query = f"SELECT seconded_by_id, second_reason FROM cases_decision WHERE id = {pk}"  # noqa: S608
        ((who, reason),) = parties.rows(query)
        assert reason == str(Person.objects.get(pk=who))
        logged = AuditEntry.objects.filter(what="decision seconded", of=str(pk))
        assert [one.person_id for one in logged] == [who]


def test_an_undoing_and_a_second_at_once_leave_one_story(parties: Parties) -> None:
    pk = parties.decision()
    keys = [parties.case.key, pk]
    at_once(
        [
            sending(signed_in(parties.lead), reverse("cases:decision_undo", args=keys), reason="x"),
            sending(
                signed_in(parties.seconds[0]),
                reverse("cases:second", args=keys),
                agreed="yes",
                reason="y",
            ),
        ]
    )
    ((undone_by, agreed),) = parties.rows("SELECT undone_by_id, agreed FROM cases_decision")
    assert undone_by == parties.lead.pk
    # Whoever came second saw what the first had done: both on record, or the answer came too late.
    story = list(
        AuditEntry.objects.filter(of=str(pk), what__startswith="decision ", kind="alteration")
        .order_by("seq")
        .values_list("what", flat=True)
    )
    assert story == (["decision seconded", "decision undone"] if agreed else ["decision undone"])


def test_of_two_offers_at_once_one_stands(parties: Parties) -> None:
    others = [person(f"other{n}", parties.other) for n in range(2)]
    there = reverse("cases:hand_over", args=[parties.case.key])
    answers = at_once(
        [
            sending(signed_in(parties.lead), there, to_lead=one.pk, share="share", reason="r")
            for one in others
        ]
    )
    assert sorted(one.status_code for one in answers) == [302, 422]
    assert HandOver.objects.count() == 1


def test_a_case_is_taken_up_once(parties: Parties) -> None:
    lead: Person = person("theirs", parties.other)
    made = HandOver.objects.create(
        case=parties.case,
        by=parties.lead,
        at=AT,
        from_unit=parties.unit,
        to_unit=parties.other,
        to_lead=lead,
        share=False,
        reason="r",
    )
    there = reverse("cases:take_up", args=[made.pk])
    answers = at_once([sending(signed_in(lead), there, reason="r") for _ in range(3)])
    assert sorted(one.status_code for one in answers) == [302, 404, 404]
    assert Membership.objects.filter(person=lead).count() == 1
    assert HandOver.objects.get().state == "taken"


def test_a_permission_is_given_once(parties: Parties) -> None:
    parties.post(
        "claim_add",
        predicate="p",
        value="v",
        source="s",
        said_at="2026-11-20T10:00",
        standing="fact",
        category="other",
        reliability="A",
        information="1",
        handling="H2",
    )
    pk = parties.rows("SELECT id FROM cases_claim")[0][0]
    there = reverse("cases:claim_release", args=[parties.case.key, pk])
    answers = at_once(
        [sending(signed_in(parties.lead), there, way="export", reason="r") for _ in range(3)]
    )
    assert {one.status_code for one in answers} == {302}
    assert len(parties.rows("SELECT id FROM cases_release")) == 1
