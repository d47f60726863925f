"""The packs that ship are complete, and a broken pack is refused with its place."""

from pathlib import Path

import pytest

from palermo.law import law_book, powers_table
from palermo.law.book import read_pack
from palermo.model import Unreadable

BOOK = law_book()

PACK = """\
palermo_law_pack: 1
pack: test
title: Test
sources: {act: The Act}
roles: {judge: judge}
offences: {theft: theft}
powers:
  - power: look
    title: Look
    article: art. 1
    measures: [observe]
    offences: [theft]
    in_force: {from: 2020-01-01, until: 2025-01-01, successor: art. 2}
    regimes: [{regime: general, title: all, authorised_by: [judge], length: 1 month, renewals: 1}]
    source: act
    checked: 2026-01-01
"""
SECOND = PACK[PACK.index("  - power") :].replace(
    "from: 2020-01-01, until: 2025-01-01, successor: art. 2", "from: 2025-01-01"
)


def read(text: str) -> object:
    return read_pack(
        text.encode(), name="test.yaml", measures=BOOK.measures, material=BOOK.material
    )


def test_the_three_packs_ship() -> None:
    assert set(BOOK.packs) == {"eu", "france", "international"}


@pytest.mark.parametrize(
    "key",
    [
        "eu/dsa-own-initiative",
        "eu/dsa-notice",
        "eu/dsa-suspicion-of-offence",
        "eu/epoc-traffic-and-content",
        "france/infiltration",
        "france/cyber-infiltration",
        "france/interception-enquiry",
        "france/stored-correspondence",
        "france/sound-and-image-recording",
        "france/remote-data-capture",
        "international/special-investigative-techniques",
        "international/data-preservation",
    ],
)
def test_powers_that_others_rely_on(key: str) -> None:
    assert len(BOOK.versions(key)) == 1


def test_every_row_of_the_table_has_article_source_and_state_of_checking() -> None:
    rows = powers_table(BOOK)
    assert len(rows) >= len(BOOK.powers())
    for row in rows:
        assert row.article
        assert row.source
        assert row.checked
        assert row.authorised_by
    infiltration = next(row for row in rows if row.power == "france/infiltration")
    assert infiltration.duration == "4 months, renewable without limit in number"


def test_every_french_power_ends_with_the_old_code_or_belongs_to_the_new() -> None:
    for power in BOOK.packs["france"].powers:
        assert power.validity.ends is not None or "code of 2029" in power.origin.article


def test_two_versions_may_follow_each_other() -> None:
    assert read(PACK + SECOND)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    title: Look\n", "", "powers/0: 'title' is a required property"),
        ("length: 1 month", "length: one month", "powers/0/regimes/0/length"),
        ("measures: [observe]", "measures: [stare]", "`stare`, which terms.yaml does not know"),
        ("authorised_by: [judge]", "authorised_by: [king]", "the role `king`"),
        ("offences: [theft]", "offences: [arson]", "the offence `arson`"),
        ("offences: [theft]", "offences: grave", "the offence list `grave`"),
        ("source: act", "source: rumour", "the source `rumour`"),
        ("checked: 2026-01-01", "checked: yes", "powers/0/checked"),
        ("checked: 2026-01-01", "checked: 2026-02-30", "no day of the calendar"),
        ("from: 2020-01-01", "from: 2026-01-01", "ends before it begins"),
        (", length: 1 month", "", "without a length"),
        ("title: Test", "title: Test\ntitle: Test", "a second time"),
    ],
)
def test_a_broken_pack_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    assert old in PACK
    with pytest.raises(Unreadable) as caught:
        read(PACK.replace(old, new, 1))
    assert said in str(caught.value)
    assert str(caught.value).startswith("test.yaml")


def test_overlapping_versions_are_refused() -> None:
    with pytest.raises(Unreadable, match="two versions of `test/look` hold on the same day"):
        read(PACK + SECOND.replace("2025-01-01", "2024-12-31"))


def test_a_node_may_add_its_own_packs_but_not_replace_ours(tmp_path: Path) -> None:
    (tmp_path / "test.yaml").write_text(PACK)
    assert "test" in law_book(tmp_path).packs
    other = tmp_path / "other"
    other.mkdir()
    (other / "zz.yaml").write_text(PACK.replace("pack: test", "pack: eu"))
    with pytest.raises(Unreadable, match="a pack called `eu` exists"):
        law_book(other)
