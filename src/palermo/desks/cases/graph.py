"""The drawing of a network: its nodes are what items share, its ties the items that carry both.

Guarantees that a drawing never has more nodes than asked for and says how many there are in all;
that which are shown depends on the rows alone (those in most items first); and that everything
shown passed `visible_to`. The rows are made once, when a run lands (`prepare`), by the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.db.models import Q

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import Item, Mention, Network, Node, Tie

#: Nodes that are drawn unless asked otherwise, and at most.
USUAL, MOST = 120, 1000
#: Ties that are drawn for each node at most: more is a blot.
TIES_FOR_EACH = 4
#: What one node's surroundings show: neighbours, and items that carry it.
NEIGHBOURS, CARRIERS = 60, 12


@dataclass(frozen=True, slots=True)
class Dot:
    """A node as drawn; `key` tells it from items, which are drawn around one node only."""

    key: str
    kind: str
    value: str
    items: int
    row: Node | Item

    def payload(self) -> dict[str, Any]:
        """Return what the script draws."""
        return {"id": self.key, "kind": self.kind, "label": self.value, "items": self.items}


@dataclass(frozen=True, slots=True)
class Line:
    """A tie as drawn, between two dots."""

    a: Dot
    b: Dot
    items: int

    def payload(self) -> dict[str, Any]:
        """Return what the script draws."""
        return {"source": self.a.key, "target": self.b.key, "items": self.items}


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, and of how much; `middle` is the node whose surroundings these are."""

    dots: Sequence[Dot] = field(default_factory=tuple)
    lines: Sequence[Line] = field(default_factory=tuple)
    of_dots: int = 0
    of_lines: int = 0
    middle: Dot | None = None

    def payload(self) -> dict[str, Any]:
        """Return what the script draws, as plain data."""
        return {
            "nodes": [dot.payload() for dot in self.dots],
            "ties": [line.payload() for line in self.lines],
            "of": {"nodes": self.of_dots, "ties": self.of_lines},
        }


def choose(viewer: Viewer, case: Case, network: Network, *, most: int = USUAL) -> Drawing:
    """Draw the nodes of `network` that stand in most items, and the strongest ties among them."""
    most = max(1, min(most, MOST))
    nodes = Node.rows.visible_to(viewer).of(case).filter(network=network.key, used=True)
    dots = [_dot(node) for node in nodes[:most]]
    lines = _lines(viewer, case, network.key, dots)
    return Drawing(dots, lines, network.nodes, network.ties)


def around(viewer: Viewer, case: Case, node: Node) -> Drawing:
    """Draw what is tied to `node`, the ties among that, and a few items that carry it."""
    middle = _dot(node)
    ties = Tie.rows.visible_to(viewer).of(case).filter(Q(a=node) | Q(b=node))
    near = ties.select_related("a", "b")[:NEIGHBOURS]
    others = [tie.b if tie.a_id == node.pk else tie.a for tie in near]
    dots = [middle, *(_dot(one) for one in others)]
    lines = _lines(viewer, case, node.network, dots)
    carriers = _carriers(viewer, case, node)
    items = [_item(one) for one in carriers[:CARRIERS]]
    return Drawing(
        [*dots, *items],
        [*lines, *(Line(middle, one, 1) for one in items)],
        1 + ties.count() + node.items,
        ties.count() + node.items,
        middle,
    )


def _dot(node: Node) -> Dot:
    return Dot(f"n{node.pk}", node.kind, node.value, node.items, node)


def _item(item: Item) -> Dot:
    return Dot(f"i{item.pk}", "item", item.ident, 1, item)


def _lines(viewer: Viewer, case: Case, network: str, dots: Sequence[Dot]) -> list[Line]:
    known = {dot.row.pk: dot for dot in dots}
    ties = Tie.rows.visible_to(viewer).of(case).filter(network=network, a__in=known, b__in=known)
    chosen = ties.order_by("-items", "id")[: TIES_FOR_EACH * len(dots)]
    return [Line(known[tie.a_id], known[tie.b_id], tie.items) for tie in chosen]


def _carriers(viewer: Viewer, case: Case, node: Node) -> models.QuerySet[Item]:
    """Return the items of the network that carry `node`, in the order of time."""
    items = Item.rows.visible_to(viewer).of(case).filter(network=node.network)
    if node.kind == "campaign":
        items = items.filter(campaign=node.value)
    elif node.kind == "account":
        platform, _, account = node.value.partition(":")
        items = items.filter(platform=platform, account=account)
    else:
        carried = {"identifier__kind": node.kind, "identifier__value": node.value}
        mentions = Mention.rows.visible_to(viewer).of(case).filter(**carried)
        items = items.filter(pk__in=mentions.values("item"))
    return items.order_by("posted_at", "id").defer("text")


# -- made when a run lands ------------------------------------------------------------------------

#: Every item of a network with each value that it carries and others may carry too.
_CARRIED = """
    SELECT DISTINCT t.id AS item, t.network, i.kind, i.value, i.used, t.posted_at,
           t.campaign, t.platform, t.account
    FROM cases_mention m
    JOIN cases_identifier i ON i.id = m.identifier_id
    JOIN cases_item t ON t.id = m.item_id
    WHERE m.case_id = %(case)s AND t.network <> '' AND i.used IS NOT NULL
    UNION
    SELECT t.id, t.network, 'photo', substr(l.reason, 7), TRUE, t.posted_at,
           t.campaign, t.platform, t.account
    FROM (SELECT a_id AS item, reason FROM cases_link
          WHERE case_id = %(case)s AND reason LIKE 'photo:%%'
          UNION SELECT b_id, reason FROM cases_link
          WHERE case_id = %(case)s AND reason LIKE 'photo:%%') l
    JOIN cases_item t ON t.id = l.item
    WHERE t.network <> ''
"""
_INTO_NODES = """
    INSERT INTO cases_node (case_id, network, kind, value, items, used, first_seen, last_seen)
"""
#: An account by its platform, as links name it.
_ACCOUNT = "platform || ':' || account"
_NODES = (
    f"""{_INTO_NODES}
    SELECT %(case)s, network, kind, value, count(*), used, min(posted_at), max(posted_at)
    FROM ({_CARRIED}) c GROUP BY network, kind, value, used""",
    f"""{_INTO_NODES}
    SELECT %(case)s, network, 'campaign', campaign, count(*), TRUE, min(posted_at), max(posted_at)
    FROM cases_item WHERE case_id = %(case)s AND network <> '' AND campaign <> ''
    GROUP BY network, campaign""",
    f"""{_INTO_NODES}
    SELECT %(case)s, network, 'account', {_ACCOUNT}, count(*), TRUE, min(posted_at), max(posted_at)
    FROM cases_item WHERE case_id = %(case)s AND network <> '' AND account <> ''
    GROUP BY network, platform, account""",
)
#: Which two values stand together. Identifiers are tied through the campaign or the account of
#: their item where it has one, which keeps the drawing legible; else to each other.
_PAIRS = (
    f"""SELECT network, kind AS ak, value AS av, 'campaign' AS bk, campaign AS bv, count(*) AS n
    FROM ({_CARRIED}) c WHERE used AND campaign <> '' GROUP BY network, kind, value, campaign""",
    f"""SELECT network, kind AS ak, value AS av, 'account' AS bk, {_ACCOUNT} AS bv, count(*) AS n
    FROM ({_CARRIED}) c WHERE used AND account <> ''
    GROUP BY network, kind, value, platform, account""",
    f"""SELECT network, 'campaign' AS ak, campaign AS av, 'account' AS bk, {_ACCOUNT} AS bv,
           count(*) AS n
    FROM cases_item
    WHERE case_id = %(case)s AND network <> '' AND campaign <> '' AND account <> ''
    GROUP BY network, campaign, platform, account""",
    f"""SELECT c.network, c.kind AS ak, c.value AS av, d.kind AS bk, d.value AS bv, count(*) AS n
    FROM ({_CARRIED}) c JOIN ({_CARRIED}) d ON d.item = c.item
    WHERE c.used AND d.used AND c.campaign = '' AND c.account = ''
      AND (c.kind < d.kind OR (c.kind = d.kind AND c.value < d.value))
    GROUP BY c.network, c.kind, c.value, d.kind, d.value""",
)
_TIES = """
    INSERT INTO cases_tie (case_id, network, a_id, b_id, items)
    SELECT %(case)s, p.network, a.id, b.id, p.n FROM ({pairs}) p
    JOIN cases_node a ON a.case_id = %(case)s AND a.network = p.network
                     AND a.kind = p.ak AND a.value = p.av
    JOIN cases_node b ON b.case_id = %(case)s AND b.network = p.network
                     AND b.kind = p.bk AND b.value = p.bv
"""
_TOTALS = """
    UPDATE cases_network SET
        nodes = (SELECT count(*) FROM cases_node n WHERE n.case_id = %(case)s
                 AND n.network = cases_network.key AND n.used),
        ties = (SELECT count(*) FROM cases_tie t WHERE t.case_id = %(case)s
                AND t.network = cases_network.key)
    WHERE case_id = %(case)s
"""


def prepare(case: Case) -> None:
    """Make the nodes and ties of all networks of `case` anew from its rows.

    Called within the transaction in which a run lands.
    """
    parameters = {"case": case.pk}
    statements = [*_NODES, *(_TIES.format(pairs=pairs) for pairs in _PAIRS), _TOTALS]
    with connection.cursor() as cursor:
        for table in ("cases_tie", "cases_node"):
            cursor.execute(f"DELETE FROM {table} WHERE case_id = %(case)s", parameters)
        for statement in statements:
            cursor.execute(statement, parameters)
