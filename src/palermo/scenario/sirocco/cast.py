"""The people of the scenario: who can be reached how, and what many unrelated people share.

Owners never share an identifier; two rings have nothing in common; only a hub joins strangers, and
it is marked as one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from palermo.scenario.sirocco import chance, phones, wallets
from palermo.scenario.sirocco.data import load
from palermo.scenario.sirocco.names import Naming
from palermo.scenario.sirocco.phones import Phone

if TYPE_CHECKING:
    from collections.abc import Callable

#: First code of each group of owners; a code makes a name (see `names`).
HUB_CODES, RING_CODES, CAMPAIGN_CODES, SINGLE_CODES = 0, 1_000, 10_000, 100_000
#: Numbers at the head of the pool `any` that hubs, rings and campaigns use.
_HUB_PHONES, _RING_PHONES = 250, 64
PHONE_CHANNELS = frozenset({"phone", "whatsapp", "viber"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who posts: numbers and codes of names, used one after the other over time.

    `wallets` maps a way of payment to its addresses; `core` is the handle everything leads to.
    """

    name: str
    phones: tuple[Phone, ...]
    codes: tuple[int, ...]
    accounts: tuple[str, ...]
    core: int
    wallets: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hub:
    """A shared identifier: its theme (a key of `hubs` in the wording), channel and value."""

    theme: str
    channel: str
    kind: str
    value: str
    phone: Phone | None


class Cast:
    """Everybody in the scenario of one seed."""

    def __init__(self, seed: int, size: int) -> None:
        self.seed, self.size = seed, size
        self.data = load("cast.yaml")
        self.draw = chance.drawer(seed, "cast")
        self.naming = Naming(int(chance.raw(seed, "names", 1)[0] % 1_000_000_000))
        self.pools = phones.pools(seed)
        ring_names = list(self.data["rings"])
        self._next_campaign_phone = _HUB_PHONES + _RING_PHONES * len(ring_names)
        ibans = chance.shuffled(load("numbers.yaml")["ibans"], self.draw)
        self.rings = {name: self._ring(i, name, ibans) for i, name in enumerate(ring_names)}
        self.hubs = self._hubs()
        #: Where the numbers of one-off writers begin in each pool.
        self.single_phones = {"en": 3_000, "fr": 3_000, "any": 3_000}

    def account(self, code: int) -> str:
        """Name of a user account."""
        return "u-" + self.naming.handle(code).replace("_", "")

    def _ring(self, number: int, name: str, ibans: list[str]) -> Owner:
        """A ring: more numbers and names the longer it posts, never more than 64."""
        items = int(self.size * self.data["shares"]["ring"] / len(self.data["rings"]))
        breadth = min(_RING_PHONES, 6 + items // 400)
        code = RING_CODES + 500 * number
        first = _HUB_PHONES + _RING_PHONES * number
        pool = self.pools["any"][first : first + breadth]
        pool[::2] = self.pools["en"][first : first + len(pool[::2])]
        pool[1::4] = self.pools["fr"][first : first + len(pool[1::4])]
        return Owner(
            name=name,
            phones=tuple(pool),
            codes=tuple(range(code + 1, code + 1 + breadth)),
            accounts=tuple(self.account(code + 200 + i) for i in range(min(24, 5 + items // 900))),
            core=code,
            wallets={
                kind: tuple(
                    ibans[3 * number : 3 * number + 2]
                    if kind == "iban"
                    else [self._wallet(kind, f"{name} {i}") for i in range(2 + breadth // 16)]
                )
                for kind in self.data["wallets"]
            },
        )

    def _wallet(self, kind: str, of: str) -> str:
        noise = chance.raw(self.seed, f"wallet {kind} {of}", 8).astype("<u8").tobytes()
        make: dict[str, Callable[[bytes], str]] = {
            "bitcoin": lambda n: wallets.bitcoin(n, n[33] % 4),
            "ethereum": wallets.ethereum,
            "tron": wallets.tron,
            "monero": wallets.monero,
        }
        return make[kind](noise)

    def campaign_owner(self, number: int, role: str, language: str) -> Owner:
        """The firm or group behind innocent campaign `number`."""
        code = CAMPAIGN_CODES + 10 * number
        at = self._next_campaign_phone + 2 * number
        return Owner(
            name=f"{role}-{number:03d}",
            phones=tuple(self.pools.get(language, self.pools["any"])[at : at + 2]),
            codes=(code, code + 1),
            accounts=tuple(self.account(code + 2 + i) for i in range(1 + number % 3)),
            core=code,
            wallets={},
        )

    def _hubs(self) -> list[tuple[Hub, int]]:
        """Hubs with the number of items that carry each."""
        many: dict[str, float] = self.data["hubs"]["many"]
        some: list[str] = chance.shuffled(self.data["hubs"]["some"], self.draw)
        planned = [(theme, max(6, round(self.size * share))) for theme, share in many.items()]
        if self.size < 1_000:
            planned = planned[: 1 + self.size // 300]
        for number in range(min(45, max(2, self.size // 220))):
            degree = min(10 + self.draw() % 51, max(4, self.size // 90))
            planned.append((some[number % len(some)], degree))
        return [
            (self._hub(number, theme), degree) for number, (theme, degree) in enumerate(planned)
        ]

    def _hub(self, number: int, theme: str) -> Hub:
        channel = self.data["hub_channels"][theme]
        code = HUB_CODES + number
        phone = self.pools["any"][number] if channel == "phone" else None
        kinds = {"url": "domain"}
        names = {
            "email": self.naming.email,
            "url": self.naming.host,
            "domain": self.naming.host,
            "line": self.naming.dotted,
            "wechat": self.naming.handle,
            "telegram": self.naming.handle,
        }
        if phone:
            value = phone.e164
        elif channel == "bitcoin":
            value = self._wallet("bitcoin", f"hub {number}")
        else:
            value = names[channel](code)
        return Hub(theme, channel, kinds.get(channel, channel), value, phone)
