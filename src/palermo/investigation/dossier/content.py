"""What a dossier says, as plain data: nothing here is computed, read or written.

Every claim carries a `Ref`, so that a reader can go from it to the exhibit and the row it rests on.
A list that may be long is a `Listed`: what is shown and how many there are, so that a cut is always
visible as "n of m". All times are timezone-aware.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from palermo.investigation.dossier.listed import Listed
from palermo.model import Assessment, Authority, Segment, Template

Language = Literal["en", "fr"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One piece of wording in both languages of the dossier."""

    en: str
    fr: str


#: Wording that exists in both languages, or only as one string (then shown as it is in both).
Wording = str | Words


@dataclass(frozen=True, slots=True)
class Ref:
    """The row a claim rests on: item id, exhibit (SHA-256), row in it (from 1) and row hash."""

    item: str
    exhibit: str
    row: int
    row_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The whole text of a cited row, for the list of sources at the end of the dossier.

    `within` is its exact place in an exhibit that is no table, `time_note` what its time leaves
    open, both as the reader of the format wrote them.
    """

    ref: Ref
    text: str
    lang: str | None = None
    posted_at: datetime | None = None
    platform: str | None = None
    account: str | None = None
    url: str | None = None
    within: str | None = None
    time_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One sealed exhibit that was read. `size` is in bytes; `rows_read` = kept + set aside."""

    sha256: str
    name: str
    size: int
    rows_read: int
    rows_kept: int
    rows_set_aside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A row that was set aside, or (`kept`) kept although something about it was wrong.

    `reason` is a short code (`duplicate_id`); `detail` says it in words.
    """

    exhibit: str
    row: int
    id: str | None
    reason: str
    detail: str
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicationView:
    """All hits of one rule in one network. `polarity` is `for`, `against` or `support`.

    `items` is the number of items hit; `quote` the matched words of one of them, at `ref`.
    """

    rule: str
    title: Wording
    dimension: str
    strength: str
    polarity: str
    items: int
    quote: str
    ref: Ref
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One member of a campaign, laid against the template."""

    segments: tuple[Segment, ...]
    ref: Ref
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignView:
    """One campaign: `size` items from one template, with a few members as examples."""

    id: str
    size: int
    template: Template
    examples: tuple[Example, ...] = ()
    languages: tuple[str, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierView:
    """One identifier value: how far it reaches, and why it was or was not used as a link.

    `reason` is the sentence of the quality table; `refs` up to three rows that state the value.
    """

    kind: str
    value: str
    items: int
    accounts: int
    used: bool
    reason: Wording
    refs: tuple[Ref, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """A node of the drawing. `kind` is `campaign`, `account` or an identifier's kind.

    Items are not drawn; `size` is the number of items the node stands for.
    """

    id: str
    kind: str
    label: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphEdge:
    """A line of the drawing between nodes `a` and `b`; `strength` lies in (0, 1].

    `items` is the number of items that join the two, 0 when it was not counted.
    """

    a: str
    b: str
    reason: Wording
    strength: float
    items: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The drawing of a network. Totals count what exists, drawn or not."""

    nodes: Listed[GraphNode] = field(default_factory=Listed)
    edges: Listed[GraphEdge] = field(default_factory=Listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Items over time. `bins` are (first day, count) in order; `undated` items have no time."""

    unit: Literal["day", "week", "month", "year"] = "day"
    bins: tuple[tuple[date, int], ...] = ()
    undated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """One item of a network. `excerpt` is cut by the dossier, never silently."""

    ref: Ref
    excerpt: str
    posted_at: datetime | None = None
    platform: str | None = None
    account: str | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a network stands in three lists (1 = first) and, by their sum, in the whole."""

    id: str
    rank: int
    by_size: int
    by_days: int
    by_indications: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkView:
    """One network (or, without a network, one campaign) with all that speaks for and against it.

    `days_active` counts the days on which at least one item was posted. `reported` are dimensions
    told of in items that ask for help, `held_back` ids of rules that only count in combination.
    """

    id: str
    size: int
    accounts: int
    assessment: Assessment
    platforms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    days_active: int = 0
    reported: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()
    place: Place | None = None
    indications: tuple[IndicationView, ...] = ()
    campaigns: Listed[CampaignView] = field(default_factory=Listed)
    identifiers: Listed[IdentifierView] = field(default_factory=Listed)
    graph: Graph = field(default_factory=Graph)
    timeline: Timeline = field(default_factory=Timeline)
    members: Listed[MemberView] = field(default_factory=Listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportView:
    """An item that asks for help. `quote` holds the matched words only, never the whole text.

    The whole text of such an item is withheld everywhere in the dossier.
    """

    ref: Ref
    quote: str
    network: str | None = None
    platform: str | None = None
    posted_at: datetime | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One measured error rate: what, the figure, on which material, and how to measure it again."""

    what: Wording
    figure: Wording
    basis: Wording
    command: str


#: Paragraphs of the chapter on method (keys of `strings.yaml`), in reading order.
METHOD = (
    "method.sealed",
    "method.row_hash",
    "method.identifiers",
    "method.campaigns",
    "method.indications",
    "method.links",
    "method.ranking",
    "method.people_decide",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierContent:
    """All that one dossier says. `sources` holds every row that `cited` names.

    `counts` maps a key of `strings.yaml` (`count.<key>`) to a number, in the order of display.
    """

    title: str
    case: str
    authority: Authority
    power_title: Wording
    power_article: str
    tool_version: str
    inputs: tuple[Input, ...]
    counts: Mapping[str, int]
    made_at: datetime | None = None
    rejected: Listed[Rejection] = field(default_factory=Listed)
    networks: Listed[NetworkView] = field(default_factory=Listed)
    campaigns_without_network: Listed[NetworkView] = field(default_factory=Listed)
    support_first: Listed[SupportView] = field(default_factory=Listed)
    method: tuple[str, ...] = METHOD
    limits: tuple[Limit, ...] = ()
    sources: tuple[Source, ...] = ()
