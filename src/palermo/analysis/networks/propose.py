"""Links and networks from shared values.

Guarantees: every link names the value both items share; items of one network are connected by
links that were used; network ids depend only on the ids of the members.
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from palermo.analysis.networks.guard import Runs, Verdict, decide
from palermo.analysis.networks.kinds import link_kinds
from palermo.model import LINKS, NETWORKS, QUALITY

#: Texts shorter than this many bytes are greetings and stock phrases: two people who both write
#: "hello, how are you" have nothing in common.
STOCK_PHRASE = 40


@dataclass(frozen=True, slots=True)
class Proposal:
    """Tables with the schemas `LINKS`, `NETWORKS` and `QUALITY` of the model."""

    links: pa.Table
    networks: pa.Table
    quality: pa.Table


def propose(item_ids: pa.ChunkedArray, shared: pa.Table, quality: pa.Table) -> Proposal:
    """Propose networks.

    Args:
        item_ids: ids of all items, in order; their index is the `position` of the other tables.
        shared: result of the plan `SHARED_IN_ORDER` (kind, value, position).
        quality: result of the plan `QUALITY`, same order of values.
    """
    ids: list[str] = item_ids.to_pylist()
    kinds: list[str] = quality["kind"].to_pylist()
    values: list[str] = quality["value"].to_pylist()
    counts = quality["items"].to_numpy().astype(np.int64)
    ends = np.cumsum(counts)
    runs = Runs(
        positions=shared["position"].to_numpy().astype(np.int64), starts=ends - counts, ends=ends
    )
    if len(runs.positions) != int(counts.sum()):
        raise ValueError("the plans SHARED_IN_ORDER and QUALITY disagree on what is shared")
    known = link_kinds()
    octets = quality["octets"].to_pylist()
    generic = [
        known.is_generic(kind, value) or (kind == "campaign" and octet < STOCK_PHRASE)
        for kind, value, octet in zip(kinds, values, octets, strict=True)
    ]
    verdicts, components = decide(runs, kinds, generic, len(ids))
    return Proposal(
        links=_links(runs, kinds, values, verdicts, ids),
        networks=_networks(components.label, ids),
        quality=_quality(quality, verdicts),
    )


def strength(kind: str, carriers: int) -> float:
    """Strength of a link by a value of `kind` that stands in `carriers` items.

    The kind's own strength, lowered the more items carry the value: twenty carriers cost about a
    quarter of it. An ordering for display, not a probability.
    """
    return round(link_kinds().kinds[kind].strength / (1 + 0.25 * math.log10(carriers / 2)), 4)


def _links(
    runs: Runs, kinds: list[str], values: list[str], verdicts: list[Verdict], ids: list[str]
) -> pa.Table:
    a: list[str] = []
    b: list[str] = []
    reason: list[str] = []
    weight: list[float] = []
    for v, verdict in enumerate(verdicts):
        if not verdict.used:
            continue
        carriers = runs.positions[runs.starts[v] : runs.ends[v]].tolist()
        first = ids[carriers[0]]
        rest = [ids[position] for position in carriers[1:]]
        a.extend([first] * len(rest))
        b.extend(rest)
        reason.extend([f"{kinds[v]}:{values[v]}"] * len(rest))
        weight.extend([strength(kinds[v], len(carriers))] * len(rest))
    return pa.table([a, b, reason, weight], schema=LINKS)


def _networks(label: np.ndarray, ids: list[str]) -> pa.Table:
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(ids) else []
    name_of: dict[int, str] = {}
    for group in groups:
        if len(group) > 1:
            name = _network_id([ids[position] for position in group.tolist()])
            name_of.update(dict.fromkeys(group.tolist(), name))
    members = sorted(name_of)
    return pa.table([[ids[m] for m in members], [name_of[m] for m in members]], schema=NETWORKS)


def _network_id(members: list[str]) -> str:
    digest = hashlib.blake2b(digest_size=6)
    for member in sorted(members):
        digest.update(len(member.encode()).to_bytes(8, "big") + member.encode())
    return f"n-{digest.hexdigest()}"


def _quality(quality: pa.Table, verdicts: list[Verdict]) -> pa.Table:
    return (
        quality.drop_columns(["octets"])
        .append_column("used", pa.array([v.used for v in verdicts], pa.bool_()))
        .append_column("reason", pa.array([v.reason for v in verdicts], pa.string()))
        .cast(QUALITY)
    )
