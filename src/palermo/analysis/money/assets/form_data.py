"""A filled form as plain data, and the JSON Schema that such data follows."""

from typing import Any

from palermo.analysis.money.assets.form import Filled, FilledForm, Form, FormField


def as_data(filled: FilledForm) -> dict[str, Any]:
    """Return the form as plain data: values by section, what is missing or to be considered."""
    sections: dict[str, Any] = {}
    for part in filled.form.sections:
        rows: dict[int, dict[str, Any]] = {}
        for one in filled.fields:
            if one.section == part.id:
                row = rows.setdefault(one.at, {})
                if one.origin:
                    row[one.field.id] = one.value
        sections[part.id] = list(rows.values()) if part.each else rows[0]
    return {
        "palermo_form": 1,
        "form": filled.form.name,
        "source": filled.form.source,
        "sections": sections,
        "missing": [_place(one) for one in filled.missing],
        "to_consider": [_place(one) for one in filled.to_consider],
    }


def _place(one: Filled) -> str:
    return f"{one.section}[{one.at}].{one.field.id}" if one.at else f"{one.section}.{one.field.id}"


def schema(chosen: Form) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the data of a form, whether it is complete or not."""
    sections = {}
    for part in chosen.sections:
        one = {
            "type": "object",
            "additionalProperties": False,
            "properties": {entry.id: _json_type(entry) for entry in part.fields},
        }
        sections[part.id] = {"type": "array", "minItems": 1, "items": one} if part.each else one
    places = {"type": "array", "items": {"type": "string"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": chosen.title,
        "type": "object",
        "additionalProperties": False,
        "required": ["palermo_form", "form", "source", "sections", "missing", "to_consider"],
        "properties": {
            "palermo_form": {"const": 1},
            "form": {"const": chosen.name},
            "source": {"type": "string"},
            "sections": {
                "type": "object",
                "additionalProperties": False,
                "required": list(sections),
                "properties": sections,
            },
            "missing": places,
            "to_consider": places,
        },
    }


def _json_type(one: FormField) -> dict[str, Any]:
    match one.type:
        case "day":
            return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "title": one.label}
        case "choice":
            return {"enum": list(one.choices), "title": one.label}
        case "choices":
            return {"type": "array", "items": {"enum": list(one.choices)}, "title": one.label}
        case "yes_no":
            return {"enum": ["yes", "no"], "title": one.label}
        case "money":
            return {
                "type": "object",
                "title": one.label,
                "required": ["minor", "currency"],
                "additionalProperties": False,
                "properties": {
                    "minor": {"type": "integer", "minimum": 0},
                    "currency": {"type": "string"},
                },
            }
        case _:
            return {"type": "string", "minLength": 1, "title": one.label}
