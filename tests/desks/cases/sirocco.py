"""What the tests of the case desk stand on: the practice case, landed, with people around it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from palermo.desks.access import mandates
from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case, Membership, Opening, Person, Unit
from palermo.desks.access.row_security import working_for
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.landing import land

#: When everything in these tests happens.
AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Investigated:
    """The practice case as files: `source` with its truth, `case` as the main job left it."""

    source: Path
    case: Path


@dataclass(frozen=True, slots=True)
class SiroccoCase:
    """The practice case in the desk.

    `people` maps each role, and `outsider` (a member of nothing) and `idle` (an investigator who
    has not opened the case), to somebody; the others have the case open. `folder` is the case
    folder that was landed, `source` the scenario with its truth.
    """

    case: Case
    people: dict[str, Person]
    folder: Path
    source: Path
    at: datetime = AT

    def viewer(self, who: str = "investigator") -> Viewer:
        """Return who looks, now."""
        return Viewer(person=self.people[who].pk, at=self.at)

    def client(self, who: str = "investigator") -> Client:
        """Return a browser in which `who` is signed in with a second factor."""
        return signed_in(self.people[who])


def signed_in(person: Person) -> Client:
    """Return a browser in which `person` is signed in with a second factor."""
    Authenticator.objects.get_or_create(
        user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "not used here"}}
    )
    client = Client()
    client.force_login(person)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, person, "mfa", type="totp")
    request.session.save()
    return client


def person(name: str, unit: Unit | None = None) -> Person:
    """Make somebody with an account."""
    made = Person(username=name, full_name=name.title(), unit=unit)
    made.set_unusable_password()
    made.save()
    return made


def let_in(case: Case, who: Person, role: str, *, at: datetime = AT, opened: bool = True) -> None:
    """Make `who` a member of `case`; with `opened` they have it open for the working day."""
    Membership.objects.create(person=who, case=case, role=role, since=at, added_by=who)
    mandate = case.mandates.get()
    if opened:
        Opening.objects.create(
            person=who,
            case=case,
            mandate=mandate,
            purpose="investigate",
            opened_at=at,
            ends=at.replace(hour=19),
        )


def landed(investigated: Investigated, reference: str = "SIROCCO-1") -> SiroccoCase:
    """Land the practice case, with somebody for each role."""
    unit, _ = Unit.objects.get_or_create(name="Anti-trafficking unit")
    names = dict.fromkeys([*duties().roles, "outsider", "idle"])
    people = {
        name: Person.objects.filter(username=name).first() or person(name, unit) for name in names
    }
    case = Case.objects.create(
        reference=reference, title="Sirocco", unit=unit, created_at=AT, created_by=people["lead"]
    )
    document = (investigated.source / "authority.yaml").read_bytes()
    mandates.add(case, document, by=people["lead"], at=AT)
    for role in duties().roles:
        let_in(case, people[role], role)
    let_in(case, people["idle"], "investigator", opened=False)
    with working_for(case):
        land(case, investigated.case, progress=lambda *_: None)
    return SiroccoCase(case, people, investigated.case, investigated.source)
