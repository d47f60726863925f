"""What a question means."""

import pytest

from palermo.desks.cases.asking import MOST_WORDS, Question


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("visa  paid", ("visa", "paid")),
        ('"visa paid" now', ("visa paid", "now")),
        ("“visa paid” now", ("visa paid", "now")),
        ("«visa paid» „a room“", ("visa paid", "a room")),
        ("ＶＩＳＡ", ("VISA",)),
        ("vi\u200bsa", ("visa",)),
        ("  ", ()),
        ('"', ()),
        ("06 12 34 56 78", ("06 12 34 56 78",)),
        ("招聘", ("招聘",)),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert Question(text).words == words


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("06 12 34 56 78", "612345678"),
        ("+33 6 12 34 56 78", "33612345678"),
        ("(0) 6.12-34-56/78", "612345678"),
        ("٠٦١٢٣٤٥٦٧٨", "612345678"),
        ("12345", ""),
        ("2026-03-01 visa", ""),
        ("call 0612345678", ""),
    ],
)
def test_numbers(text: str, digits: str) -> None:
    assert Question(text).digits == digits


def test_a_question_has_a_longest_form() -> None:
    assert len(Question(" ".join(map(str, range(100)))).words) <= MOST_WORDS
