"""What the API answers with: each class states the fields of one kind of thing, and no more."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field, model_validator

from palermo.desks.access.models import Case, Person
from palermo.desks.cases.judging import link_key
from palermo.desks.cases.models import Link
from palermo.model import Unreadable


class PersonOut(Schema):
    """Somebody with an account."""

    handle: Annotated[UUID, Field(description="How the custody log calls them.")]
    name: str

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        row = getattr(value, "_obj", value)
        return {"handle": row.handle, "name": str(row)} if isinstance(row, Person) else value


class CaseOut(Schema):
    """A case that the token is for."""

    key: str
    reference: str
    title: str
    unit: str
    status: str
    created_at: datetime

    @staticmethod
    def resolve_unit(case: Case) -> str:
        """Return the unit by name."""
        return case.unit.name


class OpeningOut(Schema):
    """For what a token has a case open."""

    case: str
    purpose: str
    authority: Annotated[str, Field(description="The power, in the words of the law pack.")]
    authority_sha256: str
    reason: str
    ends: datetime
    holds: Annotated[bool, Field(description="Whether it gives anything at this moment.")]


class TokenOut(Schema):
    """The token that is used."""

    ident: str
    name: str
    owner: PersonOut
    actions: list[str]
    made_at: datetime
    ends: datetime
    openings: list[OpeningOut]


class CaseFacts(Schema):
    """A case, with what its last run found in numbers."""

    case: CaseOut
    run: Annotated[int, Field(description="The last run that was done; 0 before any.")]
    counts: dict[str, Any]


class ItemOut(Schema):
    """An ad, post or message, and where it lies in which exhibit."""

    id: Annotated[int, Field(description="Its number; the next run gives another.")]
    ident: Annotated[str, Field(description="Its name, which outlives runs.")]
    text: str
    lang: str
    posted_at: datetime | None
    platform: str
    account: str
    url: str
    place: str
    kind: str
    exhibit: str
    row: int
    row_hash: str
    campaign: str
    network: str


class IdentifierOut(Schema):
    """A normalised value, and how good a link it is."""

    id: Annotated[int, Field(description="Its number; the next run gives another.")]
    kind: str
    value: str
    items: int
    accounts: int
    campaigns: int
    first_seen: datetime | None
    last_seen: datetime | None
    used: Annotated[bool | None, Field(description="Whether it was used to link items.")]
    reason: Annotated[str, Field(description="Why, or why not.")]


class ItemRef(Schema):
    """An item, by number and name."""

    id: int
    ident: str


class IdentifierRef(Schema):
    """An identifier, by number, kind and value."""

    id: int
    kind: str
    value: str


class MentionOut(Schema):
    """Where an identifier stands in the text of an item: characters `start` to `end`."""

    id: int
    item: ItemRef
    identifier: IdentifierRef
    raw: str
    start: int
    end: int
    confidence: str
    reason: str


class IndicationOut(Schema):
    """A published indicator found in an item. It is an indication, never a verdict."""

    id: int
    item: ItemRef
    rule: str
    version: int
    dimension: str
    strength: str
    polarity: Annotated[str, Field(description="Whether it speaks for or against.")]
    start: int
    end: int
    quote: str


class CampaignOut(Schema):
    """Texts of one template."""

    key: str
    items: int
    accounts: int
    first_seen: datetime | None
    last_seen: datetime | None
    network: str


class CampaignWhole(CampaignOut):
    """A campaign with its template."""

    run: int
    template: Annotated[dict[str, Any], Field(description="Constant parts and slots.")]


class NetworkOut(Schema):
    """Items that are proposed to come from the same hands."""

    key: str
    rank: int
    items: int
    accounts: int
    first_seen: datetime | None
    last_seen: datetime | None
    support_first: bool
    child_review: bool


class NetworkWhole(NetworkOut):
    """A network with its reasons and what speaks against it."""

    run: int
    facts: Annotated[dict[str, Any], Field(description="As `findings.json` of the run states.")]


class LinkOut(Schema):
    """A proposed link between two items: what both share."""

    id: int
    name: Annotated[
        str, Field(description="Its name in notes and judgements, which outlives runs.")
    ]
    a: ItemRef
    b: ItemRef
    reason: str
    strength: float
    network: str

    @staticmethod
    def resolve_name(link: Link) -> str:
        """Return what the link is called; nothing if the ids of its items are too long for that."""
        try:
            return link_key(link.a.ident, link.b.ident, link.reason)
        except Unreadable:
            return ""


class Shown(Schema):
    """How much of the whole is shown."""

    nodes: int
    of_nodes: int
    ties: int
    of_ties: int


class NodeOut(Schema):
    """What items of a network share: an identifier, a campaign, an account or a photo."""

    key: Annotated[str, Field(description="Its name in this graph.")]
    kind: str
    value: str
    items: Annotated[int, Field(description="Items of the network that carry it.")]


class TieOut(Schema):
    """Two nodes that some items carry together."""

    a: Annotated[str, Field(description="The key of a node.")]
    b: str
    items: int


class GraphOut(Schema):
    """A network as a graph: the nodes in most items, the strongest ties among them."""

    run: int
    network: str
    shown: Shown
    nodes: list[NodeOut]
    ties: list[TieOut]


class PieceOut(Schema):
    """A stretch of text; `found` if it is what was searched for."""

    text: str
    found: bool


class HitOut(Schema):
    """Something that was found: the number of its row, and the surroundings of the words."""

    id: int
    name: str
    pieces: list[PieceOut]
    at: datetime | None


class FoundOut(Schema):
    """What was found of one kind, page by page."""

    number: int
    more: Annotated[bool, Field(description="Whether there are more than that.")]
    page: int
    pages: int
    read_only: Annotated[int, Field(description="Rows that were looked at; 0 means all.")]
    hits: list[HitOut]


class SearchOut(Schema):
    """What was found, by kind: items, identifiers, notes."""

    kinds: dict[str, FoundOut]


class WorkOut(Schema):
    """Something that a person wrote about something in a case."""

    id: int
    subject: str
    subject_key: str
    by: PersonOut
    at: datetime


class NoteOut(WorkOut):
    """A note; a withdrawn one stays, marked."""

    text: str
    withdrawn_at: datetime | None


class TaskOut(WorkOut):
    """Something to be done."""

    text: str
    assignee: PersonOut | None
    due: date | None
    done_at: datetime | None
    done_by: PersonOut | None


class JudgementOut(WorkOut):
    """What somebody holds of a proposed link."""

    verdict: str
    reason: str
    counts: Annotated[bool, Field(description="Whether no later judgement took its place.")]


class Progress(Schema):
    """How far a run is."""

    id: int
    state: str
    step: str
    done: int
    total: int


class RunOut(Progress):
    """A run of the investigation over the material of a case."""

    asked_at: datetime
    asked_by: PersonOut
    purpose: str
    began_at: datetime | None
    ended_at: datetime | None
    trouble: str
    counts: dict[str, Any]


class MaterialOut(Schema):
    """A file that was brought in."""

    id: int
    name: str
    size: int
    sha256: str
    added_at: datetime
    added_by: PersonOut


class RefusedFile(Schema):
    """A file that was not taken in, and why."""

    name: str
    why: str


class Brought(Schema):
    """Files that were taken in or refused, and the run that was asked for, if none was refused."""

    material: list[MaterialOut]
    refused: list[RefusedFile]
    run: RunOut | None
