"""The reference of the API as a page, made from its document: nothing is loaded from elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palermo.desks.access.pages import PersonRequest, anyone, person_page
from palermo.doors.api.document import document, text
from palermo.doors.api.problems import KINDS


@anyone
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Serve the document. It says what the program can do, and nothing of this node."""
    return HttpResponse(text(), content_type="application/json")


@person_page("GET")
def reference(request: PersonRequest) -> HttpResponse:
    """Show the document to people."""
    made = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in made["paths"].items():
        for method, operation in methods.items():
            shown = _operation(method.upper(), address, operation)
            groups.setdefault(operation["tags"][0], []).append(shown)
    shapes = [
        _shape(name, schema) for name, schema in sorted(made["components"]["schemas"].items())
    ]
    return render(
        request,
        "api/reference.html",
        {
            "about": made["info"]["description"],
            "version": made["info"]["version"],
            "groups": groups.items(),
            "shapes": shapes,
            "problems": KINDS.items(),
        },
    )


def _operation(method: str, address: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    good = {
        status: next(iter(response.get("content", {"": {}}).items()))
        for status, response in operation["responses"].items()
        if status.startswith("2")
    }
    return {
        "id": operation["operationId"],
        "method": method,
        "address": address,
        "summary": operation.get("description", operation["summary"]),
        "needs": operation["x-palermo-needs"],
        "parameters": [
            {
                "name": one["name"],
                "where": one["in"],
                "type": _type(one["schema"]),
                "required": one["required"],
                "about": one.get("description", ""),
            }
            for one in operation["parameters"]
        ],
        "bodies": [(media, _type(content["schema"])) for media, content in body.items()],
        "answers": [
            (status, media, _type(content.get("schema", {})))
            for status, (media, content) in good.items()
        ],
        "problems": sorted(
            status for status in operation["responses"] if not status.startswith("2")
        ),
    }


def _shape(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "about": schema.get("description", ""),
        "values": schema.get("enum", []),
        "fields": [
            {
                "name": field,
                "type": _type(stated),
                "required": field in schema.get("required", []),
                "about": stated.get("description", ""),
            }
            for field, stated in schema.get("properties", {}).items()
        ],
    }


def _type(schema: dict[str, Any]) -> str:
    """Return a schema in few words: `array of ItemOut`, `integer ≥ 1 or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for joined in ("anyOf", "allOf", "oneOf"):
        if joined in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[joined]))
    if schema.get("type") == "array":
        return f"array of {_type(schema.get('items', {}))}"
    words = [str(schema.get("type", "any"))]
    if "enum" in schema:
        words = [", ".join(map(str, schema["enum"]))]
    words += [f"({schema['format']})"] if "format" in schema else []
    for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "length ≤")):
        words += [f"{sign} {schema[key]}"] if key in schema else []
    return " ".join(words)
