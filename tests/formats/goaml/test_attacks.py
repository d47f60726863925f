"""Files that mean harm: refused in one sentence, in little time and memory."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.formats.goaml import Node, check, parse_xml, read_profile, read_xml, write_xml
from palermo.formats.goaml.tree import MAX_DEPTH
from palermo.model import Unreadable

_LAUGHS = '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{("&a" + str(n - 1) + ";") * 10}">' for n in range(1, 10)
)
_ATTACKS = {
    "entities": f"<!DOCTYPE report [{_LAUGHS}]><report>&a9;</report>".encode(),
    "outside": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><report>&x;</report>',
    "doctype": b'<!DOCTYPE report SYSTEM "x.dtd"><report/>',
    "deep": b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
    "wide": ("<report " + " ".join(f"a{n}='1'" for n in range(100)) + "/>").encode(),
    "cut": b"<report><transaction>",
    "two roots": b"<report/><report/>",
    "nothing": b"",
    "bytes": b"\x00\xff\xfe",
    "encoding": b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><report/>',
    "wrong encoding": b'<?xml version="1.0" encoding="UTF-8"?><report>\xff</report>',
    "undefined": b"<report>&nothing;</report>",
}


@pytest.mark.parametrize("name", _ATTACKS)
def test_attacks_are_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_bytes(_ATTACKS[name])
    with pytest.raises(Unreadable, match=r"report\.xml, line \d+: "):
        read_xml(path)


def test_other_encodings_are_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><report><reason>é</reason></report>'
    for name in ("utf-16", "iso-8859-1", "utf-8"):
        assert parse_xml(text.format(name).encode(name)).value("reason") == "é"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="give its path"):
        read_xml(tmp_path / "none.xml")


def test_what_xml_cannot_carry_is_not_written() -> None:
    with pytest.raises(Unreadable, match="U\\+0000 cannot stand in XML"):
        write_xml(Node(name="report", children=(Node(name="reason", text="a\x00b"),)))


def test_huge_numbers_are_wrong_values_not_work() -> None:
    text = f"<report><rentity_id>{'9' * 1_000_000}</rentity_id></report>"
    problems = [str(one) for one in check(parse_xml(text.encode()), read_profile("core-5.0"))]
    assert any("expected a whole number" in one and len(one) < 300 for one in problems)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300), at=st.integers(0, 3000))
def test_damage_is_read_or_refused(data: bytes, at: int) -> None:
    whole = (Path(__file__).parent / "golden" / "report-5.xml").read_bytes()
    broken = whole[:at] + data + whole[at + len(data) :]
    try:
        report = parse_xml(broken)
    except Unreadable:
        return
    check(report, read_profile("example-5"))
    assert parse_xml(write_xml(report)) == report


def test_comments_instructions_and_stray_text_come_back() -> None:
    text = b"<report>a<!-- c --><?p i?><reason>x<!-- d -->y</reason> b </report>"
    report = parse_xml(text)
    assert parse_xml(write_xml(report)) == report
    assert [child.name for child in report.children] == [
        "#text", "#comment", "#instruction", "reason", "#text",
    ]  # fmt: skip
    assert report.value("reason") == "xy"
