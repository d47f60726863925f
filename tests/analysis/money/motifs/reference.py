"""The motifs by definition, slow and obvious: every set of payments is tried."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple


class Paid(NamedTuple):
    """A payment; the list is in the order that counts."""

    ts: int
    src: int
    dst: int
    amount: int


def fans(paid: Sequence[Paid], *, inward: bool, window: int, least: int) -> dict[int, int]:
    """Most different counterparties of each account within any window."""
    found = {}
    for account in {one.dst if inward else one.src for one in paid}:
        mine = [one for one in paid if (one.dst if inward else one.src) == account]
        most = max(
            len(
                {
                    other.src if inward else other.dst
                    for other in mine
                    if first.ts <= other.ts <= first.ts + window
                }
            )
            for first in mine
        )
        if most >= least:
            found[account] = most
    return found


def cycles(
    paid: Sequence[Paid], *, window: int, kept: tuple[int, int], longest: int = 4
) -> set[tuple[int, ...]]:
    """Every cycle as positions of its payments."""
    found = set()

    def onward(path: list[int]) -> None:
        last = paid[path[-1]]
        for position in range(path[-1] + 1, len(paid)):
            one = paid[position]
            if one.src != last.dst or one.ts - paid[path[0]].ts > window:
                continue
            if not last.amount * kept[0] <= one.amount * kept[1] or one.amount > last.amount:
                continue
            if one.dst == paid[path[0]].src:
                found.add((*path, position))
            elif len(path) + 1 < longest and one.dst not in {paid[at].dst for at in path}:
                onward([*path, position])

    for first in range(len(paid)):
        onward([first])
    return found


def scatter_gather(
    paid: Sequence[Paid], *, window: int, least: int, kept: tuple[int, int]
) -> dict[tuple[int, int], int]:
    """Most different hands between each source and sink, whose first legs lie in one window."""
    legs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for at, first in enumerate(paid):
        for second in paid[at + 1 :]:
            if second.src != first.dst or second.dst == first.src:
                continue
            if second.ts - first.ts > window or second.amount > first.amount:
                continue
            if second.amount * kept[1] >= first.amount * kept[0]:
                legs[first.src, second.dst].append((first.ts, first.dst))
    found = {}
    for ends, hands in legs.items():
        most = max(
            len({hand for ts, hand in hands if start <= ts <= start + window}) for start, _ in hands
        )
        if most >= least:
            found[ends] = most
    return found


def gather_scatter(
    paid: Sequence[Paid], *, window: int, least: int, kept: tuple[int, int]
) -> set[int]:
    """Accounts that many pay up to a payment and that pay many from there on."""
    found = set()
    for at, last in enumerate(paid):
        account = last.dst
        came = [p for p in paid[: at + 1] if p.dst == account and last.ts - p.ts <= window]
        went = [p for p in paid[at + 1 :] if p.src == account and p.ts - last.ts <= window]
        if min(len({p.src for p in came}), len({p.dst for p in went})) < least:
            continue
        total, gone = sum(p.amount for p in came), sum(p.amount for p in went)
        if gone <= total and gone * kept[1] >= total * kept[0]:
            found.add(account)
    return found


def passing(
    paid: Sequence[Paid], account: int, *, within: int, period: int, recipients: int
) -> list[tuple[int, int]]:
    """What came and what of it passed on, by period of the account."""
    lots = [[p.ts, p.amount, at] for at, p in enumerate(paid) if p.dst == account]
    moved: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for at, payment in enumerate(paid):
        if payment.src != account:
            continue
        wanted = payment.amount
        for number, lot in enumerate(lots):
            if lot[2] < at and payment.ts - lot[0] <= within and wanted:
                part = min(wanted, lot[1])
                lot[1] -= part
                wanted -= part
                moved[number][payment.dst] += part
    periods: list[list[int]] = []
    begins = None
    for number, lot in enumerate(lots):
        if begins is None or lot[0] - begins >= period:
            begins = lot[0]
            periods.append([])
        periods[-1].append(number)
    found = []
    for numbers in periods:
        by_whom: dict[int, int] = defaultdict(int)
        for number in numbers:
            for who, units in moved[number].items():
                by_whom[who] += units
        came = sum(paid[lots[number][2]].amount for number in numbers)
        found.append((came, sum(sorted(by_whom.values(), reverse=True)[:recipients])))
    return found


def structuring(
    paid: Sequence[Paid], *, limit: int, low: int, window: int, least: int
) -> dict[int, int]:
    """Most deposits close to the limit in a window in which they exceed it together."""
    found: dict[int, int] = {}
    near = [p for p in paid if low <= p.amount < limit]
    for at, last in enumerate(near):
        mine = [p for p in near[: at + 1] if p.dst == last.dst and last.ts - p.ts <= window]
        if len(mine) >= least and sum(p.amount for p in mine) >= limit:
            found[last.dst] = max(found.get(last.dst, 0), len(mine))
    return found


def hawala(
    receipts: Sequence[Paid],
    payouts: Sequence[Paid],
    *,
    days: int,
    near: tuple[int, int],
    least: int,
    share: tuple[int, int],
) -> dict[tuple[int, int], int]:
    """Matches of every pair of a taker here and a payer elsewhere."""
    found = {}
    for taker in {p.dst for p in receipts}:
        for payer in {p.src for p in payouts} - {taker}:
            mine = [p for p in receipts if p.dst == taker]
            theirs = [p for p in payouts if p.src == payer]
            free = list(range(len(theirs)))
            matched = 0
            for receipt in mine:
                for at in free:
                    out = theirs[at]
                    fits = abs(out.amount - receipt.amount) * near[1] <= receipt.amount * near[0]
                    if 0 <= out.ts - receipt.ts <= days * 86_400 and fits:
                        free.remove(at)
                        matched += 1
                        break
            most = max(len(mine), len(theirs))
            if matched >= least and matched * share[1] >= share[0] * most:
                found[taker, payer] = matched
    return found
