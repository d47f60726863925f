"""A case as entities.

Guarantees that no entity points at one that is not there; that what the format cannot carry is
listed, by table and column, with how many values; that possible victims and all that names them
stay out unless the caller says that an authority lets them go; and one order: same case, same bytes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palermo.formats.ftm.entity import Entity, entity_id
from palermo.formats.ftm.protection import Protection, protection
from palermo.formats.ftm.schemata import fits, schemata
from palermo.formats.ftm.tables import CaseTables, flows
from palermo.model.money import digits
from palermo.model.report import POSSIBLE_VICTIM, Alert

#: Payments whose numbers a flow carries; further ones are counted as lost.
MAX_EVIDENCE = 500
#: Columns that no schema has a place for.
_NO_PLACE = {
    "accounts": ("city", "device", "income_minor", "staff"),
    "items": ("kind", "within", "time_note", "extra", "exhibit", "row", "row_hash"),
    "identifiers": ("raw", "start", "end", "confidence", "reason"),
}
#: Properties that hold words of people rather than values of a record.
_FREE = frozenset({"text", "purpose", "description", "evidence", "against", "summary", "bodyText"})
_WALLET = frozenset({"bitcoin", "ethereum", "tron", "monero"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is not carried: of which table and column, why, and how many values."""

    table: str
    column: str
    reason: str
    values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Entities in order, what is not carried, and what was held back to protect, counted."""

    entities: tuple[Entity, ...]
    losses: tuple[Loss, ...]
    held_back: dict[str, int]


def export_case(
    case: CaseTables,
    *,
    with_victims: bool = False,
    protect: Iterable[tuple[str, str]] = (),
    dataset: str = "palermo",
) -> Exported:
    """Make entities of `case`.

    Args:
        case: the tables.
        with_victims: an authority lets data of possible victims go; the caller has checked it.
        protect: further values that name people to protect, each with its kind: `name`, `phone`,
            `email`, `account` or `address`.
        dataset: what the entities say they come from.
    """
    guard = Protection()
    if not with_victims:
        victims = {one.account for one in case.alerts if one.role == POSSIBLE_VICTIM}
        guard = protection(victims, case.accounts.to_pylist(), protect)
    maker = _Maker(case, guard)
    entities = maker.make()
    kept = _closed(_swept(entities, guard, maker.held), maker.held)
    return Exported(
        entities=tuple(
            Entity(
                id=one.id,
                schema=one.schema,
                properties=one.properties,
                extra={"datasets": [dataset]},
            )
            for one in sorted(kept, key=lambda one: (one.schema, one.id))
        ),
        losses=tuple(maker.losses()),
        held_back={name: count for name, count in sorted(maker.held.items()) if count},
    )


def _swept(entities: Sequence[Entity], guard: Protection, held: Counter[str]) -> Iterator[Entity]:
    """Leave out values that name somebody protected, and entities whose id does."""
    for one in entities:
        if not guard:
            yield one
            continue
        if guard.names(one.id):
            held[f"{one.schema}"] += 1
            continue
        properties = {}
        for name, values in one.properties.items():
            kept = tuple(value for value in values if not guard.names(value, free=name in _FREE))
            held[f"{one.schema}.{name}"] += len(values) - len(kept)
            if kept:
                properties[name] = kept
        if _ESSENTIAL.get(one.schema, frozenset()) <= set(properties):
            yield Entity(id=one.id, schema=one.schema, properties=properties)
        else:
            held[one.schema] += 1


#: Without these an entity says nothing, and is left out with them.
_ESSENTIAL = {
    "BankAccount": frozenset({"accountNumber"}),
    "CryptoWallet": frozenset({"publicKey"}),
    "PhoneNumber": frozenset({"number"}),
    "Advertisement": frozenset({"text", "itemId"}),
    "UserAccount": frozenset({"username"}),
    "Alert": frozenset({"account"}),
    "RestrainedAsset": frozenset({"assetId"}),
}


def _closed(entities: Iterable[Entity], held: Counter[str]) -> list[Entity]:
    """Leave out what points at nothing, until everything points at something."""
    kept = list(entities)
    while True:
        ids = {one.id for one in kept}
        remaining, changed = [], False
        for one in kept:
            schema = schemata()[one.schema]
            properties = {}
            for name, values in one.properties.items():
                if schema.properties[name].type == "entity":
                    values = tuple(value for value in values if value in ids)
                if values:
                    properties[name] = values
            needed = {*schema.edge, *(_ESSENTIAL.get(one.schema, ()))}
            if needed <= set(properties):
                changed |= properties != one.properties
                remaining.append(Entity(id=one.id, schema=one.schema, properties=properties))
            else:
                changed = True
                held[one.schema] += 1
        kept = remaining
        if not changed:
            return kept


class _Maker:
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
            iban=account if _is_iban(account) else None,
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
            ads[row["id"]] = self.put(
                "Advertisement",
                (row["id"],),
                itemId=row["id"],
                name=row["text"][:80],
                text=row["text"],
                postedAt=at.isoformat(timespec="microseconds") if at else None,
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
        evidence = [
            "; ".join(
                said
                for said in (
                    f"rule {atom.rule}",
                    f"version {atom.version}" if atom.version else "",
                    f"found {atom.value}" if atom.value else "",
                    f"window {atom.window}" if atom.window else "",
                    f"parameters {atom.parameters}" if atom.parameters else "",
                    f"source {atom.source}" if atom.source else "",
                )
                if said
            )
            for atom in alert.atoms
        ]
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
            evidence=evidence,
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


def _is_iban(account: str) -> bool:
    from palermo.formats.goaml.values import is_iban  # noqa: PLC0415

    return is_iban(account)
