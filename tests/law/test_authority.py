"""Authority files are read as a person sees them, and attacks on YAML end in a plain sentence."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.law import read_authority
from palermo.law.plain_yaml import read_plain
from palermo.model import Authority, Unreadable

GOOD = """\
palermo_authority: 1
organisation: Example Job Board (fictional)
power: eu/dsa-own-initiative
legal_basis: Regulation (EU) 2022/2065, Article 7
purpose: find recruitment by deceit
case: 2026-01
authorised_by: {name: A. Example, role: head-of-trust-and-safety}
from: 2026-01-01T00:00:00Z
until: 2026-07-01T00:00:00+02:00
offences: [trafficking-in-persons]
scope: {material: [ads, posts], platforms: [NO], measures: [detect, preserve]}
"""


def read(tmp_path: Path, text: str | bytes) -> Authority:
    path = tmp_path / "authority.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_authority(path)


def test_a_good_file_is_read_as_it_stands(tmp_path: Path) -> None:
    authority = read(tmp_path, GOOD)
    assert authority.case == "2026-01"  # not a date
    assert authority.scope.platforms == ("NO",)  # not a truth value
    assert authority.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert authority.valid_until == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert authority.renewals == 0
    assert authority.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert read(tmp_path, text).organisation == "Example Job Board (fictional)"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("palermo_authority: 1", "palermo_authority: 2", "`palermo_authority` should be"),
        ("palermo_authority: 1\n", "", "`palermo_authority`"),
        ("case: 2026-01", "case: 1\ncase: 2", "line 7: `case` stands here a second time"),
        ("case:", "cases:", "unknown key `cases`; did you mean `case`"),
        ("power: eu/dsa-own-initiative", "power: dsa", "`power` should be `pack/power`"),
        (
            "from: 2026-01-01T00:00:00Z",
            "from: 2026-01-01",
            "`from` should be a time with an offset",
        ),
        ("from: 2026-01-01T00:00:00Z", "from: 2026-01-01T00:00:00", "`from` should be a time"),
        ("2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "not in the calendar"),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "`until` should be a moment after"),
        ("[ads, posts]", "ads", "`scope.material` should be a list"),
        ("[ads, posts]", "[]", "`scope.material` should be a list of words"),
        ("[ads, posts]", "[[ads]]", "`scope.material` should be a list of words"),
        ("{name: A. Example, role: head-of-trust-and-safety}", "me", "`authorised_by` should be"),
        ("name: A. Example, ", "", "`authorised_by.name`"),
        ("offences:", "renewals: two\noffences:", "`renewals` should be a whole number"),
        ("purpose:", "purpose: !!python/object:os.system", "tags (!) are not allowed"),
        ("purpose: find recruitment by deceit", "purpose: &a x", "anchors and aliases"),
        ("purpose: find recruitment by deceit", "purpose: *a", "anchors and aliases"),
        ("purpose: find recruitment by deceit", "purpose: [", "not YAML"),
        ("purpose: find", "? {a: b}\n: c\npurpose: find", "a key must be a word"),
        ("scope:", "---\nscope:", "second document"),
    ],
)
def test_mistakes_name_file_place_and_remedy(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    message = str(caught.value)
    assert said in message
    assert message.startswith(str(tmp_path / "authority.yaml"))
    assert "\n" not in message


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected lines of the form"),
        (b"- a\n- b\n", "expected lines of the form"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: \x00", "not YAML"),
        (b"#" * 70_000, "at most 65,536"),
        (b"a: " + b"[" * 60_000, "nested deeper"),
        (b"a: " + b"{b: " * 60, "nested deeper"),
    ],
)
def test_files_that_are_no_authority(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(tmp_path, data)


def test_an_expansion_bomb_is_refused_before_it_expands() -> None:
    levels = "\n".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, 12))
    with pytest.raises(Unreadable, match="anchors"):
        read_plain(f"k0: &k0 [x]\n{levels}\n".encode(), name="bomb")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot read the authority file"):
        read_authority(tmp_path / "none.yaml")


def outcome(data: bytes, *, typed: bool) -> str:
    try:
        read_plain(data, name="x", typed=typed)
    except Unreadable as error:
        return str(error)
    return "x is a mapping"


@given(st.binary(max_size=300))
def test_any_bytes_give_a_mapping_or_one_sentence(data: bytes) -> None:
    assert outcome(data, typed=False).startswith("x")


@given(st.text("abc:&*![]{}'\"-?\n #|>%,1", max_size=120))
def test_any_yaml_like_text_gives_a_mapping_or_one_sentence(text: str) -> None:
    assert outcome(text.encode(), typed=True).startswith("x")
