"""The law book: all law packs, read once and checked against their schema.

Guarantees that a pack which loads is complete and coherent: it fits `pack.schema.json`, every
role, offence, source and term it uses is defined, no two versions of a power hold on the same day.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from palermo.law.pack import (
    DeadlineRule,
    LawBook,
    Origin,
    Pack,
    Power,
    Regime,
    ReportingPoint,
    RetentionRule,
    Stop,
    Validity,
)
from palermo.law.periods import Period, Unit
from palermo.law.plain_yaml import read_plain
from palermo.model import Unreadable

Entry = Mapping[str, Any]

_HERE = files("palermo.law")


def law_book(*more: Path) -> LawBook:
    """Read the packs that come with Palermo and those in the folders `more` (`*.yaml`).

    Raises:
        Unreadable: naming the pack, the entry, what was expected and what to do.
    """
    return _book(more)


@cache
def _book(folders: tuple[Path, ...]) -> LawBook:
    terms = read_plain(_HERE.joinpath("terms.yaml").read_bytes(), name="terms.yaml", typed=True)
    measures, material = (_glossary(terms, key) for key in ("measures", "material"))
    found = [entry for entry in _HERE.joinpath("packs").iterdir() if entry.name.endswith(".yaml")]
    found += [path for folder in folders for path in folder.glob("*.yaml")]
    packs: dict[str, Pack] = {}
    for entry in sorted(found, key=lambda item: item.name):
        pack = read_pack(entry.read_bytes(), name=entry.name, measures=measures, material=material)
        if pack.name in packs:
            raise Unreadable(f"{entry.name}: a pack called `{pack.name}` exists; rename this one")
        packs[pack.name] = pack
    return LawBook(packs=packs, measures=measures, material=material)


def read_pack(
    data: bytes, *, name: str, measures: Mapping[str, str], material: Mapping[str, str]
) -> Pack:
    """Read one pack; `measures` and `material` are the words it may use.

    Raises:
        Unreadable: when the pack does not fit the schema or refers to what it does not define.
    """
    raw = read_plain(data, name=name, typed=True)
    error = best_match(_validator().iter_errors(raw))
    if error is not None:
        where = "/".join(map(str, error.absolute_path)) or "top level"
        raise Unreadable(f"{name}, {where}: {error.message}; see law/pack.schema.json")
    pack = _Reader(name, raw).pack(hashlib.sha256(data).hexdigest())
    _check_words(pack, name, measures, material)
    return pack


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(_HERE.joinpath("pack.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)


def _glossary(raw: Entry, key: str) -> dict[str, str]:
    value = raw.get(key)
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


class _Reader:
    """Turns one validated mapping into a `Pack`, resolving its names."""

    def __init__(self, name: str, raw: Entry) -> None:
        self._file = name
        self._raw = raw
        self._pack = str(raw["pack"])
        self._offences = _glossary(raw, "offences")
        self._sources = _glossary(raw, "sources")
        self._roles = _glossary(raw, "roles")

    def pack(self, sha256: str) -> Pack:
        raw = self._raw
        return Pack(
            name=self._pack,
            title=raw["title"],
            roles=self._roles,
            offences=self._offences,
            sources=self._sources,
            powers=tuple(self._power(entry) for entry in raw.get("powers", ())),
            deadlines=tuple(self._deadline(entry) for entry in raw.get("deadlines", ())),
            retention=tuple(self._retention(entry) for entry in raw.get("retention", ())),
            reporting=tuple(self._reporting(entry) for entry in raw.get("reporting", ())),
            sha256=sha256,
        )

    def _power(self, entry: Entry) -> Power:
        return Power(
            key=f"{self._pack}/{entry['power']}",
            title=entry["title"],
            measures=tuple(entry["measures"]),
            material=tuple(entry["material"]) if "material" in entry else None,
            offences=self._offence_list(entry),
            regimes=tuple(self._regime(entry, regime) for regime in entry["regimes"]),
            validity=self._validity(entry, entry["power"]),
            origin=self._origin(entry, entry["power"]),
            conditions=tuple(entry.get("conditions", ())),
        )

    def _regime(self, power: Entry, entry: Entry) -> Regime:
        where = f"{power['power']}/{entry['regime']}"
        renewals = entry.get("renewals", 0)
        if "length" not in entry and {"renewal", "renewals", "total"} & entry.keys():
            raise self._wrong(where, "sets renewals or a total without a length")
        return Regime(
            name=entry["regime"],
            title=entry["title"],
            authorised_by=self._known(entry["authorised_by"], self._roles, where, "role"),
            length=_period(entry.get("length")),
            renewal=_period(entry.get("renewal")),
            renewals=None if renewals == "unlimited" else renewals,
            total=_period(entry.get("total")),
            conditions=tuple(entry.get("conditions", ())),
        )

    def _deadline(self, entry: Entry) -> DeadlineRule:
        where = entry["deadline"]
        return DeadlineRule(
            key=f"{self._pack}/{where}",
            title=entry["title"],
            who=entry["who"],
            trigger=entry["trigger"],
            length=_sure(_period(entry["length"])),
            origin=self._origin(entry, where),
            validity=self._validity(entry, where),
            earliest=entry.get("rule", "latest") == "earliest",
            when=frozenset(entry.get("when", ())),
            unless=frozenset(entry.get("unless", ())),
            met_by=tuple(entry.get("met_by", ())),
            stops=_stops(entry.get("stops", ())),
        )

    def _retention(self, entry: Entry) -> RetentionRule:
        where = entry["retention"]
        return RetentionRule(
            key=f"{self._pack}/{where}",
            title=entry["title"],
            what=entry["what"],
            trigger=entry["trigger"],
            origin=self._origin(entry, where),
            validity=self._validity(entry, where),
            least=_period(entry.get("least")),
            most=_period(entry.get("most")),
            review=_period(entry.get("review")),
            held_by=_stops(entry.get("held_by", ())),
        )

    def _reporting(self, entry: Entry) -> ReportingPoint:
        where = entry["report"]
        return ReportingPoint(
            key=f"{self._pack}/{where}",
            title=entry["title"],
            about=entry["about"],
            channel=entry["channel"],
            origin=self._origin(entry, where),
        )

    def _offence_list(self, entry: Entry) -> tuple[str, ...] | None:
        offences = entry["offences"]
        if offences == "any":
            return None
        where = entry["power"]
        if isinstance(offences, str):
            lists = self._raw.get("offence_lists", {})
            self._known([offences], lists, where, "offence list")
            offences = lists[offences]
        return self._known(offences, self._offences, where, "offence")

    def _origin(self, entry: Entry, where: str) -> Origin:
        self._known([entry["source"]], self._sources, where, "source")
        checked = entry["checked"]
        return Origin(
            article=entry["article"],
            source=self._sources[entry["source"]],
            seen=entry.get("seen", ""),
            checked=None if checked == "unchecked" else self._day(checked, where),
        )

    def _validity(self, entry: Entry, where: str) -> Validity:
        raw = entry["in_force"]
        begins = self._day(raw["from"], where)
        ends = self._day(raw["until"], where) if "until" in raw else None
        if ends is not None and ends <= begins:
            raise self._wrong(where, "ends before it begins (`in_force`)")
        return Validity(begins=begins, ends=ends, successor=raw.get("successor", ""))

    def _day(self, text: str, where: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self._wrong(where, f"has `{text}`, which is no day of the calendar") from None

    def _known(
        self, names: Sequence[str], known: Mapping[str, Any], where: str, what: str
    ) -> tuple[str, ...]:
        for name in names:
            if name not in known:
                raise self._wrong(
                    where, f"uses the {what} `{name}`, which the pack does not define"
                )
        return tuple(names)

    def _wrong(self, where: str, problem: str) -> Unreadable:
        return Unreadable(f"{self._file}: `{where}` {problem}; correct the entry")


def _period(text: str | None) -> Period | None:
    if text is None:
        return None
    count, unit = text.split(" ")
    return Period(int(count), Unit(unit.removesuffix("s") + "s"))


def _sure(period: Period | None) -> Period:
    if period is None:
        raise AssertionError("the schema requires a length")
    return period


def _stops(entries: Sequence[Entry]) -> tuple[Stop, ...]:
    return tuple(Stop(begins=entry["from"], ends=entry["until"]) for entry in entries)


def _check_words(
    pack: Pack, name: str, measures: Mapping[str, str], material: Mapping[str, str]
) -> None:
    """Refuse words outside the shared terms, and two versions of one power on the same day."""
    for power in pack.powers:
        for word, known in [
            *((word, measures) for word in power.measures),
            *((word, material) for word in power.material or ()),
        ]:
            if word not in known:
                raise Unreadable(
                    f"{name}: `{power.key}` uses `{word}`, which terms.yaml does not know; "
                    "use one of its words or add it there"
                )
        if len({regime.name for regime in power.regimes}) < len(power.regimes):
            raise Unreadable(f"{name}: `{power.key}` has two regimes of one name; rename one")
        for other in pack.powers:
            if other is not power and other.key == power.key and _overlap(power, other):
                raise Unreadable(
                    f"{name}: two versions of `{power.key}` hold on the same day; "
                    "end the older where the newer begins"
                )
    for rules in (pack.deadlines, pack.retention, pack.reporting):
        keys = [rule.key for rule in rules]
        if len(set(keys)) < len(keys):
            raise Unreadable(
                f"{name}: two deadlines, retention rules or reporting points share a name; "
                "rename one"
            )


def _overlap(one: Power, other: Power) -> bool:
    a, b = one.validity, other.validity
    return (a.ends is None or b.begins < a.ends) and (b.ends is None or a.begins < b.ends)
