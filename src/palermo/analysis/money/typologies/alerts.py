"""From findings to alerts: what is usual among peers counts less, and one family is not enough.

Guarantees that an alert rests on at least two families of evidence; that it carries what it rests
on and what speaks against it; that of roles that are equally indicated the victim's comes first;
and that alerts are in one order, whatever the order of the findings. A score is no probability.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from palermo.analysis.money.typologies.context import dealings, shared
from palermo.analysis.money.typologies.loading import FAMILIES, ROLES, Advice, Rule, Typologies
from palermo.analysis.money.typologies.records import Records

#: Families that an alert needs.
LEAST_FAMILIES = 2
#: No family alone is more certain than this.
FAMILY_CAP = 0.9
#: Peers of whom more than this share show the same: then it counts less, in proportion.
USUAL = 0.02
#: Fewest peers that make a group; a smaller one is compared with its segment, then with everybody.
PEERS = 200
_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One piece of evidence.

    Args:
        rule: id; `version` and `parameters` as they were used.
        value: what was counted, in `unit`.
        since: second of the first row, `until` of the last; None when the rule looks at no row.
        rows: places of the payments in the records.
        source: the works that the rule rests on.
        weight: what it counts here; less than the rule's own where it is usual among peers.
        peers: share of the peers that show the same, 0 to 1; None when not compared.
        role: the role it speaks of; `other` the account on the other side.
    """

    rule: str
    version: int
    group: str
    family: str
    name: str
    parameters: Mapping[str, int]
    value: int
    unit: str
    since: int | None
    until: int | None
    rows: tuple[int, ...]
    source: tuple[Mapping[str, Any], ...]
    weight: float
    peers: float | None
    role: str | None
    other: int | None
    reduced: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One account that is indicated: `kind` is the group of rules that says most."""

    account: int
    role: str
    kind: str
    score: float
    families: tuple[str, ...]
    atoms: tuple[Atom, ...]
    against: tuple[Atom, ...]
    said_against: tuple[str, ...]
    roles: Mapping[str, float]
    advice: Advice


def peer_groups(records: Records) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Number the peer group of each account: segment and country, else segment, else everybody."""
    table = records.people.table
    segment = np.asarray(table["segment"].combine_chunks().indices.fill_null(-1)).astype(np.int64)
    country = np.asarray(table["country_name"].combine_chunks().indices.fill_null(-1))
    own = records.people.own
    fine = (segment + 1) * (int(country.max(initial=0)) + 2) + country + 1
    group = np.zeros(len(own), dtype=np.int64)
    for level, keys in ((2, segment + 1), (1, fine)):
        names, place = np.unique(keys, return_inverse=True)
        mine = np.bincount(place[own], minlength=len(names))
        enough = (mine >= PEERS)[place]
        group = np.where(enough, keys * 4 + level, group)
    return group


def peer_rates(
    records: Records, found: Mapping[str, pa.Table], groups: np.ndarray[Any, Any]
) -> dict[str, np.ndarray[Any, Any]]:
    """Return for each rule the share of each account's peers that it finds."""
    own = records.people.own
    names, place = np.unique(groups, return_inverse=True)
    size = np.maximum(np.bincount(place[own], minlength=len(names)), 1)
    rates = {}
    for rule, table in found.items():
        hit = np.zeros(len(own), dtype=np.bool_)
        hit[np.asarray(table["account"])] = True
        rates[rule] = (np.bincount(place[hit & own], minlength=len(names)) / size)[place]
    return rates


def alerts(
    records: Records, found: Mapping[str, pa.Table], typologies: Typologies
) -> tuple[Alert, ...]:
    """Bring findings together by account; the most indicated first.

    Args:
        records: what was looked at.
        found: findings (FOUND) by rule, K rules among them.
        typologies: the rules with their weights.
    """
    rates = peer_rates(records, found, peer_groups(records))
    ts = records.column("ts")
    by_account: dict[int, list[Atom]] = defaultdict(list)
    against: dict[int, list[Atom]] = defaultdict(list)
    for rule in typologies.rules:
        if rule.id not in found or not rule.on:
            continue
        into = against if rule.group == "counter" else by_account
        for atom, account in _atoms(rule, found[rule.id], rates[rule.id], ts):
            into[account].append(atom)
    alone = {
        account: _judged(atoms, against.get(account, []), typologies)
        for account, atoms in by_account.items()
    }
    for account, atom in _context(records, typologies, by_account, alone, ts):
        by_account[account].append(atom)
    made = []
    for account, atoms in by_account.items():
        judged = _judged(atoms, against.get(account, []), typologies)
        if len(alone[account].families) >= LEAST_FAMILIES:
            made.append(_alert(account, atoms, judged, typologies))
    return tuple(sorted(made, key=lambda one: (-one.score, one.account)))


def _context(
    records: Records,
    typologies: Typologies,
    by_account: Mapping[int, list[Atom]],
    alone: Mapping[int, "_Judged"],
    ts: np.ndarray[Any, Any],
) -> list[tuple[int, Atom]]:
    """Return the atoms that context adds, made from what was indicated without it."""
    # Only what could be an alert itself is passed on.
    scores = {
        account: judged.score if len(judged.families) >= LEAST_FAMILIES else 0.0
        for account, judged in alone.items()
    }
    rows = {account: [r for a in atoms for r in a.rows] for account, atoms in by_account.items()}
    made = []
    for rule in typologies.rules:
        if rule.group != "context" or not rule.on:
            continue
        least = rule.parameters["least_score_per_mille"] / 1000
        part = rule.parameters["part_per_mille"] / 1000
        if rule.kernel == "dealings":
            links = dealings(records, scores, rows, least=least, part=part, most=rule.weight)
        else:
            links = shared(records, scores, least=least, part=part, most=rule.weight)
        for account, link in sorted(links.items()):
            evidence = {"value": link.others, "rows": list(link.rows), "other": link.strongest}
            # What context adds is never more than what the account shows itself.
            weight = min(link.weight, noisy_or([a.weight for a in by_account[account]]))
            made.append((account, _atom(rule, evidence, ts, weight=weight)))
    return made


def _atoms(
    rule: Rule, table: pa.Table, rates: np.ndarray[Any, Any], ts: np.ndarray[Any, Any]
) -> list[tuple[Atom, int]]:
    """Make one atom an account and role: the finding with most, of equals the earliest."""
    best: dict[tuple[int, str | None], tuple[tuple[int, list[int]], dict[str, Any]]] = {}
    for one in table.to_pylist():
        role = one["role"] or rule.role
        rank = (-one["value"], one["rows"])
        key = (one["account"], role)
        if key not in best or rank < best[key][0]:
            best[key] = (rank, one)
    made = []
    for (account, role), (_, one) in sorted(
        best.items(), key=lambda item: (item[0][0], item[0][1] or "")
    ):
        peers = float(rates[account]) if rule.peers else None
        usual = 1.0 if peers is None else min(1.0, USUAL / max(peers, USUAL))
        made.append(
            (_atom(rule, one, ts, weight=rule.weight * usual, role=role, peers=peers), account)
        )
    return made


def _atom(
    rule: Rule,
    one: Mapping[str, Any],
    ts: np.ndarray[Any, Any],
    *,
    weight: float,
    role: str | None = None,
    peers: float | None = None,
) -> Atom:
    rows = one["rows"]
    return Atom(
        rule=rule.id,
        version=rule.version,
        group=rule.group,
        family=rule.family,
        name=rule.name,
        parameters=rule.parameters,
        value=one["value"],
        unit=rule.unit,
        since=int(ts[rows[0]]) if rows else None,
        until=int(ts[rows[-1]]) if rows else None,
        rows=tuple(rows),
        source=rule.sources,
        weight=round(weight, _PLACES),
        peers=None if peers is None else round(peers, _PLACES),
        role=role,
        other=one["other"],
        reduced=rule.reduced,
    )


def noisy_or(weights: Sequence[float]) -> float:
    """Return how much independent reasons say together: 1 - product of (1 - weight).

    >>> noisy_or([0.5, 0.5])
    0.75
    """
    left = 1.0
    for weight in weights:
        left *= 1.0 - weight
    return 1.0 - left


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What the atoms of one account amount to."""

    score: float
    role: str
    kind: str
    roles: Mapping[str, float]
    families: tuple[str, ...]
    against: tuple[Atom, ...]


def _speaks(rule: Rule, role: str, kind: str) -> bool:
    """Whether a counter rule speaks against that role in that kind of crime."""
    return role in rule.speaks_to and (not rule.kinds or kind in rule.kinds)


def _kind(atoms: Sequence[Atom]) -> str:
    """Return the group of rules that says most; laundering only when there is no other."""
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for atom in atoms:
        if atom.group != "context":
            weights[atom.group][atom.rule] = atom.weight
    kinds = {group: noisy_or(list(of.values())) for group, of in weights.items()}
    return max(sorted(kinds), key=lambda one: (one != "laundering", round(kinds[one], _PLACES)))


def _judged(atoms: Sequence[Atom], against: Sequence[Atom], typologies: Typologies) -> _Judged:
    """Weigh: noisy-or within a family, and over families; then what speaks against the role."""
    strongest: dict[str, Atom] = {}
    for atom in atoms:  # one rule may speak of two roles; it counts once
        if atom.rule not in strongest or atom.weight > strongest[atom.rule].weight:
            strongest[atom.rule] = atom
    families = tuple(f for f in FAMILIES if any(a.family == f for a in strongest.values()))
    by_family = [
        min(FAMILY_CAP, noisy_or([a.weight for a in strongest.values() if a.family == family]))
        for family in families
    ]
    roles = {role: noisy_or([a.weight for a in atoms if a.role == role]) for role in ROLES}
    role = max(ROLES, key=lambda one: (round(roles[one], _PLACES), -ROLES.index(one)))
    kind = _kind(atoms)
    heard = tuple(one for one in against if _speaks(typologies[one.rule], role, kind))
    left = 1.0 - noisy_or([one.weight for one in heard])
    return _Judged(
        score=round(noisy_or(by_family) * left, _PLACES),
        role=role,
        kind=kind,
        roles={one: round(weight, _PLACES) for one, weight in roles.items() if weight},
        families=families,
        against=heard,
    )


def _alert(account: int, atoms: list[Atom], judged: _Judged, typologies: Typologies) -> Alert:
    return Alert(
        account=account,
        role=judged.role,
        kind=judged.kind,
        score=judged.score,
        families=judged.families,
        atoms=tuple(sorted(atoms, key=lambda one: (-one.weight, one.rule, one.role or ""))),
        against=tuple(sorted(judged.against, key=lambda one: (-one.weight, one.rule))),
        said_against=tuple(
            dict.fromkeys(why for one in atoms for why in typologies[one.rule].against)
        ),
        roles=judged.roles,
        advice=typologies.advice[judged.role],
    )
