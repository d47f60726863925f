"""What the tests of access stand on: people, duties, a case under a real authority, signing in."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from palermo.desks.access import mandates
from palermo.desks.access.models import (
    Case,
    Duty,
    Mandate,
    Membership,
    Opening,
    Person,
    Unit,
)
from palermo.desks.access.visibility import Viewer, visible_cases

#: When everything happens, unless a test moves the clock.
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PASSWORD = "correct-horse-battery"  # noqa: S105  of nobody
#: Of every authenticator app here.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105

AUTHORITY = """\
palermo_authority: 1
organisation: Example job board, trust and safety
power: eu/dsa-own-initiative
legal_basis: Regulation (EU) 2022/2065, Article 7
purpose: Find recruitment into exploitation among public offers ({number})
case: 2026-0042
authorised_by: {{name: A. Example, role: head-of-trust-and-safety}}
from: {begins}
until: {ends}
offences: [trafficking-in-persons]
scope:
  material: [ads, posts]
  platforms: [board.example]
  measures: [{measures}]
"""


def authority(
    *,
    begins: datetime = AT - 30 * DAY,
    ends: datetime = AT + 90 * DAY,
    measures: str = "detect, preserve",
    number: int = 1,
) -> bytes:
    """An authority file, valid around `AT`."""
    moments = {"begins": f"{begins:%Y-%m-%dT%H:%M:%SZ}", "ends": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}
    return AUTHORITY.format(**moments, measures=measures, number=number).encode()


def person(name: str, *held: str, password: str | None = None, full_name: str = "") -> Person:
    """Somebody with an account, and with duties."""
    made = Person(username=name, full_name=full_name or name.title())
    made.set_password(password)
    made.save()
    for duty in held:
        Duty.objects.create(person=made, duty=duty, given_at=AT - DAY)
    return made


def case(reference: str = "2026-0042", *, by: Person) -> Case:
    """A case without members or authority."""
    unit, _ = Unit.objects.get_or_create(name="Cyber unit")
    return Case.objects.create(
        reference=reference, title=f"About {reference}", unit=unit, created_at=AT, created_by=by
    )


def mandate(of: Case, *, number: int = 1, at: datetime = AT) -> Mandate:
    """An authority of the case, judged by the law packs as any."""
    return mandates.add(of, authority(number=number), by=of.created_by, at=at)


def member(who: Person, of: Case, role: str, until: datetime | None = None) -> Membership:
    """A membership that began a day ago."""
    return Membership.objects.create(
        person=who, case=of, role=role, since=AT - DAY, until=until, added_by=of.created_by
    )


def opening(who: Person, of: Case, under: Mandate | None = None, at: datetime = AT) -> Opening:
    """The case, open for the person until the evening."""
    return Opening.objects.create(
        person=who,
        case=of,
        mandate=under or of.mandates.order_by("pk")[0],
        purpose="investigate",
        opened_at=at,
        ends=at + 10 * HOUR,
    )


def seen_by(who: Person, action: str, at: datetime = AT) -> set[str]:
    """The references of the cases in which the person may do the action."""
    return set(visible_cases(Viewer(who.pk, at), action).values_list("reference", flat=True))


@cache
def _sealed() -> dict[str, Any]:
    """Sealing a secret is quick; a thousand times it is not."""
    from allauth.mfa.utils import encrypt

    return {"secret": encrypt(SECRET)}


def give_factor(who: Person) -> None:
    """Set up an authenticator app, as if the person had."""
    Authenticator.objects.get_or_create(
        user=who, type=Authenticator.Type.TOTP, defaults={"data": _sealed()}
    )


def signed_in(who: Person, *methods: str, factor: bool = True) -> Client:
    """A browser in which the person is signed in, by default with password and second factor."""
    if factor:
        give_factor(who)
    client = Client()
    client.force_login(who)
    request = HttpRequest()
    request.session = client.session
    for method in methods or (("password", "mfa") if factor else ("password",)):
        record_authentication(request, who, method)
    request.session.save()
    return client


def code(secret: str = SECRET) -> str:
    """What the authenticator app shows now."""
    from allauth.mfa.totp.internal.auth import (
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def texts(found: Iterable[object]) -> list[str]:
    """Entries, messages and the like as people read them."""
    return [str(one) for one in found]
