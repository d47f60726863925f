"""An indication: words in a text that a published indicator names, with what speaks against it.

An indication is never a verdict and never a score for a person. Indications combine, by the
operational rule of the International Labour Organization and the European Commission (2009),
into dimensions that are indicated or not.
"""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class Strength(StrEnum):
    """Strength of an indicator in the operational rule."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


#: One row a hit of one rule in one item. `start`/`end` are code points of the item's text,
#: `polarity` is `for`, `against` (counter-evidence) or `support` (a person asking for help).
INDICATIONS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("version", pa.int32(), nullable=False),
        pa.field("dimension", pa.string(), nullable=False),
        pa.field("strength", pa.string(), nullable=False),
        pa.field("polarity", pa.string(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("quote", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the indications of one body of text (an item, a campaign, a network) amount to.

    `indicated` holds dimensions that the operational rule finds positive, `open` those with some
    hits but not enough. `adult_pattern` is true when a means dimension and an exploitation
    dimension are both indicated; `child_review` when the separate child path asks for an expert;
    `support_first` when somebody asks for help, which comes before anything else.
    """

    indicated: tuple[str, ...]
    open: tuple[str, ...]
    counter: tuple[str, ...]
    adult_pattern: bool
    child_review: bool
    support_first: bool
