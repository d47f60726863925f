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
    OMISSION = "omission"  # in the template, not in this member: a segment without text


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of one member's text. `slot` is set for slots, `missing` for what is left out."""

    role: SegmentRole
    text: str
    slot: int | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """What several members do otherwise in the same place of a template.

    The place is before character `at` of `parts[part]` (for a slot, `at` is 0). `left_out` are the
    constant words there that they leave out, `put_in` examples of what they write instead or
    between, the commonest first. `members` counts those of the template's `different` texts.
    """

    part: int
    at: int
    left_out: str
    put_in: tuple[str, ...]
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What the members of one campaign share.

    `support` is the number of members the template was built from, which say `different` texts, of
    `length` words in the median. `compression` is the cost of the members written with the
    template over their cost written apart (0–1, lower = stronger). `variations` are the commonest.
    """

    campaign: str
    parts: tuple[TemplatePart, ...]
    support: int
    compression: float
    different: int = 1
    length: int = 0
    variations: tuple[Variation, ...] = ()
