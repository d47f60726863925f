"""Judgements: of links, values and networks; reversible, all kept, alive after a new run."""

import re

import pytest
from django.urls import reverse
from tests.desks.cases.work.conftest import Desk

from palermo.desks.access.models import Case
from palermo.desks.cases.judged import split_of
from palermo.desks.cases.judging import after, link_key
from palermo.desks.cases.landing import land
from palermo.desks.cases.models import Item, Judgement, Link, Network
from palermo.desks.cases.reviewing import questions
from palermo.desks.cases.things import network_links


def verdict(desk: Desk, who: str, word: str, **about: str) -> int:
    status: int = desk.post(who, "judge", verdict=word, reason="seen", **about).status_code
    return status


def test_a_judgement_says_who_when_why_in_which_role_and_unit(desk: Desk) -> None:
    link = desk.link()
    assert verdict(desk, "analyst", "not_same", **link) == 302
    one = Judgement.rows.get()
    assert one.by == desk.sirocco.people["analyst"]
    assert (one.verdict, one.reason, one.role) == ("not_same", "seen", "analyst")
    assert (one.at, one.unit) == (desk.sirocco.at, desk.case.unit)
    assert link_key(one.about["a"], one.about["b"], one.about["reason"]) == link["subject_key"]
    assert desk.logged("judgement").detail == {"on": "link", "verdict": "not_same"}


def test_the_newest_counts_all_are_kept_and_it_can_be_taken_back(desk: Desk) -> None:
    link = desk.link()
    about = reverse("cases:about", args=[desk.case.key, "link", link["subject_key"]])
    verdict(desk, "analyst", "not_same", **link)
    verdict(desk, "investigator", "unsure", **link)
    page = desk.sirocco.client("lead").get(about).content.decode()
    assert re.search(r'<h2 id="judgement">.*?badge unsure', page, re.DOTALL)
    assert page.count("<q ") >= 3
    newest = Judgement.rows.order_by("-pk")[0]
    assert desk.post("lead", "judgement_undo", newest.pk, reason="").status_code == 422
    assert desk.post("lead", "judgement_undo", newest.pk, reason="too early").status_code == 302
    assert Judgement.rows.count() == 3
    page = desk.sirocco.client("lead").get(about).content.decode()
    assert "Nobody has judged it yet." in page
    assert "too early" in page


@pytest.mark.parametrize("field", [{"verdict": "guilty"}, {"reason": " "}, {"verdict": "undone"}])
def test_a_judgement_without_verdict_or_reason_is_not_kept(
    desk: Desk, field: dict[str, str]
) -> None:
    fields = {"verdict": "same", "reason": "seen"} | desk.link() | field
    assert desk.post("analyst", "judge", **fields).status_code == 422
    assert not Judgement.rows.exists()


@pytest.mark.parametrize("who", ["second", "examiner", "reader"])
def test_roles_that_do_not_judge(desk: Desk, who: str) -> None:
    assert verdict(desk, who, "same", **desk.link()) == 403
    assert desk.get(who, "review_network", desk.network().key).status_code == 403
    page = desk.text(who, "about", "link", desk.link()["subject_key"])
    assert 'name="verdict"' not in page


def test_items_and_cases_are_not_judged(desk: Desk) -> None:
    assert verdict(desk, "lead", "same", subject="case", subject_key="") == 404
    item = desk.item().ident
    assert verdict(desk, "lead", "same", subject="item", subject_key=item) == 404


def test_things_of_another_case_are_not_judged_nor_reviewed(desk: Desk, foreign: Case) -> None:
    for about in (
        {"subject": "network", "subject_key": "n-foreign"},
        {"subject": "identifier", "subject_key": "phone:+1"},
        {"subject": "link", "subject_key": link_key("foreign-0", "foreign-1", "phone:+1")},
    ):
        assert verdict(desk, "lead", "not_same", **about) == 404
        fields = {"verdict": "not_same", "reason": "x"} | about
        assert desk.post("lead", "review_network", desk.network().key, **fields).status_code == 404
    for name in ("review_network", "judged"):
        assert desk.get("lead", name, "n-foreign").status_code == 404
    judgement = Judgement.rows.create(
        case=foreign,
        subject="network",
        subject_key="n-foreign",
        by=desk.sirocco.people["analyst"],
        at=desk.sirocco.at,
        verdict="same",
        reason="theirs",
    )
    assert desk.post("lead", "judgement_undo", judgement.pk, reason="x").status_code == 404
    assert "theirs" not in desk.text("lead", "judgements")


def first_bridge(desk: Desk) -> tuple[Network, str, str]:
    """Return a network with something that alone joins two groups, and what that is."""
    viewer = desk.sirocco.viewer()
    for network in Network.rows.of(desk.case).order_by("-items"):
        asked = questions(network_links(viewer, desk.case, network.key), [])
        if asked and asked[0].joins > 1:
            return network, asked[0].subject, asked[0].key
    raise AssertionError("no network of the practice case has a bridge between two groups")


def test_a_refused_bridge_is_shown_as_a_network_that_falls_apart(desk: Desk) -> None:
    network, subject, key = first_bridge(desk)
    assert "as the program proposed it" in desk.text("reader", "judged", network.key)
    verdict(desk, "analyst", "not_same", subject=subject, subject_key=key)
    split = split_of(desk.sirocco.viewer(), desk.case, network.key)
    assert split is not None
    assert len(split.parts) > 1
    assert sum(map(len, split.components)) == network.items
    page = desk.text("reader", "judged", network.key)
    assert f"falls apart into {len(split.parts)} parts" in page
    assert f"falls apart into {len(split.parts)} parts" in desk.text(
        "reader", "about", "network", network.key
    )
    verdict(desk, "investigator", "same", subject=subject, subject_key=key)
    assert "It holds together" in desk.text("reader", "judged", network.key)


def test_a_value_judged_elsewhere_does_not_touch_other_networks(desk: Desk) -> None:
    network, subject, key = first_bridge(desk)
    verdict(desk, "analyst", "not_same", subject=subject, subject_key=key)
    others = Network.rows.of(desk.case).exclude(key=network.key)
    viewer = desk.sirocco.viewer()
    assert all(split_of(viewer, desk.case, one.key) is None for one in others)


def test_judgements_survive_a_new_run(desk: Desk) -> None:
    network, subject, key = first_bridge(desk)
    verdict(desk, "analyst", "not_same", subject=subject, subject_key=key)
    network_fields = {"subject": "network", "subject_key": network.key}
    verdict(desk, "analyst", "same", **network_fields)
    before = split_of(desk.sirocco.viewer(), desk.case, network.key)
    rows = set(Link.rows.of(desk.case).values_list("pk", flat=True))
    land(desk.case, desk.sirocco.folder, progress=lambda *_: None)
    assert rows.isdisjoint(Link.rows.of(desk.case).values_list("pk", flat=True))
    assert split_of(desk.sirocco.viewer(), desk.case, network.key) == before
    assert Judgement.rows.count() == 2


def test_a_network_that_grew_shows_what_was_held_of_the_earlier_one(desk: Desk) -> None:
    network = desk.network()
    verdict(desk, "analyst", "same", subject="network", subject_key=network.key)
    Link.rows.of(desk.case).filter(network=network.key).update(network="n-grown")
    Item.rows.of(desk.case).filter(network=network.key).update(network="n-grown")
    Network.rows.filter(pk=network.pk).update(key="n-grown")
    page = desk.text("reader", "about", "network", "n-grown")
    assert f"A network of an earlier run ({network.key})" in page
    assert "Nobody has judged it yet." in page
    other = Network.rows.of(desk.case).exclude(key="n-grown")[0].key
    assert "earlier run" not in desk.text("reader", "about", "network", other)


def test_the_queue_asks_all_in_order_and_ends(desk: Desk) -> None:
    network = Network.rows.of(desk.case).filter(items__lte=6).order_by("-items")[0]
    viewer = desk.sirocco.viewer()
    links = network_links(viewer, desk.case, network.key)
    client = desk.sirocco.client("analyst")
    there = reverse("cases:review_network", args=[desk.case.key, network.key])
    asked = []
    for _turn in range(len(links) * 2 + 1):
        shown = client.get(there).context["shown"]
        if shown is None:
            break
        question = shown.question
        asked.append((question.subject, question.key))
        assert len(shown.items) >= 2
        answer = client.post(
            there,
            {
                "subject": question.subject,
                "subject_key": question.key,
                "verdict": "same",
                "reason": "read both",
            },
        )
        assert answer.status_code == 302
        assert answer["Location"] == there
    assert "Every link of this network was judged." in client.get(there).content.decode()
    assert len(asked) == len(set(asked)) == Judgement.rows.count()
    assert after(links, []).components == (tuple(sorted({x for k in links for x in k[:2]})),)


def test_the_queue_keeps_the_question_when_the_reason_is_missing(desk: Desk) -> None:
    network = desk.network()
    client = desk.sirocco.client("analyst")
    there = reverse("cases:review_network", args=[desk.case.key, network.key])
    second = client.get(there, {"skip": "1"}).context["shown"].question
    fields = {"subject": second.subject, "subject_key": second.key, "verdict": "same"}
    answer = client.post(there, fields)
    assert answer.status_code == 422
    assert answer.context["shown"].question == second
    assert not Judgement.rows.exists()


@pytest.mark.parametrize("skip", ["-1", "x", "999999999999", "٣", "1e9", ""])
def test_the_queue_bears_any_number(desk: Desk, skip: str) -> None:
    assert desk.get("analyst", "review_network", desk.network().key, skip=skip).status_code == 200


def test_the_queue_has_three_buttons_with_access_keys_and_needs_no_script(desk: Desk) -> None:
    page = desk.text("analyst", "review_network", desk.network().key)
    buttons = re.findall(r'<button name="verdict" value="(\w+)" accesskey="(\d)"', page)
    assert buttons == [("same", "1"), ("not_same", "2"), ("unsure", "3")]
    main = page[page.index("<main") : page.index("</main>")]
    assert "<script" not in main
    assert "style=" not in main


def test_networks_to_review_are_listed_with_what_is_held_of_them(desk: Desk, foreign: Case) -> None:
    network = desk.network()
    verdict(desk, "analyst", "unsure", subject="network", subject_key=network.key)
    page = desk.text("analyst", "review")
    assert reverse("cases:review_network", args=[desk.case.key, network.key]) in page
    assert "badge unsure" in page
    assert "n-foreign" not in page
    assert "/review/" not in desk.text("reader", "review").split("<h1>")[1].split("</main>")[0]
