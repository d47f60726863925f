"""Double entry: where value stands, and every change of it as postings that add up to nothing.

Guarantees that an entry balances in every currency before it is kept, and that a balance is only
ever changed by an entry. A debit is positive, a credit negative.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from palermo.model.asset import Money

# What is held: property at its value, and money.
ASSET, CASH = "asset", "cash"
# For whom it is held: who that is stays open until confiscation is final.
FROZEN, CONFISCATED = "frozen", "confiscated"
# Management: income of the property, costs paid out of income, costs that others advanced.
INCOME, COST, ADVANCED = "managed_income", "managed_cost", "costs_advanced"
# Where it went.
PAID, RETURNED, THIRD_PARTY = "paid_to_victims", "returned", "to_third_party"
REPAID, SHARED, SOCIAL, STATE = "costs_repaid", "shared", "social_use", "to_state"
RELEASED, LOST, REVALUED = "released", "lost", "revalued"

#: Accounts in the order in which they are shown; True for those that a debit makes larger.
ACCOUNTS: Mapping[str, bool] = MappingProxyType(
    {
        ASSET: True,
        CASH: True,
        FROZEN: False,
        CONFISCATED: False,
        REVALUED: False,
        INCOME: False,
        ADVANCED: False,
        COST: True,
        REPAID: True,
        PAID: True,
        RETURNED: True,
        THIRD_PARTY: True,
        SHARED: True,
        SOCIAL: True,
        STATE: True,
        RELEASED: True,
        LOST: True,
    }
)

#: (account, asset, currency)
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One side of an entry: `minor` is positive for a debit, negative for a credit."""

    account: str
    asset: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one event posted. `payee` and `payee_account` are who received, where somebody did."""

    number: int
    event: str
    at: datetime
    postings: tuple[Posting, ...]
    payee: str = ""
    payee_account: str = ""
    award: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """All entries so far, and the balance of each account of each asset in each currency."""

    entries: tuple[Entry, ...] = ()
    balances: Mapping[Key, int] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, account: str, asset: str, currency: str) -> int:
        """Return a balance as its account counts it: positive on its own side."""
        raw = self.balances.get((account, asset, currency), 0)
        return raw if ACCOUNTS[account] else -raw

    def total(self, account: str) -> dict[str, int]:
        """Add up an account over all assets, by currency."""
        found: dict[str, int] = {}
        for (name, _, currency), minor in sorted(self.balances.items()):
            if name == account:
                found[currency] = found.get(currency, 0) + (minor if ACCOUNTS[name] else -minor)
        return found

    def entered(self, entry: Entry) -> "Books":
        """Return the books with `entry`.

        Raises:
            ValueError: it does not balance, or would leave less than nothing of what is held.
        """
        if not entry.postings:
            return self
        balances = dict(self.balances)
        by_currency: dict[str, int] = {}
        for one in entry.postings:
            if one.account not in ACCOUNTS:
                raise ValueError(f"entry {entry.number}: there is no account {one.account}")
            key = (one.account, one.asset, one.currency)
            balances[key] = balances.get(key, 0) + one.minor
            by_currency[one.currency] = by_currency.get(one.currency, 0) + one.minor
            if one.account in {ASSET, CASH} and balances[key] < 0:
                raise ValueError(
                    f"entry {entry.number}: {one.account} of {one.asset} below nothing"
                )
        for currency, minor in by_currency.items():
            if minor:
                raise ValueError(f"entry {entry.number}: off by {minor} {currency}")
        return Books((*self.entries, entry), MappingProxyType(balances))


def moved(asset: str, source: str, target: str, money: Money) -> tuple[Posting, ...]:
    """Debit `target` and credit `source` by `money`; nothing when it is nothing."""
    return moved_between(source, target, money, {asset: money.minor})


def moved_between(
    source: str, target: str, money: Money, shares: Mapping[str, int]
) -> tuple[Posting, ...]:
    """Debit `target` and credit `source`, each asset by its share of `money`.

    Raises:
        ValueError: the shares are not `money`.
    """
    if sum(shares.values()) != money.minor:
        raise ValueError(f"shares of {sum(shares.values())} are not {money.minor}")
    return tuple(
        Posting(account=account, asset=asset, minor=sign * minor, currency=money.currency)
        for asset, minor in shares.items()
        if minor
        for account, sign in ((target, 1), (source, -1))
    )


def off_balance(books: Books) -> dict[str, int]:
    """Return the currencies in which all balances do not add up to nothing: always empty."""
    return {currency: minor for currency, minor in _sums(books.balances.items()).items() if minor}


def _sums(balances: Iterable[tuple[Key, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, _, currency), minor in balances:
        found[currency] = found.get(currency, 0) + minor
    return found
