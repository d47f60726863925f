"""What leaves the case: the dossier, and exhibit packages."""

import base64
import hashlib
import re
from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from palermo.desks.access import audit, mandates
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases import packaging
from palermo.desks.cases.background import case_folder
from palermo.desks.cases.intake_forms import PackageForm
from palermo.desks.cases.models import Exhibit, Package, Run
from palermo.desks.cases.progress import Progress
from palermo.desks.cases.runs import ask
from palermo.evidence import Openings
from palermo.model import Refused, Unreadable

MEASURE = "disclose"
DOSSIER = "dossier.html"
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_MOST_LISTED = 500
_PIECE = 1 << 20


@case_page("read", "GET", what="dossier")
def dossier(request: CaseRequest) -> HttpResponse:
    """Show the dossier of the last run, or give it as a file with `?file`.

    It is one page with a style of its own and nothing else that acts: the policy names that very
    style by its hash and allows nothing more.
    """
    folder = case_folder(request.case)
    try:
        page = (folder / DOSSIER).read_bytes()
    except FileNotFoundError:
        raise Http404 from None
    known = Openings.read(folder).outputs.get(DOSSIER)
    if known is None or known.sha256 != hashlib.sha256(page).hexdigest():
        context = {"case": request.case}
        return render(request, "cases/dossier_altered.html", context, status=409)
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    styles = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
        for style in _STYLE.findall(page)
    )
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {styles or chr(39) + 'none' + chr(39)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    )
    if "file" in request.GET:
        response.headers["Content-Disposition"] = f'attachment; filename="{DOSSIER}"'
    return response


@case_page("package", "GET", "POST", what="packages")
def package_list(request: CaseRequest) -> HttpResponse:
    """Show what was handed over, and hand exhibits over."""
    exhibits = list(
        Exhibit.rows.visible_to(request.viewer, "package").of(request.case)[: _MOST_LISTED + 1]
    )
    form = PackageForm(exhibits[:_MOST_LISTED], request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = _asked(request, form)
        if made is not None:
            return redirect("cases:package", request.case.key, made.pk)
    rows = Package.rows.visible_to(request.viewer).of(request.case).select_related("run")
    return render(
        request,
        "cases/packages.html",
        {
            "case": request.case,
            "form": form,
            "packages": rows[:100],
            "none": not exhibits,
            "cut": len(exhibits) > _MOST_LISTED,
        },
    )


@case_page("package", "GET", what="package")
def package(request: CaseRequest, pk: int) -> HttpResponse:
    """Show one package: what is in it, to whom it goes, how far it is."""
    found = _package(request, pk)
    exhibits = Exhibit.rows.visible_to(request.viewer, "package").of(request.case)
    chosen = exhibits.filter(ident__in=found.only) if found.only else exhibits
    return render(
        request,
        "cases/package.html",
        {
            "case": request.case,
            "package": found,
            "run": found.run,
            "progress": Progress.of_run(found.run, request.viewer.at),
            "exhibits": chosen[:_MOST_LISTED],
        },
    )


@case_page("package", "GET", what="")
def download(request: CaseRequest, pk: int) -> HttpResponseBase:
    """Give the ZIP; that it was fetched, and for whom, is logged as a disclosure."""
    found = _package(request, pk)
    if not found.sealed:
        raise Http404
    write_down(
        request,
        audit.Kind.DISCLOSURE,
        "package fetched",
        of=str(pk),
        recipient=found.recipient,
        detail={"sha256": found.sha256, "event": found.event},
    )
    name = f"{request.case.reference}-{found.event}.zip"
    response = FileResponse(
        packaging.open_package(found),
        as_attachment=True,
        filename=re.sub(r"[^\w.-]", "_", name),
        content_type="application/zip",
    )
    response.block_size = _PIECE
    response.headers["Content-Length"] = str(found.size)
    return response


@case_page("package", "POST", what="package removed")
def remove(request: CaseRequest, pk: int) -> HttpResponse:
    """Destroy the ZIP on the node. The record of the hand-over stays."""
    found = _package(request, pk)
    if found.sealed:
        with transaction.atomic():
            write_down(
                request,
                audit.Kind.ERASURE,
                "package",
                of=str(pk),
                detail={"sha256": found.sha256},
            )
            packaging.remove(found)
    return redirect("cases:package", request.case.key, pk)


def _asked(request: CaseRequest, form: PackageForm) -> Package | None:
    """Ask for the package, or say on the form why not."""
    assert request.opening is not None  # noqa: S101  an action beyond reading needs one
    data: dict[str, Any] = form.cleaned_data
    document = data["authority"].read()
    try:
        authority = mandates.read(document)
        mandates.grant_of(authority, at=request.viewer.at, measure=MEASURE)
    except (Refused, Unreadable) as problem:
        form.add_error("authority", str(problem))
        return None
    with transaction.atomic():
        run = ask(request.case, request.opening, at=request.viewer.at, kind=Run.Kind.PACKAGE)
        made: Package = Package.rows.create(
            case=request.case,
            run=run,
            recipient=data["recipient"],
            act=data["act"],
            language=data["language"],
            only=data["only"],
            outputs=data["outputs"],
            seal=data["seal"],
            document=document,
            document_sha256=authority.sha256,
        )
        write_down(
            request,
            audit.Kind.DISCLOSURE,
            "package",
            of=str(made.pk),
            recipient=made.recipient,
            detail={
                "act": made.act,
                "exhibits": made.only or "all",
                "outputs": made.outputs,
                "authority": authority.sha256,
            },
        )
    return made


def _package(request: CaseRequest, pk: int) -> Package:
    rows = Package.rows.visible_to(request.viewer, "package").of(request.case)
    found: Package = get_object_or_404(rows.select_related("run", "run__asked_by"), pk=pk)
    return found
