"""A campaign: texts that come from one template, and the template itself.

A template is a sequence of parts; a constant part is what the members share, a slot is where
they differ. A member is rendered as an alignment against the template, and concatenating the
`text` of its segments always gives the member's text back, character for character.
"""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

#: One row an item; `campaign` is null for items that belong to none.
CAMPAIGNS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("campaign", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePart:
    """A constant piece of text (`slot` is None), or slot number `slot` with example fillers.

    `kind` is a slot's type as far as its fillers tell: `phone`, `price`, `number`, `free`, ….
    """

    text: str = ""
    slot: int | None = None
    kind: str = "free"
    fillers: tuple[str, ...] = ()


class SegmentRole(StrEnum):
    """What a piece of a member is when it is laid against the template."""

    CONSTANT = "constant"
    SLOT = "slot"
    INSERTION = "insertion"  # in this member, not in the template


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of one member's text. `slot` is set for slot segments."""

    role: SegmentRole
    text: str
    slot: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What the members of one campaign share.

    `support` is the number of members the template was built from. `compression` is the cost of
    the members written with the template over their cost written apart (0–1, lower = stronger).
    """

    campaign: str
    parts: tuple[TemplatePart, ...]
    support: int
    compression: float
