"""Rules whose shape a plan cannot say: each takes records and parameters and returns findings.

Guarantees rows in the order of time for every finding, and the accounts that are looked at only.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from palermo.analysis.money import motifs
from palermo.analysis.money.motifs import Edges
from palermo.analysis.money.motifs.edges import Index
from palermo.analysis.money.typologies.found import Findings, channel, only, spends
from palermo.analysis.money.typologies.records import Codes, Ints, Marks, Records

HOUR, DAY = 3600, 86_400

Parameters = Mapping[str, int]


def small_payers(records: Records, p: Parameters) -> pa.Table:
    """S04: many different unrelated people pay a person small sums within the hours."""
    eur = records.column("eur")
    small = (eur >= p["low"]) & (eur <= p["high"]) & channel(records, "p2p")
    unrelated = ~records.column("related") & records.column("dst_person")
    part = only(records, small & unrelated & ~records.column("src_business"))
    found = Findings(records)
    _fans(
        found,
        part,
        part.got,
        motifs.fans(part, inward=True, window=p["hours"] * HOUR, least=p["least"]),
    )
    return found.table()


def _fans(found: Findings, of: Edges, index: Index, fans: motifs.Fans) -> None:
    for account, most, first, last in zip(
        fans.account.tolist(),
        fans.most.tolist(),
        fans.first.tolist(),
        fans.last.tolist(),
        strict=True,
    ):
        found.add(account, most, of.row[index.at[first : last + 1]].tolist())


def fan(records: Records, p: Parameters) -> pa.Table:
    """G03: many different payers, or payees, within the hours."""
    of = records.edges
    found = Findings(records)
    for inward, index in ((True, of.got), (False, of.paid)):
        fans = motifs.fans(of, inward=inward, window=p["hours"] * HOUR, least=p["least"])
        keep = records.people.own[fans.account]
        kept = motifs.Fans(
            fans.account[keep],
            fans.most[keep],
            fans.first[keep],
            fans.last[keep],
            fans.total[keep],
        )
        _fans(found, of, index, kept)
    return found.table()


def pass_through(records: Records, p: Parameters) -> pa.Table:
    """S05: most of what comes in within a period leaves soon, to few others.

    Wages are left to L02, and payments between relatives are a household's.
    """
    of = only(records, ~records.column("m_wage") & ~records.column("related"))
    passed = motifs.passing(
        of,
        within=p["hours"] * HOUR,
        period=p["days"] * DAY,
        recipients=p["recipients"],
        least=p["least"],
        share=(p["share_per_mille"], 1000),
    )
    found = Findings(records)
    keep = records.people.own[passed.account] & (passed.payers >= p["payers"])
    for at in np.flatnonzero(keep).tolist():
        account, begins = int(passed.account[at]), int(passed.begins[at])
        came = _between(of, of.got, account, begins, begins + p["days"] * DAY)
        went = _between(of, of.paid, account, begins, begins + p["days"] * DAY + p["hours"] * HOUR)
        went = went[of.dst[went] == passed.main[at]]
        value = int(passed.passed[at]) * 1000 // int(passed.came[at])
        found.add(
            account, value, of.row[np.append(came, went)].tolist(), other=int(passed.main[at])
        )
    return found.table()


def _between(of: Edges, index: Index, account: int, since: int, until: int) -> Codes:
    """Return positions of the account's payments from `since` to before `until`."""
    positions = index.at[index.start[account] : index.start[account + 1]]
    low, high = np.searchsorted(of.ts[positions], [since, until])
    return positions[low:high]


def structured_cash(records: Records, p: Parameters) -> pa.Table:
    """G01: deposits of cash a little below the limit that exceed it together."""
    part = only(records, channel(records, "cash"))
    low = p["limit"] * p["low_per_mille"] // 1000
    shape = motifs.structuring(
        part, limit=p["limit"], low=low, window=p["days"] * DAY, least=p["least"]
    )
    found = Findings(records)
    for account, most, first, last in _parts(shape):
        positions = part.got.at[first : last + 1]
        near = (part.amount[positions] >= low) & (part.amount[positions] < p["limit"])
        found.add(account, most, part.row[positions[near]].tolist())
    return found.table()


def _parts(shape: motifs.Parts) -> list[tuple[int, int, int, int]]:
    columns = (shape.account, shape.most, shape.first, shape.last)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def funnel_account(records: Records, p: Parameters) -> pa.Table:
    """G02: cash in other towns that leaves soon; who gets most of it is the sink."""
    of = records.edges
    keep = channel(records, "cash")[of.row]
    part = motifs.chosen(of, keep)
    city = records.column("city")[part.row].astype(np.int32)
    shape = motifs.funnel(
        part,
        city,
        records.people.home,
        of,
        window=p["days"] * DAY,
        soon=p["hours"] * HOUR,
        least=p["least"],
        limit=p["limit"],
        kept=(p["share_per_mille"], 1000),
    )
    found = Findings(records)
    for account, most, first, last in _parts(shape):
        positions = part.got.at[first : last + 1]
        since, until = int(part.ts[positions[0]]), int(part.ts[positions[-1]]) + p["hours"] * HOUR
        went = _between(of, of.paid, account, since, until + 1)
        rows = np.append(part.row[positions], of.row[went])
        found.add(account, most, rows.tolist())
        sink = _most_paid(of, went)
        if records.people.person[sink]:
            found.add(sink, most, of.row[went[of.dst[went] == sink]].tolist(), role="controller")
    return found.table()


def _most_paid(of: Edges, positions: Codes) -> int:
    """Return who got most of these payments; of equals the lowest number."""
    who, place = np.unique(of.dst[positions], return_inverse=True)
    sums = np.zeros(len(who), dtype=np.int64)
    np.add.at(sums, place, of.amount[positions])
    return int(who[int(np.argmax(sums))])


def circle(records: Records, p: Parameters) -> pa.Table:
    """G04: cycles between people; the value is how many an account is part of."""
    part = only(records, (records.column("eur") >= p["low"]) & _moves(records))
    rings = motifs.cycles(
        part,
        window=p["hours"] * HOUR,
        kept=(p["kept_per_mille"], 1000),
        hub=p["hub"],
        longest=p["longest"],
    ).payments
    members: dict[int, set[int]] = {}
    count: dict[int, int] = {}
    for ring in rings.tolist():
        positions = [position for position in ring if position >= 0]
        for position in positions:
            account = int(part.src[position])
            count[account] = count.get(account, 0) + 1
            members.setdefault(account, set()).update(part.row[positions].tolist())
    found = Findings(records)
    for account in sorted(members):
        found.add(account, count[account], members[account])
    return found.table()


def _moves(records: Records) -> Marks:
    """Mark payments that move money between accounts, not purchases."""
    bought: Marks = np.asarray(records.tx["spend"].combine_chunks().indices.is_valid())
    return ~bought & channel(records, "transfer", "p2p", "crypto", "remittance", "other")


def split_and_gathered(records: Records, p: Parameters) -> pa.Table:
    """G05: money over several hands from one account to another."""
    part = only(records, (records.column("eur") >= p["low"]) & _moves(records))
    shape = motifs.scatter_gather(
        part, window=p["hours"] * HOUR, least=p["least"], kept=(p["kept_per_mille"], 1000)
    )
    found = Findings(records)
    for number in range(len(shape.source)):
        legs = shape.legs[shape.legs[:, 0] == number]
        hands = int(shape.hands[number])
        rows = part.row[legs[:, 1:].ravel()].tolist()
        for end in (int(shape.source[number]), int(shape.sink[number])):
            found.add(end, hands, rows, role="controller")
        for first, second in legs[:, 1:].tolist():
            pair = part.row[[first, second]].tolist()
            found.add(int(part.dst[first]), hands, pair, role="facilitator")
    return found.table()


def mule_to_exchange(records: Records, p: Parameters) -> pa.Table:
    """F05: many pay within the hours, and nearly all goes to an exchange within as many."""
    of = records.edges
    window = p["hours"] * HOUR
    people_pay = records.column("dst_person") & ~records.column("src_business")
    part = only(records, people_pay & channel(records, "p2p", "transfer"))
    fans = motifs.fans(part, inward=True, window=window, least=p["least"])
    to_exchange = (spends(records, "exchange") | channel(records, "crypto"))[of.row]
    found = Findings(records)
    for account, most, first, last, total in zip(
        *(column.tolist() for column in fans), strict=True
    ):
        positions = part.got.at[first : last + 1]
        since, until = int(part.ts[positions[0]]), int(part.ts[positions[-1]]) + window
        went = _between(of, of.paid, account, since, until + 1)
        went = went[to_exchange[went]]
        if int(of.amount[went].sum()) * 1000 >= p["share_per_mille"] * total:
            found.add(account, most, np.append(part.row[positions], of.row[went]).tolist())
    return found.table()


def hawala_pair(records: Records, p: Parameters) -> pa.Table:
    """G10: one person takes in what another, in another country, pays out."""
    known = records.people
    between = (records.column("eur") >= p["low"]) & _moves(records) | channel(records, "cash")
    between &= (records.column("eur") >= p["low"]) & ~records.column("m_wage")
    credit = between & ~records.column("src_business") & ~records.column("related")
    debit = between & ~records.column("dst_business") & ~records.column("related")
    eligible = _several(records, credit, "src", "dst", p["least"])
    paying = _several(records, debit, "dst", "src", p["least"])
    credits_of = only(records, credit & eligible[records.column("dst")])
    debits_of = only(records, debit & paying[records.column("src")])
    pairs = motifs.hawala(
        credits_of,
        debits_of,
        days=p["days"],
        near=(p["near_per_mille"], 1000),
        least=p["least"],
        share=(p["share_per_mille"], 1000),
    )
    found = Findings(records)
    for number, (taker, payer) in enumerate(
        zip(pairs.taker.tolist(), pairs.payer.tolist(), strict=True)
    ):
        if not known.apart(np.array([taker]), np.array([payer]))[0]:
            continue
        matched = pairs.matches[pairs.matches[:, 0] == number]
        rows = [*credits_of.row[matched[:, 1]].tolist(), *debits_of.row[matched[:, 2]].tolist()]
        found.add(taker, int(pairs.matched[number]), rows, other=payer)
        found.add(payer, int(pairs.matched[number]), rows, other=taker)
    return found.table()


def _several(records: Records, rows: Marks, giver: str, taker: str, least: int) -> Marks:
    """Mark accounts with dealings with `least` different others, at most 500 in all."""
    ends = np.unique(
        records.column(taker)[rows].astype(np.int64) * records.people.count
        + records.column(giver)[rows]
    )
    different = np.bincount(ends // records.people.count, minlength=records.people.count)
    every: Ints = np.bincount(records.column(taker)[rows], minlength=records.people.count)
    known = records.people
    return (
        (different >= least)
        & (every <= 500)
        & ~known.does(["landlord", "charity"])
        & (known.person | known.business)
    )


KERNELS: Mapping[str, Callable[[Records, Parameters], pa.Table]] = MappingProxyType(
    {
        "circle": circle,
        "fan": fan,
        "funnel_account": funnel_account,
        "hawala_pair": hawala_pair,
        "mule_to_exchange": mule_to_exchange,
        "pass_through": pass_through,
        "small_payers": small_payers,
        "split_and_gathered": split_and_gathered,
        "structured_cash": structured_cash,
    }
)
