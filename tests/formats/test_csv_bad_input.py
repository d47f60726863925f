"""Bad CSV is somebody's normal day: each kind has a named, counted, visible outcome."""

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from palermo.formats import Columns, read_items
from palermo.model import Unreadable


def test_a_clean_file_gives_items_and_nothing_else(read: Any) -> None:
    outcome = read("id,text,price\na,first,12\nb,second,\n")
    assert outcome.ids == ["a", "b"]
    assert outcome.notes == []
    first = outcome.items[0]
    assert (first["text"], first["extra"], first["row"]) == ("first", '{"price":"12"}', 1)


def test_byte_order_mark(read: Any) -> None:
    outcome = read(b"\xef\xbb\xbfid,text\na,caf\xc3\xa9\n")
    assert (outcome.ids, outcome.texts, outcome.notes) == (["a"], ["café"], [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_utf16_and_utf32(read: Any, encoding: str) -> None:
    outcome = read('id,text\na,"работа,\n💶"\n'.encode(encoding))
    assert outcome.texts == ["работа,\n💶"]
    # Without a mark it is a guess, and said to be one.
    assert list(outcome.reasons) == (["encoding"] if encoding.endswith("e") else [])


def test_damaged_utf16_is_noted(read: Any) -> None:
    outcome = read(b"\xff\xfe" + "id,text\na,x\n".encode("utf-16-le") + b"\x00\xd8a\x00,\x00b\x00")
    assert outcome.texts[0] == "x"
    assert outcome.only("encoding")["row"] == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(read: Any, end: str, last: bool) -> None:
    outcome = read(end.join(["id,text", "a,one", 'b,"two', 'lines"']) + (end if last else ""))
    assert outcome.texts == ["one", f"two{end}lines"]
    assert outcome.notes == []


def test_mixed_line_ends(read: Any) -> None:
    assert read("id,text\r\na,1\nb,2\rc,3\n\r\nd,4").texts == ["1", "2", "3", "4"]


def test_windows_1252_is_read_and_noted_line_by_line(read: Any) -> None:
    outcome = read(b"id,text\na,caf\xe9 \x80\nb,caf\xc3\xa9\nc,\x81\n")
    assert outcome.texts == ["café €", "café", "\x81"]
    assert [(note["row"], note["id"]) for note in outcome.notes] == [(1, "a"), (3, "c")]
    assert set(outcome.reasons) == {"encoding"}


def test_one_bad_byte_does_not_spoil_the_rest_of_its_line(read: Any) -> None:
    assert read("id,text\na,девушки ".encode() + b"\xd0\n").texts == ["девушки Ð"]


def test_nul_bytes_are_taken_out_and_noted(read: Any) -> None:
    outcome = read("id,text\na,on\0e\nb,two\n")
    assert outcome.texts == ["one", "two"]
    assert outcome.only("nul")["id"] == "a"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(read: Any, delimiter: str) -> None:
    lines = [["id", "text"], ["a", "one; two, three"], ["b", "x"]]
    data = "".join(f'{a}{delimiter}"{b}"\n' for a, b in lines)
    assert read(data).texts == ["one; two, three", "x"]


def test_decimal_commas_do_not_win_over_semicolons(read: Any) -> None:
    data = "id;text;price\n" + "".join(f"{n};hello, you;1,50\n" for n in range(9))
    assert read(data).items[0]["extra"] == '{"price":"1,50"}'


def test_a_delimiter_inside_quotes_does_not_divide_the_header(read: Any) -> None:
    assert read('"id","text"\n"a","one"\n"b","\n\t0"\n').ids == ["a", "b"]


def test_separator_line_of_spreadsheets(read: Any) -> None:
    assert read("sep=;\r\nid;text\r\na;b,c\r\n").texts == ["b,c"]


def test_tsv(read: Any) -> None:
    assert read("id\ttext\na\tone, two\n", "ads.tsv").texts == ["one, two"]


def test_ragged_rows_are_set_aside(read: Any) -> None:
    outcome = read("id,text,lang\na,one,en\nb,two\nc,three,en,x\nd,four,en\n")
    assert outcome.ids == ["a", "d"]
    assert outcome.set_aside == [2, 3]
    assert outcome.reasons == {"ragged": 2}
    assert outcome.notes[1]["detail"] == "line 4: 4 fields where the header has 3"
    assert outcome.notes[1]["raw"] == "c,three,en,x"


def test_a_quote_inside_an_unquoted_field_is_a_character(read: Any) -> None:
    outcome = read('id,text\na,6" heels\nb,fine\n')
    assert outcome.texts == ['6" heels', "fine"]
    assert outcome.notes == []


def test_characters_after_a_closing_quote(read: Any) -> None:
    outcome = read('id,text\na,"one" two\nb,"fine"\nc,"say ""hi"""\n')
    assert outcome.texts == ["fine", 'say "hi"']
    assert outcome.reasons == {"bad_quotes": 1}


@pytest.mark.parametrize("rest", ["", '4,"quoted"\n', "4,plain", '4,"two\nlines"\n'])
def test_an_unclosed_quote_costs_one_row(read: Any, rest: str) -> None:
    outcome = read('id,text\n1,one\n2,"two\n3,three\n' + rest)
    assert outcome.ids == ["1", "3", *(["4"] if rest else [])]
    assert outcome.only("unclosed_quote")["row"] == 2
    assert outcome.only("after_damage")["id"] == "3"


def test_an_unclosed_quote_does_not_swallow_a_large_file(read: Any) -> None:
    lines = [f"{number},this is offer number {number}" for number in range(60_000)]
    lines[100] = '100,"this is offer'
    lines[30_000] += '"'  # by accident this closes the quote
    outcome = read("\n".join(["id,text", *lines]))
    assert len(outcome.items) == 59_999
    assert outcome.only("unclosed_quote")["raw"].startswith('100,"this')


def test_a_broken_record_of_several_lines_is_one_record(read: Any) -> None:
    outcome = read('id,text,lang\na,"one\ntwo" three\nfour",en\nb,fine,en\n')
    assert outcome.ids == ["b"]
    note = outcome.only("unclosed_quote")
    assert note["detail"].startswith("lines 2 to 4")
    assert note["raw"] == 'a,"one\ntwo" three\nfour",en\n'


def test_a_quote_astray_makes_a_record_of_several_lines_suspect(read: Any) -> None:
    outcome = read('id,text,size\na,"one\nb,two",6" x\nc,fine,9\n')
    assert outcome.ids == ["c"]
    assert outcome.reasons == {"unclosed_quote": 1, "after_damage": 1}


def test_a_ragged_record_of_several_lines_is_one_record(read: Any) -> None:
    outcome = read('id,text\na,"one\nx,y\n",z\nb,fine\n')
    assert outcome.ids == ["b"]
    assert outcome.reasons == {"ragged": 1}


def test_a_long_text_with_many_lines_is_kept(read: Any) -> None:
    text = "\n".join(f"line {number} of a letter" for number in range(500))
    outcome = read(f'id,text\na,"{text}"\nb,fine\n')
    assert outcome.texts == [text, "fine"]
    assert outcome.notes == []


def test_a_field_of_50_mb_is_set_aside_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    with path.open("wb") as file:
        file.write(b"id,text\na,one\nb,")
        for _ in range(50):
            file.write(b"x" * 1_000_000)
        file.write(b"\nc,three\n")
    tracemalloc.start()
    try:
        readings = list(read_items(path, exhibit="0" * 64))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    ids = [name for reading in readings for name in reading.items["id"].to_pylist()]
    notes = [note for reading in readings for note in reading.rejected.to_pylist()]
    assert ids == ["a", "c"]
    assert [(note["row"], note["reason"]) for note in notes] == [(2, "field_too_large")]
    assert peak < 120_000_000


def test_a_giant_quoted_text_is_one_record(read: Any) -> None:
    giant = "no delimiter in this line\n" * 500_000
    outcome = read(f'id,text\na,one\nb,"{giant}"\nc,three\n')
    assert outcome.ids == ["a", "c"]
    assert outcome.reasons == {"field_too_large": 1}


def test_a_field_just_too_large(read: Any) -> None:
    outcome = read(f"id,text\na,{'é' * 1_000_000}\nb,{'é' * 1_000_001}\nc,x\n")
    assert outcome.ids == ["a", "c"]
    assert outcome.only("field_too_large")["row"] == 2


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\r\n\n", b"\0\0"])
def test_an_empty_file_is_unreadable(read: Any, data: bytes) -> None:
    with pytest.raises(Unreadable, match="empty"):
        read(data)


@pytest.mark.parametrize("data", ["id,text", "id,text\n", "id,text\n\n\n"])
def test_a_header_alone_gives_no_items_and_says_so(read: Any, data: str) -> None:
    outcome = read(data)
    assert outcome.items == []
    assert outcome.reasons == {"no_rows": 1}


def test_a_missing_text_column_names_those_there_are(read: Any) -> None:
    with pytest.raises(Unreadable, match=r"--text-column.*number, wording"):
        read("number,wording\n1,x\n")
    assert read("number,wording\n1,x\n", columns=Columns(text="wording")).texts == ["x"]


def test_a_wrong_column_name_lists_those_there_are(read: Any) -> None:
    with pytest.raises(Unreadable, match=r"no column 'ad' for the id.*id, text"):
        read("id,text\na,b\n", columns=Columns(id="ad"))


def test_a_broken_header_is_unreadable(read: Any) -> None:
    for data in ('id,"text\na,b\n', 'id,"te"xt\na,b\n'):
        with pytest.raises(Unreadable, match="header"):
            read(data)


def test_without_an_id_column_ids_are_made(read: Any) -> None:
    outcome = read("text\none\ntwo\n")
    assert outcome.ids == ["01234567-1", "01234567-2"]
    assert outcome.notes == []


def test_empty_ids(read: Any) -> None:
    outcome = read("id,text\n,one\n  ,two\nc,three\n")
    assert outcome.ids == ["01234567-1", "01234567-2", "c"]
    assert outcome.reasons == {"empty_id": 2}


def test_duplicate_ids(read: Any) -> None:
    outcome = read("id,text\na,one\na,one\na,two\na,three\na,two\na#2,four\n")
    assert outcome.ids == ["a", "a#2", "a#3", "a#2#2"]
    assert outcome.reasons == {"duplicate_row": 2, "duplicate_id": 3}
    assert outcome.set_aside == [2, 5]


def test_empty_texts(read: Any) -> None:
    outcome = read('id,text\na,\nb,"  \n "\nc,x\nd,\u00a0\n')
    assert outcome.ids == ["c"]
    assert outcome.reasons == {"empty_text": 3}


def test_a_row_that_is_set_aside_has_one_note(read: Any) -> None:
    outcome = read(b"id,text,lang\na,,caf\xe9\0\n")
    (note,) = outcome.notes
    assert note["reason"] == "empty_text"
    assert note["detail"] == "the text is empty (also: encoding, nul)"


def test_unreadable_dates(read: Any) -> None:
    outcome = read("id,text,date\na,x,05/06/2024\nb,x,2024-06-05T10:00:00Z\nc,x,\n")
    assert [item["posted_at"] is None for item in outcome.items] == [True, False, True]
    note = outcome.only("bad_date")
    assert (note["id"], note["raw"]) == ("a", "05/06/2024")


def test_dates_without_a_zone_are_noted_once_with_their_number(read: Any) -> None:
    outcome = read("id,text,date\na,x,2024-06-05Z\nb,x,2024-06-05\nc,x,2024-06-05 10:00\n")
    note = outcome.only("no_zone")
    assert (note["row"], note["id"]) == (2, "b")
    assert note["detail"].startswith("2 dates")


def test_repeated_column_names_are_numbered(read: Any) -> None:
    outcome = read("id,text,price,price\na,x,1,2\n")
    assert outcome.items[0]["extra"] == '{"price":"1","price#2":"2"}'
    assert outcome.only("duplicate_column")["row"] == 0


def test_blanks_in_other_columns_are_null(read: Any) -> None:
    item = read("id,text,lang,city\na,x, ,Rome\n").items[0]
    assert (item["lang"], item["place"], item["extra"]) == (None, "Rome", None)


def test_a_header_of_a_million_columns_is_refused_quickly(read: Any) -> None:
    with pytest.raises(Unreadable, match="10000 are the most"):
        read("text" + "," * 500_000 + "\n")
    assert len(read("text" + ",x" * 9_999 + "\n").notes) == 2
