import pytest

from palermo.analysis.indicators.phrases import (
    LARGEST,
    Choice,
    Gap,
    Number,
    Optional,
    Sequence,
    Word,
    parse,
    words_of,
)
from palermo.model import Unreadable

SHARED = {"documents": ("passport*", "id card"), "loop": ("{loop} x",)}


def test_a_phrase_becomes_a_tree() -> None:
    tree = parse("Keep [your] (pass|id card*) ..3 #12-16", {})
    keep, optional, choice, gap, number = tree.parts
    assert keep == Word("keep")
    assert optional == Optional(Choice((Sequence((Word("your"),)),)))
    assert choice == Choice(
        (Sequence((Word("pass"),)), Sequence((Word("id"), Word("card", prefix=True))))
    )
    assert gap == Gap(3)
    assert number == Number(12, 16)


@pytest.mark.parametrize(
    ("written", "term"),
    [("#", Number(0, LARGEST)), ("#100-", Number(100, LARGEST)), ("24", Number(24, 24))],
)
def test_numbers(written: str, term: Number) -> None:
    assert parse(written, {}).parts == (term,)


def test_shared_words_are_put_in() -> None:
    (choice,) = parse("{documents}", SHARED).parts
    assert isinstance(choice, Choice)
    assert len(choice.parts) == 2


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "holds no word"),
        ("[your] passport", "begins or ends"),
        ("passport ..3", "begins or ends"),
        ("keep (your passport", "')' is missing"),
        ("keep ()", "an empty choice"),
        ("{nothing}", "no shared words 'nothing'"),
        ("{loop}", "refer to themselves"),
        ("a ..99 b", "a gap is"),
        ("a*", "at least three letters"),
        ("a ) b", "does not belong here"),
        ("x {documents", "no shared words"),
    ],
)
def test_broken_notation_says_what_is_wrong(written: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said.replace("(", r"\(").replace(")", r"\)")):
        parse(written, SHARED)


def test_words_are_cut_as_readers_see_them() -> None:
    assert words_of("Don't: 18yo, 护照！l\u00adêtre €5") == [
        *("don", "t", "18", "yo", "护", "照", "letre", "€", "5")
    ]
