"""What every part of the generated money uses: the accounts, the book, the people, ways to pay.

Guarantees that crime and innocence use the same ways of paying: every payment is written by one of
the functions here, with the same references, hours and roundings to draw from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from palermo.scenario.money.book import Book
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.places import DAYS, FIRST_DAY, NONE, Accounts

DAY, HOUR = 86_400, 3600


@dataclass(slots=True, kw_only=True)
class Truth:
    """What is true of accounts: the role and kind of crime, or what an innocent one looks like."""

    role: dict[int, str] = field(default_factory=dict)
    kind: dict[int, str] = field(default_factory=dict)
    scheme: dict[int, int] = field(default_factory=dict)
    look_alike: dict[int, str] = field(default_factory=dict)
    schemes: list[str] = field(default_factory=list)

    def crime(self, kind: str) -> int:
        """Open a scheme and return its number."""
        self.schemes.append(kind)
        return len(self.schemes) - 1

    def plays(self, accounts: Any, role: str, scheme: int) -> None:
        """Say what role accounts have in a scheme; the first one told stays."""
        for account in np.atleast_1d(accounts).tolist():
            self.role.setdefault(account, role)
            self.kind.setdefault(account, self.schemes[scheme])
            self.scheme.setdefault(account, scheme)

    def looks_like(self, accounts: Any, what: str) -> None:
        """Say what innocent accounts look like."""
        for account in np.atleast_1d(accounts).tolist():
            self.look_alike.setdefault(account, what)


class Stage:
    """Accounts by what they do, and ways to pay."""

    def __init__(self, seed: int, world: Mapping[str, Any]) -> None:
        self.seed = seed
        self.world = world
        self.accounts = Accounts(seed, world)
        self.book = Book()
        self.truth = Truth()
        self.dice = Dice(seed, "stage")
        self.persons: Ints = np.zeros(0, np.int64)
        self.firms: dict[str, Ints] = {}
        self.clients: Ints = np.zeros(0, np.int64)
        #: What each person's everyday life is like; one entry a person, by account number.
        self.life = np.zeros(0)
        self.waged = np.zeros(0, np.bool_)
        self.renting = np.zeros(0, np.bool_)
        self.nightly = np.zeros(0, np.bool_)
        self._free: list[int] = []
        self.tills: dict[int, int] = {}

    # Facts ------------------------------------------------------------------------------------

    def of(self, name: str, account: int) -> int:
        """Return one field of one account."""
        return int(self.facts(name)[account])

    def facts(self, name: str) -> Ints:
        """Return a field of all accounts as it stands."""
        return self.accounts.field(name)

    def name(self, account: int) -> str:
        """Return the name of a person."""
        naming = self.accounts.naming
        given, surname = self.of("given", account), self.of("surname", account)
        return f"{naming.company(given)} {naming.company(surname)}"

    def take(self, count: int, *, country: int | None = None) -> Ints:
        """Take persons nobody has taken yet, of one country if asked."""
        found: list[int] = []
        left: list[int] = []
        home = self.facts("country")
        while self._free and len(found) < count:
            one = self._free.pop()
            if country is None or home[one] == country:
                found.append(one)
            else:
                left.append(one)
        self._free += reversed(left)
        return np.array(found, dtype=np.int64)

    def open(self) -> None:
        """Make all persons free to be taken, in a random order."""
        self._free = self.dice.some(self.persons, len(self.persons)).tolist()

    # Times and sums ---------------------------------------------------------------------------

    def moments(self, days: Any, hours: str, dice: Dice) -> Ints:
        """Return a moment on each day, at an hour of the profile."""
        days = np.asarray(days, dtype=np.int64)
        hour = dice.weighted(self.world["hours"][hours], len(days))
        moments: Ints = days * DAY + hour * HOUR + (dice.units(len(days)) * HOUR).astype(np.int64)
        return moments

    def days(self, since: int, until: int, count: int, dice: Dice) -> Ints:
        """Return days from `since` to before `until`, in order."""
        return np.sort(since + (dice.units(count) * max(1, until - since)).astype(np.int64))

    def rounded(self, cents: Any, dice: Dice, *, to: int = 500, often: float = 0.8) -> Ints:
        """Round sums as people do, most of the time."""
        cents = np.asarray(cents, dtype=np.float64)
        near = np.maximum(to, (cents / to + 0.5).astype(np.int64) * to)
        odd = np.maximum(50, cents.astype(np.int64))
        found: Ints = np.where(dice.marks(often, len(cents)), near, odd)
        return found

    def memos(self, kind: str, count: int, dice: Dice) -> Ints:
        """Draw references."""
        texts = self.world["memos"][kind]
        codes = np.array([self.book.memo(self._filled(text, dice)) for text in texts])
        return np.asarray(dice.pick(codes, count))

    def _filled(self, text: str, dice: Dice) -> str:
        months = ("January", "February", "March", "April", "May", "June", "July")
        return text.format(month=dice.one(months), number=dice.whole(100, 99_999), name="")

    # Ways to pay ------------------------------------------------------------------------------

    def pay(
        self,
        src: Any,
        dst: Any,
        ts: Any,
        cents: Any,
        *,
        channel: str = "p2p",
        memo: Any = 0,
        scheme: Any = NONE,
        device: Any = None,
        payee: Any = NONE,
        coin: str | None = None,
    ) -> None:
        """Send money from account to account; it takes place where the payer is."""
        payer = np.asarray(src)
        own = self.facts("device")[payer] if device is None else device
        self.book.add(
            ts=ts,
            src=src,
            dst=dst,
            cents=cents,
            channel=channel,
            country=self.facts("country")[payer],
            city=self.facts("city")[payer] if channel == "remittance" else NONE,
            memo=memo,
            device=own,
            payee=payee,
            scheme=scheme,
            coin=coin or ("USDT" if channel == "crypto" else "EUR"),
        )

    def buy(
        self,
        who: Any,
        what: str,
        ts: Any,
        cents: Any,
        *,
        shop: Any = None,
        memo: Any = 0,
        scheme: Any = NONE,
        where: Any = None,
        dice: Dice | None = None,
    ) -> None:
        """Pay by card, at a shop of the kind near the payer if none is named."""
        ts = np.atleast_1d(np.asarray(ts))
        payer = np.broadcast_to(np.asarray(who), ts.shape)
        shops = self.near(what, payer, dice or self.dice) if shop is None else np.asarray(shop)
        place = self.facts("country")[shops] if where is None else where
        self.book.add(
            ts=ts,
            src=payer,
            dst=shops,
            cents=cents,
            channel="card",
            country=place,
            city=self.facts("city")[shops] if where is None else NONE,
            mcc=self.world["businesses"][what]["mcc"],
            memo=memo,
            scheme=scheme,
        )

    def near(self, what: str, payer: Ints, dice: Dice) -> Ints:
        """Return a shop of the kind for each payer: mostly in their country, large ones more."""
        shops = self.firms[what]
        country = self.facts("country")
        found = np.asarray(dice.pick(shops, len(payer), skew=2))
        for code in range(self.accounts.at_home):
            here = shops[country[shops] == code]
            mine = np.flatnonzero((country[payer] == code) & dice.marks(0.93, len(payer)))
            if len(here) and len(mine):
                found[mine] = dice.pick(here, len(mine), skew=2)
        return found

    def till(self, city: int, dice: Dice) -> int:
        """Return a cash machine of a town; each town has three."""
        key = city * 3 + dice.whole(0, 2)
        return self.tills[key]

    def draw(self, who: Any, ts: Any, cents: Any, *, till: Any, scheme: Any = NONE) -> None:
        """Take cash out of a machine."""
        machine = np.asarray(till)
        self.book.add(
            ts=ts,
            src=who,
            dst=till,
            cents=cents,
            channel="atm",
            country=self.facts("country")[machine],
            city=self.facts("city")[machine],
            scheme=scheme,
        )

    def deposit(self, who: Any, ts: Any, cents: Any, *, till: Any, scheme: Any = NONE) -> None:
        """Pay cash in."""
        machine = np.asarray(till)
        self.book.add(
            ts=ts,
            src=till,
            dst=who,
            cents=cents,
            channel="cash",
            country=self.facts("country")[machine],
            city=self.facts("city")[machine],
            scheme=scheme,
        )

    def cash_out(self, who: int, ts: Any, cents: Any, *, scheme: Any = NONE) -> None:
        """Take cash from an account abroad, at the counter."""
        city = self.of("city", who)
        self.book.add(
            ts=ts,
            src=who,
            dst=self.tills[city * 3],
            cents=cents,
            channel="cash",
            country=self.of("country", who),
            city=city,
            scheme=scheme,
        )

    def ticket(
        self,
        who: int,
        name: str,
        ts: int,
        cents: int,
        *,
        where: int,
        scheme: int = NONE,
        by: str = "airline",
    ) -> None:
        """Buy a ticket in somebody's name to a country."""
        dice = self.dice
        text = dice.one(("ticket {}", "flight {}", "ticket {}", "e-ticket for {}")).format(name)
        self.buy(
            who,
            by,
            ts,
            cents,
            memo=self.book.memo(text),
            scheme=scheme,
            where=where,
            shop=dice.one(self.firms[by].tolist()),
        )

    def months(self, first_day: int) -> Ints:
        """Return one day a month, from `first_day` on."""
        starts = np.array([-5, 26, 54, 85, 115, 146, 176])
        days = starts + first_day
        return days[(days >= 0) & (days < DAYS)]

    def window(self, dice: Dice, least: int = 50) -> tuple[int, int]:
        """Return the first and last day of something that goes on for a while."""
        length = dice.whole(least, DAYS - 5)
        first = dice.whole(0, DAYS - length)
        return first, first + length

    def recent(self, accounts: Sequence[int] | Ints, dice: Dice, days: tuple[float, ...]) -> None:
        """Set when accounts were opened: so many days before the first day, by quantiles."""
        ago = dice.quantile(days, len(accounts)).astype(np.int64)
        self.accounts.change("opened", accounts, FIRST_DAY - ago)
