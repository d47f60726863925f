"""Texts from one template are found together, others are not, and order does not matter."""

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import product

import pyarrow as pa
import pytest

from palermo.analysis.campaigns import find_campaigns
from palermo.model import CAMPAIGNS, Unreadable

OFFERS = {
    "en": "We are hiring {} hostesses in {} for the summer season, flight and room are paid by us,"
    " no experience is needed, write to {} today",
    "ru": "Приглашаем девушек на работу официанткой в {}, зарплата от {} долларов в месяц,"
    " жильё и перелёт оплачиваем, опыт не нужен, пишите {}",
    "zh": "高薪招聘{}酒店服务员，月薪{}元，包吃包住，机票公司报销，无需经验，名额有限，请加微信{}",
    "ar": "مطلوب عاملات في {} براتب {} دولار شهريا مع السكن وتذكرة الطيران مجانا"
    " ولا نحتاج خبرة سابقة للتواصل {}",
    "th": "รับสมัครพนักงานต้อนรับที่{}รายได้เดือนละ{}บาท ที่พักฟรี ค่าเดินทางฟรี ไม่ต้องมีประสบการณ์ สนใจทักไลน์{}",
}
PLACES = ["Limassol", "Dubai", "Valletta", "Antalya", "Zürich", "Macao"]


def members(language: str, count: int = 6) -> list[str]:
    return [
        OFFERS[language].format(PLACES[k % 6], 1000 + 250 * k, f"ab{k}{k}cd") for k in range(count)
    ]


def campaigns(texts: Sequence[str | None]) -> list[str | None]:
    ids = [f"i{k}" for k in range(len(texts))]
    result = find_campaigns(pa.table({"id": ids, "text": pa.array(list(texts), pa.string())}))
    assert result.assignment.schema == CAMPAIGNS
    assert result.assignment["id"].to_pylist() == ids
    found: list[str | None] = result.assignment["campaign"].to_pylist()
    return found


@pytest.mark.parametrize("language", sorted(OFFERS))
def test_slots_differ_in_any_script(language: str) -> None:
    found = campaigns(members(language))
    assert found[0] is not None
    assert set(found) == {found[0]}


def test_languages_stay_apart() -> None:
    texts = [text for language in sorted(OFFERS) for text in members(language)]
    found = campaigns(texts)
    assert len(set(found)) == len(OFFERS)
    assert all(len(set(found[k : k + 6])) == 1 for k in range(0, len(found), 6))


def test_disguised_letters_do_not_hide_a_text() -> None:
    plain = OFFERS["en"].format("ten", "Paphos", "Anna")
    disguised = [
        plain.replace("e", "е").replace("a", "а").replace("o", "о"),  # Cyrillic look-alikes
        plain.replace("i", "i\u200b"),
        "🔥🔥 " + plain.replace(" ", "  ").replace(",", " ✨,") + " 🔥",
        plain.upper(),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain),
    ]
    found = campaigns([plain, *disguised])
    assert found[0] is not None
    assert set(found) == {found[0]}


def test_reordered_clauses_belong_together() -> None:
    clauses = [
        "We are looking for young women to work as dancers in our new club",
        "the contract runs for six months and can be renewed",
        "the company pays for your visa and for the ticket",
        "send two photos and your height to our agent",
    ]
    found = campaigns([", ".join(clauses), ", ".join([clauses[2], *clauses[:2], clauses[3]])])
    assert found[0] == found[1] is not None


def test_a_shared_stock_tail_does_not_join_families() -> None:
    tail = "Call now from a land line, claim code {}, valid twelve hours only, terms apply"
    lost = "Your parcel could not be delivered because nobody was at home this morning {}"
    won = "Last weekend's draw shows that you were chosen for the grand prize of {}"
    job = "Our hotel by the sea looks for friendly kitchen staff from the first of {}"
    texts = [f"{head.format(k)}. {tail.format(k)}" for head in (lost, won, job) for k in range(3)]
    texts[0] += " please"
    texts[3] += " today"
    found = campaigns(texts)
    assert found[0] == found[1] == found[2] is not None
    assert found[3] == found[4] == found[5] is not None
    assert len({found[0], found[3], found[6]}) == 3


def test_drifting_texts_do_not_chain() -> None:
    rng = random.Random(7)
    words = ["".join(letters) for letters in product("bdfgklmnprst", "aeiou", "lmnrs", "aeiou")]
    text = rng.choices(words, k=60)
    drift = []
    for step in range(120):
        drift.append(" ".join(text))
        text[(step * 7) % 60] = rng.choice(words)
        text[(step * 7 + 3) % 60] = rng.choice(words)
    found = campaigns(drift)
    assert found[0] != found[-1]
    places: dict[str, list[int]] = defaultdict(list)
    for step, name in enumerate(found):
        if name is not None:
            places[name].append(step)
    assert max(max(steps) - min(steps) for steps in places.values()) <= 60


def test_a_stock_phrase_everywhere_costs_linear_time() -> None:
    rng = random.Random(11)
    letters = "bcdfghklmnprstvwaeiou"
    texts = [
        " ".join("".join(rng.choices(letters, k=7)) for _ in range(25))
        + " call now and ask for our agent before the end of the week"
        for _ in range(20_000)
    ]
    start = time.process_time()
    assert set(campaigns(texts)) == {None}
    assert time.process_time() - start < 6


def test_short_texts_need_to_be_identical() -> None:
    found = campaigns(
        ["Call me now", "CALL  me now!!", "call me later", "code 11", "code 12", "hi"]
    )
    assert found[0] == found[1] is not None
    assert found[2:] == [None] * 4


def test_repetitions_are_a_campaign() -> None:
    text = "The same words posted again and again by somebody in a hurry"
    found = campaigns([text] * 5000 + ["Something that nobody else has written before today"])
    assert found[0] is not None
    assert set(found[:-1]) == {found[0]}
    assert found[-1] is None


def test_empty_and_missing_texts_belong_nowhere() -> None:
    assert campaigns(["", None, "  ", "", None]) == [None] * 5
    assert campaigns([]) == []


def mixture() -> list[str]:
    rng = random.Random(3)
    texts = [text for language in sorted(OFFERS) for text in members(language, 9)]
    texts += [" ".join(rng.choices(texts[0].split() + list("abcdefgh"), k=20)) for _ in range(60)]
    return texts + texts[:7]


def test_order_and_repetition_of_a_run_change_nothing() -> None:
    texts = mixture()
    named = dict(zip(texts, campaigns(texts), strict=True))
    assert any(named.values())
    for seed in range(5):
        shuffled = random.Random(seed).sample(texts, len(texts))
        assert campaigns(shuffled) == [named[text] for text in shuffled]


def test_posting_a_text_again_keeps_the_name() -> None:
    texts = members("en")
    assert campaigns([*texts, texts[0], texts[0]])[0] == campaigns(texts)[0]


def test_edges_justify_each_campaign() -> None:
    texts = mixture()
    ids = [f"i{k}" for k in range(len(texts))]
    result = find_campaigns(pa.table({"id": ids, "text": texts}))
    named = dict(zip(ids, result.assignment["campaign"].to_pylist(), strict=True))
    joined: dict[str, set[str]] = defaultdict(set)
    for edge in result.edges.to_pylist():
        assert named[edge["a"]] == named[edge["b"]] is not None
        assert 0 < edge["similarity"] <= 1
        joined[named[edge["a"]]] |= {edge["a"], edge["b"]}
    for name in {name for name in named.values() if name}:
        assert joined[name] == {item for item, own in named.items() if own == name}
    assert result.edges.num_rows == sum(len(own) - 1 for own in joined.values())


def test_columns_are_checked() -> None:
    with pytest.raises(Unreadable, match="no column 'text'"):
        find_campaigns(pa.table({"id": ["a"]}))
    with pytest.raises(Unreadable, match="expected text"):
        find_campaigns(pa.table({"id": ["a"], "text": [["x"]]}))


def test_chunks_and_types_do_not_matter() -> None:
    texts = members("ru")
    whole = campaigns(texts)
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        column = pa.chunked_array([pa.array(texts[:2]), pa.array(texts[2:])]).cast(kind)
        result = find_campaigns(pa.table({"id": [str(k) for k in range(6)], "text": column}))
        assert result.assignment["campaign"].to_pylist() == whole
