"""The order in which links are put to a person, checked against taking each one away."""

from hypothesis import given
from tests.desks.cases.work.test_judging import (
    BRIDGE,
    LEFT,
    LINKS,
    groups,
    links_,
    on_link,
    on_value,
    unhurried,
)

from palermo.desks.cases.judging import IDENTIFIER, LINK, NOT_SAME, SAME, UNSURE, LinkRow, link_key
from palermo.desks.cases.reviewing import questions


def test_the_bridge_between_two_groups_comes_first() -> None:
    first = questions(LINKS, [])[0]
    assert (first.subject, first.reason) == (LINK, BRIDGE.reason)
    assert first.pieces == (3, 3)
    assert first.separates == 9


def test_a_value_that_joins_two_groups_comes_before_its_single_links() -> None:
    # Both groups carry the address twice: no single link is a bridge, the address is.
    joined = [
        LinkRow("p", "x", "email:e"),
        LinkRow("p", "y", "email:e"),
        LinkRow("p", "q", "email:e"),
    ]
    asked = questions([*LINKS[:4], *joined], [])
    assert (asked[0].subject, asked[0].key) == (IDENTIFIER, "email:e")
    assert asked[0].pieces == (3, 3)
    assert all(
        len(one.pieces) == 1 for one in asked if one.subject == LINK and one.reason == "email:e"
    )


def test_what_was_judged_is_not_asked_again_and_unsure_comes_last() -> None:
    def names(*judged: tuple[LinkRow, str]) -> list[str]:
        asked = questions(LINKS, [on_link(link, verdict) for link, verdict in judged])
        return [one.key for one in asked]

    bridge = link_key(*BRIDGE[:3])
    assert bridge not in names((BRIDGE, SAME))
    assert bridge not in names((BRIDGE, NOT_SAME))
    assert names((BRIDGE, UNSURE))[-1] == bridge


def test_the_links_of_a_value_that_was_judged_are_not_asked() -> None:
    asked = questions(LINKS, [on_value("phone:1", SAME)])
    assert not [one for one in asked if one.reason == "phone:1"]


def test_a_judgement_that_no_longer_fits_comes_first() -> None:
    drawn = [LinkRow("a", "x", "phone:1"), LinkRow("a", "y", "phone:1"), *LINKS[2:]]
    first = questions(drawn, [on_link(LEFT[0], NOT_SAME)])[0]
    assert first.again
    assert first.reason == "phone:1"


def test_among_equals_the_weakest_comes_first() -> None:
    ring = [
        LinkRow("a", "b", "phone:1", 0.9),
        LinkRow("b", "c", "domain:2", 0.4),
        LinkRow("a", "c", "email:3", 0.8),
    ]
    assert [one.strength for one in questions(ring, [])] == [0.4, 0.8, 0.9]


@unhurried
@given(links_)
def test_pieces_are_what_is_left_when_it_is_taken_away(links: list[LinkRow]) -> None:
    # A value in k items is drawn as k - 1 links to the first: what the main job makes.
    carriers: dict[str, set[str]] = {}
    for link in links:
        carriers.setdefault(link.reason, set()).update((link.a, link.b))
    drawn = [
        LinkRow(min(items), other, value)
        for value, items in carriers.items()
        for other in sorted(items)[1:]
    ]
    items = {link.a for link in drawn} | {link.b for link in drawn}
    for one in questions(drawn, []):
        here = next(g for g in groups(drawn, items) if one.links[0].a in g)
        left = [
            link
            for link in drawn
            if (link.reason != one.reason if one.subject != LINK else link not in one.links)
        ]
        apart = groups(left, here)
        if one.subject == LINK and len(carriers[one.reason]) > 2:
            # The first item of the value stands for the others: it is the second that is taken off.
            assert one.links[0].b != min(carriers[one.reason])
        assert one.pieces == tuple(sorted(map(len, apart), reverse=True))


def test_a_long_chain_is_walked_without_recursion() -> None:
    chain = [LinkRow(f"{n:06d}", f"{n + 1:06d}", f"phone:{n}") for n in range(5000)]
    asked = questions(chain, [])
    assert len(asked) == 5000
    assert asked[0].pieces == (2501, 2500)
