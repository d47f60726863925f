"""JSON Lines and JSON lists: bad lines are set aside, values keep every digit."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.formats import Columns
from palermo.formats.json_values import Misread, json_form, read_object
from palermo.model import Unreadable, row_hash


def lines(*objects: Any) -> str:
    return "".join(f"{json.dumps(item)}\n" for item in objects)


def test_clean_lines(read: Any) -> None:
    outcome = read(
        lines({"id": "a", "text": "one", "n": 1}, {"id": "b", "text": "two", "n": 2}), "ads.jsonl"
    )
    assert outcome.ids == ["a", "b"]
    assert outcome.items[0]["extra"] == '{"n":1}'
    assert outcome.items[0]["row_hash"] == row_hash([("id", "a"), ("text", "one"), ("n", "1")])
    assert outcome.notes == []


def test_records_with_different_keys_read_as_they_do_alone(read: Any) -> None:
    alike = [
        {"id": str(n), "text": f"ad {n}", "price": n * 1.5, "tags": [n, None]} for n in range(20)
    ]
    first = read(lines(*alike), "ads.jsonl")
    second = read(lines(*alike, {"text": "x", "id": "y"}), "ads.jsonl")
    assert second.items[:-1] == first.items
    assert second.items[-1]["extra"] is None
    assert second.items[-1]["row_hash"] == row_hash([("text", "x"), ("id", "y")])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "b", "text": }', "bad_json"),
        ('{"id": "b", "text": "x"} {}', "bad_json"),
        ('{"id": "b", "text": NaN}', "bad_json"),
        ("hello", "bad_json"),
        ("[" * 100_000, "bad_json"),
        ('{"id":"b","text":"x","deep":' + '{"a":' * 200 + "1" + "}" * 201, "bad_json"),
        ("[1, 2]", "not_an_object"),
        ("17", "not_an_object"),
        ("null", "not_an_object"),
        ('"text"', "not_an_object"),
        ('{"id": "b"}', "empty_text"),
        ('{"id": "b", "text": null}', "empty_text"),
        ('{"id": "b", "text": "' + "x" * 1_000_001 + '"}', "field_too_large"),
        ('{"id": "b", "text": "x", "more": ["' + "x" * 1_000_001 + '"]}', "field_too_large"),
        ("{}", "empty_text"),
    ],
)  # fmt: skip
def test_bad_lines_are_set_aside(read: Any, line: str, reason: str) -> None:
    good = '{"id": "a", "text": "one"}'
    outcome = read(f"{good}\n{line}\n\n{good.replace('a', 'c', 1)}\n", "ads.jsonl")
    assert outcome.reasons[reason] == 1
    assert outcome.set_aside == [2]
    assert len(outcome.items) == 2


def test_numbers_keep_every_digit(read: Any) -> None:
    big = "1" * 5000
    outcome = read(
        '{"id": 12345678901234567890123, "text": 1.10}\n{"id": 1e3, "text": "x", "n": '
        + big
        + "}\n",
        "ads.jsonl",
    )
    assert outcome.ids == ["12345678901234567890123", "1e3"]
    assert outcome.texts[0] == "1.10"
    assert outcome.items[1]["extra"] == f'{{"n":{big}}}'


def test_nested_values_stay_json(read: Any) -> None:
    outcome = read(
        '{"text": "x", "place": {"city": "Rome"}, "tags": ["a", {"b": null}]}\n', "a.jsonl"
    )
    assert outcome.items[0]["place"] == '{"city":"Rome"}'
    assert outcome.items[0]["extra"] == '{"tags":["a",{"b":null}]}'


def test_repeated_keys(read: Any) -> None:
    line = '{"id": "a", "text": "one", "text": "two"}\n'
    for others in ("", '{"text": "x"}\n'):
        outcome = read(line + others, "ads.jsonl")
        assert outcome.texts[0] == "one"
        assert outcome.items[0]["extra"] == '{"text#2":"two"}'
        assert outcome.only("duplicate_key")["id"] == "a"


def test_what_text_cannot_hold_is_noted(read: Any) -> None:
    outcome = read(
        '{"id": "a", "text": "x\\u0000y"}\n{"id": "b", "text": "\\ud83d"}\n'
        '{"id": "c", "text": "\\ud83d\\ude00"}\n{"id": "d", "text": "tab\there"}\n',
        "ads.jsonl",
    )
    assert outcome.texts == ["xy", "\ufffd", "😀", "tab\there"]
    assert outcome.reasons == {"nul": 1, "surrogate": 1, "control_characters": 1}


def test_windows_1252_and_marks(read: Any) -> None:
    outcome = read(
        b'\xef\xbb\xbf{"id":"a","text":"caf\xe9"}\r\n{"id":"b","text":"x"}\r', "a.ndjson"
    )
    assert outcome.texts == ["café", "x"]
    assert outcome.reasons == {"encoding": 1}


def test_a_line_of_20_mb(read: Any) -> None:
    line = '{"id":"b","text":"' + "x" * 20_000_000 + '"}'
    outcome = read('{"id":"a","text":"x"}\n' + line + '\n{"id":"c","text":"x"}', "ads.jsonl")
    assert outcome.ids == ["a", "c"]
    assert outcome.reasons == {"field_too_large": 1}


@pytest.mark.parametrize("data", ["", "\n \n"])
def test_an_empty_file_is_unreadable(read: Any, data: str) -> None:
    with pytest.raises(Unreadable):
        read(data, "ads.jsonl")


def test_a_missing_column_names_the_keys(read: Any) -> None:
    with pytest.raises(Unreadable, match="wording"):
        read('{"wording": "x"}\n', "ads.jsonl")
    with pytest.raises(Unreadable, match="no column 'ad'"):
        read('{"text": "x"}\n', "ads.jsonl", Columns(id="ad"))


def test_a_list_reads_as_the_lines_do(read: Any) -> None:
    objects = [
        {"id": str(n), "text": f'a "b" [{n}]}}, {{', "x": [n, {"y": "],"}]} for n in range(30)
    ]
    as_lines = read(lines(*objects), "ads.jsonl")
    for indent in (None, 2):
        assert read(json.dumps(objects, indent=indent), "ads.json").items == as_lines.items
    assert read(lines(*objects), "ads.json").items == as_lines.items


def test_bad_elements_of_a_list(read: Any) -> None:
    outcome = read(
        '[{"id":"a","text":"x"}, {"id": nope}, , 7, {"id":"b","text":"y"}, }, '
        '{"id":"c","text":"z"}',
        "ads.json",
    )
    assert outcome.ids == ["a", "b"]
    assert outcome.reasons == {"bad_json": 4, "not_an_object": 1}
    assert "not closed" in outcome.notes[-1]["detail"]


def test_something_after_the_list(read: Any) -> None:
    outcome = read('[{"text":"x"}]\n[{"text":"y"}]', "ads.json")
    assert outcome.texts == ["x"]
    assert outcome.reasons == {"bad_json": 1}


def test_an_empty_list_and_a_single_object(read: Any) -> None:
    assert read("[ ]", "ads.json").reasons == {"no_rows": 1}
    with pytest.raises(Unreadable, match="list of objects"):
        read('{\n"ads": [\n{"text": "x"}\n]}', "ads.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_values_come_back_as_they_were(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    try:
        read = read_object(text)
    except Misread:
        pytest.fail(text)
    if not read.problems:
        assert json.loads(json_form(read.pairs)) == value


def test_hostile_keys_take_bounded_time(read: Any) -> None:
    same = '{"text":"x"' + ',"a":1' * 200_000 + "}"
    outcome = read(f'{same}\n{{"text":"y"}}\n', "ads.jsonl")
    assert json.loads(outcome.items[0]["extra"])["a#200000"] == 1


def test_large_lines_are_not_gathered_without_end(read: Any) -> None:
    lines_ = "".join(f'{{"text":"{n}","more":"{"x" * 900_000}"}}\n' for n in range(40))
    assert read(lines_, "ads.jsonl").texts == [str(n) for n in range(40)]
