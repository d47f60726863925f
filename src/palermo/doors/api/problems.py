"""Errors, as `application/problem+json` (RFC 9457).

Guarantees that an answer which is not a success says what happened in one sentence, and repeats
nothing of what was sent: neither values nor tokens.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from palermo.model import Refused, Unreadable

MEDIA_TYPE = "application/problem+json"
#: Where the kinds of problems are explained.
TYPES = "/api/v1/reference#problem-"

_log = logging.getLogger("palermo.api")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, and what it means for whoever wrote the program."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(400, "The request cannot be read", "It is no JSON, or no form with files."),
    "no-token": Kind(
        401, "A token is needed", "Send “Authorization: Bearer …” with a token that holds."
    ),
    "not-allowed": Kind(
        403, "Not allowed", "The token, or its owner's role in the case, does not give this."
    ),
    "not-found": Kind(
        404, "Not found", "There is no such thing, or it is not for this token to know of."
    ),
    "no-method": Kind(405, "No such method", "The header Allow names those that exist."),
    "conflict": Kind(409, "Not possible now", "What is asked does not fit what is there."),
    "rows-replaced": Kind(
        410,
        "A later run made the rows anew",
        "The pages of a list come from one run. Begin again, without “after”.",
    ),
    "precondition": Kind(412, "It has changed", "A condition of the request does not hold."),
    "too-large": Kind(413, "Too large", "Send less at once."),
    "invalid": Kind(422, "A value is not as expected", "“errors” says which, and what is."),
    "refused": Kind(422, "Refused", "The authority, or the file, does not allow this."),
    "too-many": Kind(
        429, "Too many requests", "The header Retry-After says after how many seconds to ask again."
    ),
    "failed": Kind(500, "The node failed", "It is in the node's log."),
}


@dataclass(eq=False)
class Problem(Exception):
    """An expected failure, by the name of its kind."""

    kind: str
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[Mapping[str, str], ...] = ()


def answer(problem: Problem) -> HttpResponse:
    """Return the answer that states `problem`."""
    kind = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": TYPES + problem.kind,
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail or kind.meaning,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=kind.status,
        content_type=MEDIA_TYPE,
        headers=dict(problem.headers),
    )


def invalid(where: str, expected: str) -> Problem:
    """Return the problem of one value."""
    return Problem("invalid", errors=({"where": where, "problem": expected},))


_BY_STATUS = {kind.status: name for name, kind in reversed([*KINDS.items()])}


def stated(response: HttpResponseBase) -> HttpResponseBase:
    """Return `response`, as a problem if Django refused in words of its own."""
    name = _BY_STATUS.get(response.status_code)
    if name is None or response.headers.get("Content-Type") == MEDIA_TYPE:
        return response
    kept = {what: response.headers[what] for what in ("Allow",) if what in response.headers}
    return answer(Problem(name, headers=kept))


def _of_validation(error: ValidationError) -> Problem:
    found = tuple({"where": _where(one["loc"]), "problem": str(one["msg"])} for one in error.errors)
    return Problem("invalid", errors=found)


def _where(loc: tuple[object, ...]) -> str:
    # Names that the sender made up are not repeated: only those that follow from the document.
    source, *rest = loc
    names = [str(part) for part in rest if str(part).isascii() and str(part).isidentifier()]
    return ".".join([str(source), *names])[:120]


def _of_http(error: HttpError) -> Problem:
    return Problem(_BY_STATUS.get(error.status_code, "malformed"))


_TRANSLATED: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Problem, lambda problem: problem),
    (ValidationError, _of_validation),
    (HttpError, _of_http),
    (Http404, lambda _: Problem("not-found")),
    (RequestDataTooBig, lambda _: Problem("too-large")),
    (SuspiciousOperation, lambda _: Problem("malformed")),
    (MultiPartParserError, lambda _: Problem("malformed")),
    (Refused, lambda refused: Problem("refused", str(refused))),
    (Unreadable, lambda unreadable: Problem("refused", str(unreadable))),
)


def handle(api: NinjaAPI) -> None:
    """Have `api` answer every exception as a problem."""
    for kind, translate in _TRANSLATED:
        api.add_exception_handler(kind, _answering(translate))
    api.add_exception_handler(Exception, _unexpected)


def _answering(translate: Callable[[Any], Problem]) -> Callable[[HttpRequest, Any], HttpResponse]:
    def respond(request: HttpRequest, error: Any) -> HttpResponse:  # noqa: ARG001
        return answer(translate(error))

    return respond


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(Problem("failed"))
