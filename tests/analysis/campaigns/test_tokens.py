"""The same words, however written, are the same tokens; different words are not."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.analysis.campaigns.alphabet import TABLE_SIZE, alphabet, fold
from palermo.analysis.campaigns.tokens import Tokens, tokenise


def tokens(*texts: str | None) -> Tokens:
    return tokenise(pa.chunked_array([list(texts)], pa.string()))


def of(text: str) -> list[int]:
    return [int(token) for token in tokens(text).token]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＷＯＲＫ abroad", "work abroad"),
        ("wоrk аbrоаd", "work abroad"),  # Cyrillic letters among the Latin ones
        ("w\u200bo\u200drk abroad", "work abroad"),
        ("𝐖𝐨𝐫𝐤 𝓪𝓫𝓻𝓸𝓪𝓭", "work abroad"),
        ("work 🔥🔥 abroad ✅", "work abroad"),
        ("cafe\u0301 DON’T", "café dont"),
        ("ﬁne straße", "fine strasse"),
        ("РАБОТА", "работа"),
        ("مُدَرِّسَة", "مدرسة"),
        ("call +1 (202) 555-0143", "call 7"),
        ("٢٥ عاما", "30 عاما"),
        ("誠聘（模特）", "誠聘 模特"),
    ],
)
def test_same_tokens(written: str, plain: str) -> None:
    assert of(written) == of(plain)


def test_different_words_differ() -> None:
    texts = ["работа", "robota", "work", "walk", "模特", "模式", "งานดี", "งานได้", "عمل", "علم"]
    assert len({tuple(of(text)) for text in texts}) == len(texts)


def test_an_ideograph_is_a_token_and_so_is_a_letter_of_thai() -> None:
    assert len(of("招聘模特")) == 4
    assert len(of("งานดี")) == 5
    assert len(of("good work abroad")) == 3


def test_content_masks_numbers_only_in_longer_texts() -> None:
    content = tokens(
        "call us on 555 for good work", "Call us on 777 for good work!", "pay 20", "pay 30"
    ).content
    assert content[0] == content[1]
    assert content[2] != content[3]


def test_texts_that_say_nothing() -> None:
    content = tokens("", None, " \n\t", "🙂", " 🙂", "🙃").content
    assert content[:3].tolist() == [0, 0, 0]
    assert content[3] == content[4] != content[5]


def test_hashes_are_the_same_on_every_machine() -> None:
    assert of("Good work abroad 2026") == [2445948290, 2354539910, 907384496, 2654435769]


@given(st.lists(st.text(max_size=40) | st.none(), max_size=20))
def test_every_text_is_tokenised_as_if_alone(texts: list[str | None]) -> None:
    together = tokens(*texts)
    for number, text in enumerate(texts):
        own = together.token[together.start[number] : together.start[number + 1]].tolist()
        assert own == (of(text) if text else [])


def test_the_table_is_the_fold() -> None:
    table = alphabet()
    for point in [*range(0x250), *range(0x370, 0x530), 0xFB01, 0xFF21, 0x337F, 0x1D400, 0x4E00]:
        folded = int(table.folded[point])
        spelled = (
            chr(folded)
            if folded >= 0
            else "".join(map(chr, table.spelled[table.starts[-1 - folded] : table.starts[-folded]]))
        )
        assert fold(chr(point)) in (spelled, ""), hex(point)
    assert len(table.folded) == TABLE_SIZE
