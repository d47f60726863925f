"""To whom abuse material is reported: the law packs say, own country first."""

import pytest

from palermo.law import law_book
from palermo.law.book import read_pack
from palermo.model import Unreadable

BOOK = law_book()
SUBJECT = "child-sexual-abuse-material"
PACK = """\
palermo_law_pack: 1
pack: test
title: Test
sources: {page: A page}
reporting:
  - {report: a, title: The police, about: child-sexual-abuse-material, channel: a door,
     article: none, source: page, checked: unchecked}
"""


def read(text: str) -> object:
    return read_pack(
        text.encode(), name="test.yaml", measures=BOOK.measures, material=BOOK.material
    )


def test_somebody_is_named_whatever_the_power() -> None:
    for pack in BOOK.packs:
        points = BOOK.reporting(SUBJECT, first=pack)
        assert len(points) >= 4
        assert points[0].key.startswith(f"{pack}/")
    assert BOOK.reporting("weather") == ()


def test_french_and_european_points_are_there_with_their_source() -> None:
    titles = " ".join(point.title for point in BOOK.reporting(SUBJECT))
    assert all(word in titles for word in ("PHAROS", "Point de Contact", "INHOPE"))
    assert all(point.origin.source for point in BOOK.reporting(SUBJECT))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("about: child-sexual-abuse-material", "about: weather"),
        ("source: page", "source: hearsay"),
        ("channel: a door,", ""),
        ("checked: unchecked", "checked: perhaps"),
    ],
)
def test_a_broken_entry_is_refused(old: str, new: str) -> None:
    read(PACK)
    with pytest.raises(Unreadable, match=r"test\.yaml"):
        read(PACK.replace(old, new))
