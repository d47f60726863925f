"""Making, finding and ending tokens of the API.

Guarantees that a token is shown once and never stored; that finding one takes a public name and a
comparison in constant time, the same for a name that does not exist; and that a token is made only
for cases that its owner has open, under what they have them open for, for actions that their role
gives there.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from palermo.desks.access import audit
from palermo.desks.access.mandates import covers
from palermo.desks.access.models import ApiScope, ApiToken, Opening, Person
from palermo.desks.access.visibility import Viewer, open_now, visible_cases
from palermo.model import Refused

#: What the API can do, in the words of `duties.yaml`. `see` goes with every token.
ACTIONS = ("read", "search", "note", "judge", "assign", "import", "export")
#: A token lasts so many days at most.
LONGEST_DAYS = 90

_FORM = re.compile(r"palermo_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)
#: What an unknown name is compared with: the hash of nothing anybody could send.
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a token is to be: `openings` are those of its owner that it copies."""

    name: str
    actions: Sequence[str]
    openings: Sequence[Opening]
    reason: str
    days: int


def make(wanted: Wanted, *, by: Person, at: datetime) -> tuple[ApiToken, str]:
    """Return a new token and what its owner is shown of it, once.

    Raises:
        Refused: naming what the owner could not do, or what does not hold now.
    """
    _judge(wanted, by, at)
    ident, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    ends = at + timedelta(days=wanted.days)
    with transaction.atomic():
        token = ApiToken.objects.create(
            ident=ident,
            secret_sha256=_hashed(secret),
            person=by,
            name=wanted.name,
            made_at=at,
            ends=ends,
        )
        ApiScope.objects.bulk_create(
            ApiScope(token=token, action=action) for action in ("see", *wanted.actions)
        )
        for mine in wanted.openings:
            opening = Opening.objects.create(
                person=by,
                case=mine.case,
                mandate=mine.mandate,
                purpose=mine.purpose,
                reason=wanted.reason,
                opened_at=at,
                ends=min(ends, mine.mandate.ends),
                token=token,
            )
            detail: dict[str, object] = {
                "name": token.name,
                "actions": list(wanted.actions),
                "ends": ends.isoformat(),
            }
            _log("api token made", token, opening, by=by, at=at, detail=detail)
    return token, f"palermo_{ident}_{secret}"


def find(presented: str) -> ApiToken | None:
    """Return the token that `presented` is, whatever its state, or None."""
    form = _FORM.fullmatch(presented)
    ident, secret = form.groups() if form else ("", "")
    token = ApiToken.objects.select_related("person").filter(ident=ident).first()
    known = token.secret_sha256 if token is not None else _NOBODY
    return token if hmac.compare_digest(known, _hashed(secret)) else None


def ended(token: ApiToken, *, at: datetime) -> str:
    """Return why `token` no longer works at `at`; empty when it does."""
    if token.revoked_at is not None:
        return "the token was revoked"
    if not token.person.is_active:
        return "the account of the token's owner is closed"
    if not token.made_at <= at < token.ends:
        return "the token has expired"
    return ""


def revoke(token: ApiToken, *, by: Person, at: datetime, reason: str = "") -> None:
    """End `token` now; nothing happens to one that was ended before."""
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
            revoked_at=at, revoked_by=by
        ):
            return
        openings = token.openings.select_related("case", "mandate")
        for opening in openings:
            _log("api token revoked", token, opening, by=by, at=at, reason=reason)
        openings.filter(closed_at=None).update(closed_at=at)


def revoke_all(person: Person, *, by: Person, at: datetime, reason: str) -> None:
    """End every token of `person`: their second factor was lost, or their account closed."""
    for token in ApiToken.objects.filter(person=person, revoked_at=None):
        revoke(token, by=by, at=at, reason=reason)


def _judge(wanted: Wanted, by: Person, at: datetime) -> None:
    viewer = Viewer(person=by.pk, at=at)
    if not 1 <= wanted.days <= LONGEST_DAYS:
        raise Refused(f"a token lasts 1 to {LONGEST_DAYS} days")
    if not wanted.openings:
        raise Refused("a token is for cases that you have open: open one first and choose it")
    if unknown := sorted(set(wanted.actions) - set(ACTIONS)):
        raise Refused(f"a token cannot be for {', '.join(unknown)}")
    held = set(open_now(viewer).values_list("pk", flat=True))
    for opening in wanted.openings:
        if opening.pk not in held:
            raise Refused(f"{opening.case.reference}: you have not opened this case")
        if problem := covers(opening.mandate, at=at):
            raise Refused(f"{opening.case.reference}: {problem}")
        for action in ("see", *wanted.actions):
            if not visible_cases(viewer, action).filter(pk=opening.case_id).exists():
                raise Refused(f"{opening.case.reference}: your role there does not give “{action}”")
    if repeated := _repeated(opening.case.reference for opening in wanted.openings):
        raise Refused(f"{repeated}: choose one purpose and authority for a case")


def _repeated(words: Iterable[str]) -> str:
    seen: set[str] = set()
    for word in words:
        if word in seen:
            return word
        seen.add(word)
    return ""


def _hashed(secret: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()


def _log(
    what: str,
    token: ApiToken,
    opening: Opening,
    *,
    by: Person,
    at: datetime,
    reason: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    audit.record(
        audit.Act(
            kind=audit.Kind.ACCESS,
            what=what,
            of=token.ident,
            case=opening.case,
            opening=opening,
            reason=reason or opening.reason,
            detail=detail or {"name": token.name},
        ),
        by=by,
        at=at,
    )
