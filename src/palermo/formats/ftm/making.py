"""Making entities of the tables of a case, each once, whoever names it.

Guarantees that accounts of protected people and payments that touch them make no entity, that a
value which is not of the form of its property is counted as lost, and that nobody is made one with
another by a name alone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palermo.formats.ftm.entity import Entity, entity_id
from palermo.formats.ftm.protection import Protection
from palermo.formats.ftm.schemata import fits, schemata
from palermo.formats.ftm.tables import CaseTables, flows
from palermo.formats.ftm.values import atom_text
from palermo.formats.goaml.values import is_iban
from palermo.model.money import digits
from palermo.model.report import Alert

#: Payments whose numbers a flow carries; further ones are counted as lost.
MAX_EVIDENCE = 500
#: Columns that no schema has a place for.
_NO_PLACE = {
    "accounts": ("city", "device", "income_minor", "staff"),
    "items": ("kind", "within", "time_note", "extra", "exhibit", "row", "row_hash"),
    "identifiers": ("raw", "start", "end", "confidence", "reason"),
}
_WALLET = frozenset({"bitcoin", "ethereum", "tron", "monero"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is not carried: of which table and column, why, and how many values."""

    table: str
    column: str
    reason: str
    values: int


class Maker:
    """Makes entities of each table; each once, whoever names it."""

    def __init__(self, case: CaseTables, guard: Protection) -> None:
        self.case = case
        self.guard = guard
        self.held: Counter[str] = Counter()
        self.lost: Counter[tuple[str, str, str]] = Counter()
        self.made: dict[str, Entity] = {}
        self.kinds: dict[str, str] = {}
        self.holders: dict[str, str] = {}

    def make(self) -> list[Entity]:
        """Make all entities of the case."""
        case, guard = self.case, self.guard
        protected = pa.array(sorted(guard.accounts), pa.string())
        accounts = case.accounts.filter(pc.invert(pc.is_in(case.accounts["account"], protected)))
        touching = pc.or_(
            pc.is_in(case.payments["src"], protected), pc.is_in(case.payments["dst"], protected)
        )
        payments = case.payments.filter(pc.invert(touching))
        self.held["accounts"] += case.accounts.num_rows - accounts.num_rows
        self.held["payments"] += case.payments.num_rows - payments.num_rows
        for row in accounts.to_pylist():
            self._account(row)
        for row in flows(payments).to_pylist():
            self._flow(row)
        self._items()
        hidden = set(case.payments.filter(touching)["tx_id"].to_pylist())
        for alert in case.alerts:
            self._alert(alert, hidden)
        for asset in case.assets:
            self._asset(asset)
        return list(self.made.values())

    def put(self, schema: str, key: Sequence[str], **values: Any) -> str:
        """Keep an entity and return its id; values of None and of other forms are left out."""
        name = entity_id(schema, *key)
        if name in self.made:
            return name
        properties: dict[str, tuple[str, ...]] = {}
        for prop, value in values.items():
            listed = value if isinstance(value, (list, tuple)) else [value]
            said = [str(one) for one in listed if one is not None and str(one).strip()]
            kind = schemata()[schema].properties[prop].type
            good = [one for one in said if kind == "entity" or fits(kind, one)]
            if len(good) < len(said):
                self.lost[schema, prop, f"is not of the form of a {kind}"] += len(said) - len(good)
            if good:
                properties[prop] = tuple(dict.fromkeys(good))
        self.made[name] = Entity(id=name, schema=schema, properties=properties)
        return name

    def _account(self, row: dict[str, Any]) -> None:
        account = row["account"]
        if row["kind"] == "wallet":
            self.kinds[account] = "CryptoWallet"
        # A holder of one account is a person of their own: nobody is made one by the name alone.
        schema = {"person": "Person", "business": "Organization"}.get(
            row["holder_kind"] or "", "LegalEntity"
        )
        known = any(
            row[name] is not None
            for name in ("holder", "address", "phone", "email", "segment", "birth_year")
        )
        if known or row["holder_kind"] is not None:
            birth = row["birth_year"]
            person = {"birthDate": f"{birth:04}"} if birth and schema == "Person" else {}
            if birth and schema != "Person":
                self.lost["accounts", "birth_year", "the holder is not said to be a person"] += 1
            self.holders[account] = self.put(
                schema,
                ("holder", account),
                name=row["holder"],
                address=row["address"],
                phone=row["phone"],
                email=row["email"],
                sector=row["segment"],
                **person,
            )
        self._place(account, row)

    def _place(self, account: str, row: dict[str, Any] | None = None) -> str:
        """Return the entity of an account, with what `row` says of it."""
        said = row or dict.fromkeys(("currency", "country", "opened", "kind"))
        country = said["country"].lower() if said["country"] else None
        holder = self.holders.get(account)
        if self.kinds.get(account) == "CryptoWallet":
            return self.put(
                "CryptoWallet",
                (account,),
                publicKey=account,
                currencySymbol=said["currency"],
                country=country,
                creationDate=said["opened"],
                holder=holder,
            )
        place = self.put(
            "BankAccount",
            (account,),
            accountNumber=account,
            iban=account if is_iban(account) else None,
            accountType=said["kind"],
            currency=said["currency"],
            country=country,
            openingDate=said["opened"],
        )
        if holder is not None:
            self.put("Ownership", (holder, place), owner=holder, asset=place, role="holder")
        return place

    def _payer(self, account: str) -> str:
        """Return the holder of an account, or one who is not known."""
        known = self.holders.get(account)
        return known or self.put(
            "LegalEntity",
            ("unknown holder", account),
            name=f"Unknown holder of {account}",
            status="placeholder",
        )

    def _flow(self, row: dict[str, Any]) -> None:
        places = digits(row["currency"])
        ends: dict[str, Any] = {}
        for side, prop in (("src", "payer"), ("dst", "beneficiary")):
            wallet = self.kinds.get(row[side]) == "CryptoWallet"
            ends[prop] = self._payer(row[side])
            ends[f"{prop}{'Wallet' if wallet else 'Account'}"] = self._place(row[side])
        if len(row["tx_ids"]) > MAX_EVIDENCE:
            key = ("payments", "tx_id", f"a flow carries {MAX_EVIDENCE} numbers of payments")
            self.lost[key] += len(row["tx_ids"]) - MAX_EVIDENCE
        self.put(
            "PaymentFlow",
            (row["src"], row["dst"], row["month"], row["currency"]),
            **ends,
            date=row["month"],
            startDate=row["first"],
            endDate=row["last"],
            amount=f"{Decimal(row['amount_minor']).scaleb(-places):f}",
            amountMinor=row["amount_minor"],
            currency=row["currency"],
            paymentCount=row["payments"],
            channel=row["channels"],
            purpose=row["memos"],
            transactionNumber=row["tx_ids"][:MAX_EVIDENCE],
        )

    def _items(self) -> None:
        ads: dict[str, str] = {}
        for row in self.case.items.to_pylist():
            poster = None
            if row["account"]:
                poster = self.put(
                    "UserAccount",
                    (row["platform"] or "", row["account"]),
                    username=row["account"],
                    service=row["platform"],
                )
            at = row["posted_at"]
            if at and at.microsecond:
                self.lost["items", "posted_at", "the public model counts whole seconds"] += 1
            ads[row["id"]] = self.put(
                "Advertisement",
                (row["id"],),
                itemId=row["id"],
                name=row["text"][:80],
                text=row["text"],
                postedAt=at.replace(tzinfo=None).isoformat(timespec="seconds") if at else None,
                language=row["lang"],
                publisher=row["platform"],
                sourceUrl=row["url"],
                place=row["place"],
                advertiser=poster,
            )
        for row in self.case.identifiers.to_pylist():
            found = self._identifier(row["kind"], row["value"])
            if found is None:
                self.lost["identifiers", row["kind"], "no schema for this kind"] += 1
            elif row["id"] in ads:
                self.put(
                    "UnknownLink",
                    ("states", row["id"], row["kind"], row["value"]),
                    subject=ads[row["id"]],
                    object=found,
                    role="states",
                    status=row["kind"],
                )
        for row in self.case.links.to_pylist():
            if row["a"] in ads and row["b"] in ads:
                self.put(
                    "UnknownLink",
                    ("linked", row["a"], row["b"], row["reason"]),
                    subject=ads[row["a"]],
                    object=ads[row["b"]],
                    role="linked",
                    description=row["reason"],
                    status=repr(row["strength"]),
                )
            else:
                self.lost["links", "a", "links an item that is not in the tables"] += 1

    def _identifier(self, kind: str, value: str) -> str | None:
        if kind == "phone":
            return self.put("PhoneNumber", (value,), number=value)
        if kind in _WALLET:
            self.kinds.setdefault(value, "CryptoWallet")
            return self._place(value)
        if kind == "iban":
            return self._place(value)
        return None

    def _alert(self, alert: Alert, hidden: set[str]) -> None:
        if alert.account in self.guard.accounts:
            self.held["alerts"] += 1
            return
        numbers = [tx for atom in alert.atoms for tx in atom.tx_ids]
        self.held["alerts.tx_ids"] += sum(tx in hidden for tx in numbers)
        self.put(
            "Alert",
            (alert.account, alert.role, *(atom.rule for atom in alert.atoms)),
            name=f"Alert: {alert.role}",
            account=self._place(alert.account),
            indicatedRole=alert.role,
            score=alert.score,
            indicator=[atom.rule for atom in alert.atoms],
            evidence=[atom_text(atom, frozenset(hidden)) for atom in alert.atoms],
            against=list(alert.against),
            recordId=[tx for tx in numbers if tx not in hidden],
        )

    def _asset(self, row: Any) -> None:
        holder = row.get("holder")
        self.put(
            "RestrainedAsset",
            (str(row.get("asset_id")),),
            assetId=row.get("asset_id"),
            name=row.get("name") or row.get("asset_id"),
            assetKind=row.get("kind"),
            assetState=row.get("state"),
            amountMinor=row.get("amount_minor"),
            currency=row.get("currency"),
            country=str(row["country"]).lower() if row.get("country") else None,
            orderReference=row.get("order"),
            heldBy=self.holders.get(str(holder)) if holder else None,
        )
        known = {"asset_id", "name", "kind", "state", "amount_minor", "currency", "country"}
        for name in sorted(set(row) - known - {"order", "holder"}):
            self.lost["assets", name, "no property for it"] += 1

    def losses(self) -> Iterator[Loss]:
        """Yield what no schema has a place for, with the values it holds here."""
        tables = {
            "accounts": self.case.accounts,
            "items": self.case.items,
            "identifiers": self.case.identifiers,
        }
        for table, columns in _NO_PLACE.items():
            for column in columns:
                held = tables[table][column]
                if count := len(held) - held.null_count:
                    yield Loss(
                        table=table, column=column, reason="no property for it", values=count
                    )
        if self.case.payments.num_rows:
            yield Loss(
                table="payments",
                column="each payment",
                reason="added up by pair, month and currency",
                values=self.case.payments.num_rows,
            )
        for (table, column, reason), count in sorted(self.lost.items()):
            yield Loss(table=table, column=column, reason=reason, values=count)
