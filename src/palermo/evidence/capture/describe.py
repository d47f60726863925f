"""Writes the record of a capture out of what was collected.

Guarantees that nothing is left out in silence: what is not there gets its reason here.
"""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from palermo.evidence.capture.claims import Claims
from palermo.evidence.capture.exchange import Collected, Exchange
from palermo.evidence.capture.order import CapturedFile, Context, Order
from palermo.evidence.capture.outlet import Outlet
from palermo.evidence.capture.record import holds, items
from palermo.evidence.capture.tls import described

_MEDIA = ("image/", "video/", "audio/")
#: Written by systemd's and chrony's services once the clock follows a server.
_SYNCHRONISED = (Path("/run/systemd/timesync/synchronized"), Path("/run/chrony/chronyd.pid"))


def describe(
    collected: Collected,
    *,
    id: str,  # noqa: A002 - the record's own word
    order: Order,
    context: Context,
    outlet: Outlet,
    page: Exchange,
    claims: Claims,
    files: tuple[CapturedFile, ...],
    began: datetime,
    method_note: str,
) -> dict[str, Any]:
    """Return the record, complete with its reasons; `check_record` judges it."""
    facts = collected.facts.get("page", {})
    browser = dict(collected.facts.get("browser", {}))
    if "viewport" in facts:
        browser |= {key: facts[key] for key in ("viewport", "pixel_ratio", "automation_visible")}
    record: dict[str, Any] = {
        "palermo_capture": 1,
        "id": id,
        "method": collected.method,
        "method_note": method_note,
        "url": {
            "requested": collected.requested,
            "final": collected.final,
            "redirects": [
                {"url": one.url, "status": one.status, "location": one.header("location")}
                for one in collected.redirects()
            ],
        },
        "times": {
            "began": _moment(began, 0),
            "answered": _moment(began, page.began),
            "ended": _moment(began, collected.ended),
        },
        "clock": _clock(page, began),
        "response": {
            "status": page.status,
            "headers": [list(one) for one in page.response_headers],
            "request_headers": [list(one) for one in page.request_headers],
            "address": page.address,
            "port": page.port or 1,
        },
        "collector": order.collector,
        "persona": order.persona,
        "organisation": context.organisation,
        "authority": context.authority,
        "vantage": _vantage(order, outlet),
        "dns": [
            asdict(one) | {"addresses": list(one.addresses)}
            for one in outlet.answers
            if one.addresses or one.error
        ],
        "connections": [asdict(one) for one in outlet.connections],
        "tls": [
            {
                "origin": origin,
                "verified": not order.accept_invalid_tls,
                "seen_by": "the capture itself"
                if collected.method == "plain"
                else "a connection of its own right after the visit",
                "certificates": described(chain),
            }
            for origin, chain in sorted(collected.certificates.items())
            if chain
        ],
        "browser": browser | collected.facts.get("interaction", {}),
        "screen": asdict(order.screen) | {"user_agent": _agent(page, facts)},
        "page": {
            "title": str(facts.get("title") or claims.title),
            "language": str(facts.get("language", "")),
            "metadata": claims.metadata,
            "claimed_times": claims.times,
            "context": [],
        },
        "exchanges": [_exchange(one, began) for one in collected.exchanges],
        "media": [
            {"url": one.url, "media_type": _media_type(one), **_digest(one)}
            for one in collected.exchanges
            if one.body and _media_type(one).startswith(_MEDIA)
        ],
        "files": {one.item: _file(one) for one in files},
        "warnings": list(collected.warnings),
        "missing_resources": _missing_resources(collected),
        "tool": context.tool,
        "limits": asdict(order.limits),
    }
    record["missing"] = _missing(record, collected, order, page)
    return record


def _moment(began: datetime, seconds: float) -> str:
    return (began + timedelta(seconds=seconds)).astimezone(UTC).isoformat()


def _digest(one: Exchange) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(one.body).hexdigest(), "size": len(one.body)}


def _media_type(one: Exchange) -> str:
    return one.header("content-type").partition(";")[0].strip().lower()


def _file(one: CapturedFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "media_type": one.media_type,
        "size": len(one.data),
        "sha256": one.sha256,
        "parent": one.parent,
    }


def _exchange(one: Exchange, began: datetime) -> dict[str, Any]:
    return {
        "url": one.url,
        "method": one.method,
        "kind": one.kind,
        "status": one.status,
        "media_type": _media_type(one),
        "address": one.address,
        "began": _moment(began, one.began),
        "seconds": None if one.ended is None else round(one.ended - one.began, 6),
        "redirected": bool(one.redirected_from),
        "truncated": one.truncated,
        "error": one.error,
        **(_digest(one) if one.status else {"sha256": None, "size": 0}),
    }


def _agent(page: Exchange, facts: Mapping[str, Any]) -> str:
    sent = (value for key, value in page.request_headers if key.lower() == "user-agent")
    return str(next(sent, facts.get("user_agent", "")))


def _clock(page: Exchange, began: datetime) -> dict[str, Any]:
    """Say what is known about the clock, with the server's as a second opinion."""
    clock: dict[str, Any] = {"source": "clock of the capturing machine"}
    clock["synchronised"] = "yes" if any(path.exists() for path in _SYNCHRONISED) else None
    try:
        server = parsedate_to_datetime(page.header("date"))
        ours = began + timedelta(seconds=page.began)
        clock["server_date"] = page.header("date")
        clock["server_ahead_seconds"] = round((server.astimezone(UTC) - ours).total_seconds(), 1)
    except (ValueError, TypeError, OverflowError):
        clock["server_date"] = ""
    return clock


def _vantage(order: Order, outlet: Outlet) -> dict[str, Any]:
    local = sorted({one.local for one in outlet.connections if one.local})
    public = [one for one in local if ipaddress.ip_address(one.partition("%")[0]).is_global]
    return {
        "egress": "proxy" if order.proxy else "direct",
        "proxy": str(order.proxy) if order.proxy else "",
        "local_addresses": local,
        "public_address": "" if order.proxy or not public else public[0],
    }


def _missing_resources(collected: Collected) -> list[dict[str, str]]:
    found = []
    for one in collected.exchanges:
        why = one.error or (f"status {one.status}" if one.status >= 400 else "")
        if not why and not one.status:
            why = "no response"
        if why or one.truncated:
            found.append({"url": one.url, "why": why or f"cut ({one.truncated})"})
    return found


def _missing(
    record: dict[str, Any], collected: Collected, order: Order, page: Exchange
) -> dict[str, dict[str, str]]:
    """Give each item that is not there the reason that applies."""
    proxied = order.proxy is not None
    secure = collected.final.startswith("https:")
    known: dict[str, tuple[str, str]] = {
        "contextual-data": ("not-determined", "comments and related posts differ by site"),
        "collector": ("not-stated", "give --collector"),
        "virtual-identity": ("not-stated", "no persona was named; none may have been used"),
        "collecting-address": ("resolved-by-proxy", "the site saw the proxy's address")
        if proxied
        else ("not-known", "this machine has a private address behind a translating router"),
        "remote-address": ("resolved-by-proxy", "the proxy connects to the site")
        if proxied
        else ("not-known", "no connection could be matched with the response"),
        "dns": ("resolved-by-proxy", "names were handed to the proxy")
        if proxied
        else ("not-applicable", "the address was given as a number"),
        "tls-chain": ("not-received", "the server showed no certificates when asked again")
        if secure
        else ("not-applicable", "the page came without TLS"),
        "clock": ("not-known", "the system does not say whether its clock is synchronised"),
        "embedded-media": ("none-found", ""),
        "embedded-metadata": ("none-found", ""),
        "claimed-times": ("none-found", ""),
        "title": ("none-found", ""),
        "visible-text": ("none-found", "the page shows no text"),
        "html-source": ("not-received", page.truncated or "the response has no body"),
        "user-agent": ("not-known", "the request's headers could not be seen"),
        "request-headers": ("not-known", "the request's headers could not be seen"),
        "response-headers": ("none-found", ""),
    }
    reasons = {}
    for item in items():
        if not holds(record, item):
            code, detail = collected.absent.get(item.name) or known.get(
                item.name, ("no-answer", "the capture ended before")
            )
            reasons[item.name] = {"code": code, "detail": detail}
    return reasons
