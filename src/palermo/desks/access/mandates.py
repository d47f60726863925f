"""Authority files given to cases.

Guarantees that a mandate is stored as the file that was given, and judged anew, by the law room and
at the time of the act, whenever something is done under it; and that what is open under a mandate
shuts with it.
"""

import tempfile
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.models import Case, Mandate, Opening, Person
from palermo.law import Grant, check, law_book, read_authority
from palermo.model import Authority, Refused

#: Looking at what is lawfully held, in the words of the law packs.
LOOK = "detect"


def read(document: bytes) -> Authority:
    """Read an authority file from its bytes.

    Raises:
        Unreadable: naming what was expected; never the path of a temporary file.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "authority.yaml"
        path.write_bytes(document)
        try:
            return read_authority(path)
        except Exception as error:
            error.args = (str(error).replace(str(path), "authority.yaml"),)
            raise


def add(case: Case, document: bytes, *, by: Person, at: datetime) -> Mandate:
    """Give `case` an authority, which must cover looking at its material now.

    Raises:
        Refused: the authority covers nothing of the kind, or the case has it already.
        Unreadable: it is no authority file.
    """
    authority = read(document)
    grant_of(authority, at=at)
    if case.mandates.filter(sha256=authority.sha256).exists():
        raise Refused(_("The case has this very authority file already."))
    return Mandate.objects.create(
        case=case,
        document=document,
        sha256=authority.sha256,
        power=authority.power,
        legal_basis=authority.legal_basis,
        purpose=authority.purpose,
        measures=list(authority.scope.measures),
        begins=authority.valid_from,
        ends=authority.valid_until,
        added_at=at,
        added_by=by,
    )


def withdraw(mandate: Mandate, reason: str, *, by: Person, at: datetime) -> None:
    """Let nothing more be done under `mandate`, and shut what is open under it.

    Raises:
        Refused: no reason is given, or it was withdrawn already.
    """
    if not reason.strip():
        raise Refused(_("Say why the authority is withdrawn."))
    with transaction.atomic():
        withdrawn = Mandate.objects.filter(pk=mandate.pk, withdrawn_at=None).update(
            withdrawn_at=at, withdrawn_by=by, withdrawn_reason=reason
        )
        if not withdrawn:
            raise Refused(_("This authority was withdrawn already."))
        Opening.objects.filter(mandate=mandate, closed_at=None).update(closed_at=at)
        act = audit.Act(
            kind=audit.Kind.ACCESS,
            what="authority withdrawn",
            of=mandate.sha256,
            case=mandate.case,
            mandate=mandate,
            reason=reason,
        )
        audit.record(act, by=by, at=at)


def covers(mandate: Mandate, *, at: datetime, measure: str = LOOK) -> str:
    """Return why `mandate` does not cover `measure` at `at`; empty when it does."""
    if mandate.withdrawn_at is not None:
        return "the authority was withdrawn"
    try:
        grant_of(read(bytes(mandate.document)), at=at, measure=measure)
    except Refused as refused:
        return str(refused)
    return ""


def grant_of(authority: Authority, *, at: datetime, measure: str = LOOK) -> Grant:
    """Judge an authority; of its kinds of material the first stands for all.

    Raises:
        Refused: it does not cover the measure.
    """
    material = next(iter(authority.scope.material), "posts")
    return check(authority, law_book(), at=at, measure=measure, material=material)
