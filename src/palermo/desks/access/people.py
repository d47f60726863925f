"""Keeping accounts: inviting, duties, units, deactivating, and a second factor that was lost.

Guarantees that at least one administrator who can sign in remains; that nobody gives a duty to
themselves, or holds two that must be apart; and that a second factor is taken away by two
administrators, neither of whom it belongs to. All of it is logged; none of it shows a case.
"""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.accounts import invite
from palermo.desks.access.duties import duties
from palermo.desks.access.models import Duty, FactorReset, Person, Unit
from palermo.model import Refused

ADMINISTRATOR = "administrator"


def create(
    username: str, full_name: str, unit: Unit | None, *, by: Person, at: datetime
) -> tuple[Person, str]:
    """Make an account that nobody can sign in to yet; return it with its one-time token.

    Raises:
        Refused: the name is taken.
    """
    with transaction.atomic():
        person = Person(username=username, full_name=full_name, unit=unit, date_joined=at)
        person.set_unusable_password()
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError:
            raise Refused(_("This user name is taken.")) from None
        _write("account made", person, by=by, at=at)
        token = _invited(person, by=by, at=at)
    return person, token


def invite_again(person: Person, *, by: Person, at: datetime) -> str:
    """Return a new one-time token for somebody who forgot their password; earlier ones are void.

    The password they had works until they choose another. Their second factor stays.

    Raises:
        Refused: the account is deactivated.
    """
    if not person.is_active:
        raise Refused(_("This account is deactivated; activate it first."))
    with transaction.atomic():
        return _invited(person, by=by, at=at)


def update(person: Person, full_name: str, unit: Unit | None, *, by: Person, at: datetime) -> None:
    """Change what an account is called and where its person works."""
    with transaction.atomic():
        detail = {"unit": unit.name if unit else None}
        _write("account changed", person, by=by, at=at, detail=detail)
        person.full_name, person.unit = full_name, unit
        person.save(update_fields=["full_name", "unit"])


def give_duty(person: Person, duty: str, *, by: Person, at: datetime) -> Duty:
    """Give somebody a duty.

    Raises:
        Refused: it is one's own, held already, or may not be held beside another.
    """
    if person.pk == by.pk:
        raise Refused(_("Another administrator has to give you a duty."))
    if not person.is_active:
        raise Refused(_("This account is deactivated; activate it first."))
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        held = set(held_by(person).values_list("duty", flat=True))
        if duty in held:
            raise Refused(_("This person holds the duty already."))
        for pair in duties().apart:
            if duty in pair and pair & held:
                both = ", ".join(sorted(pair))
                raise Refused(_("One person may not hold both: {duties}.").format(duties=both))
        _write("duty given", person, by=by, at=at, detail={"duty": duty})
        return Duty.objects.create(person=person, duty=duty, given_at=at, given_by=by)


def end_duty(duty: Duty, *, by: Person, at: datetime) -> None:
    """End a duty now.

    Raises:
        Refused: it has ended, or it is the last administrator's.
    """
    with transaction.atomic():
        if duty.duty == ADMINISTRATOR:
            _keep_an_administrator_beside(duty.person)
        _write("duty ended", duty.person, by=by, at=at, detail={"duty": duty.duty})
        if not Duty.objects.filter(pk=duty.pk, ended_at=None).update(ended_at=at):
            raise Refused(_("This duty has ended already."))


def deactivate(person: Person, *, by: Person, at: datetime, reason: str = "") -> None:
    """Keep somebody from signing in, and end their sessions. What they did stays.

    Raises:
        Refused: it is the last administrator who can sign in, or oneself.
    """
    if person.pk == by.pk:
        raise Refused(_("Another administrator has to deactivate your account."))
    with transaction.atomic():
        _keep_an_administrator_beside(person)
        _write("account deactivated", person, by=by, at=at, reason=reason)
        Person.objects.filter(pk=person.pk).update(is_active=False, epoch=F("epoch") + 1)
    person.refresh_from_db()


def activate(person: Person, *, by: Person, at: datetime) -> None:
    """Let somebody sign in again, with the password and the second factor they had."""
    with transaction.atomic():
        _write("account activated", person, by=by, at=at)
        Person.objects.filter(pk=person.pk).update(is_active=True)
    person.refresh_from_db()


def ask_reset(person: Person, reason: str, *, by: Person, at: datetime) -> FactorReset:
    """Ask for the second factor of somebody who lost it to be taken away.

    Raises:
        Refused: it is one's own, asked for already, or there is none.
    """
    if person.pk == by.pk:
        raise Refused(_("Another administrator has to ask for you."))
    if not Authenticator.objects.filter(user=person).exists():
        raise Refused(_("This person has no second factor."))
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        if FactorReset.objects.filter(person=person, answered_at=None).exists():
            raise Refused(_("This was asked for already; another administrator has to answer."))
        _write("second factor reset asked", person, by=by, at=at, reason=reason, tell_officer=True)
        return FactorReset.objects.create(person=person, asked_by=by, asked_at=at, reason=reason)


def answer_reset(
    reset: FactorReset, reason: str, *, agreed: bool, by: Person, at: datetime
) -> None:
    """Take the second factor away, with everything that is signed in by it; or refuse to.

    Raises:
        Refused: whoever answers asked for it, or is the person; or it was answered already.
    """
    if by.pk in {reset.asked_by_id, reset.person_id}:
        raise Refused(_("Another administrator than the one who asked has to answer."))
    with transaction.atomic():
        answered = FactorReset.objects.filter(pk=reset.pk, answered_at=None).update(
            answered_by=by, answered_at=at, agreed=agreed, answer=reason
        )
        if not answered:
            raise Refused(_("This was answered already."))
        what = f"second factor reset {'agreed' if agreed else 'refused'}"
        _write(what, reset.person, by=by, at=at, reason=reason, tell_officer=True)
        if agreed:
            Authenticator.objects.filter(user=reset.person).delete()
            Person.objects.filter(pk=reset.person_id).update(epoch=F("epoch") + 1)


def held_by(person: Person) -> QuerySet[Duty]:
    """Return the duties that `person` holds now."""
    return Duty.objects.filter(person=person, ended_at=None)


def _keep_an_administrator_beside(person: Person) -> None:
    """Refuse when without `person` no administrator could sign in. Changes wait for each other."""
    others = (
        Duty.objects.select_for_update()
        .filter(duty=ADMINISTRATOR, ended_at=None)
        .select_related("person")
        .order_by("pk")
    )
    able = {one.person_id for one in others if one.person.is_active and can_sign_in(one.person)}
    if person.pk in able and able == {person.pk}:
        raise Refused(_("This is the last administrator who can sign in; make another one first."))


def can_sign_in(person: Person) -> bool:
    """Whether the person took up their invitation: a password, or an outside login."""
    return person.has_usable_password() or SocialAccount.objects.filter(user_id=person.pk).exists()


def _invited(person: Person, *, by: Person, at: datetime) -> str:
    _write("invited", person, by=by, at=at)
    return invite(person, at=at)


def _write(what: str, person: Person, *, by: Person, at: datetime, **more: Any) -> None:
    act = audit.Act(
        kind=audit.Kind.ACCESS,
        what=what,
        of=str(person.handle),
        **more,
    )
    audit.record(act, by=by, at=at)
