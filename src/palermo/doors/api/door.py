"""What happens before an operation runs: the token, the case, the log.

Guarantees that an operation exists only with a statement of its needs; that contents of a case are
answered only through `visible_cases` for the token; that the use is in the log, with the token's
name, before the answer is built; and that a token which may not know of a case is told what it
would be told if there were none.
"""

import hashlib
import inspect
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Protocol, TypeVar, cast, get_args, runtime_checkable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from ninja.params import models as params
from ninja.security.base import AuthBase
from pydantic import StringConstraints

from palermo import __version__
from palermo.desks.access import audit, tokens
from palermo.desks.access.limits import Limit, take
from palermo.desks.access.models import ApiToken, Case, Opening
from palermo.desks.access.own_name import OWN_NAME, names
from palermo.desks.access.pages import CaseRequest, Needs
from palermo.desks.access.row_security import show_to
from palermo.desks.access.visibility import Viewer, open_now, visible_cases
from palermo.desks.cases.models import Run
from palermo.doors.api.problems import Problem, invalid
from palermo.doors.api.senders import failed

F = TypeVar("F", bound=Callable[..., Any])

CaseKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,16}$")]
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Palermo"'}


@runtime_checkable
class Stated(Protocol):
    """An operation that states its needs, and whether it answers with what a run found."""

    needs: Needs
    found: bool


class ApiRequest(CaseRequest):
    """A request with a token. `run` is the run that made the rows asked for, 0 before any."""

    token: ApiToken
    opening: Opening
    run: int
    etag: str
    changed_at: datetime | None


class Bearer(AuthBase):
    """A token in the header `Authorization`, and nowhere else: cookies are not looked at."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "A token that a person made on the page “Tokens for programs”."

    def __call__(self, request: HttpRequest) -> ApiToken:
        """Return the token of `request`, which from then on carries its owner and the time."""
        mine, at = cast("ApiRequest", request), settings.PALERMO_CLOCK()
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        token = tokens.find(presented.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            failed(request, at=at)
            raise Problem("no-token", headers=_CHALLENGE)
        if wait := take(f"token:{token.ident}", Limit(*settings.PALERMO_API_RATE), at=at):
            raise Problem("too-many", headers={"Retry-After": str(wait)})
        mine.token, mine.person = token, token.person
        mine.viewer = Viewer(person=token.person_id, at=at, token=token.pk)
        show_to(mine.viewer)
        if problem := tokens.ended(token, at=at):
            refuse(mine, problem)
            raise Problem("no-token", problem, headers=_CHALLENGE)
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
        return token


def token_needed(what: str) -> Callable[[F], F]:
    """An operation about no case in particular, for any token that holds."""

    def decorate(view: F) -> F:
        known = _asked_by(view)

        @wraps(view)
        def operation(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
            _understand(request, known)
            act = audit.Act(kind=audit.Kind.CONSULTATION, what=what, detail=_named(request))
            audit.record(act, by=request.person, at=request.viewer.at)
            return view(request, *args, **kwargs)

        return cast("F", _stated(operation, Needs("person"), found=False))

    return decorate


def case_needed(
    action: str,
    *,
    what: str,
    kind: audit.Kind | None = audit.Kind.CONSULTATION,
    found: bool = False,
) -> Callable[[F], F]:
    """An operation in the case that the address names, for tokens that may do `action` there.

    A look is logged here as `kind`, under the name `what`; an operation that changes something
    gives None and logs what it was by `note_down`. What a run has `found` changes with the next
    run only, so an answer about it can be kept and asked for again by its tag.
    """

    def decorate(view: F) -> F:
        known = _asked_by(view)

        @wraps(view)
        def operation(request: ApiRequest, key: CaseKey, **kwargs: Any) -> Any:
            _enter(request, key, action)
            _understand(request, known)
            if kind is not None and what:
                # What leaves the node by a token is handed to its owner.
                to = str(request.person) if kind == audit.Kind.DISCLOSURE else ""
                note_down(
                    request, kind, what, of=_which(kwargs), recipient=to, detail=_self(request)
                )
            if found and (same := _unchanged(request)) is not None:
                return same
            return view(request, **kwargs)

        _with_key(operation, view)
        return cast("F", _stated(operation, Needs("case", action), found=found))

    return decorate


def note_down(request: ApiRequest, kind: audit.Kind, what: str, **more: Any) -> None:
    """Log an act in the case of `request`, with the token's name."""
    detail = _named(request) | more.pop("detail", {})
    audit.record(
        audit.Act(
            kind=kind, what=what, case=request.case, opening=request.opening, detail=detail, **more
        ),
        by=request.person,
        at=request.viewer.at,
    )


def refuse(request: ApiRequest, why: str, *, case: Case | None = None) -> None:
    """Log that something was refused to a token."""
    act = audit.Act(
        kind=audit.Kind.REFUSAL,
        what="api",
        of=f"{request.method} {request.path}"[:200],
        case=case,
        detail=_named(request) | {"why": why},
    )
    audit.record(act, by=request.person, at=request.viewer.at)


def _enter(request: ApiRequest, key: str, action: str) -> None:
    case = visible_cases(request.viewer, action).filter(key=key).first()
    if case is None:
        known = visible_cases(request.viewer, "see").filter(key=key).first()
        refuse(request, action, case=known or Case.objects.filter(key=key).first())
        if known is None:
            raise Problem("not-found")
        raise Problem("not-allowed", _why_not(request, known, action))
    request.case, request.emergency = case, None
    request.opening = open_now(request.viewer).select_related("mandate").get(case=case)


def _why_not(request: ApiRequest, case: Case, action: str) -> str:
    if not request.token.scopes.filter(action=action).exists():
        return f"The token is not for “{action}”."
    if case.status != Case.Status.OPEN:
        return f"The case is closed, which leaves no room for “{action}”."
    return f"The role of the token's owner in the case does not give “{action}”."


def last_run(request: ApiRequest, action: str = "read") -> tuple[int, datetime | None]:
    """Return the last run that was done in the case, and when; 0 before any."""
    done = (
        Run.rows.visible_to(request.viewer, action)
        .of(request.case)
        .filter(kind="investigate", state="done")
    )
    return done.values_list("pk", "ended_at").first() or (0, None)


def _unchanged(request: ApiRequest) -> HttpResponse | None:
    """Return that nothing has changed, if the sender has this answer of this run already."""
    request.run, request.changed_at = last_run(request)
    about = f"{__version__} {request.token.pk} {request.run} {request.get_full_path()}"
    request.etag = quote_etag(hashlib.sha256(about.encode()).hexdigest()[:32])
    return get_conditional_response(request, etag=request.etag)


def _asked_by(view: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the query parameters that `view` has."""
    names: set[str] = set()
    for parameter in inspect.signature(view).parameters.values():
        shape, *how = get_args(parameter.annotation) or (None,)
        if shape is not None and any(isinstance(one, params.Query) for one in how):
            names |= shape.model_fields.keys()
    return frozenset(names)


def _understand(request: ApiRequest, known: frozenset[str]) -> None:
    """Refuse a misspelt filter: without it, the answer would be more than was asked for."""
    if request.GET.keys() - known:
        raise invalid("query", "expected parameters of this operation only")
    for name, values in request.GET.lists():
        if len(values) > 1:
            raise invalid(f"query.{name}", "expected once")


def _self(request: ApiRequest) -> dict[str, Any]:
    """Say if what is asked for names who asks, as the pages do."""
    asked = " ".join(map(str, request.GET.values()))
    return {OWN_NAME: True} if names(request.person, asked) else {}


def _named(request: ApiRequest) -> dict[str, Any]:
    return {"token": request.token.name, "ident": request.token.ident}


def _which(given: dict[str, Any]) -> str:
    return "/".join(str(value) for value in given.values() if isinstance(value, int | str))[:200]


def _with_key(operation: Callable[..., Any], view: Callable[..., Any]) -> None:
    """Let the operation be seen with the parameter `key`, which its view is spared."""
    request, *others = inspect.signature(view).parameters.values()
    key = inspect.Parameter("key", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=CaseKey)
    operation.__signature__ = inspect.Signature([request, key, *others])  # type: ignore[attr-defined]


def _stated(operation: Callable[..., Any], needs: Needs, *, found: bool) -> Any:
    operation.needs, operation.found = needs, found  # type: ignore[attr-defined]
    return operation
