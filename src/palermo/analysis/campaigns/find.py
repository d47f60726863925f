"""Campaigns are found in a set of texts: the same set gives the same campaigns, in any order.

A campaign is two or more texts written from one template. Texts that say the same, up to case,
look-alike letters, invisible characters and numbers, are one content; contents are compared by
`similarity`, and grouped by `clusters`. Texts of fewer than five tokens belong together only when
they say exactly the same; texts that say nothing belong nowhere.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from palermo.analysis.campaigns.background import background
from palermo.analysis.campaigns.candidates import propose
from palermo.analysis.campaigns.clusters import cluster
from palermo.analysis.campaigns.tokens import SHORT, tokenise
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


def find_campaigns(items: pa.Table) -> CampaignResult:
    """Find the campaigns among `items` (columns `id`, `text`; a null text says nothing).

    A campaign's id is derived from the contents of its members, so it stays the same when the
    input is reordered or a text is posted again, and changes when a new content joins.

    Raises:
        Unreadable: a column is missing or is not text.
    """
    ids, texts = (_column(items, name) for name in ("id", "text"))
    tokens = tokenise(texts)
    contents, first, content_of = np.unique(tokens.content, return_index=True, return_inverse=True)
    lengths = tokens.start[first + 1] - tokens.start[first]
    compared = np.flatnonzero((lengths >= SHORT) & (contents != 0))
    chosen = first[compared].astype(np.int64)

    group = np.arange(len(contents))
    joined = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    if len(chosen) > 1:
        found = cluster(tokens, background(tokens, chosen), chosen, propose(tokens, chosen))
        group[compared] = compared[found.group]
        joined.append((chosen[found.a], chosen[found.b], found.similarity))

    of = group[content_of]
    posts = np.bincount(of, minlength=len(contents))
    outside = (posts[of] < 2) | (tokens.content == 0)
    names = pa.array(_names(contents, group, posts), pa.string())
    campaign = names.take(pa.array(of, mask=outside))

    repeated = np.flatnonzero((first[content_of] != np.arange(len(of))) & ~outside)
    joined.append((first[content_of[repeated]], repeated, np.ones(len(repeated))))
    a, b, similarity = (np.concatenate(part) for part in zip(*joined, strict=True))
    return CampaignResult(
        assignment=pa.table([ids, campaign], schema=CAMPAIGNS),
        edges=pa.table([ids.take(a), ids.take(b), similarity], schema=EDGES),
    )


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


def _names(
    contents: npt.NDArray[np.uint64], group: npt.NDArray[np.int64], posts: npt.NDArray[np.int64]
) -> list[str]:
    """Name each campaign, at its group's place: 'c-' and 12 hexadecimal digits.

    They are BLAKE2b over the members' content hashes, ascending, eight big-endian bytes each.
    """
    names = [""] * len(contents)
    order = np.argsort(group, kind="stable")  # contents are ascending, and stay so
    ends = np.flatnonzero(np.diff(group[order], append=-1)) + 1
    begin = 0
    hashes = contents[order].astype(">u8")
    for end in ends.tolist():
        middle = int(group[order[begin]])
        if posts[middle] > 1:
            digest = hashlib.blake2b(hashes[begin:end].tobytes(), digest_size=6)
            names[middle] = f"c-{digest.hexdigest()}"
        begin = end
    return names
