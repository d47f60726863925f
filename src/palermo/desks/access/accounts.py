"""How accounts come to be: by an invitation of an administrator, never by signing up."""

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from palermo.desks.access.models import Invitation, Person

#: An invitation that was not used by then is void.
INVITATION_HOURS = 72


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # publishes no types
    """Nobody can make an account for themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False


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


def hashed(token: str) -> str:
    """Return what of a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
