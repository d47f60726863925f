"""Reads the typologies and refuses one that is not what it should be.

Guarantees that every rule is complete, names works that are listed, and can run or says what it
needs; that no rule speaks of nationality, ethnicity, religion or the like; and that what a role
may be told to do never moves money or shuts an account. Errors say file, rule and what was
expected.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from palermo.model import Refused, Unreadable

GROUPS = ("sexual", "labour", "child", "organ", "forced-crime", "laundering", "context", "counter")
FAMILIES = ("behavioural", "spend", "network", "identity", "geography")
#: Victims first: of roles that are equally indicated, the first one is named.
ROLES = ("possible-victim", "controller", "facilitator", "buyer")
ACTIONS = frozenset({"read", "ask", "keep", "refer", "report"})
#: Tables that the holder of the records may add; a rule that needs one says so in `lists`.
LISTS = ("ads", "tags", "register", "licences", "flags")

#: A rule that reads or names one of these is refused, also in a rule file of the user.
_NEVER = re.compile(
    r"nationalit|ethnic|\brace\b|racial|religio|citizen|birth_?place|birth_country|skin|tribe"
    r"|mother_tongue|\blanguage\b|immigra|migrant",
    re.IGNORECASE,
)
_NOT_RULES = frozenset({"words.yaml", "works.yaml", "roles.yaml"})
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One indicator.

    Args:
        id: `S01` and so on; K rules speak against.
        group: one of GROUPS; `family` one of FAMILIES.
        role: of the account that it speaks of, None when it tells none.
        weight: how much it says alone, above 0 and below 1.
        speaks_to: of a counter rule, the roles that it speaks against; `kinds` the groups of rules
            to which it is limited, all if empty.
        parameters: whole numbers: euro cents, per mille, days, hours or counts.
        kernel: name of a kernel, or `sql` a plan; neither when data is missing (`needs`).
        reduced: what of the indicator the records cannot show.
        lists: tables that must be given for it to run.
        peers: whether it counts less where many peers show the same.
        after: rules whose findings it builds on.
        sources: the works with date and whether they were checked, as in the data.
    """

    id: str
    group: str
    version: int
    name: str
    family: str
    role: str | None
    weight: float
    unit: str
    parameters: Mapping[str, int]
    kernel: str | None
    sql: str | None
    needs: tuple[str, ...]
    reduced: str | None
    lists: tuple[str, ...]
    peers: bool
    after: tuple[str, ...]
    against: tuple[str, ...]
    data: tuple[str, ...]
    sources: tuple[Mapping[str, Any], ...]
    speaks_to: tuple[str, ...]
    kinds: tuple[str, ...]
    on: bool = True

    @property
    def runs(self) -> bool:
        """Whether it can be looked at with the columns that Palermo holds."""
        return not self.needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What may be done next: `action` is one of ACTIONS."""

    action: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What goes with a role: its title, what must be said, and the next steps."""

    title: str
    note: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typologies:
    """All rules, the words they use, and a version: the hash of everything that was read."""

    rules: tuple[Rule, ...]
    words: Mapping[str, Any]
    advice: Mapping[str, Advice]
    version: str

    def __getitem__(self, rule: str) -> Rule:
        """Return the rule of that id."""
        return next(one for one in self.rules if one.id == rule)


@cache
def default_typologies() -> Typologies:
    """Return the typologies that ship with Palermo.

    Raises:
        Unreadable: a list cannot be read. Refused: a rule or a step that must not be.
    """
    return load_typologies(files(__package__) / "lists")


def load_typologies(folder: Traversable) -> Typologies:
    """Read all lists of `folder` (a `pathlib.Path` will do).

    Raises:
        Unreadable: a list is not as it should be. Refused: a rule or a step that must not be.
    """
    works = _yaml(folder / "works.yaml")
    schema = Draft202012Validator(json.loads((folder / "rule.schema.json").read_text("utf-8")))
    rules: dict[str, Rule] = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".yaml") or file.name in _NOT_RULES:
            continue
        document = _yaml(file)
        wrong = next(iter(schema.iter_errors(document)), None)
        if wrong is not None:
            place = "/".join(str(part) for part in wrong.absolute_path)
            raise Unreadable(f"{file.name}: {place}: {wrong.message[:200]}")
        for entry in document["rules"]:
            rule = _rule(document["group"], entry, works)
            if rule.id in rules:
                raise Unreadable(f"{file.name}: {rule.id} is there twice; expected each id once")
            _check(file.name, rule)
            rules[rule.id] = rule
    for rule in rules.values():
        if unknown := [one for one in rule.after if one not in rules]:
            raise Unreadable(f"rule {rule.id}: after: there is no rule {unknown[0]}")
    words = _yaml(folder / "words.yaml")
    return _versioned(tuple(rules.values()), words, _advice(_yaml(folder / "roles.yaml")))


def _rule(group: str, entry: Mapping[str, Any], works: Mapping[str, Any]) -> Rule:
    sources = []
    for one in entry["source"]:
        if one["work"] not in works:
            raise Unreadable(f"rule {entry['id']}: source {one['work']}: not in works.yaml")
        work = works[one["work"]]
        sources.append(
            {
                "work": work["title"],
                "date": str(work["date"]),
                "unchecked": bool(one.get("unchecked") or work.get("unchecked")),
                "says": one.get("says", ""),
            }
        )
    return Rule(
        id=entry["id"],
        group=group,
        version=entry["version"],
        name=entry["name"],
        family=entry["family"],
        role=entry.get("role"),
        weight=float(entry.get("weight", 0)),
        unit=entry.get("unit", ""),
        parameters=MappingProxyType(dict(entry.get("parameters", {}))),
        kernel=entry.get("kernel"),
        sql=entry.get("sql"),
        needs=tuple(entry.get("needs", ())),
        reduced=entry.get("reduced"),
        lists=tuple(entry.get("lists", ())),
        peers=bool(entry.get("peers", False)),
        after=tuple(entry.get("after", ())),
        against=tuple(entry.get("against", ())),
        data=tuple(entry["data"]),
        sources=tuple(sources),
        speaks_to=tuple(entry.get("speaks_to", ())),
        kinds=tuple(entry.get("kinds", ())),
    )


def _check(file: str, rule: Rule) -> None:
    """Hold a rule to what every rule promises."""
    spoken = " ".join([rule.name, rule.sql or "", *rule.data, *rule.parameters])
    if found := _NEVER.search(spoken):
        raise Refused(
            f"{file}, rule {rule.id}: it speaks of `{found[0]}`; who somebody is by origin or "
            "belief is never an indicator here"
        )
    named = set(re.findall(r"\$([a-z_]+)", rule.sql or ""))
    if rule.sql and named != set(rule.parameters):
        odd = ", ".join(sorted(named ^ set(rule.parameters)))
        raise Unreadable(f"{file}, rule {rule.id}: plan and parameters differ in {odd}")
    if (rule.group == "counter") != bool(rule.speaks_to):
        raise Unreadable(f"{file}, rule {rule.id}: a counter rule, and only that, has `speaks_to`")
    if unknown := [one for one in rule.lists if one not in LISTS]:
        raise Unreadable(f"{file}, rule {rule.id}: list {unknown[0]}: not one of {LISTS}")


def _advice(document: Mapping[str, Any]) -> dict[str, Advice]:
    roles = document["roles"]
    if sorted(roles) != sorted(ROLES):
        raise Unreadable(f"roles.yaml: expected the roles {', '.join(ROLES)}")
    found = {}
    for role, one in roles.items():
        for step in one["steps"]:
            if step["action"] not in ACTIONS:
                raise Refused(
                    f"roles.yaml: {role}: step `{step['action']}`: expected one of "
                    f"{', '.join(sorted(ACTIONS))}; no alert asks to shut an account or move money"
                )
        found[role] = Advice(
            title=one["title"],
            note=" ".join(one["note"].split()),
            steps=tuple(Step(action=s["action"], text=s["text"]) for s in one["steps"]),
        )
    return found


def with_changes(typologies: Typologies, document: Any, *, name: str) -> Typologies:
    """Apply a rule file: rules switched off or on, parameters and weights changed.

    The document is `{"rules": {"S04": {"enabled": false}, "S05": {"parameters": {"hours": 24}}}}`;
    with `default: off`, all that it does not name are off.

    Raises:
        Unreadable: it names a rule or a parameter that is not there, or a value that cannot be.
    """
    if not isinstance(document, dict) or not isinstance(document.get("rules"), dict):
        raise Unreadable(f"{name}: expected `rules:` with rules by id")
    if odd := sorted(set(document) - {"rules", "default"}):
        raise Unreadable(f"{name}: `{odd[0]}` is not known; expected `rules` and `default`")
    default = document.get("default", True)
    if default not in (True, False, "on", "off"):
        raise Unreadable(f"{name}: default: expected on or off")
    changes = document["rules"]
    known = {rule.id for rule in typologies.rules}
    if unknown := sorted(set(map(str, changes)) - known):
        raise Unreadable(f"{name}: there is no rule {unknown[0]}")
    on = default in (True, "on")
    rules = tuple(
        _changed(rule, changes[rule.id], name)
        if rule.id in changes
        else (rule if on or rule.group in {"context", "counter"} else replace(rule, on=False))
        for rule in typologies.rules
    )
    return _versioned(rules, typologies.words, typologies.advice)


def _changed(rule: Rule, change: Any, name: str) -> Rule:
    if not isinstance(change, dict):
        raise Unreadable(f"{name}: {rule.id}: expected `enabled`, `weight` or `parameters`")
    if odd := sorted(set(change) - {"enabled", "weight", "parameters"}):
        raise Unreadable(f"{name}: {rule.id}: `{odd[0]}` cannot be changed here")
    parameters = dict(rule.parameters)
    for key, value in (change.get("parameters") or {}).items():
        if key not in parameters:
            raise Unreadable(f"{name}: {rule.id}: there is no parameter {key}")
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
            raise Unreadable(f"{name}: {rule.id}: {key}: expected a whole number from 0")
        parameters[key] = value
    weight, on = change.get("weight", rule.weight), change.get("enabled", True)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 0.9:
        raise Unreadable(f"{name}: {rule.id}: weight: expected a number from 0 to 0.9")
    if not isinstance(on, bool):
        raise Unreadable(f"{name}: {rule.id}: enabled: expected true or false")
    return replace(rule, on=on, weight=float(weight), parameters=MappingProxyType(parameters))


def _versioned(
    rules: tuple[Rule, ...], words: Mapping[str, Any], advice: Mapping[str, Advice]
) -> Typologies:
    said = [
        [r.id, r.version, r.on, r.weight, dict(r.parameters), r.sql, r.kernel, r.role, r.family]
        for r in rules
    ]
    text = json.dumps([said, words], sort_keys=True, default=str)
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Typologies(rules=rules, words=words, advice=advice, version=version)


def _yaml(file: Traversable) -> Any:
    try:
        # A safe loader: plain data only, no object is ever built.
        return yaml.load(file.read_text("utf-8"), _Loader)  # noqa: S506 - _Loader is a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Unreadable(f"{file.name}: cannot be read: {' '.join(str(error).split())}") from None
