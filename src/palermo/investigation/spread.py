"""Runs the search for campaigns step by step on an engine, so that several machines can share it.

Guarantees the campaigns and edges of `analysis.campaigns.find_campaigns`, whichever the engine.
"""

from dataclasses import dataclass
from functools import partial

from palermo.analysis.campaigns import steps
from palermo.engine import Engine, Progress, connect, silent

#: Tables that are only needed on the way, each dropped once the next ones stand.
_STEPS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the search went through, for benchmarks and for whoever wants to know."""

    contents: int
    proposed: int
    verified: int
    rounds: int


def spread_campaigns(engine: Engine, *, progress: Progress = silent) -> Counts:
    """Find the campaigns among the items of a table `items` (id, position, text).

    Leaves in the engine what `steps.ASSIGNMENT` and `steps.EDGES` read. No more than counts come
    to this process.
    """
    done = 0

    def step() -> None:
        nonlocal done
        progress("campaigns", done, _STEPS)
        done += 1

    step()
    items = "SELECT id, position, text FROM items"
    engine.apply("texts", steps.read, items, schema=steps.READ)
    step()
    engine.materialise("contents", steps.CONTENTS)
    step()
    (extent,) = engine.query(steps.EXTENT).to_pylist()
    cut = partial(
        steps.shingle, compared=int(extent["compared"]), considered=int(extent["considered"])
    )
    engine.apply("shingles", cut, steps.COMPARED, schema=steps.SHINGLES)
    step()
    engine.materialise("common", steps.COMMON)
    engine.materialise("kept", steps.KEPT)
    engine.drop("shingles", "common")
    step()
    engine.materialise("proposed", steps.PROPOSED)
    engine.drop("kept")
    step()
    engine.apply("verified", steps.verify_pairs, steps.SIDE_BY_SIDE, schema=steps.PAIRS)
    step()
    rounds = connect(engine, "SELECT a, b FROM verified", name="components")
    step()
    engine.apply(
        "grouped", steps.group, steps.COMPONENTS, schema=steps.GROUPED, together="component"
    )
    step()
    engine.apply("named", steps.name, steps.MEMBERS, schema=steps.NAMED, together="middle")
    step()
    counts = engine.query(
        "SELECT (SELECT count(*) FROM contents) AS contents, "
        "(SELECT count(*) FROM proposed) AS proposed, (SELECT count(*) FROM verified) AS verified"
    ).to_pylist()[0]
    engine.drop("components", "verified", "proposed")
    return Counts(rounds=rounds, **counts)
