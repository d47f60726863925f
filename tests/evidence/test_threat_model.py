"""Every row of the threat model names tests that are there."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "explanation" / "threat-model.md").read_text("utf-8")


def test_every_attack_has_its_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "found by" not in line]
    assert len(rows) >= 20
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)`", row)
        assert named, row
        for name in named:
            places = [REPOSITORY / "tests" / room / name for room in ("evidence", "investigation")]
            assert any(place.is_file() for place in places), name
