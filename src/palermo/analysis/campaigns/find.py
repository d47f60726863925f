"""Campaigns are found in a set of texts: the same set gives the same campaigns, in any order.

A campaign is two or more texts written from one template. Texts that say the same, up to case,
look-alike letters, invisible characters and numbers, are one content; contents are compared by
`similarity`, and grouped by `clusters`. Texts of fewer than five tokens belong together only when
they say exactly the same; texts that say nothing belong nowhere.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from palermo.analysis.campaigns.index import CampaignIndex, Found, find, index_of
from palermo.analysis.campaigns.tokens import Tokens, tokenise
from palermo.model import CAMPAIGNS, Unreadable

#: One row a pair of members, verified, that justifies a campaign; k members have k - 1 of them.
EDGES = pa.schema(
    [
        pa.field("a", pa.string(), nullable=False),
        pa.field("b", pa.string(), nullable=False),
        pa.field("similarity", pa.float64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class CampaignResult:
    """What was found.

    `assignment` has the schema `CAMPAIGNS`, a row an item, in the order of the input. `edges` has
    columns `a`, `b` (ids) and `similarity` (0 to 1; 1 for texts that say the same): each member
    is joined to a text it was compared with, each repetition to the first item that says it.
    """

    assignment: pa.Table
    edges: pa.Table


def find_campaigns(items: pa.Table, *, threads: int | None = None) -> CampaignResult:
    """Find the campaigns among `items` (columns `id`, `text`; a null text says nothing).

    A campaign's id is derived from the contents of its members, so it stays the same when the
    input is reordered or a text is posted again, and changes when a new content joins. The result
    does not depend on `threads`, the cores that may be used (all of them by default).

    Raises:
        Unreadable: a column is missing or is not text.
    """
    ids, texts = (_column(items, name) for name in ("id", "text"))
    found = find(tokenise(texts, threads), threads)
    repeated = np.flatnonzero(
        (found.first[found.content_of] != np.arange(len(ids)))
        & (found.campaign[found.content_of] >= 0)
    )
    a = np.concatenate([found.a, found.first[found.content_of[repeated]]])
    b = np.concatenate([found.b, repeated])
    similarity = np.concatenate([found.similarity, np.ones(len(repeated))])
    return CampaignResult(
        assignment=pa.table([ids, named(found)], schema=CAMPAIGNS),
        edges=pa.table([ids.take(a), ids.take(b), similarity], schema=EDGES),
    )


def assign_tokens(
    tokens: Tokens, *, indexed: bool = False, threads: int | None = None
) -> tuple[pa.Array, CampaignIndex | None]:
    """Find the campaigns of texts that were tokenised as they were read.

    Returns the name of each text's campaign or null, and with `indexed` what a later run needs to
    go on from here.
    """
    found = find(tokens, threads)
    return named(found), index_of(tokens, found) if indexed else None


def named(found: Found) -> pa.Array:
    """Return the name of each text's campaign, null for none."""
    own = found.campaign[found.content_of]
    return pa.array(found.names, pa.string()).take(pa.array(own, mask=own < 0))


def _column(items: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in items.column_names:
        raise Unreadable(
            f"campaigns: the items have no column '{name}'; give a table with 'id' and 'text'"
        )
    column = items.column(name)
    try:
        return column.cast(pa.string() if name == "id" else pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Unreadable(
            f"campaigns: column '{name}' is {column.type}, expected text; convert it first"
        ) from error
