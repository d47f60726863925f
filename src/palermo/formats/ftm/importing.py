"""Entities as tables again: what we know of a file, and the rest kept as it stands.

Guarantees that every entity is in a table, or among `other` word for word; that what `export_case`
carried comes back equal; and that secrets which the public model has fields for (passwords, private
keys) are not taken in.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo.formats.ftm.entity import Entity, read_ftm
from palermo.formats.ftm.tables import FLOWS
from palermo.formats.typed_table import SetAside
from palermo.model import LINKS
from palermo.model.money import digits
from palermo.model.report import Alert, Atom
from palermo.model.transaction import ACCOUNTS

#: Advertisements as they come back: what ITEMS needs besides stays with the exhibit.
ADVERTISEMENTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("lang", pa.string()),
        pa.field("posted_at", pa.timestamp("us", tz="UTC")),
        pa.field("platform", pa.string()),
        pa.field("account", pa.string()),
        pa.field("url", pa.string()),
        pa.field("place", pa.string()),
    ]
)
#: Identifiers stated in advertisements.
STATED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
    ]
)
_SECRETS = frozenset({"password", "privateKey"})
_HOLDERS = {"Person": "person", "Organization": "business", "Company": "business"}
_PLACES = {"BankAccount": "accountNumber", "CryptoWallet": "publicKey"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The tables of a file, alerts, assets, and what is in none of them.

    `secrets` counts passwords and private keys that were not taken in.
    """

    accounts: pa.Table
    flows: pa.Table
    advertisements: pa.Table
    stated: pa.Table
    links: pa.Table
    alerts: tuple[Alert, ...]
    assets: tuple[Mapping[str, Any], ...]
    other: tuple[Entity, ...]
    set_aside: tuple[SetAside, ...]
    secrets: int


def import_entities(path: Path) -> Imported:
    """Read a file of entities.

    Raises:
        Unreadable: the file cannot be read.
    """
    read, aside = read_ftm(path)
    secrets: Counter[str] = Counter()
    entities = tuple(_without_secrets(one, secrets) for one in read)
    return _Reader(entities).imported(aside, sum(secrets.values()))


def _without_secrets(one: Entity, secrets: Counter[str]) -> Entity:
    found = _SECRETS & set(one.properties)
    if not found:
        return one
    for name in found:
        secrets[name] += len(one.properties[name])
    kept = {name: values for name, values in one.properties.items() if name not in _SECRETS}
    return Entity(id=one.id, schema=one.schema, properties=kept, extra=one.extra)


class _Reader:
    def __init__(self, entities: tuple[Entity, ...]) -> None:
        self.entities = entities
        self.by_id = {one.id: one for one in entities}
        self.used: set[str] = set()
        self.owner = {
            one.first("asset") or "": one
            for one in entities
            if one.schema == "Ownership" and one.first("role") == "holder"
        }

    def imported(self, aside: tuple[SetAside, ...], secrets: int) -> Imported:
        accounts = self._table(ACCOUNTS, self._accounts())
        flows = self._table(FLOWS, self._flows())
        advertisements = self._table(ADVERTISEMENTS, self._advertisements())
        stated, links = self._links()
        alerts, assets = tuple(self._alerts()), tuple(self._assets())
        return Imported(
            accounts=accounts,
            flows=flows,
            advertisements=advertisements,
            stated=self._table(STATED, stated),
            links=self._table(LINKS, links),
            alerts=alerts,
            assets=assets,
            other=tuple(one for one in self.entities if one.id not in self.used),
            set_aside=aside,
            secrets=secrets,
        )

    @staticmethod
    def _table(schema: pa.Schema, rows: Any) -> pa.Table:
        return pa.Table.from_pylist(list(rows), schema=schema)

    def _of(self, *schemata: str) -> list[Entity]:
        return [one for one in self.entities if one.schema in schemata]

    def _accounts(self) -> list[dict[str, Any]]:
        rows = []
        for one in self._of(*_PLACES):
            account = (
                one.first(_PLACES[one.schema]) or one.first("iban") or one.first("cryptoAddress")
            )
            if not account:
                continue
            self.used.add(one.id)
            rows.append(self._account(one, account))
        return sorted(rows, key=lambda row: str(row["account"]))

    def _account(self, one: Entity, account: str) -> dict[str, Any]:
        wallet = one.schema == "CryptoWallet"
        link = self.owner.get(one.id)
        holder = self.by_id.get(
            (one.first("holder") if wallet else link.first("owner") if link else None) or ""
        )
        if link is not None and holder is not None:
            self.used.add(link.id)
        country = one.first("country")
        row: dict[str, Any] = {
            "account": account,
            "kind": "wallet" if wallet else one.first("accountType"),
            "country": country.upper() if country else None,
            "currency": one.first("currencySymbol" if wallet else "currency"),
            "opened": _day(one.first("creationDate" if wallet else "openingDate")),
        }
        if holder is not None and holder.first("status") != "placeholder":
            self.used.add(holder.id)
            birth = holder.first("birthDate")
            row |= {
                "holder": holder.first("name"),
                "holder_kind": _HOLDERS.get(holder.schema),
                "segment": holder.first("sector"),
                "address": holder.first("address"),
                "phone": holder.first("phone"),
                "email": holder.first("email"),
                "birth_year": int(birth[:4]) if birth and birth[:4].isdigit() else None,
            }
        return row

    def _flows(self) -> list[dict[str, Any]]:
        rows = []
        for one in self._of("PaymentFlow", "Payment"):
            ends = [self._end(one, end) for end in ("payer", "beneficiary")]
            month, currency = one.first("date"), one.first("currency")
            minor = _minor(one, currency or "")
            first, last = _day(one.first("startDate") or month), _day(one.first("endDate") or month)
            if None in ends or not month or not currency or minor is None or not first or not last:
                continue
            for end in ("payer", "beneficiary"):
                person = self.by_id.get(one.first(end) or "")
                if person is not None and person.first("status") == "placeholder":
                    self.used.add(person.id)
            self.used.add(one.id)
            numbers = list(one.properties.get("transactionNumber", ()))
            rows.append(
                {
                    "src": ends[0],
                    "dst": ends[1],
                    "month": month[:7],
                    "currency": currency,
                    "amount_minor": minor,
                    "payments": int(one.first("paymentCount") or len(numbers) or 1),
                    "first": first,
                    "last": last,
                    "channels": list(one.properties.get("channel", ())),
                    "memos": list(one.properties.get("purpose", ())),
                    "tx_ids": numbers,
                }
            )
        keys = ("src", "dst", "month", "currency")
        return sorted(rows, key=lambda row: [str(row[key]) for key in keys])

    def _end(self, one: Entity, end: str) -> str | None:
        for suffix in ("Account", "Wallet"):
            place = self.by_id.get(one.first(f"{end}{suffix}") or "")
            if place is not None and place.schema in _PLACES:
                return place.first(_PLACES[place.schema]) or place.first("iban")
        person = self.by_id.get(one.first(end) or "")
        return f"entity:{person.id}" if person is not None else None

    def _advertisements(self) -> list[dict[str, Any]]:
        rows = []
        for one in self._of("Advertisement"):
            item, text = one.first("itemId"), one.first("text")
            if not item or not text:
                continue
            self.used.add(one.id)
            poster = self.by_id.get(one.first("advertiser") or "")
            if poster is not None:
                self.used.add(poster.id)
            rows.append(
                {
                    "id": item,
                    "text": text,
                    "lang": one.first("language"),
                    "posted_at": _moment(one.first("postedAt")),
                    "platform": one.first("publisher"),
                    "account": poster.first("username") if poster else None,
                    "url": one.first("sourceUrl"),
                    "place": one.first("place"),
                }
            )
        return sorted(rows, key=lambda row: str(row["id"]))

    def _links(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        stated, links = [], []
        for one in self._of("UnknownLink"):
            a, b = (self.by_id.get(one.first(end) or "") for end in ("subject", "object"))
            if a is None or b is None or a.schema != "Advertisement" or not a.first("itemId"):
                continue
            if one.first("role") == "states":
                value = b.first("number") or b.first(_PLACES.get(b.schema, "number"))
                if value:
                    self.used |= {one.id, b.id}
                    stated.append(
                        {"id": a.first("itemId"), "kind": one.first("status"), "value": value}
                    )
            elif one.first("role") == "linked" and b.first("itemId"):
                self.used.add(one.id)
                links.append(
                    {
                        "a": a.first("itemId"),
                        "b": b.first("itemId"),
                        "reason": one.first("description") or "",
                        "strength": _number(one.first("status")),
                    }
                )
        return (
            sorted(stated, key=lambda row: [str(one) for one in row.values()]),
            sorted(links, key=lambda row: [str(one) for one in row.values()]),
        )

    def _alerts(self) -> list[Alert]:
        found = []
        for one in self._of("Alert"):
            place = self.by_id.get(one.first("account") or "")
            account = place.first(_PLACES.get(place.schema, "name")) if place else None
            role = one.first("indicatedRole")
            if not account or not role:
                continue
            self.used.add(one.id)
            numbers = one.properties.get("recordId", ())
            evidence = one.properties.get("evidence", ())
            rules = one.properties.get("indicator", ())
            found.append(
                Alert(
                    account=account,
                    role=role,
                    score=one.first("score") or "",
                    atoms=tuple(_atom(rule, evidence, numbers) for rule in rules),
                    against=one.properties.get("against", ()),
                )
            )
        return sorted(found, key=lambda one: (one.account, one.role))

    def _assets(self) -> list[dict[str, Any]]:
        rows = []
        for one in self._of("RestrainedAsset"):
            if not one.first("assetId"):
                continue
            self.used.add(one.id)
            minor, country = one.first("amountMinor"), one.first("country")
            rows.append(
                {
                    "asset_id": one.first("assetId"),
                    "name": one.first("name"),
                    "kind": one.first("assetKind"),
                    "state": one.first("assetState"),
                    "amount_minor": int(minor) if minor else None,
                    "currency": one.first("currency"),
                    "country": country.upper() if country else None,
                    "order": one.first("orderReference"),
                }
            )
        return sorted(rows, key=lambda row: str(row["asset_id"]))


_EVIDENCE = {"found": "value", "version": "version", "window": "window"} | {
    "parameters": "parameters",
    "source": "source",
}


def _atom(rule: str, evidence: tuple[str, ...], numbers: tuple[str, ...]) -> Atom:
    """Read an atom; the payments are those of the whole alert, as entities carry them so."""
    said: dict[str, str] = {}
    for text in evidence:
        parts = text.split("; ")
        if parts[0] == f"rule {rule}":
            for part in parts[1:]:
                word, _, value = part.partition(" ")
                if word in _EVIDENCE:
                    said[_EVIDENCE[word]] = value
    return Atom(rule=rule, tx_ids=numbers, **said)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(
            (text or "").ljust(7, "0")[:10] if len(text or "") >= 10 else f"{text}-01"
        )
    except ValueError:
        return None


def _moment(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _minor(one: Entity, currency: str) -> int | None:
    """Return the sum in minor units: ours as it is, another's where it is exact."""
    own = one.first("amountMinor")
    if own is not None:
        return int(own) if own.lstrip("-").isdigit() and len(own) < 20 else None
    whole, _, part = (one.first("amount") or "").partition(".")
    places = digits(currency)
    part = part.rstrip("0")
    if not whole.lstrip("-").isdigit() or len(whole) > 18 or len(part) > places:
        return None
    if part and not part.isdigit():
        return None
    return int(whole + part.ljust(places, "0"))


def _number(text: str | None) -> float:
    try:
        return float(text or "0")
    except ValueError:
        return 0.0
