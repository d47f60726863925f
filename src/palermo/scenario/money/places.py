"""The accounts of the generated world: added in groups, named at the end.

Guarantees that neither the number nor the order of an account tells what it is: names are stirred
by the seed. Nobody in it exists.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from palermo.model.transaction import ACCOUNTS
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.sirocco import chance, wallets
from palermo.scenario.sirocco.names import Naming

_SPACE = 1_000_000_000
_FACTOR = 387_420_489
#: Last day of the generated time, counted from 1970: 5 January 2026 and 180 days.
FIRST_DAY, DAYS = 20_458, 180
#: What an account shares with others by having the same number.
SHARED = ("address", "phone", "email", "device")
_FIELDS = (
    "country",
    "city",
    "surname",
    "given",
    "opened",
    "born",
    "income",
    "staff",
    *SHARED,
)
NONE = -1
#: The currency of wallets on a chain; stablecoin where it is not listed.
CHAINS = {"bitcoin": "BTC", "monero": "XMR"}


class Accounts:
    """Adds accounts and changes what is known of them; `finish` writes ACCOUNTS."""

    def __init__(self, seed: int, world: Mapping[str, Any]) -> None:
        self.seed = seed
        self.countries = [*world["home"], *world["abroad"]]
        self.zones = [*world["home"].values(), *world["abroad"].values()]
        self.at_home = len(world["home"])
        self.dice = Dice(seed, "accounts")
        naming = Naming(int(chance.raw(seed, "money names", 1)[0] % _SPACE))
        self._shift = int(chance.raw(seed, "money accounts", 1)[0] % _SPACE)
        self.naming = naming
        self.city_names: list[str] = []
        self.cities: list[Ints] = []
        for number in range(len(self.countries)):
            count = world["cities"]["home" if number < self.at_home else "abroad"]
            first = len(self.city_names)
            self.city_names += [naming.company(5_000_000 + first + at) for at in range(count)]
            self.cities.append(np.arange(first, first + count))
        self.segments: list[str] = []
        self.count = 0
        self._kind: list[str] = []
        self._segment: list[int] = []
        self._holder: list[str] = []
        self._columns = {name: np.full(1024, NONE, dtype=np.int64) for name in _FIELDS}
        self._ids: dict[int, str] = {}
        self._coins: dict[int, str] = {}
        self._phones: dict[int, str] = {}

    def add(
        self,
        count: int,
        *,
        kind: str = "bank",
        holder: str = "person",
        segment: str = "",
        country: Any = 0,
        city: Any = None,
        known: float = 0.85,
        **given: Any,
    ) -> Ints:
        """Add accounts and return their numbers.

        Args:
            count: how many; what follows is one value or an array of so many.
            kind: as in ACCOUNTS; `holder` person, business, or empty when it is not known.
            holder: see above.
            segment: what they say to do, empty when it is not known.
            country: place in `countries`; `city` one of its cities, drawn if not given.
            city: see above.
            known: share of accounts whose telephone, mail, address and device are known.
            given: any of opened, born, income, staff, surname, address, phone, email, device.
        """
        numbers = np.arange(self.count, self.count + count)
        countries = np.broadcast_to(np.asarray(country, dtype=np.int64), count)
        if city is None:
            share = self.dice.units(count)
            share *= share  # larger towns first
            city = np.array(
                [
                    self.cities[c][int(u * len(self.cities[c]))]
                    for c, u in zip(countries, share, strict=True)
                ],
                dtype=np.int64,
            )
        values: dict[str, Any] = {
            "country": countries,
            "city": city,
            "surname": 10_000_000 + (self.dice.units(count) * 4_000).astype(np.int64),
            "given": 20_000_000 + (self.dice.units(count) * 900).astype(np.int64),
            "opened": FIRST_DAY
            - (self.dice.quantile((20, 250, 800, 1800, 3500, 8000), count)).astype(np.int64),
            "born": NONE,
            "income": NONE,
            "staff": NONE,
        }
        for name in SHARED:
            silent = self.dice.units(count) >= known
            values[name] = np.where(silent, NONE, numbers)
        values |= given
        for name in _FIELDS:
            column = self._columns[name]
            while len(column) < self.count + count:
                column = np.concatenate([column, np.full(len(column), NONE, dtype=np.int64)])
            column[self.count : self.count + count] = values[name]
            self._columns[name] = column
        if segment and segment not in self.segments:
            self.segments.append(segment)
        self._kind += [kind] * count
        self._segment += [self.segments.index(segment) if segment else NONE] * count
        self._holder += [holder] * count
        self.count += count
        return numbers

    def change(self, name: str, accounts: Any, values: Any) -> None:
        """Set a field of some accounts: a value or one for each."""
        self._columns[name][np.asarray(accounts, dtype=np.int64)] = values

    def share(self, name: str, accounts: Any) -> None:
        """Have accounts share an address, a telephone, a mail or a device: the first one's."""
        self.change(name, accounts, int(np.asarray(accounts)[0]))

    def call(
        self,
        account: int,
        *,
        name: str | None = None,
        phone: str | None = None,
        coin: str | None = None,
    ) -> None:
        """Give an account a name, its holder a telephone, a wallet its chain, of the case."""
        if coin is not None:
            self._coins[account] = CHAINS.get(coin, "USDT")
        if name is not None:
            self._ids[account] = name
        if phone is not None:
            self._phones[account] = phone

    def coin(self, account: int) -> str:
        """Return the currency of a wallet."""
        return self._coins.get(account, "USDT")

    def segment_as(self, accounts: Any, segment: str) -> None:
        """Have holders say that they do something else."""
        if segment not in self.segments:
            self.segments.append(segment)
        for account in np.asarray(accounts).tolist():
            self._segment[account] = self.segments.index(segment)

    def field(self, name: str) -> Ints:
        """Return a field of all accounts as it stands; it is not to be written to."""
        return self._columns[name][: self.count]

    def of_kind(self, *kinds: str) -> Ints:
        """Return the accounts of some kinds."""
        return np.flatnonzero(np.isin(self._kind, kinds))

    def _stirred(self, numbers: Ints) -> Ints:
        return (numbers * _FACTOR + self._shift) % _SPACE

    def names(self) -> list[str]:
        """Return the name of each account, by number."""
        text = [f"a{number:09d}" for number in self._stirred(np.arange(self.count)).tolist()]
        for account in np.flatnonzero(np.array(self._kind) == "wallet").tolist():
            noise = chance.raw(self.seed, f"money wallet {account}", 4).astype("<u8").tobytes()
            make = wallets.ethereum if noise[31] % 3 == 0 else wallets.tron
            text[account] = make(noise)
        for account, name in self._ids.items():
            text[account] = name
        return text

    def holders(self) -> list[str | None]:
        """Return the holder's name of each account, None where it is not known."""
        given, surname = self.field("given").tolist(), self.field("surname").tolist()
        first = {code: self.naming.company(code) for code in set(given)}
        last = {code: self.naming.company(code) for code in set(surname)}
        found: list[str | None] = []
        for account, holder in enumerate(self._holder):
            if holder == "person":
                found.append(f"{first[given[account]]} {last[surname[account]]}")
            elif holder == "business":
                found.append(self.naming.company(30_000_000 + account))
            else:
                found.append(None)
        return found

    def shared_text(self, name: str) -> list[str | None]:
        """Return a field of SHARED as text, None where it is not known."""
        codes = self.field(name)
        stirred = self._stirred(codes + 40_000_000 * (1 + SHARED.index(name))).tolist()
        city = self.field("city").tolist()
        found: list[str | None] = []
        for code, number in zip(codes.tolist(), stirred, strict=True):
            found.append(None if code == NONE else self._written(name, number, city[code]))
        return found

    def _written(self, name: str, number: int, city: int) -> str:
        """Write a stirred number as an address, a telephone, a mail or a device."""
        if name == "address":
            street = self.naming.company(number % 7919 + 50_000_000)
            return f"{number % 240 + 1} {street} street, {self.city_names[city]}"
        if name == "email":
            return self.naming.email(number)
        return f"+999{number:09d}" if name == "phone" else f"d{number:09d}"

    def finish(self) -> pa.Table:
        """Return ACCOUNTS; rows are in the order of the name, which is none."""
        segment: list[str | None] = [*self.segments, None]
        staff, income, born = self.field("staff"), self.field("income"), self.field("born")
        phone = self.shared_text("phone")
        for account, text in self._phones.items():
            phone[account] = text
        places = [
            self.city_names[city] if city >= 0 else None for city in self.field("city").tolist()
        ]
        opened = self.field("opened")
        columns: dict[str, Any] = {
            "account": self.names(),
            "kind": self._kind,
            "holder": self.holders(),
            "holder_kind": [holder or None for holder in self._holder],
            "segment": [segment[code] for code in self._segment],
            "country": [
                self.countries[code] if code >= 0 else None
                for code in self.field("country").tolist()
            ],
            "city": places,
            "address": self.shared_text("address"),
            "phone": phone,
            "email": self.shared_text("email"),
            "device": self.shared_text("device"),
            "opened": pa.array(opened.astype(np.int32), mask=opened < 0).cast(pa.date32()),
            "birth_year": pa.array(born, mask=born < 0),
            "income_minor": pa.array(income, mask=income < 0),
            "staff": pa.array(staff, mask=staff < 0),
            "currency": [
                self.coin(account) if kind == "wallet" else "EUR"
                for account, kind in enumerate(self._kind)
            ],
        }
        table = pa.table(columns, schema=ACCOUNTS)
        return table.take(np.argsort(np.array(columns["account"]), kind="stable"))
