"""The function and the policies, held against each other in every state of a case."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
from django.db import (
    ProgrammingError,
    transaction,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desks.access.two_cases import Two, note
from tests.desks.access.world import AT, DAY, HOUR, case, person
from tests.desks.cluster import Database

from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case, Conflict, Emergency, Mandate, Membership, Person
from palermo.desks.access.models.opening import Opening
from palermo.desks.access.row_security import (
    LOOKING,
    show_to,
    working_for,
)
from palermo.desks.access.visibility import (
    Viewer,
    visible_cases,
)
from palermo.desks.cases.models import Note

pytestmark = pytest.mark.usefixtures("postgres")


@pytest.fixture
def two(postgres: Database) -> Two:
    return Two()


#: The writing action that the most roles give; whoever may write anything may do this.
WRITING = max(
    sorted(duties().actions.keys() - LOOKING),
    key=lambda action: len(duties().roles_with(action)),
)


def test_one_action_stands_for_all_that_write() -> None:
    for action in duties().actions.keys() - LOOKING:
        assert set(duties().roles_with(action)) <= set(duties().roles_with(WRITING))


def agree(viewer: Viewer, cases: list[Case]) -> None:
    """Both walls show the same cases, and let the same be written into."""
    show_to(viewer)
    shown = set(Note.rows.values_list("case_id", flat=True))
    assert shown == _seen(viewer, "read")
    gives = _seen(viewer, WRITING)
    open_ = Case.objects.filter(status="open", pk__in=gives).values_list("pk", flat=True)
    by = Person(pk=viewer.person)
    assert {one.pk for one in cases if _writes(one, by)} == set(open_)


def _seen(viewer: Viewer, action: str) -> set[int]:
    return set(visible_cases(viewer, action).values_list("pk", flat=True))


def _writes(into: Case, by: Person) -> bool:
    try:
        with transaction.atomic():
            note(into, by, "tried")
    except ProgrammingError:
        return False
    return True


def changed(model: type[Any], **to: Any) -> Callable[[Two], object]:
    """One thing about the case that `ines` has open is otherwise."""
    return lambda two: model.objects.filter(case=two.first).update(**to)


def urgent(two: Two, **otherwise: Any) -> None:
    values: dict[str, Any] = {
        "agreed": True,
        "answered_at": AT - HOUR / 2,
        "ends": AT + HOUR / 2,
        **otherwise,
    }
    Emergency.objects.create(
        person=two.ines, case=two.first, reference="r", reason="r", asked_at=AT, **values
    )


def conflict(two: Two, lifted: datetime | None) -> None:
    Conflict.objects.create(
        person=two.ines,
        case=two.first,
        reason="r",
        declared_at=AT,
        declared_by=two.omar,
        lifted_at=lifted,
    )


MOMENT = timedelta(microseconds=1)
THINGS: dict[str, Callable[[Two], object]] = {
    "nothing": lambda _: None,
    "no member": lambda two: Membership.objects.filter(case=two.first).delete(),
    "member from now": changed(Membership, since=AT),
    "member from later": changed(Membership, since=AT + MOMENT),
    "member until now": changed(Membership, until=AT),
    "member until later": changed(Membership, until=AT + MOMENT),
    "examiner": changed(Membership, role="examiner"),
    "second": changed(Membership, role="second"),
    "role that is gone": changed(Membership, role="none"),
    "not opened": lambda two: Opening.objects.filter(case=two.first).delete(),
    "opened now": changed(Opening, opened_at=AT),
    "opened later": changed(Opening, opened_at=AT + MOMENT),
    "opened until now": changed(Opening, ends=AT),
    "shut": changed(Opening, closed_at=AT + DAY),
    "authority of another case": lambda two: changed(
        Opening, mandate=Mandate.objects.get(case=two.second)
    )(two),
    "authority from now": changed(Mandate, begins=AT),
    "authority from later": changed(Mandate, begins=AT + MOMENT),
    "authority until now": changed(Mandate, ends=AT),
    "authority until later": changed(Mandate, ends=AT + MOMENT),
    "authority withdrawn": changed(Mandate, withdrawn_at=AT + DAY),
    "conflict": lambda two: conflict(two, None),
    "conflict lifted": lambda two: conflict(two, AT),
    "emergency": urgent,
    "emergency refused": lambda two: urgent(two, agreed=False, ends=None),
    "emergency waiting": lambda two: urgent(two, agreed=None, answered_at=None, ends=None),
    "emergency over": lambda two: urgent(two, ends=AT),
    "emergency from now": lambda two: urgent(two, answered_at=AT),
    "emergency from later": lambda two: urgent(two, answered_at=AT + MOMENT),
    "emergency of an hour ago": lambda two: urgent(two, answered_at=AT - HOUR, ends=AT + DAY),
    "emergency of nearly an hour ago": lambda two: urgent(
        two, answered_at=AT - HOUR + MOMENT, ends=AT + DAY
    ),
    "closed": lambda two: Case.objects.filter(pk=two.first.pk).update(status="closed"),
}


@pytest.mark.slow
def test_the_walls_agree_whatever_one_or_two_things_are_otherwise(two: Two) -> None:
    viewer = Viewer(two.ines.pk, AT)
    for one, other in combinations_with_replacement(THINGS, 2):
        with transaction.atomic():
            THINGS[one](two)
            if other != one:
                THINGS[other](two)
            try:
                agree(viewer, [two.first, two.second])
            except AssertionError as problem:
                raise AssertionError(f"{one}, and {other}: {problem}") from problem
            transaction.set_rollback(True)


# Mostly what gives access, so that one thing that takes it away is what decides.
EARLY, LATE = AT - 4 * HOUR, AT + 4 * HOUR
AROUND = [AT - HOUR, AT, AT + HOUR]
MOMENTS = st.sampled_from([AT, AT, *AROUND, AT + 2 * HOUR])
BEGINS = st.sampled_from([EARLY] * 6 + AROUND)
ENDS = st.sampled_from([LATE] * 6 + AROUND)
NEVER = st.sampled_from([None] * 6 + AROUND)
WHO = st.sampled_from([0, 0, 0, 1, 2])
WHERE = st.sampled_from([0, 0, 0, 1, 2])
ROLES = st.sampled_from(sorted(duties().roles))

worlds = st.fixed_dictionaries(
    {
        "memberships": st.lists(
            st.tuples(WHO, WHERE, ROLES, BEGINS, NEVER), min_size=1, max_size=4
        ),
        "mandates": st.lists(st.tuples(WHERE, BEGINS, ENDS, NEVER), min_size=1, max_size=2),
        "openings": st.lists(
            st.tuples(WHO, WHERE, st.sampled_from([0, 0, 1]), BEGINS, ENDS, NEVER), max_size=4
        ),
        "conflicts": st.lists(st.tuples(WHO, WHERE, st.sampled_from([None, AT])), max_size=1),
        "emergencies": st.lists(
            st.tuples(
                WHO,
                st.one_of(st.none(), WHERE, WHERE),
                st.sampled_from([True, True, False]),
                st.sampled_from([AT - HOUR, AT - HOUR / 2, AT, AT + HOUR]),
                ENDS,
            ),
            max_size=1,
        ),
        "closed": st.sets(st.sampled_from([0, 1, 2, 3]), max_size=1),
    }
)


def build(world: dict[str, Any], people: list[Person], cases: list[Case]) -> None:
    for who, where, role, since, until in world["memberships"]:
        Membership.objects.create(
            person=people[who],
            case=cases[where],
            role=role,
            since=since,
            until=until,
            added_by=people[0],
        )
    mandates = [
        Mandate.objects.create(
            case=cases[where],
            document=b"",
            sha256=f"{number:064}",
            power="p",
            begins=begins,
            ends=ends,
            added_at=AT,
            added_by=people[0],
            withdrawn_at=withdrawn,
        )
        for number, (where, begins, ends, withdrawn) in enumerate(world["mandates"])
    ]
    for who, where, under, opened, ends, closed in world["openings"]:
        Opening.objects.create(
            person=people[who],
            case=cases[where],
            mandate=mandates[under % len(mandates)],
            purpose="investigate",
            opened_at=opened,
            ends=ends,
            closed_at=closed,
        )
    for who, where, lifted in world["conflicts"]:
        Conflict.objects.create(
            person=people[who],
            case=cases[where],
            reason="r",
            declared_at=AT,
            declared_by=people[0],
            lifted_at=lifted,
        )
    for who, where_or_none, agreed, answered, ends in world["emergencies"]:
        open_ = agreed and where_or_none is not None
        Emergency.objects.create(
            person=people[who],
            case=None if where_or_none is None else cases[where_or_none],
            reference="r",
            reason="r",
            asked_at=AT - HOUR,
            answered_at=answered,
            answered_by=people[(who + 1) % 3],
            agreed=agreed,
            ends=ends if open_ else None,
        )
    for where in world["closed"] & {0, 1, 2}:
        Case.objects.filter(pk=cases[where].pk).update(status="closed")


@pytest.mark.slow
@given(world=worlds, who=st.sampled_from([0, 0, 1]), at=MOMENTS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_walls_agree_in_random_worlds(
    postgres: Database, world: dict[str, Any], who: int, at: datetime
) -> None:
    with transaction.atomic():
        people = [person(f"p{number}") for number in range(3)]
        cases = [case(f"c{number}", by=people[0]) for number in range(3)]
        for one in cases:
            with working_for(one):
                note(one, people[0], one.reference)
        build(world, people, cases)
        agree(Viewer(people[who].pk, at), cases)
        transaction.set_rollback(True)
