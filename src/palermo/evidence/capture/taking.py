"""Takes one page: collects, packs, describes. Nothing is written anywhere.

Guarantees that what is returned was compared with the stop list in full, that its record passes the
check, and that after a stop every temporary file was overwritten and removed.
"""

import hashlib
import os
import secrets
import shutil
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from palermo.evidence.capture.addresses import Target, check_url
from palermo.evidence.capture.claims import read_claims
from palermo.evidence.capture.describe import describe
from palermo.evidence.capture.exchange import Collected, Exchange
from palermo.evidence.capture.order import (
    DOWNLOAD,
    Capture,
    CapturedFile,
    Context,
    Order,
    StopNotice,
)
from palermo.evidence.capture.outlet import Barred, Outlet
from palermo.evidence.capture.overseer import Stopped
from palermo.evidence.capture.plain import collect_plain
from palermo.evidence.capture.record import check_record
from palermo.evidence.capture.rendered import collect_rendered, find_browser
from palermo.evidence.capture.scratch import Scratch
from palermo.evidence.capture.tls import context as tls_context
from palermo.evidence.capture.tls import pem, shown_chain
from palermo.evidence.capture.wacz import write_wacz
from palermo.evidence.capture.warc import write_warc
from palermo.model import Refused, Unreadable

#: File name -> (item of items.yaml, media type). The archive comes first and is their parent.
FILES = {
    "source.html": ("html-source", "text/html"),
    "dom.html": ("dom", "text/html"),
    "visible.txt": ("visible-text", "text/plain"),
    "screenshot.png": ("screenshot", "image/png"),
    "page.mhtml": ("mhtml", "multipart/related"),
    "page.pdf": ("pdf", "application/pdf"),
    "certificates.pem": ("certificates", "application/x-pem-file"),
}
#: A file system in memory; below it a folder for the owner alone is made.
MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM = 512 << 20  # bytes that a browser may need there
_ORIGINS = 10  # of which the certificates are asked for


def collect(order: Order, context: Context, *, at: datetime) -> Capture | StopNotice:
    """Capture the page at `order.url`.

    `at` is the timezone-aware time now; all times of the record are counted from it.

    Raises:
        Refused: when the address, or what it redirects to, may not be captured.
        Unreadable: when it is no address, nothing answers, or the browser does not start.
    """
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    check_url(order.url, order.rules, proxied=order.proxy is not None)
    if order.suspected:
        return StopNotice(url=order.url, reason=f"suspected: {order.suspected}")
    outlet = Outlet(
        rules=order.rules,
        upstream=order.proxy,
        resolver=order.resolver,
        seconds=order.limits.connect_seconds,
    )
    try:
        collected, note = _collected(order, outlet)
        page = _page(collected)
        return _packed(
            collected, page, order=order, context=context, outlet=outlet, at=at, note=note
        )
    except Stopped as stop:
        return StopNotice(
            url=stop.url,
            reason="on the stop list",
            list_name=stop.hit.list_name,
            kind=stop.hit.kind,
            value=stop.hit.value,
            sha256=stop.hit.sha256,
            size=stop.hit.size,
        )


def _collected(order: Order, outlet: Outlet) -> tuple[Collected, str]:
    """Choose the way and go it; the note says why it is not the usual one."""
    method, note, browser = order.method, "", ""
    if method != "plain":
        browser = order.browser or find_browser()
        lacking = "" if browser else "no Chromium was found on PATH"
        if not lacking and method == "auto" and find_spec("playwright") is None:
            lacking = "the optional package playwright is not installed"
        if lacking and method == "rendered":
            raise Unreadable(f"capture: {lacking}; install it, or use --method plain")
        if lacking:
            method, note = "plain", f"not rendered: {lacking}"
    if method == "plain":
        collected = collect_plain(
            order.url,
            outlet=outlet,
            screen=order.screen,
            limits=order.limits,
            stop_list=order.stop_list,
            accept_invalid_tls=order.accept_invalid_tls,
        )
        return collected, note
    with Scratch(_memory()) as scratch:
        try:
            collected = collect_rendered(
                order.url,
                executable=browser,
                outlet=outlet,
                screen=order.screen,
                limits=order.limits,
                stop_list=order.stop_list,
                accept_invalid_tls=order.accept_invalid_tls,
                scratch=scratch,
            )
        except Stopped:
            scratch.wipe = True
            raise
    _certificates(collected, outlet)
    return collected, note


def _memory() -> Path | None:
    """Prefer memory to disk for what must leave no trace, where there is enough of it."""
    try:
        room = shutil.disk_usage(MEMORY).free >= _ROOM and os.access(MEMORY, os.W_OK)
    except OSError:
        room = False
    return MEMORY if room else None


def _page(collected: Collected) -> Exchange:
    """Return the page's own exchange.

    Raises:
        Refused: when a rule kept it away.
        Unreadable: when nothing came.
    """
    page = collected.page()
    reason = collected.absent.pop("page", ("", ""))[1]
    if page is not None and page.error == DOWNLOAD:
        raise Unreadable(
            f"{collected.requested}: a download, not a page; capture the file with --method plain"
        )
    ended_in_redirect = page is not None and 300 <= page.status < 400 and page.header("location")
    refused = reason or next(
        (one.error for one in collected.exchanges if one.main and "refused" in one.error), ""
    )
    if page is None or ended_in_redirect:
        if refused:
            raise Refused(f"{collected.requested}: the page was not captured: {refused}")
        said = [one["detail"] for one in collected.warnings if one["code"] == "navigation"]
        said += [one.error for one in collected.exchanges if one.main and one.error]
        raise Unreadable(
            f"{collected.requested}: no page came ({said[0] if said else 'no answer'}); "
            "check the address, the network and, for a broken certificate, --accept-invalid-tls"
        )
    return page


def _certificates(collected: Collected, outlet: Outlet) -> None:
    """Ask each secure origin for its certificates once more, by the same way out."""
    origins: dict[str, Target] = {}
    for one in collected.exchanges:
        if one.status and one.url.startswith("https:"):
            target = check_url(one.url, outlet.rules, proxied=outlet.upstream is not None)
            origins.setdefault(target.origin, target)
    for origin, target in list(origins.items())[:_ORIGINS]:
        try:
            opened, _ = outlet.open(target.host, target.port)
            settings = tls_context(accept_invalid=True)  # to see it, whatever it is worth
            with opened, settings.wrap_socket(opened, server_hostname=target.host) as secure:
                collected.certificates[origin] = shown_chain(secure)
        except (OSError, Barred) as trouble:
            collected.warn("certificates", f"{origin}: {trouble}")


def _packed(
    collected: Collected,
    page: Exchange,
    *,
    order: Order,
    context: Context,
    outlet: Outlet,
    at: datetime,
    note: str,
) -> Capture:
    software = f"{context.tool['name']} {context.tool['version']}"
    claims = read_claims(
        page.body,
        content_type=page.header("content-type"),
        last_modified=page.header("last-modified"),
    )
    warc = write_warc(
        collected.exchanges,
        began=at,
        software=software,
        about=[("operator", context.organisation), ("ip-egress", str(order.proxy or "direct"))],
    )
    facts = collected.facts.get("page", {})
    archive = write_wacz(
        warc,
        url=page.url,
        title=str(facts.get("title") or claims.title),
        at=at + timedelta(seconds=page.began),
        text=collected.files.get("visible.txt", b"").decode("utf-8", "replace"),
        software=software,
    )
    name = secrets.token_hex(8)
    files = _files(collected, page, archive)
    record = describe(
        collected,
        id=name,
        order=order,
        context=context,
        outlet=outlet,
        page=page,
        claims=claims,
        files=files,
        began=at,
        method_note=note,
    )
    check_record(record)
    return Capture(id=name, files=files, record=record)


def _files(collected: Collected, page: Exchange, archive: bytes) -> tuple[CapturedFile, ...]:
    first = _file("archive", "capture.wacz", "application/wacz", archive, None)
    found = dict(collected.files)
    if page.body:
        found["source.html"] = page.body
    chains = b"".join(pem(chain) for _, chain in sorted(collected.certificates.items()))
    if chains:
        found["certificates.pem"] = chains
    return (
        first,
        *(
            _file(item, name, media, found[name], first.sha256)
            for name, (item, media) in FILES.items()
            if found.get(name)
        ),
    )


def _file(item: str, name: str, media: str, data: bytes, parent: str | None) -> CapturedFile:
    return CapturedFile(
        item=item,
        name=name,
        media_type=media,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        parent=parent,
    )
