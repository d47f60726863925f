"""Search: what is found, in which case, and that it is written down; on both databases."""

import pyarrow.parquet as pq
import pytest
from django.urls import reverse
from tests.desks.cases.found.sample import shared_phone
from tests.desks.cases.sirocco import AT, SiroccoCase

from palermo.desks.access.models import AuditEntry, Membership, Opening
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases import search
from palermo.desks.cases.asking import Question
from palermo.desks.cases.models import Identifier, Item, Note
from palermo.desks.cases.search import find, snippet


def _idents(answer: search.Answer) -> set[str]:
    return {hit.row.ident for hit in answer.kinds["items"].hits if isinstance(hit.row, Item)}


def _holding(made: SiroccoCase, *words: str) -> set[str]:
    """Which items hold all words, by the table of the case alone."""
    table = pq.read_table(made.folder / "tables" / "items.parquet").to_pylist()
    lower = [word.casefold() for word in words]
    return {row["id"] for row in table if all(word in row["text"].casefold() for word in lower)}


WORDS = ("Visa", "ПАСПОРТ", "паспорт", "جواز", "护照费", "free visa", "tqz")
SHORT = ("招", "工作", "Ra")
#: Signs that mean something to LIKE, to FTS5 or to SQL.
SIGNS = ("%%%", "___", "\\\\\\", "100%_", "a' OR 1=1 --", "NEAR(visa", "text:visa", "visa*")


def test_what_holds_all_words_is_found(either: SiroccoCase) -> None:
    for words in (*WORDS, *SIGNS):
        expected = _holding(either, *Question(words).words)
        found = find(either.viewer(), words, either.case)
        assert found.kinds["items"].number.n == len(expected), words
        assert _idents(found) <= expected, words
        assert len(found.kinds["items"].hits) == min(len(expected), search.PAGE), words


def test_short_words_are_looked_for_in_the_texts(either: SiroccoCase) -> None:
    for word in SHORT:
        found = find(either.viewer(), word, either.case).kinds["items"]
        assert found.number.n == len(_holding(either, word)), word
        assert found.read_only == 0


def test_it_is_said_when_not_all_texts_were_looked_at(
    either: SiroccoCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "READ", 100)
    found = find(either.viewer(), "工作", either.case).kinds["items"]
    assert found.read_only == 100


def test_a_number_is_found_however_it_is_written(either: SiroccoCase) -> None:
    phone = shared_phone(either)
    digits = phone.value.removeprefix("+")
    home = "0" + digits[2:]
    grouped = " ".join(home[at : at + 2] for at in range(0, len(home), 2))
    for text in (phone.value, grouped, f"+{digits[:2]} {digits[2:5]}-{digits[5:]}"):
        answer = find(either.viewer(), text, either.case)
        values = {
            hit.row.value
            for hit in answer.kinds["identifiers"].hits
            if isinstance(hit.row, Identifier)
        }
        assert phone.value in values, text
        assert answer.kinds["items"].number.n >= phone.items, text


def test_only_cases_that_are_open_are_searched(
    sirocco_case: SiroccoCase, other_case: SiroccoCase
) -> None:
    both = find(other_case.viewer("investigator"), "visa").kinds["items"]
    one = find(other_case.viewer("analyst"), "visa").kinds["items"]
    assert both.number.n == 2 * one.number.n > 0
    assert {hit.case for hit in one.hits} == {sirocco_case.case}
    for who in ("outsider", "idle"):
        nothing = find(sirocco_case.viewer(who), "visa")
        assert {found.number.n for found in nothing.kinds.values()} == {0}


def test_the_case_that_is_named_gives_nothing_away(
    sirocco_case: SiroccoCase, other_case: SiroccoCase
) -> None:
    phone = shared_phone(other_case).value
    answer = find(other_case.viewer("analyst"), phone, other_case.case)
    assert {found.number.n for found in answer.kinds.values()} == {0}


def test_a_role_that_ended_finds_nothing(sirocco_case: SiroccoCase) -> None:
    Membership.objects.filter(person=sirocco_case.people["analyst"]).update(until=AT)
    assert find(sirocco_case.viewer("analyst"), "visa").kinds["items"].number.n == 0


def test_an_opening_that_ended_finds_nothing(sirocco_case: SiroccoCase) -> None:
    late = Viewer(sirocco_case.people["analyst"].pk, AT.replace(hour=19))
    assert Opening.objects.filter(person=late.person).exists()
    assert find(late, "visa").kinds["items"].number.n == 0


def test_notes_are_found(either: SiroccoCase) -> None:
    Note.rows.create(
        case=either.case, by=either.people["analyst"], at=AT, text="The harbour Hotel again"
    )
    found = find(either.viewer("examiner"), "harbour hotel", either.case).kinds["notes"]
    assert found.number.n == 1


def test_rows_that_are_replaced_are_found_no_more(either: SiroccoCase) -> None:
    Item.rows.of(either.case).filter(ident="s1-0000001").update(text="a zeppelinesque word")
    assert _idents(find(either.viewer(), "zeppelinesque", either.case)) == {"s1-0000001"}
    Item.rows.of(either.case).filter(ident="s1-0000001").update(text="gone")
    assert not _idents(find(either.viewer(), "zeppelinesque", either.case))


def test_all_pages_together_show_everything_once(either: SiroccoCase) -> None:
    expected, seen, page = _holding(either, "the"), [], 1
    while True:
        found = find(either.viewer(), "the", either.case, kind="items", page=page).kinds["items"]
        seen += [hit.row.pk for hit in found.hits]
        if page >= found.pages:
            break
        page += 1
    assert len(seen) == len(set(seen)) == len(expected) > search.PAGE


def test_what_is_searched_for_is_written_down(sirocco_case: SiroccoCase) -> None:
    client = sirocco_case.client("analyst")
    page = client.get(reverse("cases:search", args=[sirocco_case.case.key]), {"q": "visa"})
    assert b"<mark" in page.content
    entry = AuditEntry.objects.latest("seq")
    assert (entry.kind, entry.what, entry.case) == ("consultation", "search", sirocco_case.case)
    assert entry.purpose == "investigate"
    assert entry.detail["text"] == "visa"
    assert entry.detail["found"]["items"] == len(_holding(sirocco_case, "visa"))


def test_a_search_over_all_cases_is_written_down_in_each(
    sirocco_case: SiroccoCase, other_case: SiroccoCase
) -> None:
    page = sirocco_case.client().get(reverse("cases:search_all"), {"q": "visa"})
    assert page.status_code == 200
    entries = AuditEntry.objects.filter(what="search")
    assert {entry.case for entry in entries} == {sirocco_case.case, other_case.case}


def test_an_empty_question_is_no_look(sirocco_case: SiroccoCase) -> None:
    page = sirocco_case.client().get(reverse("cases:search", args=[sirocco_case.case.key]))
    assert page.status_code == 200
    assert not AuditEntry.objects.filter(what="search").exists()


def test_strange_questions_get_an_answer(sirocco_case: SiroccoCase) -> None:
    client, address = sirocco_case.client(), reverse("cases:search", args=[sirocco_case.case.key])
    for query in ({"q": "a\0b"}, {"q": "x" * 500}, {"q": "visa", "page": "-1"}, {"q": '"'}):
        assert client.get(address, query).status_code == 200, query


def test_a_snippet_shows_the_words_in_their_surroundings() -> None:
    text = "a" * 500 + " Visa " + "b" * 500
    pieces = snippet(text, Question("visa"))
    assert [piece.text for piece in pieces if piece.marks] == ["Visa"]
    assert len("".join(piece.text for piece in pieces)) < 300
