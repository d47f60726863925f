"""Assets and what happens to them: the nouns of the ledger from suspicion to compensation.

An asset ledger is an append-only list of `AssetEvent`. Everything else (states, balances, who may
be paid) is a fold over that list. Money is whole minor units of one currency. Victims appear by
pseudonym only.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

#: Kinds of property. Those in MONEY_KINDS are money as they stand; the others are valued.
ASSET_KINDS = (
    "aircraft",
    "bank",
    "cash",
    "company_share",
    "crypto",
    "intellectual_property",
    "jewellery",
    "livestock",
    "other",
    "realty",
    "receivable",
    "security",
    "vehicle",
    "vessel",
)
MONEY_KINDS = ("bank", "cash")

#: On what ground property is liable to confiscation (UNTOC art. 12; Directive (EU) 2024/1260
#: arts. 12 to 16).
BASES = (
    "proceeds",
    "instrumentality",
    "transformed",
    "intermingled",
    "income",
    "value",
    "extended",
    "third_party",
    "without_conviction",
    "unexplained_wealth",
)

#: What somebody is in the case. The first four may receive nothing of what was confiscated.
BLOCKED_ROLES = ("offender", "suspect", "controller", "facilitator")
ROLES = (*BLOCKED_ROLES, "victim", "third_party", "organisation", "state", "buyer", "authority")


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A sum: whole minor units of an ISO 4217 currency or a virtual asset."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A decision of a court or authority.

    `expires` is the last day on which it holds, None when it holds until lifted. `remedy_until` is
    the last day on which it can be challenged, None when no remedy is open.
    """

    reference: str
    authority: str
    made: date
    legal_basis: str
    expires: date | None = None
    remedy_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What an asset is worth, as of a day, by which method and by whom."""

    on: date
    value: Money
    method: str
    valuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """On what terms property is returned or shared (UNCAC art. 57(5), UNTOC art. 14(3)).

    `covers` names the awards of victims that the recipient undertakes to pay.
    """

    reference: str
    purpose: str
    conditions: str = ""
    monitor: str = ""
    publication: str = ""
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finality:
    """Proof that a decision can no longer be challenged by ordinary means."""

    reference: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """How an asset was found to hold what was claimed: the rule, the sum, the result's hash."""

    rule: str
    amount: Money
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """That `owner` has `share` hundredths of a per cent of a party, or controls it otherwise."""

    owner: str
    share: int
    means: str = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What an award is paid."""

    award: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number by which others know an asset: IBAN, VIN, title number, wallet, ISIN."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an event states. Which of these an event needs and may have stands in `states.yaml`."""

    account: str = ""
    accounts: tuple[str, ...] = ()
    agreement: Agreement | None = None
    assignment: str = ""
    authority: str = ""
    award: str = ""
    basis: str = ""
    beneficial_owner: str = ""
    claim: str = ""
    currency: str = ""
    day: date | None = None
    description: str = ""
    finality: Finality | None = None
    head: str = ""
    holder: str = ""
    identifiers: tuple[Identifier, ...] = ()
    jurisdiction: str = ""
    kind: str = ""
    legal_basis: str = ""
    manager: str = ""
    method: str = ""
    money: Money | None = None
    name: str = ""
    order: Order | None = None
    outcome: str = ""
    owners: tuple[Holding, ...] = ()
    paid_from: str = ""
    party: str = ""
    payments: tuple[Payment, ...] = ()
    place: str = ""
    purpose: str = ""
    reason: str = ""
    reference: str = ""
    remedy: str = ""
    request: str = ""
    roles: tuple[str, ...] = ()
    share: int | None = None
    source: str = ""
    successor: str = ""
    traced: Traced | None = None
    until: date | None = None
    valuation: Valuation | None = None
    victim: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEvent:
    """One thing that happened, and who did it.

    Args:
        event: its name in `states.yaml`.
        at: when it was entered, with its time zone.
        by: who did it and who confirmed it: at least two persons.
        asset: whose history it belongs to; empty for what concerns the whole case.
        facts: what is stated.
    """

    event: str
    at: datetime
    by: tuple[str, ...]
    asset: str = ""
    facts: Facts = field(default_factory=Facts)
