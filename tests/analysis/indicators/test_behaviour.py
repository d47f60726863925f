from datetime import UTC, datetime, timedelta

import pyarrow as pa

from palermo.analysis.indicators import assess, behaviour
from palermo.model import CAMPAIGNS, IDENTIFIERS, INDICATIONS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PHONE = "+12025550143"


def items(texts: list[str], **columns: list[object]) -> pa.Table:
    ids = [f"i{n}" for n in range(len(texts))]
    table = pa.table({"id": ids, "text": texts})
    for name, values in columns.items():
        kind = pa.timestamp("us", tz="UTC") if name == "posted_at" else pa.string()
        table = table.append_column(name, pa.array(values, kind))
    return table


def mentions(rows: list[tuple[str, str, str, str]]) -> pa.Table:
    return pa.table(
        {
            "id": [item for item, _, _, _ in rows],
            "kind": [kind for _, kind, _, _ in rows],
            "value": [value for _, _, value, _ in rows],
            "raw": [raw for _, _, _, raw in rows],
            "start": [0] * len(rows),
            "end": [len(raw) for _, _, _, raw in rows],
            "confidence": ["high"] * len(rows),
            "reason": ["test"] * len(rows),
        },
        schema=IDENTIFIERS,
    )


def campaigns(names: list[str | None]) -> pa.Table:
    return pa.table(
        {"id": [f"i{n}" for n in range(len(names))], "campaign": names}, schema=CAMPAIGNS
    )


def phones(texts: list[str], values: list[str] | None = None) -> pa.Table:
    values = values or [PHONE] * len(texts)
    return mentions([(f"i{n}", "phone", value, value) for n, value in enumerate(values)])


BAIT = [f"{PHONE} {job} wanted for work abroad" for job in ("hostess", "model", "nanny")]


def rules(table: pa.Table) -> list[tuple[str, str]]:
    return list(zip(table["rule"].to_pylist(), table["id"].to_pylist(), strict=True))


def test_one_contact_with_different_jobs_in_the_same_words() -> None:
    table = behaviour(items(BAIT), phones(BAIT), campaigns(["c"] * 3))
    assert table.schema == INDICATIONS
    assert rules(table) == [("A4.1", "i0"), ("A4.1", "i1"), ("A4.1", "i2")]
    assert table["quote"].to_pylist() == [PHONE] * 3
    assert assess(table).open == ("deceptive_recruitment",)


def test_different_texts_or_contacts_are_no_bait() -> None:
    others = [PHONE, "+12025550144", "+12025550145"]
    assert behaviour(items(BAIT), phones(BAIT), campaigns(["a", "b", "d"])).num_rows == 0
    assert behaviour(items(BAIT), phones(BAIT, others), campaigns(["c"] * 3)).num_rows == 0
    same = [BAIT[0]] * 3
    assert behaviour(items(same), phones(same), campaigns(["c"] * 3)).num_rows == 0


def test_an_agency_that_lists_several_jobs_in_one_text_is_no_bait() -> None:
    listed = ["Work: waitress, cleaner, nanny wanted"] * 4
    assert behaviour(items(listed), phones(listed), campaigns(["c"] * 4)).num_rows == 0


def ages(values: list[str]) -> list[tuple[str, str, str, str]]:
    return [(f"i{n}", "age", value, value) for n, value in enumerate(values)]


def test_one_contact_that_advertises_several_persons() -> None:
    ads = ["Escort, incall"] * 3
    found = mentions(
        [(f"i{n}", "phone", PHONE, "Esc") for n in range(3)] + ages(["21", "26", "33"])
    )
    table = behaviour(items(ads), found, campaigns([None] * 3))
    assert rules(table) == [("F1.1", "i0"), ("F1.1", "i1"), ("F1.1", "i2")]
    answer = assess(table)
    assert answer.indicated == ()
    assert answer.held_back == ("F1.1",)


def test_one_person_who_posts_often_is_none_of_their_business() -> None:
    ads = ["Escort, incall"] * 5
    found = mentions(
        [(f"i{n}", "phone", PHONE, "Esc") for n in range(5)] + ages(["29", "29", "29", "30", "30"])
    )
    accounts: list[object] = ["me"] * 5
    places: list[object] = ["A", "B", "C", "D", "E"]
    when: list[object] = [NOON + timedelta(hours=n) for n in range(5)]
    table = items(ads, account=accounts, place=places, posted_at=when)
    assert behaviour(table, found, campaigns(["c"] * 5)).num_rows == 0


def test_one_text_for_the_persons_of_several_accounts() -> None:
    ads = ["Escort, incall"] * 3
    accounts: list[object] = ["a", "b", "d"]
    table = behaviour(
        items(ads, account=accounts), mentions(ages(["21", "21", "26"])), campaigns(["c"] * 3)
    )
    assert rules(table) == [("F3.1", "i0"), ("F3.1", "i1"), ("F3.1", "i2")]
    assert table["quote"].to_pylist() == [""] * 3
    assert table["end"].to_pylist() == [0] * 3


def burst(hours: int, text: str = "Job, waiter wanted") -> pa.Table:
    when: list[object] = [NOON + timedelta(hours=hours * n) for n in range(5)]
    places: list[object] = ["A", "B", "C", "D", "E"]
    table = items([text] * 5, posted_at=when, place=places)
    return behaviour(table, phones([text] * 5), campaigns([None] * 5))


def test_a_burst_over_many_places_within_a_day() -> None:
    assert rules(burst(1)) == [("H2.1", f"i{n}") for n in range(5)]
    assert burst(6).num_rows == 5  # the last within 24 hours of the first
    assert burst(7).num_rows == 0


def test_bursts_never_count_for_advertisements_of_sex() -> None:
    assert burst(1, "Escort job, new in town").num_rows == 0


def test_missing_columns_and_times_are_no_error() -> None:
    table = items(["Job wanted"] * 2, posted_at=[None, NOON])
    assert behaviour(table, phones(["a", "b"]), campaigns([None, None])).num_rows == 0
    empty = items([])
    assert behaviour(empty, mentions([]), campaigns([])).num_rows == 0
