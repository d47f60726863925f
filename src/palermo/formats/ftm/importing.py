"""Entities as tables again: what we know of a file, and the rest kept as it stands.

Guarantees that every entity is in a table, or among `other` word for word; that what `export_case`
carried comes back equal; and that secrets which the public model has fields for (passwords, private
keys) are not taken in.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo.formats.ftm.entity import Entity, read_ftm
from palermo.formats.ftm.tables import FLOWS
from palermo.formats.ftm.values import (
    atoms_of,
    day_of,
    minor_of,
    moment_of,
    number_of,
    whole_of,
)
from palermo.formats.typed_table import SetAside
from palermo.model import LINKS
from palermo.model.report import Alert
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
            "opened": day_of(one.first("creationDate" if wallet else "openingDate")),
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
                "birth_year": whole_of(birth[:4]) if birth else None,
            }
        return row

    def _flows(self) -> list[dict[str, Any]]:
        rows = []
        for one in self._of("PaymentFlow", "Payment"):
            ends = [self._end(one, end) for end in ("payer", "beneficiary")]
            month, currency = one.first("date"), one.first("currency")
            minor = minor_of(one, currency or "")
            first, last = (day_of(one.first(end) or month) for end in ("startDate", "endDate"))
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
                    "payments": whole_of(one.first("paymentCount")) or len(numbers) or 1,
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
                    "posted_at": moment_of(one.first("postedAt")),
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
                        "strength": number_of(one.first("status")),
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
            found.append(
                Alert(
                    account=account,
                    role=role,
                    score=one.first("score") or "",
                    atoms=atoms_of(
                        one.properties.get("evidence", ()), one.properties.get("indicator", ())
                    ),
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
                    "amount_minor": whole_of(minor),
                    "currency": one.first("currency"),
                    "country": country.upper() if country else None,
                    "order": one.first("orderReference"),
                }
            )
        return sorted(rows, key=lambda row: str(row["asset_id"]))
