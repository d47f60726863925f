"""The one function: what a role, an opening, an authority, a conflict and an emergency each do."""

from datetime import timedelta

import pytest
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, DAY, HOUR, case, mandate, member, opening, seen_by

from palermo.desks.access.duties import duties
from palermo.desks.access.models import Conflict, Emergency

MEMBER_ONLY = {"see", "members"}


def test_a_member_knows_of_the_case_and_sees_nothing_before_opening_it(world: World) -> None:
    for role, given in duties().roles.items():
        for action in duties().actions:
            seen = seen_by(world[role], action)
            assert bool(seen) == (action in given and action in MEMBER_ONLY), (role, action)


@pytest.mark.parametrize("role", duties().roles)
def test_opening_gives_what_the_role_gives_and_no_more(world: World, role: str) -> None:
    opening(world[role], world.case)
    given = {action for action in duties().actions if seen_by(world[role], action)}
    assert given == duties().roles[role]


@pytest.mark.parametrize("duty", [*duties().duties, "outsider"])
def test_a_duty_gives_no_case(world: World, duty: str) -> None:
    opening(world[duty], world.case)  # a row that should never be
    assert not any(seen_by(world[duty], action) for action in duties().actions)


def test_an_opening_ends_with_its_own_time_with_its_authority_and_with_the_membership(
    world: World,
) -> None:
    lead = world["lead"]
    held = opening(lead, world.case)
    assert seen_by(lead, "read")
    assert not seen_by(lead, "read", held.ends)
    assert not seen_by(lead, "read", AT - timedelta(microseconds=1))
    mandate_ = held.mandate
    mandate_.ends = AT + HOUR
    mandate_.save()
    assert seen_by(lead, "read", AT + HOUR - timedelta(microseconds=1))
    assert not seen_by(lead, "read", AT + HOUR)
    mandate_.ends, mandate_.withdrawn_at = AT + DAY, AT
    mandate_.save()
    assert not seen_by(lead, "read")


def test_an_opening_under_the_authority_of_another_case_opens_nothing(world: World) -> None:
    other = case("2026-0043", by=world["registrar"])
    member(world["lead"], other, "lead")
    foreign = mandate(other)
    opening(world["lead"], world.case, foreign)
    assert not seen_by(world["lead"], "read")


def test_a_conflict_keeps_out_even_a_lead_who_has_the_case_open(world: World) -> None:
    lead = world["lead"]
    opening(lead, world.case)
    conflict = Conflict.objects.create(
        person=lead, case=world.case, reason="brother", declared_at=AT, declared_by=lead
    )
    assert not any(seen_by(lead, action) for action in duties().actions)
    conflict.lifted_at = AT
    conflict.save()
    assert seen_by(lead, "read")


def test_an_emergency_gives_reading_for_an_hour_at_most_whatever_its_row_says(
    world: World,
) -> None:
    outsider = world["outsider"]
    Emergency.objects.create(
        person=outsider,
        case=world.case,
        reference=world.case.reference,
        reason="a child in danger",
        asked_at=AT,
        answered_by=world["approver"],
        answered_at=AT,
        agreed=True,
        ends=AT + 30 * DAY,
    )
    given = {action for action in duties().actions if seen_by(outsider, action)}
    assert given == {"see", "read", "search"}
    assert seen_by(outsider, "read", AT + HOUR - timedelta(microseconds=1))
    assert not seen_by(outsider, "read", AT + HOUR)


def test_a_closed_case_can_be_read_and_reopened_and_nothing_else(world: World) -> None:
    opening(world["lead"], world.case)
    world.case.status = "closed"
    world.case.save()
    given = {action for action in duties().actions if seen_by(world["lead"], action)}
    assert given == {"see", "read", "search", "members", "close"}


def test_an_unknown_action_is_an_error_and_not_an_empty_answer(world: World) -> None:
    with pytest.raises(KeyError, match="no action is called 'raed'"):
        seen_by(world["lead"], "raed")
