"""Marks in a text: the text stays what it is, and every mark covers its own places."""

from hypothesis import given
from hypothesis import strategies as st

from palermo.desks.cases.marking import PRECEDENCE, Sort, cut, number
from palermo.desks.cases.templatetags.found import marked_text

TEXTS = st.text(max_size=30)
FOUND = st.lists(
    st.tuples(st.sampled_from(PRECEDENCE), st.integers(-2, 32), st.integers(-2, 32), st.just("")),
    max_size=8,
)


@given(TEXTS, FOUND)
def test_pieces_make_the_text_and_marks_cover_their_places(
    text: str, found: list[tuple[Sort, int, int, str]]
) -> None:
    marks = number(found)
    pieces = cut(text, marks)
    assert "".join(piece.text for piece in pieces) == text
    for mark in marks:
        fits = 0 <= mark.start < mark.end <= len(text)
        covered = "".join(piece.text for piece in pieces if mark in piece.marks)
        assert covered == (text[mark.start : mark.end] if fits else "")
        assert sum(mark in piece.ending for piece in pieces) == fits


def test_marks_are_numbered_in_reading_order() -> None:
    marks = number([("for", 5, 9, "b"), ("identifier", 0, 3, "a"), ("against", 5, 12, "c")])
    assert [(mark.number, mark.about) for mark in marks] == [(1, "a"), (2, "c"), (3, "b")]


def test_what_a_text_says_is_never_markup() -> None:
    text = "<script>alert(1)</script>"
    shown = marked_text(cut(text, number([("identifier", 0, 8, "")])))
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_characters_that_turn_a_line_around_are_shown_as_codes() -> None:
    assert "U+202E" in marked_text(cut("pay\u202edrow", []))
