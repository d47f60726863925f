import itertools

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.indicators import Status, default_rules, indicate
from palermo.model import INDICATIONS

PIECES = [
    example.text for rule in default_rules().rules for example in rule.examples if example.match
]


def run(texts: list[str | None], *cuts: int) -> pa.Table:
    table = pa.table(
        {"id": [f"i{n}" for n in range(len(texts))], "text": pa.array(texts, pa.string())}
    )
    edges = [0, *cuts, len(texts)]
    batches = [
        batch
        for begin, end in itertools.pairwise(edges)
        for batch in table.slice(begin, end - begin).to_batches()
    ]
    return pa.Table.from_batches(indicate(iter(batches)), schema=INDICATIONS)


def test_rows_follow_the_contract() -> None:
    table = run(["Job abroad: the agency keeps your passport.", None, ""])
    assert table.schema == INDICATIONS
    assert table.to_pylist() == [
        {
            "id": "i0",
            "rule": "C1.1",
            "version": 1,
            "dimension": "coercion_at_destination",
            "strength": "strong",
            "polarity": "for",
            "start": 16,
            "end": 42,
            "quote": "agency keeps your passport",
        }
    ]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=6))
def test_every_row_quotes_its_text(pieces: list[str]) -> None:
    text = " 🙂 ".join(pieces)
    for row in run([text]).to_pylist():
        assert row["quote"] == text[row["start"] : row["end"]]
        assert row["quote"].strip() == row["quote"] != ""


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=3, max_size=12), st.data())
def test_batches_do_not_matter(texts: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(texts) - 1))
    assert run(list(texts), cut).equals(run(list(texts)))


def test_rows_come_in_order_of_text_rule_and_place() -> None:
    rules = [rule.id for rule in default_rules().rules]
    table = run([" ".join(PIECES[:40]), " ".join(PIECES[40:80])])
    keys = [
        (row["id"], rules.index(row["rule"]), row["start"], row["end"]) for row in table.to_pylist()
    ]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_a_long_text_gives_each_list_once() -> None:
    table = run(["The agency keeps your passport. " * 30_000])
    assert table.num_rows == 1


@pytest.mark.parametrize("text", ["\udcff".encode("utf-8", "replace").decode(), "\x00", "💋" * 99])
def test_odd_texts_are_read(text: str) -> None:
    assert run([text]).num_rows == 0


def test_rules_are_compiled_once_however_many_batches_come() -> None:
    rules = default_rules()
    run(["warm up"])
    assert rules.plan(Status.LIVE) is rules.plan(Status.LIVE)


def test_other_columns_are_left_alone() -> None:
    batch = pa.record_batch({"text": ["they took my passport"], "lang": ["xx"], "id": ["a"]})
    (answer,) = indicate(iter([batch]))
    assert answer["rule"].to_pylist() == ["E2.2"]
