"""Runs the laboratory over the items of a case: the one place that knows the order of questions.

Guarantees: the result is a function of the items alone. No clock, no chance, no dependence on the
number of cores, nor on the engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis import networks
from palermo.analysis.campaigns import find_campaigns
from palermo.analysis.identifiers import extract
from palermo.analysis.indicators import behaviour, indicate
from palermo.engine import ENGINES, Engine, EngineName, Progress, Workers, run_kernel, silent
from palermo.investigation.looking import Looked
from palermo.investigation.photos import Photos, find_photos
from palermo.investigation.spread import spread_assignment, spread_kernel
from palermo.model import IDENTIFIERS, INDICATIONS

TEXT_COLUMNS = ["id", "text", "lang"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the laboratory found, in the schemas of the model."""

    identifiers: pa.Table
    indications: pa.Table
    campaigns: pa.Table
    links: pa.Table
    networks: pa.Table
    quality: pa.Table
    photos: Photos


def examine(
    items: pa.Table,
    looked: Looked | None = None,
    *,
    progress: Progress = silent,
    workers: int | None = None,
    engine: EngineName = "duckdb",
) -> Results:
    """Ask every question of the laboratory about `items` (schema `ITEMS`) and their photos."""
    with ENGINES[engine]() as running:
        if engine == "duckdb":
            identifiers, indications, campaigns = _read_here(items, progress, workers)
        else:
            identifiers, indications, campaigns = _read_spread(items, progress, running)
        conduct = behaviour(items, identifiers, campaigns)
        progress("networks", 0, items.num_rows)
        photos = find_photos(items, looked or Looked())
        proposal = propose_networks(items, identifiers, campaigns, photos, running)
        progress("networks", items.num_rows, items.num_rows)
    return Results(
        identifiers=identifiers,
        indications=pa.concat_tables([indications, conduct.cast(INDICATIONS)]),
        campaigns=campaigns,
        links=proposal.links,
        networks=proposal.networks,
        quality=proposal.quality,
        photos=photos,
    )


def _read_here(
    items: pa.Table, progress: Progress, workers: int | None
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return identifiers, indications and campaigns, found on this machine."""
    texts = items.select(TEXT_COLUMNS)
    with Workers(workers) as pool:
        # Campaigns need all texts at once and are found here while the workers read the texts.
        mentions = pool.start(extract, texts, schema=IDENTIFIERS, step="identifiers")
        wording = pool.start(indicate, texts, schema=INDICATIONS, step="indicators")
        campaigns = assign_campaigns(items, progress=progress)
        return mentions.result(progress), wording.result(progress), campaigns


def _read_spread(
    items: pa.Table, progress: Progress, engine: Engine
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return identifiers, indications and campaigns, found by the machines of `engine`."""
    rows = items.num_rows
    engine.load({"items": _placed(items.select(TEXT_COLUMNS))})
    progress("identifiers", 0, rows)
    identifiers = spread_kernel(engine, extract, schema=IDENTIFIERS, name="mentions")
    progress("identifiers", rows, rows)
    progress("indicators", 0, rows)
    indications = spread_kernel(engine, indicate, schema=INDICATIONS, name="wording")
    progress("indicators", rows, rows)
    return identifiers, indications, spread_assignment(engine, progress=progress)


def extract_identifiers(
    items: pa.Table,
    *,
    regions: Sequence[str] = (),
    progress: Progress = silent,
    workers: int | None = None,
) -> pa.Table:
    """Find the identifiers that the texts of `items` state (schema `IDENTIFIERS`)."""
    return run_kernel(
        partial(extract, regions=tuple(regions)),
        items.select(TEXT_COLUMNS),
        schema=IDENTIFIERS,
        step="identifiers",
        progress=progress,
        workers=workers,
    )


def assign_campaigns(
    items: pa.Table, *, progress: Progress = silent, engine: EngineName = "duckdb"
) -> pa.Table:
    """Find the campaigns among `items` (schema `CAMPAIGNS`, in the order of the items)."""
    if engine != "duckdb":
        with ENGINES[engine]() as running:
            running.load({"items": _placed(items.select(["id", "text"]))})
            return spread_assignment(running, progress=progress)
    progress("campaigns", 0, items.num_rows)
    assignment = find_campaigns(items.select(["id", "text"])).assignment
    progress("campaigns", items.num_rows, items.num_rows)
    return assignment


def propose_networks(
    items: pa.Table, identifiers: pa.Table, campaigns: pa.Table, photos: Photos, engine: Engine
) -> networks.Proposal:
    """Run the plans of `analysis.networks` and its proposal."""
    narrow = items.select(["id", "platform", "account", "posted_at"]).append_column(
        "octets", pc.binary_length(items["text"])
    )
    engine.load(
        {
            "items": _placed(narrow),
            "identifiers": pa.concat_tables(
                [identifiers.select(["id", "kind", "value"]), photos.values()]
            ),
            "campaigns": campaigns,
            "kinds": pa.table({"kind": sorted(networks.link_kinds().kinds)}),
        }
    )
    engine.materialise("shared", networks.SHARED)
    return networks.propose(
        items["id"], engine.query(networks.SHARED_IN_ORDER), engine.query(networks.QUALITY)
    )


def _placed(table: pa.Table) -> pa.Table:
    return table.append_column("position", pa.array(np.arange(table.num_rows, dtype=np.int64)))
