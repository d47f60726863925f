"""The OpenAPI document, as served and as committed in `docs/reference/openapi.json`.

Guarantees that it states for every operation what it needs and every problem it may answer with.
`python -m palermo.doors.api docs/reference/openapi.json` writes it anew (`make openapi`).
"""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from palermo.doors.api.door import Stated
from palermo.doors.api.problems import KINDS, MEDIA_TYPE

#: What any operation may answer with, by the name of the problem; more, by what it is like.
_ALWAYS = ("malformed", "no-token", "invalid", "too-many", "failed")
_IN_A_CASE = ("not-allowed", "not-found")
_WITH_A_TAG = ("rows-replaced", "precondition")
_WITH_A_BODY = ("conflict", "too-large")

_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457). Nothing of what was sent is repeated.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "problem"],
                "properties": {"where": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    from palermo.doors.api.app import api, stated_operations  # noqa: PLC0415  needs Django ready

    # Ninja's own dictionary has numbers for keys, as JSON has not.
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1")))
    made["components"]["schemas"]["Problem"] = _PROBLEM
    for method, address, stated in stated_operations():
        _complete(made["paths"][address][method.lower()], method, stated)
    return made


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _complete(operation: dict[str, Any], method: str, stated: Stated) -> None:
    operation["x-palermo-needs"] = stated.needs.word or "token"
    names = [*_ALWAYS]
    names += _IN_A_CASE if stated.needs.whom == "case" else ()
    names += _WITH_A_TAG if stated.found else ()
    names += _WITH_A_BODY if method == "POST" else ()
    if stated.found:
        operation["responses"]["304"] = {"description": "Nothing has changed since."}
    for name, response in _problems(names):
        operation["responses"].setdefault(name, response)


def _problems(names: Iterable[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    schema = {"$ref": "#/components/schemas/Problem"}
    for name in names:
        response: dict[str, Any] = {
            "description": KINDS[name].title,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        if name == "too-many":
            response["headers"] = {
                "Retry-After": {
                    "description": "After how many seconds to ask again.",
                    "schema": {"type": "integer", "minimum": 1},
                }
            }
        yield str(KINDS[name].status), response
