"""Signing in: what a session must have shown, and what is logged of it.

Guarantees that a session counts as signed in with a second factor only after one was used, or set
up as the first one, in that very session; that setting up the first factor ends every other session
of the person, which had no more than the password; and that signing in, failing to, and every
change of a factor is in the audit.
"""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from palermo.desks.access import audit
from palermo.desks.access.models import Person
from palermo.desks.access.sealed import seal, unseal

#: What counts as a second factor. Recovery codes stand in for one and are none by themselves.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class Factors(DefaultMFAAdapter):  # type: ignore[misc]  # publishes no types
    """Seals the secrets of second factors, and keeps the last factor from being switched off."""

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return seal(text, "second factor")

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return unseal(encrypted_text, "second factor")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """A factor may go only while another is left; recovery codes may always be made anew."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def _get_site_name(self) -> str:
        return str(settings.PALERMO_ORGANISATION)


def has_factor(person: Person) -> bool:
    """Whether the person has set up a second factor."""
    return bool(is_mfa_enabled(person, FACTORS))


def factor_shown(request: HttpRequest) -> bool:
    """Whether a second factor was used, or set up first, in this session."""
    return any(one["method"] == "mfa" for one in get_authentication_records(request, request.user))


def factor_added(
    request: HttpRequest, user: Person, authenticator: Authenticator, **_: Any
) -> None:
    """Log a new factor; the first one is shown by setting it up, and ends all other sessions."""
    _log(user, "second factor added", of=authenticator.type)
    if authenticator.type not in FACTORS:
        return
    others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
    if others.exists():
        return
    Person.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
    user.refresh_from_db(fields=["epoch"])
    update_session_auth_hash(request, user)
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def factor_removed(user: Person, authenticator: Authenticator, **_: Any) -> None:
    """Log that a factor was taken away by its owner."""
    _log(user, "second factor removed", of=authenticator.type)


def signed_in(user: Person, **_: Any) -> None:
    """Log that somebody signed in."""
    _log(user, "signed in")


def failed(credentials: dict[str, Any], **_: Any) -> None:
    """Log that somebody failed to sign in; a name that nobody has may be a password, so not it."""
    person = Person.objects.filter(username=credentials.get("username", "")).first()
    act = audit.Act(kind=audit.Kind.REFUSAL, what="signing in")
    audit.record(act, by=person, at=settings.PALERMO_CLOCK())


def _log(person: Person, what: str, *, of: str = "") -> None:
    act = audit.Act(kind=audit.Kind.ACCESS, what=what, of=of)
    audit.record(act, by=person, at=settings.PALERMO_CLOCK())
