"""The small parts a dossier is made of, by their properties."""

import string
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from palermo.investigation.dossier import (
    Graph,
    GraphEdge,
    GraphNode,
    Listed,
    Measure,
    rank,
    timeline,
)
from palermo.investigation.dossier.drawing import NODES, draw
from palermo.investigation.dossier.layout import force_layout
from palermo.investigation.dossier.quoting import CONSTANT, EXAMPLE, cut, pieces
from palermo.investigation.dossier.sources import fair_cut
from palermo.investigation.dossier.timeline import draw as draw_bars
from palermo.investigation.dossier.visible import excerpt, marked, visible
from palermo.investigation.dossier.wording import Strings, count, decimal, size, strings
from palermo.model import Segment, SegmentRole, Template, TemplatePart, Unreadable

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # surrogates and controls too


# -- wording ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"en": "only English"}, "missing translation"),
        ({"en": "a", "fr": "b", "de": "c"}, "exactly the languages"),
        ({"en": "a", "fr": ""}, "not empty"),
        ({"en": "{n} a", "fr": "b"}, "placeholders differ"),
        ({"en": "a", "fr": {"one": "b"}}, "'one' and 'other'"),
        ("text", "exactly the languages"),
    ],
)
def test_an_incomplete_translation_is_an_error_on_loading(entry: object, complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        Strings({"key": entry})


def test_no_key_of_the_strings_stands_twice() -> None:
    from importlib.resources import files

    text = files("palermo.investigation.dossier").joinpath("strings.yaml").read_text("utf-8")
    keys = [line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()]
    assert len(keys) == len(set(keys))
    assert set(keys) == strings().keys()


def test_plurals_follow_each_language() -> None:
    entry = {
        "en": {"one": "{n} day", "other": "{n} days"},
        "fr": {"one": "{n} jour", "other": "{n} jours"},
    }
    words = Strings({"d": entry})
    assert [("day<" in words("d", n=n), "jour<" in words("d", n=n)) for n in (0, 1, 2)] == [
        (False, True),
        (True, True),
        (False, False),
    ]


def test_fields_are_escaped_and_unseen_characters_written() -> None:
    words = Strings({"k": {"en": "a {x}", "fr": "b {x}"}})
    assert "<b>" not in words("k", x="<b>\u202e")
    assert words("k", x="<b>\u202e").count("&lt;b&gt;⟨U+202E⟩") == 2


def test_numbers_are_written_as_both_languages_read_them() -> None:
    assert count(1234567) == "1\u202f234\u202f567"
    assert "0.50" in decimal(0.5)
    assert "0,50" in decimal(0.5)
    assert "48.3 MB" in size(48_300_112)
    assert "48,3 Mo" in size(48_300_112)
    assert "999 o" in size(999)


# -- characters ------------------------------------------------------------------------------------
@given(ANY_TEXT)
def test_what_is_written_is_valid_and_hides_nothing(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not set(shown) & set("\u202e\u2066\u200b\u200e\x00\ufeff\r")
    assert visible(shown) == shown
    kept = [c for c in text if c.isalnum() and c.isascii()]
    rest = iter(shown)
    assert all(letter in rest for letter in kept)  # nothing that was visible got lost


@given(ANY_TEXT)
def test_marking_escapes_and_says_the_same_as_plain_writing(text: str) -> None:
    bare = str(marked(text)).replace('<span class="code">', "").replace("</span>", "")
    assert bare == str(escape(visible(text)))


def test_joiners_stay_where_a_script_needs_them_and_show_where_they_split_a_word() -> None:
    family, persian = "\U0001f468\u200d\U0001f469", "می\u200cخواهم"
    assert visible(family) == family
    assert visible(persian) == persian
    assert visible("pass\u200dport") == "pass⟨U+200D⟩port"


@given(ANY_TEXT, st.integers(1, 60))
def test_an_excerpt_is_short_and_tells_whether_it_was_cut(text: str, limit: int) -> None:
    line, was_cut = excerpt(text, limit)
    whole = " ".join(text.split())
    assert len(line) <= limit
    assert whole.startswith(line)
    assert was_cut == (len(whole) > limit)


# -- cutting ---------------------------------------------------------------------------------------
@given(st.lists(st.integers(0, 500), max_size=30), st.integers(0, 3000))
def test_a_fair_cut_keeps_the_budget_and_wastes_less_than_a_character_each(
    lengths: list[int], budget: int
) -> None:
    limit = fair_cut(lengths, budget)
    used = sum(min(length, limit) for length in lengths)
    assert used <= budget
    if used < sum(lengths):
        assert used + sum(length > limit for length in lengths) > budget


def test_long_quotes_are_cut_and_counted() -> None:
    text = "a" * 5 * EXAMPLE
    shown = cut(
        (
            Segment(role=SegmentRole.CONSTANT, text=text),
            Segment(role=SegmentRole.SLOT, text="b", slot=1),
        )
    )
    assert (shown.shown, shown.length) == (EXAMPLE, len(text) + 1)
    template = Template(campaign="c", parts=(TemplatePart(text=text),), support=2, compression=0.1)
    piece = pieces(template)[0]
    assert len(piece.text) + piece.left_out + len(piece.tail) == len(text)
    assert len(piece.text) + len(piece.tail) == CONSTANT


# -- ranking ---------------------------------------------------------------------------------------
MEASURES = st.lists(
    st.builds(
        Measure,
        id=st.text(string.ascii_lowercase, min_size=1, max_size=3),
        size=st.integers(1, 6),
        days_active=st.integers(0, 4),
        indicated=st.integers(0, 3),
    ),
    unique_by=lambda measure: measure.id,
    max_size=12,
)


@given(MEASURES)
def test_the_order_is_the_same_however_networks_come_in(measures: list[Measure]) -> None:
    mixed = sorted(measures, key=lambda m: m.id[::-1])
    assert rank(measures) == rank(mixed)
    assert [place.rank for place in rank(measures)] == list(range(1, len(measures) + 1))


def test_what_leads_in_all_three_lists_leads() -> None:
    weak = Measure(id="a", size=1, days_active=1, indicated=0)
    strong = Measure(id="b", size=2, days_active=2, indicated=1)
    assert [place.id for place in rank([weak, strong])] == ["b", "a"]


# -- time ------------------------------------------------------------------------------------------
START = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)


@given(st.lists(st.one_of(st.none(), st.integers(0, 9000)), max_size=40))
def test_no_item_is_lost_over_time(days: list[int | None]) -> None:
    line = timeline(None if d is None else START + timedelta(days=d) for d in days)
    assert sum(n for _, n in line.bins) + line.undated == len(days)
    assert list(line.bins) == sorted(line.bins)
    if line.bins:
        bars = draw_bars(line)
        assert all(bars.left <= bar.x <= bars.right and bar.height >= 0 for bar in bars.bars)
        assert all(a[0] < b[0] for a, b in zip(bars.ticks, bars.ticks[1:], strict=False))
        assert len(line.bins) <= 130 or line.unit == "year"


def test_a_day_is_a_day_in_utc_and_a_time_without_zone_is_refused() -> None:
    east = datetime.fromisoformat("2026-01-02T01:30:00+03:00")
    assert timeline([east]).bins == ((date(2026, 1, 1), 1),)
    with pytest.raises(ValueError, match="no time zone"):
        timeline([datetime(2026, 1, 1)])  # noqa: DTZ001 - that is what is tested


# -- drawing ---------------------------------------------------------------------------------------
def chain(n: int) -> Graph:
    nodes = [
        GraphNode(
            id=f"n{i}",
            kind=("campaign", "phone", "account")[i % 3],
            label=f"label {i}",
            size=i % 7 + 1,
        )
        for i in range(n)
    ]
    edges = [
        GraphEdge(a=f"n{i}", b=f"n{(i * 7 + 1) % n}", reason="phone:+1", strength=0.9)
        for i in range(n)
    ]
    return Graph(nodes=Listed.of(nodes), edges=Listed.of(edges))


@pytest.mark.parametrize("n", [1, 2, 7, 40, 300])
def test_nodes_stay_in_the_field_apart_and_capped(n: int) -> None:
    drawn = draw(chain(n))
    assert drawn is not None
    assert len(drawn.dots) == min(n, NODES)
    assert drawn.nodes_total == n
    assert [dot.number for dot in drawn.dots] == list(range(1, len(drawn.dots) + 1))
    for dot in drawn.dots:
        assert dot.r < dot.x < drawn.width - dot.r
        assert dot.r < dot.y < drawn.height - dot.r
    if n <= 40:
        for i, a in enumerate(drawn.dots):
            assert all(np.hypot(a.x - b.x, a.y - b.y) > a.r for b in drawn.dots[:i])
    assert {line.a.number for line in drawn.lines} <= {dot.number for dot in drawn.dots}


def test_the_drawing_does_not_depend_on_the_order_of_its_parts() -> None:
    graph = chain(30)
    mixed = Graph(
        nodes=Listed.of(graph.nodes.shown[::-1]), edges=Listed.of(graph.edges.shown[::-1])
    )
    assert draw(graph) == draw(mixed)


def test_linked_nodes_stand_nearer_than_others() -> None:
    place = force_layout(20, [(i, i + 1, 1.0) for i in range(0, 20, 2)])
    apart = np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=2))
    linked = np.mean([apart[i, i + 1] for i in range(0, 20, 2)])
    assert linked < apart[np.triu_indices(20, 1)].mean() / 2


def test_a_network_does_not_fall_apart_when_only_some_of_its_links_are_drawn() -> None:
    nodes = [GraphNode(id=f"n{i}", kind="phone", label=f"{i}", size=1) for i in range(60)]
    strong = [
        GraphEdge(a=f"n{i}", b=f"n{j}", reason="r", strength=0.9)
        for i in range(30)
        for j in range(i)
    ]
    weak = [GraphEdge(a=f"n{i}", b="n0", reason="r", strength=0.1) for i in range(30, 60)]
    drawn = draw(Graph(nodes=Listed.of(nodes), edges=Listed.of([*strong, *weak])))
    assert drawn is not None
    assert len(drawn.lines) == 120 < drawn.edges_total
    assert {end.number for line in drawn.lines for end in (line.a, line.b)} == set(range(1, 61))
    assert sum(line.weak for line in drawn.lines) == 30


def test_nothing_to_draw_is_none() -> None:
    assert draw(Graph()) is None


def test_a_list_cannot_show_more_than_there_is() -> None:
    with pytest.raises(ValueError, match="total is 1"):
        Listed((1, 2), 1)
