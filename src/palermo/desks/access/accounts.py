"""How accounts come to be: by an invitation of an administrator, never by signing up.

Guarantees that nobody makes an account for themselves, at this node or by a login elsewhere: an
outside login signs in only the person to whom it was linked, by that person, with an invitation in
hand or from within a session with a second factor.
"""

import hashlib
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import consume
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.models import Invitation, Person
from palermo.desks.access.signing_in import factor_shown
from palermo.model import Refused

#: An invitation that was not used by then is void.
INVITATION_HOURS = 72
#: How often links may be tried, counted over all processes of the node.
LIMITS = {"invitation": "20/m/ip", "unlock": "5/5m/key"}
#: Where a session keeps the invitation that an outside login shall be linked by.
INVITED = "palermo_invited"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # publishes no types
    """Nobody can make an account for themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002
        """Count tries by whom they are for alone.

        allauth counts them by the host that was asked for as well, port and all, which whoever
        asks chooses: each port would be worth five more tries.
        """
        return str(credentials.get("username", "")).casefold()

    def is_safe_url(self, url: str) -> bool:
        """Whether somebody may be led there: to this very host, and not away from HTTPS."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Whether a change of this kind asks for the password or the factor again.

        For factors, not right after signing in: whoever has just shown all they have, and sets up
        a factor or keeps their recovery codes, is not asked for it a second time.
        """
        request = context.request
        if app == "allauth.mfa" and request is not None and request.user.is_authenticated:
            records = get_authentication_records(request, request.user)
            if records and time.time() - records[-1]["at"] <= REAUTHENTICATION_TIMEOUT:
                return False
        return bool(super().is_reauthentication_required(app=app, **more))


class OutsideLogins(DefaultSocialAccountAdapter):  # type: ignore[misc]  # publishes no types
    """A login elsewhere (OpenID Connect) stands for a person who linked it, and for nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Link an outside login to who comes with an invitation; stop one that nobody linked."""
        token = request.session.pop(INVITED, "")
        if sociallogin.state.get("process") == "connect":
            if not (request.user.is_authenticated and factor_shown(request)):
                raise ImmediateHttpResponse(redirect("mfa_reauthenticate"))
            return
        if sociallogin.is_existing:
            return
        at = settings.PALERMO_CLOCK()
        found = invitation(token, at=at) if token else None
        if found is None:
            act = audit.Act(kind=audit.Kind.REFUSAL, what="outside login that nobody linked")
            audit.record(act, by=None, at=at)
            raise ImmediateHttpResponse(render(request, "access/not_linked.html", status=403))
        with transaction.atomic():
            take_up(found, "outside login linked by invitation", at=at)
            sociallogin.connect(request, found.person)


def invite(person: Person, *, at: datetime) -> str:
    """Return the one-time token with which `person` sets a password; earlier ones are void."""
    Invitation.objects.filter(person=person, used_at=None).update(used_at=at)
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person,
        token_sha256=hashed(token),
        made_at=at,
        ends=at + timedelta(hours=INVITATION_HOURS),
    )
    return token


def invitation(token: str, *, at: datetime) -> Invitation | None:
    """Return the invitation that `token` opens now, or None."""
    return (
        Invitation.objects.filter(
            token_sha256=hashed(token), used_at=None, ends__gt=at, person__is_active=True
        )
        .select_related("person")
        .first()
    )


def take_up(found: Invitation, what: str, *, at: datetime) -> None:
    """Use an invitation up; within the transaction of what it is used for.

    Raises:
        Refused: somebody used it in this very moment.
    """
    if not Invitation.objects.filter(pk=found.pk, used_at=None).update(used_at=at):
        raise Refused(_("This invitation was used already."))
    audit.record(audit.Act(kind=audit.Kind.ACCESS, what=what), by=found.person, at=at)


def too_often(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """Count one try of `action`; whether that is one too many."""
    used = consume(
        request, app="palermo", action=action, config=LIMITS, key=key or None, limit_get=True
    )
    return used is None


def hashed(token: str) -> str:
    """Return what of a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
