"""Contents of certificates and requests: what the ledger knows is filled in, the rest is asked for.

Guarantees that every field of the form is in the result, each with where its value comes from
(ledger, given, by hand) or that it is missing; and that nothing is filled in that nobody stated.
The form files name the instrument; `unchecked` there means that its wording was not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from palermo.model import Unreadable

FORMS = ("freezing", "confiscation", "aro", "untoc13")
_TYPES = ("text", "day", "money", "choice", "choices", "yes_no")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field: `need` is `always` or says when; `source` is its place in the ledger.

    `by_hand`: signatures and copies, which no program fills.
    """

    id: str
    label: str
    need: str
    type: str
    choices: tuple[str, ...]
    source: str
    by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the form; `each` is what it is filled once for, empty for once."""

    id: str
    title: str
    each: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A certificate or request: its title, the instrument, its sections."""

    name: str
    title: str
    source: str
    unchecked: bool
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One field of one section: its value, from the `ledger`, `given`, or not there."""

    section: str
    at: int
    field: FormField
    value: Any
    origin: str

    @property
    def missing(self) -> bool:
        """Whether a person has to fill it in: needed always and empty, or done by hand."""
        return self.origin == "" and (self.field.need == "always" or self.field.by_hand)

    @property
    def to_consider(self) -> bool:
        """Whether a person has to see if the field applies."""
        return self.origin == "" and not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """The whole form filled in as far as it can be."""

    form: Form
    fields: tuple[Filled, ...]

    @property
    def missing(self) -> tuple[Filled, ...]:
        """What a person must still fill in."""
        return tuple(one for one in self.fields if one.missing)

    @property
    def to_consider(self) -> tuple[Filled, ...]:
        """What a person must look at: fields that are needed in some cases only."""
        return tuple(one for one in self.fields if one.to_consider)


@cache
def form(name: str) -> Form:
    """Return a form by name.

    Raises:
        Unreadable: there is none of that name.
        ValueError: its file is wrong.
    """
    if name not in FORMS:
        raise Unreadable(f"{name}: no such form; expected one of {', '.join(FORMS)}")
    folder = files(__package__).joinpath("forms")
    raw = yaml.safe_load(folder.joinpath(f"{name}.yaml").read_text("utf-8"))
    offences = tuple(
        yaml.safe_load(folder.joinpath("offences.yaml").read_text("utf-8"))["offences"]
    )
    found = Form(
        name=raw["name"],
        title=raw["title"],
        source=raw["source"],
        unchecked=raw.get("unchecked", False),
        sections=tuple(
            Section(
                id=one["id"],
                title=one["title"],
                each=one.get("each", ""),
                fields=tuple(_field(entry, offences) for entry in one["fields"]),
            )
            for one in raw["sections"]
        ),
    )
    ids = [entry.id for one in found.sections if not one.each for entry in one.fields]
    if len(set(ids)) != len(ids):
        raise ValueError(f"{name}.yaml: a field stands in it twice")
    return found


def _field(raw: Mapping[str, Any], offences: tuple[str, ...]) -> FormField:
    choices = raw.get("choices", ())
    kind = raw.get("type", "text")
    if kind not in _TYPES:
        raise ValueError(f"field {raw['id']}: {kind} is no type")
    return FormField(
        id=raw["id"],
        label=raw["label"],
        need=raw["need"],
        type=kind,
        choices=offences if choices == "offences" else tuple(choices),
        source=raw.get("from", ""),
        by_hand=raw.get("by_hand", False),
    )


def fill(
    chosen: Form,
    known: Mapping[str, Any],
    persons: Sequence[Mapping[str, Any]],
    given: Mapping[str, Any],
) -> FilledForm:
    """Fill `chosen` from what the ledger knows and what a person gives; the person has precedence.

    Args:
        chosen: the form.
        known: values by their place in the ledger, such as `order.reference`.
        persons: the same for each person concerned, as `person.name`.
        given: values by field; under `persons` a list of them, in the order of `persons`.

    Raises:
        Unreadable: a field is given that the form does not have, or with a wrong value.
    """
    listed = given.get("persons", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Unreadable("persons: expected a list of people, each with lines `field: value`")
    rest = {name: value for name, value in given.items() if name != "persons"}
    wanted = {one.id for part in chosen.sections if not part.each for one in part.fields}
    if strange := set(rest) - wanted:
        raise Unreadable(f"`{min(strange)}` is no field of {chosen.name}")
    found: list[Filled] = []
    for part in chosen.sections:
        if not part.each:
            found += _part(part, 0, known, rest)
            continue
        names = {one.id for one in part.fields}
        for at in range(max(1, len(persons), len(listed))):
            own = listed[at] if at < len(listed) else {}
            if strange := set(own) - names:
                raise Unreadable(
                    f"persons[{at + 1}]: `{min(strange)}` is no field of {chosen.name}"
                )
            found += _part(part, at + 1, persons[at] if at < len(persons) else {}, own)
    return FilledForm(form=chosen, fields=tuple(found))


def _part(
    part: Section, at: int, known: Mapping[str, Any], given: Mapping[str, Any]
) -> list[Filled]:
    found = []
    for one in part.fields:
        value, origin = "", ""
        if one.id in given:
            value, origin = checked(one, given[one.id], f"{part.id}.{one.id}"), "given"
        elif one.source and known.get(one.source) not in (None, "", [], ()):
            value, origin = checked(one, known[one.source], f"{part.id}.{one.id}"), "ledger"
        found.append(Filled(section=part.id, at=at, field=one, value=value, origin=origin))
    return found


def checked(one: FormField, value: Any, where: str) -> Any:
    """Return `value` as the field's type wants it.

    Raises:
        Unreadable: it is none of that type.
    """
    match one.type:
        case "day":
            return _day(value, where)
        case "choice" if value in one.choices:
            return value
        case "choices" if isinstance(value, list) and value and set(value) <= set(one.choices):
            return value
        case "yes_no" if isinstance(value, bool) or value in {"yes", "no"}:
            return {True: "yes", False: "no"}.get(value, value)
        case "money" if isinstance(value, dict) and set(value) == {"minor", "currency"}:
            return _money(value, where)
        case "text" if isinstance(value, str) and value.strip():
            return value.strip()
        case _:
            expected = {
                "choice": f"one of {', '.join(one.choices)}",
                "choices": f"a list out of {', '.join(one.choices)}",
                "yes_no": "yes or no",
                "money": "`minor` and `currency`",
                "text": "a text",
            }[one.type]
            raise Unreadable(f"{where}: {str(value)[:40]!r}; expected {expected}")


def _day(value: Any, where: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Unreadable(
            f"{where}: {str(value)[:40]!r}; expected a day such as 2026-03-01"
        ) from None


def _money(value: Mapping[str, Any], where: str) -> dict[str, Any]:
    digits = str(value["minor"])
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 40):
        raise Unreadable(f"{where}: {digits[:40]!r}; expected a whole number of minor units")
    return {"minor": int(digits), "currency": str(value["currency"])}
