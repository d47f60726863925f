"""Judging the proofs and the earlier checkpoints that a package carries.

Guarantees that each proof is computed again with the verifier of RFC 9162, that there is one for
every event shown and for every earlier checkpoint, and that those checkpoints are the log's own.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from palermo.evidence.contents import failures, passed
from palermo.evidence.judge import judge_checkpoint
from palermo.evidence.merkle import proves_consistency, proves_inclusion
from palermo.evidence.package.judging import Package
from palermo.evidence.package.layout import CONSISTENCY_FILE, INCLUSION_FILE
from palermo.evidence.package.proofs import Tree, inclusion_frame
from palermo.evidence.rows import Check, Outcome
from palermo.evidence.schema import CHECKPOINTS

_LONGEST = 1 << 16  # no proof is longer
_KEPT = re.compile(rf"{CHECKPOINTS}/([0-9]{{1,18}})\.txt", re.ASCII)


def kept_sizes(names: Iterable[str]) -> dict[int, str]:
    """Return the names of the checkpoints in checkpoints/, by the size they claim, sorted."""
    found = {int(one[1]): one[0] for one in map(_KEPT.fullmatch, names) if one is not None}
    return dict(sorted(found.items()))


def check_earlier(package: Package) -> Iterator[Check]:
    """See that the log begins with what its own earlier checkpoints covered."""
    checks = [
        (size, check)
        for size, name in kept_sizes(package.bag.files).items()
        for check in judge_checkpoint(package.reading, package.bag.text(name), kept=True)
    ]
    problems = [
        f"checkpoint of {size} leaves: {check.detail}"
        for size, check in checks
        if check.outcome is Outcome.FAIL
    ]
    yield from failures("earlier checkpoints", problems)
    if checks and not problems:
        detail = f"the log grew out of {len(checks) // 2} of its own, kept when they were made"
        yield passed("earlier checkpoints", detail, package.reading)


def check_proofs(package: Package) -> Iterator[Check]:
    """Check every proof, and that none is missing."""
    tree = Tree(package.reading.leaves)
    problems = [*_inclusion(package, tree), *_consistency(package, tree)]
    yield from failures("proofs", problems)
    if not problems:
        yield passed("proofs", "every proof of inclusion and consistency holds", package.reading)


def _inclusion(package: Package, tree: Tree) -> Iterator[str]:
    """Check the proofs line by line: a long log has more of them than memory should hold."""
    shown = iter([entry.seq for entry in package.reading.entries])
    start, end = inclusion_frame(tree)
    with package.bag.plain(INCLUSION_FILE).open(encoding="utf-8") as file:
        if file.readline(_LONGEST) != start:
            yield f"{INCLUSION_FILE} is for another tree"
            return
        while (line := file.readline(_LONGEST)) not in {"", "\n", end}:
            one: Any = json.loads(line.removesuffix("\n").removesuffix(","))
            path = [bytes.fromhex(node) for node in one["audit_path"]]
            leaf, index = bytes.fromhex(one["leaf_hash"]), one["leaf_index"]
            if index != next(shown, None):
                yield f"{INCLUSION_FILE} proves other events than those shown"
                return
            if not proves_inclusion(leaf, index, len(tree.leaves), path, tree.head):
                yield f"{INCLUSION_FILE}: the proof for event {index} does not hold"
        if line != end or file.read(1) or next(shown, None) is not None:
            yield f"{INCLUSION_FILE} does not end after a proof for each event shown"


def _consistency(package: Package, tree: Tree) -> Iterator[str]:
    raw: Any = package.bag.json(CONSISTENCY_FILE)
    size = len(tree.leaves)
    if (raw["second"], raw["second_root"]) != (size, tree.head.hex()):
        yield f"{CONSISTENCY_FILE} is for another tree"
    due = [one for one in kept_sizes(package.bag.files) if 0 < one < size]
    if [one["first"] for one in raw["proofs"]] != due:
        yield f"{CONSISTENCY_FILE} does not prove each earlier checkpoint"
    for one in raw["proofs"]:
        path = [bytes.fromhex(node) for node in one["consistency_path"]]
        first, head = one["first"], bytes.fromhex(one["first_root"])
        if not proves_consistency(first, size, head, tree.head, path):
            yield f"{CONSISTENCY_FILE}: the proof from {first} leaves does not hold"
