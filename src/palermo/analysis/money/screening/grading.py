"""From what agreed and what did not to bits, a grade, and words.

Guarantees that a grade never says more than its evidence: a name alone is at most probable, a birth
that disagrees leaves at most possible, and only an identifier or a name with a date of birth can be
strong. Bits have no upper end, so that two strong matches still have an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

#: Thousandths of a bit by field: what an agreement adds, and what a disagreement takes.
AGREES = MappingProxyType(
    {
        "wallet": 40_000,
        "account": 40_000,
        "phone": 25_000,
        "email": 25_000,
        "date of birth": 13_000,
        "year of birth": 5_000,
        "country": 2_000,
        "kind": 1_000,
    }
)
DISAGREES = MappingProxyType(
    {"date of birth": 8_000, "year of birth": 8_000, "country": 2_000, "kind": 12_000}
)
IDENTIFIERS = frozenset({"wallet", "account", "phone", "email"})
GRADES = ("strong", "probable", "possible", "weak")
AT_LEAST = MappingProxyType({"strong": 32_000, "probable": 24_000, "possible": 13_000, "weak": 0})
#: Thousandths of what both names tell that must be alike for the name to count as agreeing.
NAME_AGREES = 850


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMatch:
    """Two names: as written, and what of them is alike and left over, in millibits."""

    name: str
    listed: str
    alike: int
    over_query: int
    over_listed: int
    weak: bool = False

    @property
    def score(self) -> int:
        """Return what is alike less what contradicts; what only one side tells takes a quarter."""
        both = min(self.over_query, self.over_listed)
        one = max(self.over_query, self.over_listed) - both
        whole = self.alike - both - one // 4
        return whole // 2 if self.weak else whole

    @property
    def agrees(self) -> bool:
        """Whether the shorter of the two is nearly all in the other."""
        shorter = self.alike + min(self.over_query, self.over_listed)
        return self.alike * 1000 >= shorter * NAME_AGREES


@dataclass(slots=True)
class Evidence:
    """What was compared of a subject and an entry, field by field."""

    agreed: list[str]
    disagreed: list[str]
    missing: list[str]
    said: list[str]
    millibits: int = 0

    def agree(self, field: str, words: str) -> None:
        """Count a field that is the same."""
        self.agreed.append(field)
        self.said.append(words)
        self.millibits += AGREES[field]

    def disagree(self, field: str, words: str) -> None:
        """Count a field that differs."""
        self.disagreed.append(field)
        self.said.append(words)
        self.millibits -= DISAGREES[field]


def weigh(
    subject: dict[str, Any],
    entry: dict[str, Any],
    name: NameMatch | None,
    identifiers: Sequence[tuple[str, str]],
) -> Evidence:
    """Compare all fields; `identifiers` are those already known to be the same."""
    found = Evidence([], [], [], [])
    for field, value in identifiers:
        found.agree(field, f"same {field} {value}")
    _weigh_name(found, subject, entry, name)
    _weigh_birth(found, subject["birth"], entry["birth"])
    _weigh_country(found, subject["country"], entry["countries"])
    if subject["kind"] in {"person", "organisation"} and entry["kind"] in {
        "person",
        "organisation",
    }:
        if subject["kind"] == entry["kind"]:
            found.agree("kind", f"both {subject['kind']}")
        else:
            found.disagree("kind", f"{subject['kind']} and {entry['kind']}")
    for field, own, theirs in (
        ("phone", subject["phone"], entry["phones"]),
        ("email", subject["email"], entry["emails"]),
    ):
        if field in found.agreed:
            continue
        if not own or not theirs:
            found.missing.append(field)
    return found


def _weigh_name(
    found: Evidence, subject: dict[str, Any], entry: dict[str, Any], name: NameMatch | None
) -> None:
    if name is None:
        if not subject["name"] or not (entry["names"] or entry["weak_names"]):
            found.missing.append("name")
        else:
            found.disagreed.append("name")
            found.said.append("names differ")
        return
    bits = name.score / 1000
    (found.agreed if name.agrees else found.disagreed).append("name")
    found.said.append(
        f"name {'agrees' if name.agrees else 'agrees in part'}: {name.name} and {name.listed}, "
        f"{bits:.1f} bits{', a weak alias' if name.weak else ''}"
    )
    found.millibits += name.score


def _weigh_birth(found: Evidence, own: str | None, listed: Sequence[str]) -> None:
    if not own or not listed:
        found.missing.append("date of birth")
        return
    full = [one for one in listed if len(one) >= 10]
    if len(own) >= 10 and own[:10] in {one[:10] for one in full}:
        found.agree("date of birth", f"born {own[:10]}")
    elif own[:4] in {one[:4] for one in listed}:
        if len(own) >= 10 and len(full) == len(listed):
            found.said.append(f"born in the year {own[:4]} both, on other days")
        else:
            found.agree("year of birth", f"born in {own[:4]}")
    else:
        shown = ", ".join(sorted(one[:10] for one in listed)[:3])
        found.disagree("year of birth", f"born {own} and {shown}")


def _weigh_country(found: Evidence, own: str | None, listed: Sequence[str]) -> None:
    if not own or not listed:
        found.missing.append("country")
    elif own.upper() in listed:
        found.agree("country", f"country {own.upper()}")
    else:
        found.disagree("country", f"country {own.upper()} and {', '.join(listed[:4])}")


def grade(found: Evidence) -> str:
    """Return the grade of a match."""
    agreed = set(found.agreed)
    if agreed & IDENTIFIERS:
        return "strong"
    reached = next(one for one in GRADES if found.millibits >= AT_LEAST[one] or one == "weak")
    best = "probable"
    if "name" in agreed and "date of birth" in agreed:
        best = "strong"
    if "name" not in agreed or {"year of birth", "kind"} & set(found.disagreed):
        best = "possible"
    return max(reached, best, key=GRADES.index)
