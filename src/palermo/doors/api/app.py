"""The API put together: its operations, what each needs, and its addresses.

Guarantees that there is no operation without a statement of its needs, and that everything under
`/api/` answers with JSON or a problem and is kept by nobody in between.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import cast

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.operation import Operation

from palermo.desks.access.pages import Needs
from palermo.doors.api.door import Bearer, Stated
from palermo.doors.api.exact import Exact
from palermo.doors.api.problems import Problem, answer, handle, stated
from palermo.doors.api.resources import cases, exports, found, proposed, runs, searching, work

VERSION = "1.0.0"
ABOUT = """
What a person sees on the pages of the node, for the programs that work for them.

A token is made by a person on the page “Tokens for programs”, for cases that they have open and for
actions that their role gives there. It works while its owner could do the same, at most 90 days.
Every use is written down with the token's name. What is indicated here is indicated, with what
speaks against it; it is no finding about anybody.

Lists come in pages: give “next” of one as “after” for the next. All pages of what a run found come
from one run. Errors are application/problem+json (RFC 9457). Times are in UTC.
""".strip()


class Api(NinjaAPI):
    """Operations called as their functions are."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the function, which is unique (a test says so)."""
        return operation.view_func.__name__


api = Api(
    title="Palermo",
    version=VERSION,
    description=ABOUT,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api-v1",
    auth=Bearer(),
    renderer=Exact(),
)
handle(api)
for _router in (
    cases.router,
    found.router,
    proposed.router,
    searching.router,
    work.router,
    runs.router,
    exports.router,
):
    api.add_router("", _router)


def operations() -> Iterator[tuple[str, str, Needs]]:
    """Yield method, address and needs of every operation.

    Raises:
        LookupError: an operation states no needs.
    """
    for method, address, operation in stated_operations():
        yield method, address, operation.needs


def stated_operations() -> Iterator[tuple[str, str, Stated]]:
    """Yield method, address and function of every operation.

    Raises:
        LookupError: an operation states no needs.
    """
    for bound in api._get_bound_routers():  # ninja names no other way
        for address, view in bound.path_operations.items():
            for operation in view.operations:
                view_func = operation.view_func
                if getattr(view_func, "needs", None) is None:
                    raise LookupError(f"{operation.methods} {address} states no needs")
                for method in operation.methods:
                    yield method, f"/api/v1{address}", cast("Stated", view_func)


View = Callable[..., HttpResponseBase]


def guarded(view: View) -> View:
    """Have `view` answer as everything here does, and say who may keep the answer."""

    @csrf_exempt
    @wraps(view)
    def address(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = stated(view(request, *args, **kwargs))
        tag = getattr(request, "etag", "")
        if tag and response.status_code in {200, 304}:
            response.headers["ETag"] = tag
            if (changed := getattr(request, "changed_at", None)) is not None:
                response.headers["Last-Modified"] = http_date(changed.timestamp())
        # The program itself may keep an answer and ask whether it still holds; nobody else may.
        response.headers["Cache-Control"] = "private, no-cache" if tag else "no-store"
        response.headers["Vary"] = "Authorization"
        return response

    address.needs = Needs("token")  # type: ignore[attr-defined]
    return address


def nothing(request: HttpRequest, rest: str = "") -> HttpResponseBase:  # noqa: ARG001
    """Answer at an address that does not exist."""
    return answer(Problem("not-found"))


def addresses() -> list[URLPattern]:
    """Return the addresses of the operations, and one for all that are none."""
    # Ninja names an address once for each of its methods; the view is the same.
    views = {str(one.pattern): one.callback for one in api.urls[0] if isinstance(one, URLPattern)}
    views.pop("", None)
    patterns = [path(address, guarded(view)) for address, view in views.items()]
    return [*patterns, path("", guarded(nothing)), path("<path:rest>", guarded(nothing))]
