"""Templates for machines: identifiers across slots, variations, and how unlikely by chance."""

import json

import pyarrow as pa
import pytest

from palermo.analysis.campaigns import build_template, chance, false_links
from palermo.analysis.identifiers import extract_text
from palermo.investigation import template_json
from palermo.investigation.templates import largest_templates, stated_identifiers, texts_at

#: A number of which the beginning is constant, one that lies in two slots, and a whole one.
SPLIT = [
    "Girls in town, call +44 / 7700 / 900{n} any time of day",
    "Girls in town, we are {k} here, write on +44 ~ 7700 ~ {k}00{n} any time of day",
    "Girls in town, call +447700900{n} any time of day",
]
KEYS = ["111", "234", "357", "468", "579", "681"]


def members(pattern: str) -> list[str]:
    return [pattern.format(n=n, k=k + 3) for k, n in enumerate(KEYS)]


@pytest.mark.parametrize("pattern", SPLIT)
def test_a_number_is_found_whatever_part_of_it_is_a_slot(pattern: str) -> None:
    texts = members(pattern)
    template = build_template("c", texts)
    stated = stated_identifiers({"c": template}, {"c": texts})["c"]
    phones = {one.value for one in stated if one.kind == "phone"}
    assert phones == {m.value for text in texts for m in extract_text(text) if m.kind == "phone"}
    assert len(phones) == len(texts)
    assert all(one.slots for one in stated if one.kind == "phone")


def test_the_place_of_a_split_number_is_told() -> None:
    texts = members(SPLIT[0])
    template = build_template("c", texts)
    assert "".join(part.text for part in template.parts).count("+44 / 7700 / ") == 1
    (one, *_) = stated_identifiers({"c": template}, {"c": texts})["c"]
    assert (one.kind, one.slots, one.constant, one.members) == ("phone", (0,), True, 1)
    whole = members(SPLIT[2])
    template = build_template("c", whole)
    assert not any(one.constant for one in stated_identifiers({"c": template}, {"c": whole})["c"])


def test_a_number_that_no_slot_touches_is_constant() -> None:
    texts = [f"Girls in {town}, call +44 7700 900123" for town in ("Paphos", "Limassol", "Nicosia")]
    template = build_template("c", texts)
    (one,) = stated_identifiers({"c": template}, {"c": texts})["c"]
    assert (one.value, one.slots, one.constant, one.members) == ("+447700900123", (), True, 3)


def test_characters_beyond_the_first_plane_do_not_shift_places() -> None:
    texts = [f"\U0001f525\U0001f525 {text}" for text in members(SPLIT[0])]
    template = build_template("c", texts)
    stated = stated_identifiers({"c": template}, {"c": texts})["c"]
    assert {one.slots for one in stated if one.kind == "phone"} == {(0,)}


def test_the_largest_campaigns_are_described_in_order() -> None:
    texts = [*members(SPLIT[0]), *(f"hello you {k} there" for k in range(3)), "alone"]
    campaigns = ["c-a"] * 6 + ["c-b"] * 3 + [None]
    described = largest_templates(
        pa.chunked_array([texts[:4], texts[4:]]), pa.chunked_array([campaigns]), 5
    )
    assert list(described) == ["c-a", "c-b"]
    assert len(described["c-a"]["identifiers"]) == 6
    assert "identifiers" not in described["c-b"]
    assert json.loads(json.dumps(described)) == described


def test_variations_and_chance_are_written() -> None:
    texts = [f"We pay {k}00 a week and your flight to {town}" for k, town in enumerate("ABCDEFG")]
    texts[1] = texts[1].replace(" and your flight", "")
    texts[2] = texts[2].replace(" and your flight", "")
    data = template_json(build_template("c", texts))
    (one,) = [entry for entry in data["variations"] if entry["members"] == 2]
    assert one["left_out"] == "and your flight"
    assert one["put_in"] == []
    part = data["parts"][one["part"]]["text"]
    assert part[one["at"] :].strip().startswith("and your flight")
    assert data["chance"] == {"false_links_per_million": 15, "words": chance(10)}
    assert data["length"] == 10


def test_the_rate_never_rises_with_length() -> None:
    rates = [false_links(length) for length in range(5, 500)]
    assert rates == sorted(rates, reverse=True)
    assert false_links(4) == 0
    assert "the same" in chance(4)


def test_texts_are_found_in_any_chunk() -> None:
    texts = pa.chunked_array([["a"], [], ["b", "c"]], pa.string())
    assert texts_at(texts, [0, 2]) == {0: "a", 2: "c"}
