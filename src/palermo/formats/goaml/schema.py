"""The core schema of goAML: which element stands where, how often, and of what it is made.

Guarantees that a `Schema` is whole: every type that an element names is defined, every group is
named once, and elements of a later version are gone. The lists are data (`core/*.yaml`, a line an
element); a profile changes occurrence, lengths, patterns and code lists, never order.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from palermo.formats.goaml.values import SIMPLE
from palermo.model import Unreadable

#: The versions of the schema, oldest first. 5.0 stands for 5.0.1 and 5.0.2, which differ in detail.
VERSIONS = ("4.0", "5.0")
ROOT = "report"

# Every value stays the text that stands in the file: `NO` is a code, `2026-01-01` a word.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_SHORT = {"?": (0, 1), "*": (0, None), "+": (1, None), "": (1, 1)}


@dataclass(frozen=True, slots=True)
class Occurs:
    """How often something may stand: at least `least`, at most `most` times (None: any number)."""

    least: int
    most: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element. A simple one has a `type` of `values.SIMPLE`; `codes` names its code list.

    `length` bounds the characters of a text, `least` and `most` the value of a number.
    """

    name: str
    type: str
    occurs: Occurs
    codes: str = ""
    length: tuple[int, int] | None = None
    least: int | None = None
    most: int | None = None
    pattern: str = ""
    since: str = VERSIONS[0]
    until: str = VERSIONS[-1]

    @property
    def simple(self) -> bool:
        """Whether it holds a value rather than elements."""
        return self.type in SIMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Elements that stand one after another (`sequence`), or of which one stands (`choice`)."""

    choice: bool
    parts: tuple["Part", ...]
    occurs: Occurs
    key: str


Part = Element | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """All types of one version: name to what stands in it, in order."""

    version: str
    types: Mapping[str, tuple[Part, ...]]


def elements(parts: Sequence[Part]) -> Iterator[Element]:
    """Yield the elements of `parts`, in order, with those of groups."""
    for part in parts:
        if isinstance(part, Element):
            yield part
        else:
            yield from elements(part.parts)


@cache
def core(version: str) -> Schema:
    """Return the core schema of `version`.

    Raises:
        Unreadable: there is no such version, or the lists contradict themselves.
    """
    if version not in VERSIONS:
        raise Unreadable(f"goAML schema {version}: expected one of {', '.join(VERSIONS)}")
    everything = _all_types()
    kept = {name: _of_version(parts, VERSIONS.index(version)) for name, parts in everything.items()}
    types = {name: parts for name, parts in kept.items() if parts}
    for name, parts in types.items():
        for element in elements(parts):
            if not element.simple and element.type not in types:
                raise Unreadable(f"goAML core, {name}/{element.name}: no type `{element.type}`")
    return Schema(version=version, types=types)


def changed(parts: Sequence[Part], change: Callable[[Part], Part]) -> tuple[Part, ...]:
    """Return `parts` with `change` applied to each element and group, inside first."""
    return tuple(
        change(
            replace(part, parts=changed(part.parts, change)) if isinstance(part, Group) else part
        )
        for part in parts
    )


def occurrence(text: str) -> Occurs:
    """Read `?`, `*`, `+`, a number, or a span such as `1..5`.

    >>> occurrence("1..5"), occurrence("+")
    (Occurs(least=1, most=5), Occurs(least=1, most=None))
    """
    if text in _SHORT:
        return Occurs(*_SHORT[text])
    least, _, most = text.partition("..")
    return Occurs(int(least), int(most or least))


def read_yaml(text: str, name: str, shape: str) -> dict[str, Any]:
    """Read one packaged or own YAML file and hold it against the JSON schema called `shape`.

    Raises:
        Unreadable: naming the file, the place and what was expected.
    """
    try:
        found = yaml.load(text, _Loader)  # noqa: S506 - it builds texts, lists and mappings only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    wrong = sorted(
        _validator(shape).iter_errors(found), key=lambda error: [str(at) for at in error.path]
    )
    if wrong:
        where = "/".join(str(at) for at in wrong[0].absolute_path) or "(top)"
        raise Unreadable(f"{name}, {where}: {wrong[0].message[:300]}")
    read: dict[str, Any] = found
    return read


@cache
def _validator(shape: str) -> Draft202012Validator:
    text = files("palermo.formats.goaml").joinpath(f"{shape}.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


@cache
def _all_types() -> dict[str, tuple[Part, ...]]:
    raw: dict[str, Any] = {}
    for file in sorted(
        files("palermo.formats.goaml").joinpath("core").iterdir(), key=lambda one: one.name
    ):
        for name, entry in read_yaml(file.read_text("utf-8"), file.name, "core")["types"].items():
            if name in raw:
                raise Unreadable(f"{file.name}: type {name} is defined twice; keep one")
            raw[name] = entry
    return {name: _type(name, raw) for name in raw}


def _type(name: str, raw: Mapping[str, Any]) -> tuple[Part, ...]:
    entry = raw[name]
    if isinstance(entry, list):
        return tuple(_part(one) for one in entry)
    parts = _type(entry["like"], raw)
    swap, occurs = entry.get("swap", {}), dict(entry.get("occurs", {}))
    for part in entry.get("then", ()):
        parts = (*parts, _part(part))
    done = changed(
        parts,
        lambda part: (
            replace(part, type=swap.get(part.type, part.type))
            if isinstance(part, Element)
            else part
        ),
    )
    return with_occurrence(done, occurs, f"goAML core, {name}")


def with_occurrence(
    parts: tuple[Part, ...], occurs: Mapping[str, str], where: str
) -> tuple[Part, ...]:
    """Return `parts` with other occurrences; a group is called `first/last` of its elements.

    Raises:
        Unreadable: nothing in `parts` has such a name.
    """
    left = set(occurs)

    def change(part: Part) -> Part:
        key = part.name if isinstance(part, Element) else part.key
        if key not in occurs:
            return part
        left.discard(key)
        return replace(part, occurs=occurrence(occurs[key]))

    done = changed(parts, change)
    if left:
        raise Unreadable(f"{where}: no element or group `{min(left)}`; correct the name")
    return done


def _part(raw: Mapping[str, Any]) -> Part:
    occurs = occurrence(raw.get("occurs", ""))
    for kind in ("choice", "sequence"):
        if kind in raw:
            parts = tuple(_part(one) for one in raw[kind])
            names = [element.name for element in elements(parts)]
            return Group(
                choice=kind == "choice",
                parts=parts,
                occurs=occurs,
                key=f"{names[0]}/{names[-1]}",
            )
    length = raw.get("length")
    return Element(
        name=raw["element"],
        type=raw.get("type", "code" if "list" in raw else "text"),
        occurs=occurs,
        codes=raw.get("list", ""),
        length=span(length) if length else None,
        least=int(raw["least"]) if "least" in raw else None,
        most=int(raw["most"]) if "most" in raw else None,
        pattern=raw.get("pattern", ""),
        since=raw.get("since", VERSIONS[0]),
        until=raw.get("until", VERSIONS[-1]),
    )


def span(text: str) -> tuple[int, int]:
    """Read a span of lengths, `0..255`."""
    found = re.fullmatch(r"([0-9]+)\.\.([0-9]+)", text)
    if found is None:
        raise Unreadable(f"length {text}: expected two numbers such as 0..255")
    return int(found[1]), int(found[2])


def _of_version(parts: Sequence[Part], version: int) -> tuple[Part, ...]:
    kept: list[Part] = []
    for part in parts:
        if isinstance(part, Group):
            inside = _of_version(part.parts, version)
            if inside:
                kept.append(replace(part, parts=inside))
        elif VERSIONS.index(part.since) <= version <= VERSIONS.index(part.until):
            kept.append(part)
    return tuple(kept)
