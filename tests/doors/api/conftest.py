"""Two cases, people in them, and tokens, for the tests of the API."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from palermo.desks.access import mandates, tokens
from palermo.desks.access.models import ApiToken, Case, Membership, Opening, Person, Unit
from palermo.desks.access.visibility import Viewer, open_now
from palermo.desks.cases import models as rows
from palermo.desks.cases.graph import prepare
from palermo.investigation import Node

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

AUTHORITY = """\
palermo_authority: 1
organisation: Example board (fictional)
power: eu/dsa-own-initiative
legal_basis: Regulation (EU) 2022/2065, Article 7
purpose: Find groups of offers that may lead people into exploitation
case: {case}
authorised_by: {{name: Mira Solani, role: head-of-trust-and-safety}}
from: 2026-01-01T00:00:00Z
until: 2036-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {{material: [ads, posts], platforms: [board.example], measures: [detect, preserve]}}
"""


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **much: float) -> None:
        self.at += timedelta(**much)


class Api:
    """A program with a token."""

    def __init__(self, token: str = "", **more: Any) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        self.headers |= more

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers | headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(
            f"/api/v1{path}",
            body if isinstance(body, bytes | str) else ({} if body is None else body),
            content_type="application/json",
            headers=self.headers | headers,
        )


@dataclass
class World:
    """What a test has to do with. `a` and `b` are cases; nobody but the lead is in both."""

    clock: Clock
    a: Case
    b: Case
    people: dict[str, Person] = field(default_factory=dict)

    def token(
        self,
        who: str = "investigator",
        *actions: str,
        cases: tuple[Case, ...] = (),
        days: int = 30,
        name: str = "counting program",
    ) -> tuple[ApiToken, str]:
        person = self.people[who]
        held = open_now(Viewer(person.pk, self.clock.at)).filter(case__in=cases or [self.a])
        wanted = tokens.Wanted(
            name=name,
            actions=actions or ("read",),
            openings=list(held.select_related("case", "mandate")),
            reason="weekly count",
            days=days,
        )
        return tokens.make(wanted, by=person, at=self.clock.at)

    def api(self, who: str = "investigator", *actions: str, **more: Any) -> Api:
        return Api(self.token(who, *actions, **more)[1])


@pytest.fixture
def clock(settings: Settings) -> Clock:
    clock = Clock()
    settings.PALERMO_CLOCK = clock
    return clock


@pytest.fixture
def own_node(settings: Settings, tmp_path: Path) -> Node:
    """A node whose log holds nothing of other tests, whose rows are gone."""
    node = Node(folder=tmp_path / "node")
    settings.PALERMO_NODE = node
    return node


@pytest.fixture
def world(db: None, clock: Clock) -> World:
    unit = Unit.objects.create(name="Cyber unit")
    people = {
        name: Person.objects.create(username=name, full_name=name.title(), unit=unit)
        for name in ("lead", "investigator", "analyst", "examiner", "other", "outsider")
    }
    cases = [
        Case.objects.create(
            reference=f"REF-{name}",
            title=f"Case {name}",
            unit=unit,
            created_at=AT,
            created_by=people["lead"],
        )
        for name in "AB"
    ]
    world = World(clock, cases[0], cases[1], people)
    for case in cases:
        document = AUTHORITY.format(case=case.reference).encode()
        mandates.add(case, document, by=people["lead"], at=AT)
        fill(case)
    for name in ("lead", "investigator", "analyst", "examiner"):
        let_in(world.a, people[name], name)
    let_in(world.b, people["lead"], "lead")
    let_in(world.b, people["other"], "investigator")
    return world


def let_in(case: Case, person: Person, role: str) -> Opening:
    Membership.objects.create(
        person=person, case=case, role=role, since=AT - timedelta(days=1), added_by=person
    )
    return Opening.objects.create(
        person=person,
        case=case,
        mandate=case.mandates.get(),
        purpose="investigate",
        reason="the day's work",
        opened_at=AT,
        ends=AT + timedelta(hours=10),
    )


def fill(case: Case) -> None:
    """Give `case` what a run finds: six items, two phones, a network, a campaign, a link chain."""
    rows.Run.rows.create(
        case=case,
        mandate=case.mandates.get(),
        purpose="investigate",
        asked_at=AT,
        asked_by=case.created_by,
        state=rows.Run.State.DONE,
        began_at=AT,
        ended_at=AT,
        counts={"items": 6},
    )
    items = rows.Item.rows.bulk_create(
        rows.Item(
            case=case,
            ident=f"{case.reference}/item {number}",
            text=f"نص {case.title} call +33600000{number % 2:03d}",
            lang="ar" if number % 2 else "fr",
            posted_at=AT - timedelta(days=number),
            platform="board.example",
            account=f"account{number % 3}",
            place="Palermo",
            exhibit="e" * 64,
            row=number,
            row_hash=f"{number:064d}",
            campaign="campaign-1" if number < 3 else "",
            network="network-1",
        )
        for number in range(6)
    )
    phones = rows.Identifier.rows.bulk_create(
        rows.Identifier(
            case=case, kind="phone", value=f"+33600000{number:03d}", items=3, used=number == 0
        )
        for number in range(2)
    )
    rows.Mention.rows.bulk_create(
        rows.Mention(
            case=case,
            identifier=phones[number % 2],
            item=item,
            raw="+33",
            start=0,
            end=3,
            confidence="high",
            reason="number plan",
        )
        for number, item in enumerate(items)
    )
    rows.Indication.rows.create(
        case=case,
        item=items[0],
        rule="debt",
        version=1,
        dimension="means",
        strength="strong",
        polarity="support",
        start=0,
        end=2,
        quote="نص",
    )
    rows.Link.rows.bulk_create(
        rows.Link(
            case=case,
            a=first,
            b=second,
            reason="phone:+33600000000",
            strength=1.0 - number / 10,
            network="network-1",
        )
        for number, (first, second) in enumerate(itertools.pairwise(items))
    )
    for key, size in (("campaign-1", 3), ("campaign-2", 3), ("campaign-3", 2)):
        rows.Campaign.rows.create(case=case, key=key, items=size, template={"parts": ["call"]})
    rows.Network.rows.create(case=case, key="network-1", rank=1, items=6, facts={"why": ["phone"]})
    prepare(case)
