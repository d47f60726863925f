"""Invariants of the whole room: places, order, one answer for one text, time, wrong input."""

import time
from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from palermo.analysis.identifiers import Mention, extract, extract_text
from palermo.model import IDENTIFIERS, IdentifierKind, Unreadable

TEXTS = [
    "Call +44 7700 900123 or anna@example.org, €1.200, aged 23",
    "电话13800138000，微信：mei_wang88，月薪8000元，23岁 😀 https://example.org/jobs",
    "",
    "Звоните +7 916 123-45-67, телеграм @anna_jobs, 1200 евро, 23 года",
    "nothing here",
    "👩‍👩‍👧 ٣٠٠٠ درهم اتصل +٤٤ ٧٧٠٠ ٩٠٠١٢٣",
]
LANGS = ["en", "zh", None, "ru", "en", "ar"]
PIECES = st.sampled_from(
    [
        "+44",
        " ",
        "7700",
        "900123",
        "0",
        "①",
        "٣",
        "三",
        "@",
        ".",
        "://",
        "http",
        "https://",
        "example",
        ".org",
        "(at)",
        "dot",
        "€",
        "$",
        "k",
        "euros",
        "zero",
        "quatre",
        "vingt",
        "et",
        "double",
        "ans",
        "aged",
        "岁",
        "Telegram",
        "tg",
        ":",
        "DE89",
        "3704",
        "0x",
        "1A1z",
        "\u200b",
        "️⃣",
        "\n",
        ",",
        "-",
        "é",
        "я",
        "م",
        "微信",
        "\x00",
        "😀",
        "call",
        "ref",
        "O",
        "l",
        "18+",
        "[.]",
        "/",
        "'",
    ]
)


def batch(texts: Sequence[str | None], langs: Sequence[str | None] | None = None) -> pa.RecordBatch:
    columns = {
        "id": pa.array([str(n) for n in range(len(texts))]),
        "text": pa.array(texts, pa.string()),
    }
    if langs is not None:
        columns["lang"] = pa.array(langs, pa.string())
    return pa.RecordBatch.from_pydict(columns)


def check(text: str) -> list[Mention]:
    found = extract_text(text)
    places = [(m.start, m.end) for m in found]
    assert places == sorted(places)
    for mention in found:
        assert text[mention.start : mention.end] == mention.raw != ""
        assert mention.kind in set(IdentifierKind)
        assert mention.value == mention.value.strip() != ""
        assert mention.confidence in {"high", "medium"}
        assert mention.reason
    return found


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
@example("\ud800 +44 7700 900123 \udfff")
@example("\x00")
@example("İ" * 30 + " aged 23")
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_text_made_of_what_matters(text: str) -> None:
    check(text)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=25).map("".join), max_size=8), st.integers(1, 8))
def test_batches_give_what_single_texts_give(texts: list[str], size: int) -> None:
    rows = []
    for first in range(0, len(texts), size):
        part = batch(texts).slice(first, size)
        for told in extract(iter([part])):
            assert told.schema == IDENTIFIERS
            rows += told.to_pylist()
    wanted = [
        {
            "id": str(n),
            "kind": m.kind,
            "value": m.value,
            "raw": m.raw,
            "start": m.start,
            "end": m.end,
            "confidence": m.confidence,
            "reason": m.reason,
        }
        for n, text in enumerate(texts)
        for m in extract_text(text)
    ]
    assert rows == wanted


def test_languages_and_order() -> None:
    table = pa.Table.from_batches(
        extract(iter([batch(list(TEXTS), LANGS), batch(list(TEXTS), LANGS)]))
    )
    single = [
        m.value
        for text, lang in zip(TEXTS, LANGS, strict=True)
        for m in extract_text(text, lang=lang)
    ]
    assert table.column("value").to_pylist() == single * 2
    assert [int(n) for n in table.column("id").to_pylist()] == sorted(
        int(n) for n in table.column("id").to_pylist()[: len(single)]
    ) * 2


def test_other_column_types_and_nulls() -> None:
    plain = batch([TEXTS[0], None, TEXTS[3]])
    for kind in (pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()):
        text = plain.column("text").cast(kind)
        other = pa.RecordBatch.from_arrays([plain.column("id"), text], names=["id", "text"])
        assert pa.Table.from_batches(extract(iter([other]))) == pa.Table.from_batches(
            extract(iter([plain]))
        )


def test_no_texts() -> None:
    assert list(extract(iter([]))) == []
    assert list(extract(iter([batch([])]))) == []
    assert list(extract(iter([batch([None, ""])]))) == []


def test_wrong_input_is_told() -> None:
    with pytest.raises(Unreadable, match="text"):
        list(extract(iter([pa.RecordBatch.from_pydict({"id": ["1"]})])))
    with pytest.raises(Unreadable, match="id"):
        list(extract(iter([pa.RecordBatch.from_pydict({"id": [None, "2"], "text": ["a", "b"]})])))
    with pytest.raises(Unreadable, match="text"):
        list(extract(iter([pa.RecordBatch.from_pydict({"id": ["1"], "text": [[1]]})])))
    with pytest.raises(Unreadable, match="region"):
        extract_text("a", regions=("FRA",))


def test_values_are_stable() -> None:
    for text, lang in zip(TEXTS, LANGS, strict=True):
        for found in extract_text(text, lang=lang):
            if found.kind in {
                "phone",
                "email",
                "url",
                "domain",
                "iban",
                "price",
                "ethereum",
                "bitcoin",
            }:
                again = [m.value for m in extract_text(found.value) if m.kind == found.kind]
                assert again == [found.value]


@pytest.mark.parametrize(
    "piece",
    [
        "a.b",
        "a@",
        "@a.b ",
        "1 ",
        "12-",
        "0",
        "+4",
        "x://",
        "one ",
        "et ",
        "(at) ",
        "name at host dot ",
        "€1 ",
        "1€",
        "Telegram ",
        "Telegram: a",
        "岁1",
        "23 ans ",
        "微信",
        "DE89 ",
        "0x",
        "a1",
        "\u200b",
        "https://a.b/",
        ".",
        "1.",
        "a.",
        "1,",
        "a at b dot c ",
        "tg @a ",
        "l0",
        "一二三",
    ],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    extract_text(piece * 100)  # compiled, and the lists are read
    times = []
    for size in (1 << 15, 1 << 17):
        text = (piece * (size // len(piece) + 1))[:size]
        start = time.process_time()
        extract_text(text)
        times.append(time.process_time() - start)
    # Four times the text: quadratic work would take sixteen times as long.
    assert times[1] < 9 * times[0] + 0.5


def test_a_megabyte() -> None:
    text = ("Call +44 7700 900123, pay 1,200 EUR, aged 23. " + "word " * 20) * 7000
    assert len(text) > 1_000_000
    found = check(text)
    assert len(found) == 3 * 7000
