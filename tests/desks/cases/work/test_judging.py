"""Judgements applied to links: what falls apart, what holds, what is to be looked at again."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desks.cases.sirocco import Investigated

from palermo.desks.cases.judging import (
    CAMPAIGN,
    IDENTIFIER,
    LINK,
    NOT_SAME,
    SAME,
    UNDONE,
    UNSURE,
    Judged,
    LinkRow,
    after,
    ends_of,
    link_key,
    newest,
)
from palermo.model import Unreadable

# Two groups, each held by a number, joined by one e-mail address between x and p.
LEFT = [LinkRow("x", "y", "phone:1"), LinkRow("x", "z", "phone:1")]
RIGHT = [LinkRow("p", "q", "phone:2"), LinkRow("p", "r", "phone:2")]
BRIDGE = LinkRow("p", "x", "email:e")
LINKS = [*LEFT, *RIGHT, BRIDGE]


def on_link(link: LinkRow, verdict: str, order: int = 1) -> Judged:
    key = link_key(link.a, link.b, link.reason)
    return Judged(order, LINK, key, verdict, (link.a, link.b), link.reason)


def on_value(value: str, verdict: str, order: int = 1) -> Judged:
    return Judged(order, IDENTIFIER, value, verdict)


def test_without_judgements_nothing_changes() -> None:
    split = after(LINKS, [])
    assert split.components == split.before == (("p", "q", "r", "x", "y", "z"),)
    assert not split.falls_apart
    assert not split.cut


@pytest.mark.parametrize("judgement", [on_link(BRIDGE, NOT_SAME), on_value("email:e", NOT_SAME)])
def test_not_the_same_on_the_bridge_splits_the_network(judgement: Judged) -> None:
    split = after(LINKS, [judgement])
    assert split.falls_apart
    assert split.parts == (("p", "q", "r"), ("x", "y", "z"))
    assert split.cut == (BRIDGE,)
    assert split.alone == ()


def test_a_value_that_is_refused_lets_its_items_fall_out() -> None:
    split = after(LINKS, [on_value("phone:1", NOT_SAME)])
    assert split.parts == (("p", "q", "r", "x"),)
    assert split.alone == ("y", "z")


@pytest.mark.parametrize("verdict", [SAME, UNSURE])
def test_other_verdicts_cut_nothing(verdict: str) -> None:
    assert not after(LINKS, [on_link(BRIDGE, verdict)]).falls_apart


def test_the_newest_judgement_counts_whatever_the_order_of_reading() -> None:
    earlier, later = on_link(BRIDGE, NOT_SAME, 1), on_link(BRIDGE, SAME, 2)
    assert not after(LINKS, [later, earlier]).falls_apart
    assert after(LINKS, [on_link(BRIDGE, SAME, 1), on_link(BRIDGE, NOT_SAME, 2)]).falls_apart


def test_a_judgement_that_was_taken_back_is_none() -> None:
    taken_back = [on_link(BRIDGE, NOT_SAME, 1), on_link(BRIDGE, UNDONE, 2)]
    assert newest(taken_back) == {}
    assert not after(LINKS, taken_back).falls_apart


def test_the_judgement_of_a_link_goes_before_the_one_of_its_value() -> None:
    split = after(LINKS, [on_value("phone:1", NOT_SAME, 2), on_link(LEFT[0], SAME, 1)])
    assert split.kept_against_value == (LEFT[0],)
    assert split.alone == ("z",)


def test_what_still_hangs_together_by_other_links_is_said() -> None:
    other = LinkRow("q", "y", "telegram:t")
    split = after([*LINKS, other], [on_link(BRIDGE, NOT_SAME)])
    assert not split.falls_apart
    (still,) = split.still_together
    assert (still.a, still.b) == ("p", "x")
    assert [link.reason for link in still.path] == ["phone:2", "telegram:t", "phone:1"]


def test_the_same_two_items_by_two_values_are_two_links() -> None:
    second = LinkRow("p", "x", "phone:3")
    split = after([*LINKS, second], [on_link(BRIDGE, NOT_SAME)])
    assert split.cut == (BRIDGE,)
    assert split.still_together[0].path == (second,)


def test_a_campaign_is_judged_by_its_own_name() -> None:
    links = [LinkRow("a", "b", "campaign:c-1")]
    assert after(links, [Judged(1, CAMPAIGN, "c-1", NOT_SAME)]).alone == ("a", "b")


def test_a_judgement_outlives_a_run_that_draws_the_value_from_another_item() -> None:
    # x–y was judged; then a was found, which carries the number too and comes first.
    again = [LinkRow("a", "x", "phone:1"), LinkRow("a", "y", "phone:1")]
    judgement = on_link(LEFT[0], NOT_SAME)
    split = after(again, [judgement])
    assert split.look_again == (judgement,)
    assert split.components == (("a", "x"), ("y",))
    # Drawn the other way round it is the same link, and nothing is to be looked at again.
    turned = after([LinkRow("y", "x", "phone:1")], [judgement])
    assert turned.look_again == ()
    assert turned.alone == ("x", "y")


def test_a_judgement_of_what_is_no_longer_there_changes_nothing() -> None:
    split = after(RIGHT, [on_link(LEFT[0], NOT_SAME), on_value("phone:1", NOT_SAME)])
    assert not split.falls_apart
    assert split.look_again == ()


def test_long_names_are_cut_to_a_name_that_still_tells_them_apart() -> None:
    one, other = link_key("a", "b", "url:" + "x" * 700), link_key("a", "b", "url:" + "x" * 701)
    assert one != other
    assert max(len(one), len(other)) <= 600
    assert ends_of(one) == ("a", "b")
    with pytest.raises(Unreadable, match="too long"):
        link_key('"' * 200, '"' * 199 + "!", "phone:1")


@pytest.mark.parametrize("key", ["", "x", "[]", '["a","b"]', '["a",1,"c"]', "[" * 5000, '{"a":1}'])
def test_what_is_no_name_of_a_link_is_none(key: str) -> None:
    assert ends_of(key) is None


names = st.sampled_from("abcdefgh")
links_ = st.lists(
    st.tuples(names, names, st.sampled_from(["phone:1", "phone:2", "email:3", "campaign:4"]))
    .filter(lambda t: t[0] != t[1])
    .map(lambda t: LinkRow(*t)),
    max_size=14,
)
verdicts = st.sampled_from([SAME, NOT_SAME, UNSURE, UNDONE])


def groups(links: Iterable[LinkRow], items: Iterable[str]) -> set[frozenset[str]]:
    """Components, by flooding."""
    left, found = set(items), set()
    while left:
        group, waiting = set[str](), [left.pop()]
        while waiting:
            item = waiting.pop()
            group.add(item)
            near = {link.a for link in links if link.b == item}
            waiting += sorted((near | {link.b for link in links if link.a == item}) - group)
        left -= group
        found.add(frozenset(group))
    return found


#: Other work on the machine may make any draw slow.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(links_, st.lists(st.tuples(st.integers(0, 13), verdicts, st.booleans()), max_size=8))
def test_components_are_those_of_the_links_that_were_not_cut(
    links: list[LinkRow], given: list[tuple[int, str, bool]]
) -> None:
    judgements = [
        on_value(links[n % len(links)].reason, verdict, order)
        if whole
        else on_link(links[n % len(links)], verdict, order)
        for order, (n, verdict, whole) in enumerate(given)
        if links
    ]
    split = after(links, judgements)
    items = {link.a for link in links} | {link.b for link in links}
    kept = [link for link in links if link not in split.cut]
    assert set(map(frozenset, split.components)) == groups(kept, items)
    assert set(map(frozenset, split.before)) == groups(links, items)
    assert after(reversed(links), reversed(judgements)) == split
    for still in split.still_together:
        assert groups(still.path, {still.a, still.b} | items) >= groups(still.path, items)
        assert all(link in kept for link in still.path)


def test_without_judgements_the_networks_of_the_practice_case_are_as_proposed(
    investigated: Investigated,
) -> None:
    tables = investigated.case / "tables"
    rows = pq.read_table(tables / "links.parquet").to_pylist()
    split = after([LinkRow(r["a"], r["b"], r["reason"], r["strength"]) for r in rows], [])
    network: dict[str, set[str]] = {}
    proposed: pa.Table = pq.read_table(tables / "networks.parquet")
    for item, name in zip(proposed["id"].to_pylist(), proposed["network"].to_pylist(), strict=True):
        network.setdefault(name, set()).add(item)
    assert len(network) > 5
    assert set(map(frozenset, split.components)) == set(map(frozenset, network.values()))
