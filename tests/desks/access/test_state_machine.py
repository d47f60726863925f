"""Openings, emergencies, conflicts, members, authorities and time, in any order, against a model.

The model is a few sets and dictionaries and knows nothing of the database: it says from the rules,
as a person would read them, who may do what. After every step the one function says the same.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from tests.desks.access.world import AT, case, mandate, opening, person, seen_by

from palermo.desks.access import conflicts, emergencies, mandates, members
from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case, Conflict, Emergency, Mandate, Membership, Opening
from palermo.model import Refused

WHO = st.integers(0, 3)
#: The first two are approvers; the last keeps the case and is never chosen to leave it.
PEOPLE, KEEPER = 4, 4
ROLES = st.sampled_from(sorted(duties().roles))
#: Beside reading, one of these is asked about after each step, in turn.
OTHERS = ("see", "note", "members", "export")
MINUTES = st.sampled_from([1, 1, 10, 30, 59, 60, 61, 300, 600])


@dataclass(slots=True)
class Known:
    """What the model knows of one person."""

    role: str | None = None
    until: datetime | None = None
    open_until: datetime | None = None
    open_under: int = -1
    conflicted: bool = False
    emergency_until: datetime | None = None


@dataclass(slots=True)
class Model:
    """Who may do what, said once more and simply."""

    people: list[Known] = field(default_factory=lambda: [Known() for _ in range(PEOPLE + 1)])
    withdrawn: set[int] = field(default_factory=set)
    closed: bool = False

    def may(self, who: int, action: str, at: datetime) -> bool:
        one = self.people[who]
        if one.conflicted:
            return False
        urgent = one.emergency_until is not None and at < one.emergency_until
        if urgent and action in {"see", "read", "search"}:
            return True
        member = one.role is not None and (one.until is None or at < one.until)
        if not member or one.role is None or action not in duties().roles[one.role]:
            return False
        if self.closed and action not in {"see", "read", "search", "members", "close"}:
            return False
        if action in {"see", "members"}:
            return True
        return (
            one.open_until is not None
            and at < one.open_until
            and one.open_under not in self.withdrawn
        )

    def leads(self, *, without: int = -1) -> int:
        return sum(
            1
            for number, one in enumerate(self.people)
            if number != without and one.role == "lead" and one.until is None and not one.conflicted
        )


class Access(RuleBasedStateMachine):
    """The real thing and the model, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.at = AT
        self.model = Model()
        names = [("p0", "approver"), ("p1", "approver"), ("p2",), ("p3",), ("keeper",)]
        self.people = [person(*one) for one in names]
        self.case: Case = case(by=self.people[KEEPER])
        self.papers = [mandate(self.case, number=number) for number in range(2)]
        self.asked: list[tuple[int, datetime, Emergency]] = []
        members.name_lead(self.case, self.people[KEEPER], by=self.people[KEEPER], at=self.at)
        self.model.people[KEEPER].role = "lead"
        self.steps = 0
        # Something to lose from the first step on.
        for who, role in enumerate(("investigator", "lead", "analyst")):
            self.let_in(who, role, None)
            self.open_the_case(who, 0)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    def held(self, who: int) -> Membership | None:
        return members.current(self.case, at=self.at).filter(person=self.people[who]).first()

    @rule(minutes=MINUTES)
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(who=WHO, role=ROLES, minutes=st.one_of(st.none(), MINUTES))
    def let_in(self, who: int, role: str, minutes: int | None) -> None:
        until = None if minutes is None else self.at + timedelta(minutes=minutes)
        one = self.model.people[who]
        is_member = one.role is not None and (one.until is None or self.at < one.until)
        refused = is_member or one.conflicted
        try:
            members.add(
                self.case,
                self.people[who],
                role,
                by=self.people[KEEPER],
                at=self.at,
                until=until,
            )
        except Refused:
            assert refused
        else:
            assert not refused
            one.role, one.until = role, until

    @rule(who=st.integers(0, KEEPER), role=ROLES)
    def give_another_role(self, who: int, role: str) -> None:
        found, one = self.held(who), self.model.people[who]
        if found is None:
            return
        left = self.model.leads(without=who)
        allowed = left > 0 or (role == "lead" and not one.conflicted)
        try:
            members.change(found, role, None, by=self.people[KEEPER], at=self.at)
        except Refused:
            assert not allowed
        else:
            assert allowed
            one.role, one.until = role, None

    @rule(who=st.integers(0, KEEPER))
    def take_out(self, who: int) -> None:
        found, one = self.held(who), self.model.people[who]
        if found is None:
            return
        allowed = self.model.leads(without=who) > 0
        try:
            members.remove(found, by=self.people[KEEPER], at=self.at)
        except Refused:
            assert not allowed
        else:
            assert allowed
            one.role, one.open_until = None, None

    @rule(who=WHO, paper=st.integers(0, 1))
    def open_the_case(self, who: int, paper: int) -> None:
        problem = mandates.covers(self._fresh(paper), at=self.at)
        assert bool(problem) == (paper in self.model.withdrawn)
        if problem or self.case.reference not in seen_by(self.people[who], "see", self.at):
            return
        opening(self.people[who], self.case, self.papers[paper], at=self.at)
        ends, one = self.at + timedelta(hours=10), self.model.people[who]
        # The later of two openings counts, whatever they were made under.
        one.open_until, one.open_under = ends, paper
        Opening.objects.filter(person=self.people[who]).exclude(
            mandate=self.papers[paper], ends=ends
        ).update(closed_at=self.at)

    def _fresh(self, paper: int) -> Mandate:
        return Mandate.objects.get(pk=self.papers[paper].pk)

    @rule(paper=st.integers(0, 1))
    def withdraw(self, paper: int) -> None:
        try:
            mandates.withdraw(self.papers[paper], "set aside", by=self.people[KEEPER], at=self.at)
        except Refused:
            assert paper in self.model.withdrawn
        self.model.withdrawn.add(paper)

    @rule(who=WHO)
    def declare(self, who: int) -> None:
        one, somebody = self.model.people[who], self.people[who]
        try:
            conflicts.declare(self.case, somebody, "r", by=somebody, at=self.at)
        except Refused:
            assert one.conflicted
        one.conflicted, one.open_until = True, None

    @rule(who=WHO, by=st.integers(0, KEEPER))
    def lift(self, who: int, by: int) -> None:
        found = Conflict.objects.filter(person=self.people[who], lifted_at=None).first()
        one = self.model.people[who]
        assert (found is not None) == one.conflicted
        if found is None:
            return
        try:
            conflicts.lift(found, "r", by=self.people[by], at=self.at)
        except Refused:
            assert by == who
        else:
            assert by != who
            one.conflicted = False

    @rule(who=WHO, known=st.sampled_from([True, True, True, False]))
    def ask(self, who: int, known: bool) -> None:
        reference = self.case.reference if known else "2099-1"
        lately = sum(1 for w, at, _ in self.asked if w == who and at > self.at - timedelta(hours=1))
        try:
            made = emergencies.ask(reference, "r", by=self.people[who], at=self.at)
        except Refused:
            assert lately >= emergencies.ASKED_AN_HOUR
        else:
            assert lately < emergencies.ASKED_AN_HOUR
            self.asked.append((who, self.at, made))

    @precondition(lambda self: self.asked)
    @rule(
        by=st.sampled_from([0, 0, 1, 1, 2]),
        back=st.sampled_from([1, 1, 2, 3]),
        minutes=st.sampled_from([1, 30, 60, 60, 61]),
    )
    def agree(self, by: int, back: int, minutes: int) -> None:
        who, at, found = self.asked[-min(back, len(self.asked))]
        found.refresh_from_db()
        allowed = (
            by in {0, 1}
            and by != who
            and minutes <= 60
            and found.answered_at is None
            and self.at < at + timedelta(hours=1)
            and found.case is not None
            and not self.model.people[by].conflicted
            and not self.model.people[who].conflicted
        )
        try:
            emergencies.answer(found, agreed=True, by=self.people[by], at=self.at, minutes=minutes)
        except Refused:
            assert not allowed
        else:
            assert allowed
            ends, one = self.at + timedelta(minutes=minutes), self.model.people[who]
            one.emergency_until = max(one.emergency_until or ends, ends)

    @rule()
    def close_or_reopen(self) -> None:
        self.model.closed = not self.model.closed
        status = "closed" if self.model.closed else "open"
        Case.objects.filter(pk=self.case.pk).update(status=status)

    @invariant()
    def both_say_the_same(self) -> None:
        self.steps += 1
        for action in ("read", OTHERS[self.steps % len(OTHERS)]):
            for who in range(PEOPLE + 1):
                real = bool(seen_by(self.people[who], action, self.at))
                assert real == self.model.may(who, action, self.at), (who, action)

    @invariant()
    def somebody_keeps_the_case(self) -> None:
        """Only a conflict, which nobody may be kept from declaring, leaves it without a lead."""
        assert self.model.leads() > 0 or any(
            one.conflicted and one.role == "lead" for one in self.model.people
        )
        led = members.lasting_leads(at=self.at).filter(case=self.case).exists()
        assert led == (self.model.leads() > 0)


@pytest.mark.slow
def test_access_is_what_the_rules_say_in_any_order(db: None) -> None:
    run(
        Access,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
