"""Which row a reversal takes back.

Guarantees that a row is taken back at most once, by a later row of the same account, currency and
amount in the other direction; and that a reversal whose original is not among the rows stays
without one, to be counted.
"""

import pyarrow as pa
import pyarrow.compute as pc

#: How many rows of the amount are looked at, the latest ones: bounds the work on odd data.
_LOOKED_AT = 1_000


def reversed_rows(rows: pa.Table) -> dict[int, int]:
    """Return for each reversal the row it takes back, as places in `rows` (READ_ROWS, in order).

    Of several that fit, one with the same reference stands first, then one with the same
    counterparty, then the nearest before it; one that names another counterparty does not fit.
    """
    flags = pc.fill_null(rows["reversal"], False)  # noqa: FBT003  Arrow's own interface
    reversals = pc.indices_nonzero(flags).to_pylist()
    if not reversals:
        return {}
    columns = ("own", "currency", "effect_minor", "end_to_end", "bank_ref", "src", "dst")
    owns, currencies, effects, travels, refs, srcs, dsts = (
        rows[name].to_pylist() for name in columns
    )
    wanted = {(owns[row], currencies[row], -(effects[row] or 0)) for row in reversals}
    before: dict[tuple[str | None, str, int], list[int]] = {}
    taken: dict[int, int] = {}
    ups = set(reversals)
    for row in range(rows.num_rows):
        key = (owns[row], currencies[row], effects[row] or 0)
        if row not in ups:
            if key in wanted:
                before.setdefault(key, []).append(row)
            continue
        there = dsts[row] if srcs[row] == owns[row] else srcs[row]
        best, best_score = None, 0
        for old in before.get((owns[row], currencies[row], -(effects[row] or 0)), [])[-_LOOKED_AT:]:
            back = dsts[old] if srcs[old] == owns[old] else srcs[old]
            travel = travels[row] is not None and travels[row] == travels[old]
            ref = refs[row] is not None and refs[row] == refs[old]
            same = there == back
            if not same and not travel and not ref and ":" not in there and ":" not in back:
                continue
            score = 1 + 4 * travel + 4 * ref + 2 * same
            if score >= best_score:
                best, best_score = old, score
        if best is not None:
            taken[row] = best
            before[owns[row], currencies[row], -(effects[row] or 0)].remove(best)
    return taken
