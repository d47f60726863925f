"""Exact shares of whole units: what is shared out is what there was, to the last unit."""

from collections.abc import Sequence


def largest_remainder(whole: int, weights: Sequence[int]) -> list[int]:
    """Split `whole` by `weights`, exactly; equal remainders go to the one listed first.

    >>> largest_remainder(100, [1, 1, 1])
    [34, 33, 33]
    """
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    parts = [divmod(whole * weight, total) for weight in weights]
    found = [quotient for quotient, _ in parts]
    order = sorted(range(len(parts)), key=lambda at: (-parts[at][1], at))
    for at in order[: whole - sum(found)]:
        found[at] += 1
    return found


def entitled(available: int, owed: Sequence[int], paid: Sequence[int]) -> list[int]:
    """Return what each award has to have in the end, of `available` now and all `paid` before.

    Somebody who already has more than their share keeps it; the others share the rest.

    >>> entitled(25, [300, 100], [75, 0])
    [75, 25]
    """
    active = list(range(len(owed)))
    have = list(paid)
    while active:
        whole = min(available + sum(paid[at] for at in active), sum(owed[at] for at in active))
        shares = largest_remainder(whole, [owed[at] for at in active])
        over = [at for at, share in zip(active, shares, strict=True) if share < paid[at]]
        if not over:
            for at, share in zip(active, shares, strict=True):
                have[at] = share
            return have
        active = [at for at in active if at not in over]
    return have
