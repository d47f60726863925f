"""Builds the templates of chosen campaigns, and writes them for machines.

A template is built from at most `MEMBERS` members spread evenly over the campaign, so that its cost
does not grow with the campaign, and the same members are taken on every run.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from palermo.analysis.campaigns import build_template
from palermo.model import Template

MEMBERS = 60


def spread(n: int, k: int) -> list[int]:
    """Return `k` indices spread evenly over range(n), the first and last among them.

    >>> spread(10, 4), spread(2, 4)
    ([0, 3, 6, 9], [0, 1])
    """
    if n <= k:
        return list(range(n))
    return [int(i) for i in np.linspace(0, n - 1, k)]


def build_templates(
    texts: pa.ChunkedArray, campaigns: pa.ChunkedArray, names: Collection[str]
) -> dict[str, Template]:
    """Build the templates of the campaigns `names`; both columns are in the order of the items."""
    members: dict[str, list[int]] = {name: [] for name in sorted(names)}
    for position, name in enumerate(campaigns.to_pylist()):
        if name in members:
            members[name].append(position)
    chosen = {name: [at[i] for i in spread(len(at), MEMBERS)] for name, at in members.items()}
    read = texts_at(texts, sorted({at for own in chosen.values() for at in own}))
    return {
        name: build_template(name, [read[position] for position in own])
        for name, own in chosen.items()
    }


def texts_at(texts: pa.ChunkedArray, positions: Sequence[int]) -> dict[int, str]:
    """Return the texts at `positions`, ascending. Only the chunks that hold them are touched."""
    found: dict[int, str] = {}
    wanted = np.array(positions, dtype=np.int64)
    first = 0
    for chunk in texts.chunks:
        begin, end = np.searchsorted(wanted, [first, first + len(chunk)])
        if end > begin:
            own = chunk.take(pa.array(wanted[begin:end] - first)).to_pylist()
            found.update(zip(positions[begin:end], own, strict=True))
        first += len(chunk)
    return found


def largest_templates(
    texts: pa.ChunkedArray, campaigns: pa.ChunkedArray, n: int
) -> dict[str, Template]:
    """Build the templates of the `n` largest campaigns, largest first; columns as above."""
    counted = campaigns.value_counts()
    sizes = {
        row["values"]: row["counts"] for row in counted.to_pylist() if row["values"] is not None
    }
    names = sorted(sizes, key=lambda name: (-sizes[name], name))[:n]
    built = build_templates(texts, campaigns, names)
    return {name: built[name] for name in names}


def template_json(template: Template) -> dict[str, Any]:
    """Return a template as plain JSON data."""
    return {
        "support": template.support,
        "compression": template.compression,
        "parts": [
            {"text": part.text}
            if part.slot is None
            else {"slot": part.slot, "kind": part.kind, "fillers": list(part.fillers)}
            for part in template.parts
        ],
    }
