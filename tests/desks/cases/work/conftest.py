"""What the tests of people's work share: sending forms, and things of the practice case."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from tests.desks.cases.sirocco import SiroccoCase, let_in

from palermo.desks.access import mandates
from palermo.desks.access.models import AuditEntry, Case
from palermo.desks.cases.judging import link_key
from palermo.desks.cases.models import Item, Link, Network


@dataclass(frozen=True, slots=True)
class Desk:
    """The practice case, with short ways to send and read its pages."""

    sirocco: SiroccoCase

    @property
    def case(self) -> Case:
        return self.sirocco.case

    def post(self, who: str, name: str, *keys: object, **fields: Any) -> Any:
        """Send a form as `who`; not following where it leads."""
        there = reverse(f"cases:{name}", args=[self.case.key, *keys])
        return self.sirocco.client(who).post(there, fields)

    def get(self, who: str, name: str, *keys: object, **query: str) -> Any:
        """Read a page as `who`."""
        there = reverse(f"cases:{name}", args=[self.case.key, *keys])
        return self.sirocco.client(who).get(there, query)

    def text(self, who: str, name: str, *keys: object, **query: str) -> str:
        """Read a page that must be there."""
        page = self.get(who, name, *keys, **query)
        assert page.status_code == 200
        words: str = page.content.decode()
        return words

    def logged(self, what: str) -> AuditEntry:
        """Return the newest entry of the audit of that name."""
        return AuditEntry.objects.filter(what=what).order_by("-seq")[0]

    def item(self, at: int = 0) -> Item:
        found: Item = Item.rows.of(self.case)[at]
        return found

    def network(self) -> Network:
        found: Network = Network.rows.of(self.case).order_by("-items")[0]
        return found

    def link(self) -> dict[str, str]:
        """Return the fields that name a link of the largest network."""
        rows = Link.rows.of(self.case).filter(network=self.network().key)
        one = rows.select_related("a", "b")[0]
        key = link_key(one.a.ident, one.b.ident, one.reason)
        return {"subject": "link", "subject_key": key}


@pytest.fixture
def desk(sirocco_case: SiroccoCase) -> Desk:
    return Desk(sirocco_case)


@pytest.fixture
def foreign(desk: Desk) -> Case:
    """Another case with an item and a network of its own, which the analyst leads."""
    sirocco = desk.sirocco
    case = Case.objects.create(
        reference="FOREIGN-1",
        title="Foreign",
        unit=desk.case.unit,
        created_at=sirocco.at,
        created_by=sirocco.people["lead"],
    )
    document = (sirocco.source / "authority.yaml").read_bytes()
    mandates.add(case, document, by=sirocco.people["lead"], at=sirocco.at)
    let_in(case, sirocco.people["analyst"], "lead")
    items = [
        Item.rows.create(
            case=case, ident=f"foreign-{n}", text="hello", exhibit="e", row=n, row_hash="h"
        )
        for n in range(2)
    ]
    Network.rows.create(case=case, key="n-foreign", rank=1, items=2)
    Link.rows.create(
        case=case, a=items[0], b=items[1], reason="phone:+1", strength=1, network="n-foreign"
    )
    return case
