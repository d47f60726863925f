"""What a report to a financial intelligence unit is made of, whatever the format it is written in.

A draft holds what the records say and nothing else: what nobody knows is absent, so that the
format can list it for a person to fill in. A role is indicated, never found: `POSSIBLE_VICTIM`
is written out wherever the account appears.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

#: Roles of an account in an alert. A possible victim's account is never asked to be closed.
CONTROLLER, POSSIBLE_VICTIM, BUYER, FACILITATOR = (
    "controller",
    "possible victim",
    "buyer",
    "facilitator",
)
ROLES = (CONTROLLER, POSSIBLE_VICTIM, BUYER, FACILITATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One piece of evidence: a rule that fired, with its version and the payments it rests on.

    `window` and `parameters` are as the rule states them, `value` is what it measured, all written
    out; `source` names where the rule comes from. `payments` counts them in all where `tx_ids`
    names only the first.
    """

    rule: str
    version: str = ""
    value: str = ""
    window: str = ""
    parameters: str = ""
    source: str = ""
    tx_ids: tuple[str, ...] = ()
    payments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is indicated for an account, why, and what speaks against it."""

    account: str
    role: str
    score: str = ""
    atoms: tuple[Atom, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An account in a draft. `client`: the reporting entity keeps records of its holder."""

    account: str
    role: str = ""
    client: bool = False
    kind: str | None = None
    holder: str | None = None
    holder_kind: str | None = None
    country: str | None = None
    city: str | None = None
    address: str | None = None
    phone: str | None = None
    email: str | None = None
    opened: date | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment of the money trail; a reversal is already turned round, so the sum is positive."""

    tx_id: str
    ts: datetime
    src: str
    dst: str
    amount_minor: int
    currency: str
    value_date: date | None = None
    channel: str | None = None
    memo: str | None = None
    city: str | None = None
    bank_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report before it has a format.

    `at` is when it was made, `currency` the one in which sums are stated, `rules` the rules that
    fired, in order. `parties` are by account; payments stand in order of time.
    """

    reference: str
    at: datetime
    currency: str
    reason: str
    rules: tuple[str, ...] = ()
    payments: tuple[Paid, ...] = ()
    parties: Mapping[str, Party] = field(default_factory=dict)
