"""How a page says what it needs, and what happens before it runs.

Guarantees that a page exists only with a statement of its needs (`Needs`, found by the test that
walks every address); that contents of a case are shown only to somebody signed in with a second
factor, through `visible_cases`; that the look is in the log before the page is built; and that
somebody who may not know of a case is told exactly what they would be told if there were none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from palermo.desks.access import audit
from palermo.desks.access.models import Case, Emergency, Opening, Person
from palermo.desks.access.own_name import OWN_NAME, names
from palermo.desks.access.row_security import show_to
from palermo.desks.access.signing_in import factor_shown, has_factor
from palermo.desks.access.visibility import Viewer, emergencies_now, open_now, visible_cases

P = ParamSpec("P")
Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a page needs: `anyone`, a `person` signed in, a `duty`, or an action in a `case`.

    An address of the API asks for a `token`; what each method then needs, `operations()` says.
    """

    whom: Literal["anyone", "person", "duty", "case", "token"]
    word: str = ""


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in. `viewer` carries the time of the request."""

    person: Person
    viewer: Viewer


class CaseRequest(PersonRequest):
    """A request about a case.

    `opening` is None while `see` is all that is needed, and in an emergency, which is then given.
    """

    case: Case
    opening: Opening | None
    emergency: Emergency | None


Page = Callable[..., HttpResponseBase]


def write_down(request: CaseRequest, kind: audit.Kind, what: str, **more: Any) -> None:
    """Log an act in the case of `request` beyond the look that was logged already."""
    audit.record(
        audit.Act(
            kind=kind,
            what=what,
            case=request.case,
            opening=request.opening,
            emergency=request.emergency,
            **more,
        ),
        by=request.person,
        at=request.viewer.at,
    )


def ours(request: HttpRequest) -> str:
    """Return the page that was asked to go on to, when it is one of this node; else nothing."""
    there = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return there if allowed else ""


def anyone(view: Page) -> Page:
    """A page for whoever comes, such as the one for signing in."""
    return _stated(view, Needs("anyone"))


def person_page(
    *methods: Method, second_factor: bool = True
) -> Callable[[Callable[Concatenate[PersonRequest, P], HttpResponseBase]], Page]:
    """A page for anybody who is signed in and active."""

    def decorate(view: Callable[Concatenate[PersonRequest, P], HttpResponseBase]) -> Page:
        @wraps(view)
        def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if (elsewhere := _sign_in(request, second_factor=second_factor)) is not None:
                return elsewhere
            return view(_personal(request), *args, **kwargs)

        return _ready(page, Needs("person"), methods)

    return decorate


def duty_page(
    duty: str, *methods: Method
) -> Callable[[Callable[Concatenate[PersonRequest, P], HttpResponseBase]], Page]:
    """A page for those who hold `duty`; for others it does not exist."""

    def decorate(view: Callable[Concatenate[PersonRequest, P], HttpResponseBase]) -> Page:
        @wraps(view)
        def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if (elsewhere := _sign_in(request)) is not None:
                return elsewhere
            mine = _personal(request)
            if not mine.person.has_duty(duty):
                _refused(mine, f"duty {duty}", of=request.path)
                raise Http404
            return view(mine, *args, **kwargs)

        return _ready(page, Needs("duty", duty), methods)

    return decorate


def case_page(
    action: str, *methods: Method, what: str
) -> Callable[[Callable[Concatenate[CaseRequest, P], HttpResponseBase]], Page]:
    """A page about a case, named in its address by `key`, for those who may do `action` in it.

    `what` names the page in the log; it is empty for how far a run is, which shows nothing of the
    case. A look (GET) is logged here, as consultation; what a POST changes is logged by the page
    itself, which knows what it was.
    """

    def decorate(view: Callable[Concatenate[CaseRequest, P], HttpResponseBase]) -> Page:
        @wraps(view)
        def page(
            request: HttpRequest, key: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if (elsewhere := _sign_in(request)) is not None:
                return elsewhere
            mine = cast("CaseRequest", _personal(request))
            case = visible_cases(mine.viewer, action).filter(key=key).first()
            if case is None:
                return _no_case(mine, key, action)
            _under(mine, case)
            if request.method in {"GET", "HEAD"} and action != "see" and what:
                write_down(
                    mine,
                    audit.Kind.CONSULTATION,
                    what,
                    of="/".join(map(str, kwargs.values()))[:200],
                    detail={OWN_NAME: True} if _asks_for_self(mine) else {},
                )
            return view(mine, *args, **kwargs)

        return _ready(page, Needs("case", action), methods)

    return decorate


def _under(request: CaseRequest, case: Case) -> None:
    """Say under which opening, or else which emergency, the request is made."""
    request.case = case
    openings = open_now(request.viewer).filter(case=case).select_related("mandate", "person")
    request.opening = openings.order_by("-opened_at").first()
    request.emergency = None
    if request.opening is None:
        request.emergency = emergencies_now(request.viewer).filter(case=case).first()


def _asks_for_self(request: PersonRequest) -> bool:
    """Whether something that was asked for names the person who asks."""
    asked = " ".join(value for name in request.GET for value in request.GET.getlist(name))
    return names(request.person, asked)


def _stated(page: Page, needs: Needs) -> Page:
    page.needs = needs  # type: ignore[attr-defined]  # read by the test of every address
    return page


def _ready(page: Page, needs: Needs, methods: tuple[Method, ...]) -> Page:
    allowed = [*(methods or ("GET",))]
    if "GET" in allowed:
        allowed.append(cast("Method", "HEAD"))
    return _stated(never_cache(require_http_methods(allowed)(page)), needs)


def _sign_in(request: HttpRequest, *, second_factor: bool = True) -> HttpResponseBase | None:
    """Return where to go first, or None for somebody signed in as they must be."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not second_factor or not settings.PALERMO_SECOND_FACTOR:
        return None
    if not has_factor(request.user):
        return redirect("mfa_index")
    if not factor_shown(request):
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('mfa_reauthenticate')}?{query}")
    return None


def _personal(request: HttpRequest) -> PersonRequest:
    mine = cast("PersonRequest", request)
    mine.person = cast("Person", request.user)
    mine.viewer = Viewer(person=mine.person.pk, at=settings.PALERMO_CLOCK())
    show_to(mine.viewer)
    return mine


def _refused(request: PersonRequest, what: str, *, of: str, case: Case | None = None) -> None:
    act = audit.Act(kind=audit.Kind.REFUSAL, what=what, of=of[:200], case=case)
    audit.record(act, by=request.person, at=request.viewer.at)


def _no_case(request: CaseRequest, key: str, action: str) -> HttpResponseBase:
    """Lead a member to opening the case; refuse an action that the role lacks; else not found."""
    case = visible_cases(request.viewer, "see").filter(key=key).first()
    if case is None:
        hidden = Case.objects.filter(key=key).first()
        _refused(request, action, of=request.path, case=hidden)
        raise Http404
    if not visible_cases(request.viewer, "read").filter(pk=case.pk).exists():
        there = reverse("access:open", kwargs={"key": key})
        back = {"next": request.get_full_path()} if request.method == "GET" else {}
        return redirect(f"{there}?{urlencode(back)}" if back else there)
    _refused(request, action, of=request.path, case=case)
    return render(request, "access/refused.html", {"case": case, "action": action}, status=403)
