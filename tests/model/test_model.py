"""The nouns: what they refuse, and what a stranger can recompute."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.model import Claim, HandlingCode, Standing, SubjectCategory, row_hash, strictest

FIELDS = st.lists(st.tuples(st.text(), st.none() | st.text()), max_size=5)


@given(FIELDS)
def test_row_hash_is_what_the_documentation_says(fields: list[tuple[str, str | None]]) -> None:
    pairs = [[name, value] for name, value in fields]
    canonical = json.dumps(pairs, ensure_ascii=False, separators=(",", ":"))
    assert row_hash(fields) == hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()


@given(FIELDS, FIELDS)
def test_row_hash_tells_rows_apart(
    one: list[tuple[str, str | None]], other: list[tuple[str, str | None]]
) -> None:
    assert (row_hash(one) == row_hash(other)) == (one == other)


def test_row_hash_of_what_utf8_cannot_carry() -> None:
    assert len(row_hash([("text", "broken \ud800 surrogate")])) == 64


@given(st.lists(st.sampled_from(HandlingCode)))
def test_what_is_derived_is_never_freer_than_its_parts(codes: list[HandlingCode]) -> None:
    assert all(strictest(codes) >= code for code in codes)


def test_a_claim_is_an_assessment_about_nobody_in_particular_until_somebody_says_otherwise() -> (
    None
):
    claim = Claim(
        subject="p1",
        predicate="uses",
        value="x",
        said_by="s",
        said_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert claim.category is SubjectCategory.UNKNOWN
    assert claim.standing is Standing.ASSESSMENT


def test_a_claim_needs_an_unambiguous_time() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Claim(
            subject="p1",
            predicate="uses",
            value="x",
            said_by="s",
            said_at=datetime(2026, 1, 1),  # noqa: DTZ001  the mistake under test
        )
