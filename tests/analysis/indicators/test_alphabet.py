import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.analysis.indicators import alphabet as a
from palermo.analysis.indicators import scan as s


def folded(text: str) -> str:
    return "".join(a.read(sign)[1] for sign in text)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("PASSPORT", "passport"),
        ("Passeport à l'étranger", "passeport a l'etranger"),
        ("ＰＡＳＳ", "pass"),
        ("𝗣𝗮𝘀𝘀", "pass"),
        ("ПАСПОРТ ёж", "паспорт еж"),
        ("أإآى", "ااای".replace("ی", "ي")),
        ("٣٦", "36"),
        ("護照", "護照"),
        ("Straße", "straße"),
    ],
)
def test_folding_removes_what_people_vary(written: str, plain: str) -> None:
    assert folded(written) == plain


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(folded(text)) == len(text)


def test_kinds_of_signs() -> None:
    kinds = {sign: a.read(sign)[0] for sign in "a7护€.\u200b -"}
    assert kinds == {
        "a": a.LETTER,
        "7": a.DIGIT,
        "护": a.SINGLE,
        "€": a.SINGLE,
        ".": a.STOP,
        "\u200b": a.INSIDE,
        " ": a.SPACE,
        "-": a.SPACE,
    }


def test_every_letter_python_knows_is_a_word_sign() -> None:
    wrong = [
        chr(code)
        for code in range(a.LIMIT)
        if unicodedata.category(chr(code))[0] == "L"
        and a.read(chr(code))[0] not in (a.LETTER, a.SINGLE)
        and chr(code) != "\u0640"  # the Arabic stretching sign is part of no word
    ]
    assert wrong == []


def test_the_scanner_reads_the_same_kinds() -> None:
    names = ("SPACE", "LETTER", "DIGIT", "SINGLE", "STOP", "INSIDE")
    assert [getattr(s, f"_{name}") for name in names] == [getattr(a, name) for name in names]
