"""Runs kernels and the search for campaigns on an engine, so that machines can share the work.

Guarantees what one process finds, row by row and in the same order, whichever the engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from palermo.analysis.campaigns import plans, steps
from palermo.analysis.campaigns.background import Background, stride
from palermo.engine import Engine, Kernel, Progress, connect, silent
from palermo.model import CAMPAIGNS

_STEPS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the search for campaigns went through; `rounds` are those of the components."""

    contents: int
    proposed: int
    verified: int
    rounds: int


def numbered(kernel: Kernel, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Run `kernel` and number what it yields of each batch, in a last column `place`.

    An item is in one batch, so its rows can be put in the kernel's order again.
    """
    for batch in batches:
        begin = 0
        for found in kernel(iter([batch])):
            places = pa.array(range(begin, begin + found.num_rows), pa.int64())
            begin += found.num_rows
            yield found.append_column("place", places)


def spread_kernel(engine: Engine, kernel: Kernel, *, schema: pa.Schema, name: str) -> pa.Table:
    """Run `kernel` over the table `items` (position, id, text, lang) of `engine`.

    Returns its rows, which name their item in a column `id`, in the order of the items.
    """
    engine.apply(
        name,
        partial(numbered, kernel),
        "SELECT id, text, lang FROM items",
        schema=schema.append(pa.field("place", pa.int64())),
    )
    columns = ", ".join(f'{name}."{field}"' for field in schema.names)
    rows = engine.query(
        f"SELECT {columns} FROM {name} JOIN items ON {name}.id = items.id "
        f"ORDER BY items.position, {name}.place"
    )
    engine.drop(name)
    return rows.cast(schema)


def spread_campaigns(
    engine: Engine,
    items: str = "SELECT id, position, text FROM items",
    *,
    progress: Progress = silent,
) -> Counts:
    """Find the campaigns among `items`, a plan with columns id, text and, if known, position.

    Leaves in the engine what `plans.ASSIGNMENT` and `plans.EDGES` read. Only counts come to this
    process.
    """
    done = iter(range(_STEPS + 1))

    def step() -> None:
        progress("campaigns", next(done), _STEPS)

    step()
    engine.apply("texts", steps.read, items, schema=steps.READ)
    step()
    engine.materialise("contents", plans.CONTENTS)
    step()
    (extent,) = engine.query(plans.EXTENT).to_pylist()
    cut = partial(
        steps.shingle, compared=int(extent["compared"]), considered=int(extent["considered"])
    )
    engine.apply("shingles", cut, plans.COMPARED, schema=steps.SHINGLES)
    step()
    engine.materialise("common", plans.COMMON)
    engine.materialise("kept", plans.KEPT)
    engine.drop("shingles", "common")
    step()
    engine.materialise("proposed", plans.PROPOSED)
    engine.drop("kept")
    step()
    weight = _weights(engine, int(extent["compared"]))
    verify = partial(steps.verify_pairs, weight=weight)
    engine.apply("verified", verify, plans.SIDE_BY_SIDE, schema=steps.PAIRS)
    step()
    rounds = connect(engine, "SELECT a, b FROM verified", name="components")
    step()
    grouping = partial(steps.group, weight=weight)
    engine.apply("grouped", grouping, plans.COMPONENTS, schema=steps.GROUPED, together="component")
    step()
    engine.apply("named", steps.name, plans.MEMBERS, schema=steps.NAMED, together="middle")
    (counts,) = engine.query(plans.COUNTS).to_pylist()
    engine.drop("components", "verified", "proposed")
    step()
    return Counts(rounds=rounds, **counts)


def _weights(engine: Engine, compared: int) -> Background:
    """Return how much each token says: two million small numbers at most come to this process."""
    every = stride(compared)
    engine.apply(
        "places", steps.count_places, plans.SAMPLE.format(stride=every), schema=steps.PLACES
    )
    weight = steps.weigh(engine.query(plans.PLACES), -(-compared // every))
    engine.drop("places")
    return weight


def spread_assignment(engine: Engine, *, progress: Progress = silent) -> pa.Table:
    """Find the campaigns of the table `items`; return them in the order of the items."""
    spread_campaigns(engine, progress=progress)
    rows = engine.query(f"{plans.ASSIGNMENT} ORDER BY texts.position")
    engine.drop("texts", "contents", "grouped", "named")
    return rows.select(CAMPAIGNS.names).cast(CAMPAIGNS)
