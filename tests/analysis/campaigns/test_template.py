"""A template shows what members share and where they differ; aligned members lose nothing."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.campaigns import align, build_template
from palermo.analysis.campaigns.elements import split
from palermo.model import SegmentRole, Template, Unreadable

TEXTS = [
    f"Hello {name}! We pay {price} a week in {place}. Call {phone} or write to {mail}, see {url}."
    for name, price, place, phone, mail, url in [
        ("Ana", "€900", "Paphos", "+1 202 555 0143", "a@example.org", "https://example.org/a"),
        (
            "Bea",
            "€1,200",
            "Ayia Napa",
            "+1 202 555 0178",
            "bb@example.org",
            "www.example.net/b?x=1",
        ),
        ("Cleo", "€750", "Nicosia", "202-555-0111", "c.c@example.com", "https://example.com/cc"),
        ("Dora", "€800", "Larnaca", "+12025550123", "d@example.net", "https://example.org/dd"),
    ]
]


def shown(template: Template) -> str:
    return "".join(part.text if part.slot is None else f"[{part.kind}]" for part in template.parts)


def test_slots_are_found_and_typed() -> None:
    template = build_template("c-1", TEXTS)
    assert shown(template) == (
        "Hello [name]! We pay [price] a week in [place]."
        " Call [phone] or write to [email], see [url]."
    )
    assert template.support == 4
    assert 0 < template.compression < 0.8
    assert template.parts[1].fillers == ("Ana", "Bea", "Cleo", "Dora")
    assert [part.slot for part in template.parts if part.slot is not None] == list(range(6))


def test_a_member_is_laid_against_its_template() -> None:
    segments = align(build_template("c-1", TEXTS), TEXTS[1].replace("write", "please write"))
    assert [segment.text for segment in segments if segment.role is SegmentRole.SLOT] == [
        "Bea", "€1,200", "Ayia Napa", "+1 202 555 0178", "bb@example.org", "www.example.net/b?x=1"
    ]  # fmt: skip
    assert [s.text for s in segments if s.role is SegmentRole.INSERTION] == ["please"]


def test_what_a_member_leaves_out_is_shown_in_its_place() -> None:
    template = build_template("c-1", TEXTS)
    text = TEXTS[0].replace(" or write to", "").replace(" a week", "")
    segments = align(template, text)
    assert "".join(segment.text for segment in segments) == text
    assert [s.missing for s in segments if s.role is SegmentRole.OMISSION] == [
        "a week", "or write to"
    ]  # fmt: skip
    whole = align(template, TEXTS[0])
    assert not [s for s in whole if s.role is SegmentRole.OMISSION]


VARIED = [
    f"{greeting}We pay {price} a week and all travel costs in {place}. Call our {who}agent{end}"
    for greeting, price, place, who, end in [
        ("", "€900", "Paphos", "", " before Sunday"),
        ("Girls! ", "€700", "Nicosia", "", " before Sunday"),
        ("Hello ladies! ", "€650", "Larnaca", "friendly ", " before Sunday"),
        ("", "€640", "Limassol", "friendly ", ""),
        ("", "€820", "Troodos", "", ""),
        ("", "€810", "Kyrenia", "", " before Sunday"),
        ("", "€830", "Polis", "", " until Sunday"),
        ("", "€850", "Lefka", "", " until Sunday"),
        ("", "€860", "Akamas", "", " before Sunday"),
    ]
]


def test_insertions_and_omissions_of_several_members_are_told_with_their_place() -> None:
    template = build_template("c-1", VARIED)
    told = {
        (template.parts[v.part].text[: v.at], v.left_out, frozenset(v.put_in), v.members)
        for v in template.variations
    }
    assert told == {
        ("", "", frozenset({"Girls", "Hello ladies"}), 2),
        (". Call our", "", frozenset({"friendly"}), 2),
        (". Call our agent", "before Sunday", frozenset(), 2),
        (". Call our agent", "before", frozenset({"until"}), 2),
    }
    assert template.different == 9
    assert template.length == 16


def test_variations_do_not_depend_on_the_order_of_members() -> None:
    assert build_template("c", VARIED) == build_template("c", VARIED[::-1])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["招聘模特，月薪12000元，包吃住", "招聘演员，月薪9000元，包吃住"],
            "招聘[free]，月薪[price]，包吃住",
        ),
        (
            ["Работа в Дубае, зарплата 900", "Работа в Праге, зарплата 870"],
            "Работа в [place], зарплата [number]",
        ),
        (
            ["مطلوب نادلة في دبي براتب 500", "مطلوب نادلة في عمان براتب 700"],
            "مطلوب نادلة في [place] براتب [number]",
        ),
        (
            ["My name is Ana, 21 years, new here", "My name is Bea, 24 years, new here"],
            "My name is [name], [age] years, new here",
        ),
        (["Girl aged 23 free today", "Girl aged 19 free today"], "Girl aged [age] free today"),
        (["ask 250 now please", "ask 900 now please"], "ask [number] now please"),
        (["come to me now", "come to us now"], "come to [free] now"),
        (["write to @anna_one now", "write to @bea_two now"], "write to [handle] now"),
    ],
)
def test_any_script(texts: list[str], expected: str) -> None:
    assert shown(build_template("c", texts)) == expected


def test_noise_of_single_members_does_not_enter() -> None:
    rng = random.Random(5)
    words = [f"{c}{d}" for c in "bcdfgklmnprst" for d in ("ale", "ore", "ime")]
    template = words[:30]
    texts = []
    for _ in range(40):
        noisy = [rng.choice(words) if rng.random() < 0.15 else word for word in template]
        texts.append(" ".join(noisy))
    assert shown(build_template("c", texts)) == " ".join(template)


def test_order_does_not_matter() -> None:
    assert build_template("c", TEXTS) == build_template("c", TEXTS[::-1])
    many = [f"We need {k} people in town {k * k} by the sea, write soon" for k in range(200)]
    built = build_template("c", many)
    assert built == build_template("c", random.Random(1).sample(many, 200))
    assert shown(built) == "We need [number] people in town [number] by the sea, write soon"


def test_repetitions_count_as_support() -> None:
    template = build_template("c", ["the very same text"] * 50)
    assert template.support == 50
    assert shown(template) == "the very same text"


def test_no_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="at least one text"):
        build_template("c-1", [])


PIECES = st.sampled_from(
    ["Hello", " ", " ", "!", "call ", "+1 202 555 0143", "€900", "招聘", "งาน", "é", "\u200b", "\n",
     "https://example.org/a.", "a@example.org", "12:30", "👩‍👧", "مرحبا", "...", "we pay", "\ud7a3"]
)  # fmt: skip
ANY_TEXT = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)


@settings(deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=5), ANY_TEXT)
def test_segments_joined_are_the_text(texts: list[str], stranger: str) -> None:
    template = build_template("c", texts)
    for text in [*texts, stranger]:
        segments = align(template, text)
        assert "".join(segment.text for segment in segments) == text
        assert all(bool(s.text) != (s.role is SegmentRole.OMISSION) for s in segments)
        assert all((s.role is SegmentRole.OMISSION) or not s.missing for s in segments)
        assert all((s.role is SegmentRole.SLOT) == (s.slot is not None) for s in segments)


@given(ANY_TEXT)
def test_elements_lose_nothing(text: str) -> None:
    elements = split(text)
    pieces = zip(elements.gaps, elements.words, strict=True)
    assert "".join(gap + word for gap, word in pieces) + elements.tail == text


@pytest.mark.parametrize(
    "unit", ["-", ".", "1", "111 ", "a.", "a@", "1,", "+", "(", "£", "1-", "www."]
)
def test_no_text_takes_more_than_linear_time(unit: str) -> None:
    start = time.process_time()
    split(unit * (100_000 // len(unit)))
    assert time.process_time() - start < 3
