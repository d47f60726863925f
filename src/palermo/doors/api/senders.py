"""Addresses that send wrong tokens, again and again.

Guarantees that an address is answered 429 once its allowance of failures is used up, over all
processes, and that this is in the audit, at most once a minute. A right token is never held up by
others who share its address: 256 random bits are not guessed, so nothing is won by locking it out.
"""

from datetime import datetime
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from palermo.desks.access import audit
from palermo.desks.access.limits import Limit, take
from palermo.doors.api.problems import Problem

_TOLD = Limit(per_minute=1, burst=1)


def failed(request: HttpRequest, *, at: datetime) -> None:
    """Count a failure of the sender of `request`.

    Raises:
        Problem: the sender has failed too often.
    """
    sender = _sender(request)
    wait = take(f"failures:{sender}", Limit(*settings.PALERMO_API_FAILURES), at=at)
    if not wait:
        return
    if not take(f"told:{sender}", _TOLD, at=at):
        act = audit.Act(kind=audit.Kind.REFUSAL, what="api: too many wrong tokens", of=sender)
        audit.record(act, by=None, at=at)
    raise Problem("too-many", headers={"Retry-After": str(wait)})


def _sender(request: HttpRequest) -> str:
    """Return the address that asks, as sign-in sees it; of IPv6 the network of the household."""
    try:
        address = ip_address(str(get_adapter(request).get_client_ip(request)))
    except (PermissionDenied, ValueError):
        # A web server that hands requests on through a socket file, say: all are one sender.
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
