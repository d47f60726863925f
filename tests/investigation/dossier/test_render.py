"""The dossier as a file: whole, closed to the outside, accessible in structure, and repeatable."""

import dataclasses
import hashlib
import itertools
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.investigation.dossier.page import Page
from tests.investigation.dossier.sample import network, sample
from tests.investigation.dossier.sample_parts import EXHIBITS, item_text, ref

from palermo.analysis.campaigns import align, build_template
from palermo.investigation.dossier import (
    DossierContent,
    Example,
    IdentifierView,
    Listed,
    MemberView,
    NetworkView,
    Ref,
    Source,
    cited,
    render_dossier,
)
from palermo.model import Refused

ROOT = Path(__file__).resolve().parents[3]


@cache
def html() -> str:
    return render_dossier(sample())


@cache
def page() -> Page:
    return Page(html())


def with_networks(content: DossierContent, *views: NetworkView) -> DossierContent:
    return dataclasses.replace(content, networks=Listed.of(views), support_first=Listed())


def test_every_link_leads_somewhere_in_the_file_and_ids_are_unique() -> None:
    ids = [e.attributes["id"] for e in page().elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    targets = [e.attributes["href"] for e in page().all("a")]
    assert len(targets) > 100
    assert all(target and target.startswith("#") and target[1:] in ids for target in targets)
    for name in ("aria-labelledby", "for"):
        for element in page().elements:
            if name in element.attributes:
                assert element.attributes[name] in ids


def test_nothing_is_loaded_and_nothing_runs() -> None:
    assert not page().all("script", "link", "img", "iframe", "object", "embed", "form", "base")
    for element in page().elements:
        assert not any(
            name.startswith("on") or name in {"src", "style"} for name in element.attributes
        )
    policy = [
        e for e in page().all("meta") if "content-security-policy" in str(e.attributes).lower()
    ]
    assert policy[0].attributes["content"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    style = page().all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style


def test_headings_descend_one_level_at_a_time() -> None:
    levels = [int(e.tag[1]) for e in page().all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_scoped_headers_inside_a_focusable_region() -> None:
    tables = page().all("table")
    assert len(tables) == len(page().all("caption"))
    assert all(e.attributes.get("scope") in {"col", "row"} for e in page().all("th"))
    regions = [e for e in page().elements if e.attributes.get("role") == "region"]
    assert len(regions) >= len(tables)
    assert all(e.attributes["tabindex"] == "0" and e.attributes["aria-labelledby"] for e in regions)


def test_each_own_word_stands_in_both_languages_side_by_side() -> None:
    own = [e for e in page().elements if e.attributes.get("class") == "t"]
    outer = [e for e in own if not any(p.attributes.get("class") == "t" for p in e.parents)]
    assert [e.attributes["lang"] for e in outer] == ["en", "fr"] * (len(outer) // 2)
    assert len(outer) > 1000
    assert not re.search(r"\{\w+\}", "".join(e.text for e in own).replace("{{ 7*7 }}", ""))
    chosen = [e.attributes["id"] for e in page().all("input") if "checked" in e.attributes]
    assert chosen == ["language-en"]


def test_french_first_checks_the_other_choice_and_titles_in_french() -> None:
    french = Page(render_dossier(sample(), language="fr"))
    assert [e.attributes["id"] for e in french.all("input") if "checked" in e.attributes] == [
        "language-fr"
    ]
    assert french.all("html")[0].attributes["lang"] == "fr"


def test_no_label_calls_anyone_a_trafficker_or_a_victim() -> None:
    own = " ".join(e.text for e in page().elements if e.attributes.get("class") == "t").lower()
    assert not re.search(r"\b(trafficker|trafiquant|suspect|perpetrator|auteur présumé)", own)
    assert not re.search(r"\bis a victim|est une victime", own)


def test_hostile_text_is_inert_and_its_unseen_characters_are_written_out() -> None:
    class Strict(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in {"script", "img"}
            assert all(not name.startswith("on") for name, _ in attrs)

    Strict().feed(html())
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00]", html())
    shown = page().by_id("row-2-1").text
    assert "</script><img src=x onerror=alert(1)>" in shown
    for code in ("⟨U+202E⟩", "⟨U+202C⟩", "⟨U+200B⟩", "⟨U+0000⟩", "{{ 7*7 }}"):
        assert code in shown
    assert 'lang="x' not in html()


def test_each_source_shows_exhibit_row_hash_and_whole_text() -> None:
    entry = page().by_id("row-1-3")
    assert ref(3).row_hash in entry.text
    assert ref(3).item in entry.text
    assert "Hostess wanted in Dubrova, no experience" in entry.text
    assert EXHIBITS[0] in page().by_id("text").text
    anchors = {e.attributes["id"] for e in page().all("li") if "id" in e.attributes}
    assert len(anchors) == len(cited(sample()))


def test_who_asks_for_help_comes_first_and_the_text_is_withheld_everywhere() -> None:
    chapters = [e.attributes["aria-labelledby"] for e in page().all("section")]
    assert chapters[0] == "help"
    assert "PLEASE-DO-NOT-SHOW-ALL" not in html()
    assert "please help me" in html()
    withheld = page().by_id("row-1-9").text  # an Arabic member of a campaign that asks for help
    assert "Text withheld" in withheld
    assert "مطلوب" not in withheld
    shown = [e for e in page().all("div") if e.attributes.get("class") == "member"]
    assert [e.attributes["lang"] for e in shown].count("ar") == 3  # of four examples
    line = [e for e in page().all("tr") if e.text.strip().startswith("E1:9\n")][-1]
    assert "Text withheld" in line.text
    assert "مطلوب" not in line.text


def test_counter_evidence_stands_in_every_network() -> None:
    titles = [e for e in page().all("h5") if str(e.attributes.get("id", "")).endswith("-against")]
    assert len(titles) == 4  # three networks and one campaign outside them
    assert html().count("Names a registered agency") == 4


def test_slots_are_numbered_from_one_and_fillers_carry_the_number_of_their_slot() -> None:
    chips = [e.text for e in page().elements if e.attributes.get("class") == "chip"]
    assert {chip.split("case ")[1][0] for chip in chips} == {"1", "2"}
    marks = {e.attributes["data-n"] for e in page().all("mark") if "data-n" in e.attributes}
    assert marks == {"1", "2"}


def test_an_example_gives_its_text_back_letter_for_letter() -> None:
    first = next(e for e in page().all("div") if e.attributes.get("class") == "member")
    assert first.text == item_text("en", 1)


def test_cuts_are_announced() -> None:
    text = page().by_id("text").text
    for cut in (
        "3 of 44 shown",
        "2 of 9 shown",
        "25 of 73 shown",
        "3 of 52 shown",
        "Nodes: 20 of 27",
    ):
        assert cut in text


def test_long_lists_are_cut_and_only_what_is_shown_is_cited() -> None:
    view = network(1, ["en"], first_row=1, days=9)
    members = tuple(MemberView(ref=ref(i), excerpt="x") for i in range(1, 900))
    values = tuple(
        IdentifierView(
            kind="phone",
            value=f"+3{i}",
            items=1,
            accounts=1,
            used=True,
            reason="r",
            refs=tuple(ref(1000 + 9 * i + j) for j in range(9)),
        )
        for i in range(70)
    )
    view = dataclasses.replace(view, members=Listed.of(members), identifiers=Listed.of(values))
    content = with_networks(sample(), *[dataclasses.replace(view, id=f"N{i}") for i in range(40)])
    content = dataclasses.replace(content, campaigns_without_network=Listed(), sources=())
    found = Page(render_dossier(content))
    text = found.by_id("text").text
    for cut in ("30 of 40 shown", "50 of 899 shown", "40 of 70 shown"):
        assert cut in text
    rows = {r.row for r in cited(content)}
    assert rows == {*range(1, 51), *(1000 + 9 * i + j for i in range(40) for j in range(3))}


def test_a_source_that_was_not_handed_in_is_said_to_be_missing() -> None:
    found = Page(render_dossier(dataclasses.replace(sample(), sources=())))
    assert "was not handed to this dossier" in found.by_id("row-1-3").text


def test_long_sources_are_cut_within_the_budget_and_say_so() -> None:
    content = sample()
    long = tuple(dataclasses.replace(s, text="слово " * 9000) for s in content.sources)
    result = render_dossier(dataclasses.replace(content, sources=long))
    assert len(result.encode()) < 5_600_000
    assert "of 54\u202f000 characters shown" in result


def test_an_empty_dossier_says_so_everywhere() -> None:
    content = dataclasses.replace(
        sample(),
        networks=Listed(),
        campaigns_without_network=Listed(),
        support_first=Listed(),
        rejected=Listed(),
        limits=(),
        counts={},
        sources=(),
        made_at=None,
    )
    text = Page(render_dossier(content)).by_id("text").text
    for words in (
        "No network is proposed.",
        "No row was set aside",
        "That does not mean that nobody needs it.",
        "No error rate was handed to this dossier.",
    ):
        assert words in text


def test_the_same_content_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from palermo.investigation.dossier import render_dossier; "
        "from tests.investigation.dossier.sample import sample; "
        "print(hashlib.sha256(render_dossier(sample()).encode()).hexdigest())"
    )
    outcomes = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": f"{ROOT}/src:{ROOT}",
                "TZ": zone,
                "PATH": "",
            },
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert outcomes == {hashlib.sha256(html().encode()).hexdigest()}


def test_contradictory_citations_are_refused() -> None:
    view = network(1, ["en"], first_row=1, days=9)
    lying = Ref(item="item-0-1", exhibit=EXHIBITS[0], row=1, row_hash="0" * 64)
    members = Listed.of([MemberView(ref=lying, excerpt="x")])
    content = with_networks(sample(), dataclasses.replace(view, members=members))
    with pytest.raises(Refused, match=r"row 1 of exhibit .* is cited as item"):
        render_dossier(content)


def test_a_citation_of_an_exhibit_that_is_not_an_input_is_refused() -> None:
    view = network(1, ["en"], first_row=1, days=9)
    foreign = Ref(item="i", exhibit="f" * 64, row=1, row_hash="0" * 64)
    members = Listed.of([MemberView(ref=foreign, excerpt="x")])
    content = with_networks(sample(), dataclasses.replace(view, members=members))
    with pytest.raises(Refused, match="not among the dossier's inputs"):
        render_dossier(content)


def test_a_source_of_another_row_is_refused() -> None:
    lying = Ref(item="item-0-1", exhibit=EXHIBITS[0], row=1, row_hash="0" * 64)
    content = dataclasses.replace(sample(), sources=(Source(ref=lying, text="x"),))
    with pytest.raises(Refused, match="expected the same row"):
        render_dossier(content)


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(ValueError, match="language is 'de'"):
        render_dossier(sample(), language="de")  # type: ignore[arg-type]  # what is being tested


def test_what_members_leave_out_and_put_in_is_told_and_marked_apart_from_what_they_say() -> None:
    texts = [f"We pay {k}00 a week and your flight to {town}" for k, town in enumerate("ABCDEFG")]
    texts[2] = texts[2].replace(" and your flight", "")
    texts[3] = texts[3].replace(" and your flight", "")
    template = build_template("C-1", texts)
    view = network(1, ["en"], first_row=1, days=9)
    campaign = dataclasses.replace(
        view.campaigns.shown[0],
        template=template,
        examples=(Example(segments=align(template, texts[2]), ref=ref(1), lang="en"),),
    )
    listed = dataclasses.replace(view.campaigns, shown=(campaign,))
    content = with_networks(sample(), dataclasses.replace(view, campaigns=listed))
    shown = render_dossier(content)
    assert shown.count('<del dir="auto">and your flight</del>') >= 2  # the table and the member
    assert "2 of 7" in shown
    assert "fewer than 15 are taken for one template" in shown
