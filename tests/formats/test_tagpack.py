"""TagPacks: every tag read or set aside, taken from the header where it says nothing, and back."""

from pathlib import Path

import pyarrow as pa
import pytest

from palermo.formats.tagpack import TAGS, TagPack, listed, read_tagpack, write_tagpack
from palermo.formats.yaml_lines import parse_lines
from palermo.model import Unreadable
from palermo.model.screening import LISTED

PACK = """title: Made up
creator: Nobody
description: For tests
label: Example
source: https://example.org
currency: BTC
is_cluster_definer: false
lastmod: 2026-01-02
tags:
- address: 1Archive1n2C579dMsAu3iC6tWzuQJz8dN
  abuse: sextortion
  concepts: [forced_labour, exchange]
- address: '0xFA8E3920daF271daB92Be9B87d9998DDd94FEF08'
  currency: ETH
  is_cluster_definer: true
  own_field: {a: [1, b]}
- tx_hash: aa11
  label: Of a transaction
"""


def read(text: str, folder: Path) -> TagPack:
    path = folder / "pack.yaml"
    path.write_text(text, "utf-8")
    return read_tagpack(path)


def test_a_pack_with_inheritance_and_override(tmp_path: Path) -> None:
    pack = read(PACK, tmp_path)
    assert pack.tags.schema == TAGS
    first, second, third = pack.tags.to_pylist()
    assert (first["label"], first["currency"], first["abuse"]) == ("Example", "BTC", "sextortion")
    assert (first["is_cluster_definer"], second["is_cluster_definer"]) == (False, True)
    assert second["currency"] == "ETH"
    assert second["other"] == '{"own_field": {"a": ["1", "b"]}}'
    assert third["address"] is None
    assert [row["line"] for row in pack.tags.to_pylist()] == [10, 13, 17]


def test_written_and_read_again_it_is_the_same(tmp_path: Path) -> None:
    pack = read(PACK, tmp_path)
    written = write_tagpack(pack)
    again = read(written.decode(), tmp_path)
    assert again.header == pack.header
    assert again.tags.drop(["line"]).equals(pack.tags.drop(["line"]))
    assert write_tagpack(again) == written
    assert b"lastmod: 2026-01-02\n" in written  # a day, not a text in quotes
    assert written.count(b"https://example.org") == 1


def test_what_is_no_tag_is_set_aside_with_line_and_reason(tmp_path: Path) -> None:
    bad = (
        "- address: 1A\n  currency: [a]\n- just words\n- label: No address\n- address: 1A\n"
        "- address: 1A\n- address: 1B\n  is_cluster_definer: perhaps\n- address: 1C\n  label: ''\n"
    )
    pack = read(PACK + bad, tmp_path)
    assert pack.tags.num_rows == 4
    assert pack.total == 10
    assert [(one.row, one.field) for one in pack.set_aside] == [
        (19, "currency"),
        (21, ""),
        (22, "address"),
        (24, "address"),
        (25, "is_cluster_definer"),
        (27, "label"),
    ]
    assert pack.set_aside[3].reason == "the same tag stands on line 23"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x\n", "line 1: anchors and aliases"),
        ("a: !!python/object:os.system x\n", "line 1: tags"),
        ("title: a\ntitle: b\n", "line 2: `title` stands here twice"),
        ("title: a\n---\ntitle: b\n", "a second document"),
        ("a: " + "[" * 40 + "]" * 40, "nested deeper"),
        ("title: a\n", "no `creator`"),
        ("title: a\ncreator: b\ntags: none\n", "no list of `tags`"),
        ("- a\n", "key: value"),
        ("a: [b\n", "not YAML"),
        ("", "key: value"),
    ],
)
def test_what_is_no_pack_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text, tmp_path)
    assert words in str(refused.value)


def test_other_bytes_are_refused() -> None:
    with pytest.raises(Unreadable, match="not UTF-8 at byte 3"):
        parse_lines(b"a: \xff\n", "x")


def test_a_pack_as_a_list_to_screen_against(tmp_path: Path) -> None:
    table = listed(read(PACK, tmp_path), "made up")
    assert table.schema == LISTED
    first, second = table.to_pylist()  # the tag of a transaction is no wallet
    assert first["wallets"] == ["1Archive1n2C579dMsAu3iC6tWzuQJz8dN"]
    assert first["topics"] == ["sextortion", "forced_labour", "exchange"]
    assert second["caption"] == "Example"


@pytest.mark.parametrize(
    ("name", "tags"), [("ofac", 572), ("sextortion_excello", 12_527), ("usdt_blacklist", 774)]
)
def test_real_packs_are_read_whole(name: str, tags: int, shared_data: Path, tmp_path: Path) -> None:
    pack = read_tagpack(shared_data / "finance" / "tagpacks" / f"{name}.yaml")
    assert pack.total == tags
    assert pack.tags.num_rows + len(pack.set_aside) == tags
    assert pack.set_aside == ()
    again = read(write_tagpack(pack).decode(), tmp_path)
    assert again.tags.drop(["line"]).equals(pack.tags.drop(["line"]))
    assert pa.compute.count_distinct(pack.tags["address"]).as_py() <= tags
