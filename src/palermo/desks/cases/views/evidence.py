"""Exhibits: what they are, what was read of them, and their original bytes."""

from django.db.models import Q
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render

from palermo.desks.access.pages import CaseRequest, case_page
from palermo.desks.cases.exhibits import open_original
from palermo.desks.cases.facts import counts, facet
from palermo.desks.cases.models import Exhibit, Item, Material, SetAside
from palermo.desks.cases.slices import by_key
from palermo.model import Refused, Unreadable

#: Nothing that an original says is ever run or drawn, whatever a browser makes of the file.
_NOTHING = "default-src 'none'; sandbox"
_PIECE = 1 << 20


@case_page("read", "GET", what="evidence")
def exhibit_list(request: CaseRequest) -> HttpResponse:
    """Show the exhibits of the case."""
    exhibits = Exhibit.rows.visible_to(request.viewer).of(request.case)
    waiting = Material.rows.visible_to(request.viewer).of(request.case)
    return render(
        request,
        "cases/evidence.html",
        {
            "case": request.case,
            "exhibits": by_key(exhibits, request.GET),
            "waiting": waiting.filter(sealed=False, left_out_at=None)[:200],
            "counts": counts(request.viewer, request.case),
        },
    )


@case_page("read", "GET", what="exhibit")
def exhibit(request: CaseRequest, ident: str) -> HttpResponse:
    """Show one exhibit, named by its id or by the hash of its bytes."""
    found = _exhibit(request, ident)
    aside = SetAside.rows.visible_to(request.viewer).of(request.case).filter(exhibit=found.sha256)
    items = Item.rows.visible_to(request.viewer).of(request.case).filter(exhibit=found.sha256)
    made = Exhibit.rows.visible_to(request.viewer).of(request.case).filter(parent=found.ident)
    return render(
        request,
        "cases/exhibit.html",
        {
            "case": request.case,
            "exhibit": found,
            "material": Material.rows.visible_to(request.viewer)
            .of(request.case)
            .filter(sha256=found.sha256)
            .select_related("added_by"),
            "aside": by_key(aside, request.GET, size=50),
            "items": items[:10],
            "made": made[:50],
        },
    )


@case_page("read", "GET", what="rows set aside")
def set_aside(request: CaseRequest) -> HttpResponse:
    """Show the rows that were set aside, or kept with a note, with the reasons."""
    rows = SetAside.rows.visible_to(request.viewer).of(request.case)
    chosen = request.GET.get("reason", "")
    if chosen:
        rows = rows.filter(reason=chosen[:60])
    names = dict(
        Exhibit.rows.visible_to(request.viewer).of(request.case).values_list("sha256", "name")
    )
    page = by_key(rows, request.GET)
    shown: list[tuple[SetAside, str]] = [(one, names.get(one.exhibit, "")) for one in page.rows]
    return render(
        request,
        "cases/set_aside.html",
        {
            "case": request.case,
            "shown": shown,
            "page": page,
            "chosen": chosen,
            "reasons": facet(request.viewer, request.case, "set_aside"),
            "counts": counts(request.viewer, request.case),
        },
    )


@case_page("read", "GET", what="original")
def original(request: CaseRequest, ident: str) -> HttpResponseBase:
    """Give the original bytes of an exhibit as a file; the log of the case says who took them."""
    found = _exhibit(request, ident)
    if request.opening is None:
        # In an emergency there is reading, but no authority under which to open an original.
        return _not_opened(request, found, "an emergency opening does not cover originals")
    try:
        file = open_original(
            found, request.opening.mandate, by=request.person, at=request.viewer.at
        )
    except (Refused, Unreadable) as problem:
        return _not_opened(request, found, str(problem))
    response = FileResponse(
        file,
        as_attachment=True,
        filename="".join(sign if sign.isprintable() else "_" for sign in found.name),
        content_type="application/octet-stream",
    )
    response.block_size = _PIECE
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Security-Policy"] = _NOTHING
    return response


def _exhibit(request: CaseRequest, ident: str) -> Exhibit:
    rows = Exhibit.rows.visible_to(request.viewer).of(request.case)
    found: Exhibit = get_object_or_404(rows.filter(Q(ident=ident) | Q(sha256=ident))[:1])
    return found


def _not_opened(request: CaseRequest, found: Exhibit, why: str) -> HttpResponse:
    return render(
        request,
        "cases/not_opened.html",
        {"case": request.case, "exhibit": found, "why": why},
        status=403,
    )
