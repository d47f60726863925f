"""A jurisdiction's profile: what its FIU asks beyond the core schema, as data.

Guarantees that a profile which loads fits the core: each type, element and group it names exists,
each indicator it maps is in its own code list, each pattern can be read by our engine and an XSD
alike. A profile never changes the order of elements.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from palermo.formats.goaml.schema import (
    Element,
    Group,
    Occurs,
    Part,
    Schema,
    changed,
    core,
    elements,
    read_yaml,
    span,
    with_occurrence,
)
from palermo.model import Unreadable

MAX_BYTES = 4 << 20
#: Judged alike by Python and by XML Schema: no anchors, look-arounds, back-references or classes
#: that differ (`\d`, `\w`), and no range that ends in `+`.
_NOT_PLAIN = re.compile(r"\(\?|\\[A-Za-z0-9]|[\^$]|\[[^\]]*-\+")
INDICATORS = "report_indicator_type"
_CORE = re.compile(r"core-(4\.0|5\.0)")

Codes = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What a skeleton is filled with: codes by the words that our tables use."""

    report_code: str = ""
    submission_code: str = ""
    location: str = ""
    institution_name: str = ""
    institution_code: str = ""
    rentity_id: str = ""
    channels: Codes = field(default_factory=dict)
    funds: Codes = field(default_factory=dict)
    account_kinds: Codes = field(default_factory=dict)
    items: Codes = field(default_factory=dict)
    signatory_role: str = ""
    account_status: str = ""
    contact: str = ""
    communication: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile with the schema it makes.

    `lists` are code lists by name (code to title); one that is not in it takes any code.
    `indicator_codes` gives the codes for a rule of ours. `severity` changes how a rule of
    `rules.RULES` counts: `error`, `warning` or `off`. `sides` tells which roles of parties gave
    (`from`) and which received (`to`).
    """

    name: str
    title: str
    version: str
    schema: Schema
    example: bool = False
    unchecked: bool = True
    currency: str = ""
    country: str = ""
    lists: Mapping[str, Codes] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    severity: Codes = field(default_factory=dict)
    sides: Codes = field(default_factory=dict)
    needs_reason: frozenset[str] = frozenset()
    needs_transactions: frozenset[str] = frozenset()
    needs_activity: frozenset[str] = frozenset()
    writing: Writing = field(default_factory=Writing)
    indicator_codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with Palermo."""
    return ("core-4.0", "core-5.0", *sorted(_packaged()))


def read_profile(name: str) -> Profile:
    """Return the profile called `name`, or read it from the file of that name.

    Raises:
        Unreadable: there is none, or it does not fit the core schema.
    """
    found = _CORE.fullmatch(name)
    if found:
        return _core_profile(found[1])
    if name in _packaged():
        return _packaged_profile(name)
    path = Path(name)
    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise Unreadable(
            f"profile {name}: unknown; name a YAML file or one of {', '.join(profiles())}"
        )
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror}); give its path") from None
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{path}: more than {MAX_BYTES >> 20} MiB; is this the right file?")
    try:
        return profile_of(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


@cache
def _core_profile(version: str) -> Profile:
    return Profile(
        name=f"core-{version}",
        title=f"Core schema {version}, no jurisdiction",
        version=version,
        schema=core(version),
        severity={"INDICATORS": "warning"},
    )


@cache
def _packaged() -> tuple[str, ...]:
    folder = files("palermo.formats.goaml").joinpath("profiles")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir()))


@cache
def _packaged_profile(name: str) -> Profile:
    file = files("palermo.formats.goaml").joinpath("profiles", f"{name}.yaml")
    return profile_of(file.read_text("utf-8"), file.name)


def profile_of(text: str, name: str) -> Profile:
    """Read a profile from YAML `text`; `name` is what errors call it."""
    raw = read_yaml(text, name, "profile")
    lists = {key: dict(codes) for key, codes in raw.get("lists", {}).items()}
    indicators = raw.get("indicators", {})
    if indicators:
        titles = {code: entry["title"] for code, entry in indicators.items()}
        lists[INDICATORS] = {**lists.get(INDICATORS, {}), **titles}
    by_rule: dict[str, list[str]] = {}
    for code, entry in indicators.items():
        for rule in entry["rules"]:
            by_rule.setdefault(rule, []).append(code)
    return Profile(
        name=raw["profile"],
        title=raw["title"],
        version=raw["version"],
        schema=_schema(raw, lists, name),
        example=raw.get("example") == "true",
        unchecked=raw.get("unchecked", "false") != "false",
        currency=raw.get("currency", ""),
        country=raw.get("country", ""),
        lists=lists,
        disabled=frozenset(raw.get("disabled", ())),
        severity=raw.get("severity", {}),
        sides=raw.get("sides", {}),
        needs_reason=frozenset(raw.get("needs_reason", ())),
        needs_transactions=frozenset(raw.get("needs_transactions", ())),
        needs_activity=frozenset(raw.get("needs_activity", ())),
        writing=Writing(**raw.get("write", {})),
        indicator_codes={rule: tuple(codes) for rule, codes in by_rule.items()},
    )


def _schema(raw: Mapping[str, Any], lists: Mapping[str, Codes], where: str) -> Schema:
    base = core(raw["version"])
    types = dict(base.types)
    for name, occurs in raw.get("occurs", {}).items():
        if name not in types:
            raise Unreadable(f"{where}, occurs: no type `{name}` in {raw['version']}")
        types[name] = with_occurrence(types[name], occurs, f"{where}, occurs, {name}")
    edits: dict[str, dict[str, dict[str, Any]]] = {}
    for key, at in (("patterns", "pattern"), ("lengths", "length")):
        for place, value in raw.get(key, {}).items():
            type_name, _, element = place.partition(".")
            _known(types, type_name, element, f"{where}, {key}")
            read = span(value) if at == "length" else _plain(value, f"{where}, {place}")
            edits.setdefault(type_name, {}).setdefault(element, {})[at] = read
    for type_name, by_element in edits.items():
        types[type_name] = _edited(types[type_name], by_element)
    for place in raw.get("disabled", ()):
        type_name, _, element = place.partition(".")
        _known(types, type_name, element, f"{where}, disabled")
        types[type_name] = _forbidden(types[type_name], element)
    used = {one.codes for parts in types.values() for one in elements(parts)}
    if unknown := sorted(set(lists) - used):
        raise Unreadable(f"{where}, lists: no element takes codes of `{unknown[0]}`")
    return Schema(version=base.version, types=types)


def _known(types: Mapping[str, tuple[Part, ...]], name: str, element: str, where: str) -> None:
    if not any(one.name == element for one in elements(types.get(name, ()))):
        raise Unreadable(f"{where}: no element `{name}.{element}`; correct the name")


def _edited(
    parts: tuple[Part, ...], by_element: Mapping[str, Mapping[str, Any]]
) -> tuple[Part, ...]:
    def change(part: Part) -> Part:
        if isinstance(part, Group) or part.name not in by_element:
            return part
        return replace(part, **by_element[part.name])

    return changed(parts, change)


def _forbidden(parts: tuple[Part, ...], name: str) -> tuple[Part, ...]:
    """Let `name` stand nowhere; it stays known, so that the message can say why."""

    def change(part: Part) -> Part:
        if isinstance(part, Element) and part.name == name:
            return replace(part, occurs=Occurs(0, 0))
        return part

    return changed(parts, change)


def _plain(pattern: str, where: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise Unreadable(f"{where}: not a pattern ({error}); correct it") from None
    if _NOT_PLAIN.search(pattern):
        raise Unreadable(
            f"{where}: patterns hold no ^ or $ (the whole value is meant), no (?, no \\d or \\w, "
            "no range that ends in +; write [0-9] and the like"
        )
    return pattern
