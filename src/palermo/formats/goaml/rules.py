"""What fields of a report say together: dates in order, sums that agree, numbers of their own.

Guarantees that each rule is named, so that a profile can weigh it or switch it off, and that a rule
only speaks where the fields it compares are there and readable: the rest is told by structure.

Source: the business rules that FIUs publish beside the schema ask for these in one form or another;
which of them an FIU enforces differs, and stands in its profile (unchecked).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import IPv6Address

from palermo.formats.goaml.profile import INDICATORS, Profile
from palermo.formats.goaml.tree import Node
from palermo.formats.goaml.values import is_bic, is_iban, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An element that holds elements: itself, its type in the schema, and its path."""

    node: Node
    type: str
    path: str


Told = Iterator[tuple[str, Node, str, str]]
Judge = Callable[[Place, Profile], Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: its name, how much it weighs, the types it looks at (all when empty)."""

    name: str
    severity: str
    types: frozenset[str]
    judge: Judge


_FROM, _TO = ("t_from_my_client", "t_from"), ("t_to_my_client", "t_to")


def _client(place: Place, _: Profile) -> Told:
    node = place.node
    if node.first("involved_parties") is None and not any(
        node.first(names[0]) for names in (_FROM, _TO)
    ):
        yield (
            place.path,
            node,
            "neither side is a client of the reporting entity",
            "expected one `_my_client` side unless only others took part",
        )


def _parties(place: Place, _: Profile) -> Told:
    parties = place.node.first("involved_parties")
    if parties is not None and sum(1 for _ in parties.all("party")) < 2:
        yield (
            f"{place.path}/involved_parties",
            parties,
            "a transaction of several parties names one",
            "name who gave and who received",
        )


#: Earlier and later date by type: both stand in the element itself.
_DATES = (
    ("transaction", "date_transaction", "date_posting"),
    ("t_account", "opened", "closed"),
    ("t_account_my_client", "opened", "closed"),
    ("t_account", "opened", "date_balance"),
    ("t_account_my_client", "opened", "date_balance"),
    ("t_person", "birthdate", "date_deceased"),
    ("t_person_my_client", "birthdate", "date_deceased"),
    ("t_entity", "incorporation_date", "date_business_closed"),
    ("t_entity_my_client", "incorporation_date", "date_business_closed"),
    ("identification", "issue_date", "expiry_date"),
    ("entity_identifier", "issue_date", "expiry_date"),
    ("date_range", "valid_from", "valid_to"),
    ("ip_address", "first_seen_date", "last_seen_date"),
)


def _dates(place: Place, _: Profile) -> Told:
    for type_name, early, late in _DATES:
        if place.type != type_name:
            continue
        first, second = _date(place.node, early), _date(place.node, late)
        if first and second and first > second:
            node = place.node.first(late) or place.node
            yield (
                f"{place.path}/{late}",
                node,
                f"{second:%Y-%m-%d %H:%M} lies before `{early}` ({first:%Y-%m-%d %H:%M})",
                "correct one of the two",
            )


def _after_report(place: Place, _: Profile) -> Told:
    """Nothing that a report tells of happened after it was made."""
    sent = _date(place.node, "submission_date") or _date(place.node, "report_date")
    if sent is None:
        return
    for number, one in enumerate(place.node.all("transaction"), 1):
        at = _date(one, "date_transaction")
        if at and at > sent:
            yield (
                f"{place.path}/transaction[{number}]/date_transaction",
                one.first("date_transaction") or one,
                f"{at:%Y-%m-%d %H:%M} lies after the report ({sent:%Y-%m-%d %H:%M})",
                "correct one of the two",
            )


def _date(node: Node, name: str) -> datetime | None:
    """Read a moment of `node`; one without a zone is compared as UTC."""
    read = moment(node.value(name) or "")
    return read.replace(tzinfo=UTC) if read is not None and read.tzinfo is None else read


def _iban(place: Place, _: Profile) -> Told:
    value = place.node.value("iban")
    if value and not is_iban(value):
        yield (
            f"{place.path}/iban",
            place.node.first("iban") or place.node,
            f"{value[:40]} is no IBAN (shape or check digits)",
            "correct it, or give the number as `account` alone",
        )


def _bic(place: Place, _: Profile) -> Told:
    value = place.node.value("swift")
    if value and not is_bic(value):
        yield (
            f"{place.path}/swift",
            place.node.first("swift") or place.node,
            f"{value[:20]} is no BIC (8 or 11 characters, country at the fifth)",
            "correct it, or use `institution_code`",
        )


#: Sums that cannot be below zero, by type.
_POSITIVE = {
    "transaction": ("amount_local",),
    "t_foreign_currency": ("foreign_amount", "foreign_exchange_rate"),
    "t_trans_item": ("estimated_value", "disposed_value", "size"),
}


def _amounts(place: Place, _: Profile) -> Told:
    for name in _POSITIVE.get(place.type, ()):
        value = _number(place.node, name)
        if value is not None and (value < 0 or (name == "foreign_exchange_rate" and not value)):
            yield (
                f"{place.path}/{name}",
                place.node.first(name) or place.node,
                f"{value} is not a sum",
                "expected zero or more; a reversal is a transaction the other way",
            )


def _number(node: Node, name: str) -> Decimal | None:
    text = node.value(name)
    if text is None or len(text) > 40:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _foreign(place: Place, _: Profile) -> Told:
    """A foreign sum is in another currency than the report, and its rate gives the local sum."""
    local = place.node.value("currency_code_local")
    for number, one in enumerate(place.node.all("transaction"), 1):
        amount = _number(one, "amount_local")
        for side, name in (
            *((side, "from_foreign_currency") for side in _FROM),
            *((side, "to_foreign_currency") for side in _TO),
        ):
            foreign = one.first(side, name)
            if foreign is None:
                continue
            path = f"{place.path}/transaction[{number}]/{side}/{name}"
            if local and foreign.value("foreign_currency_code") == local:
                yield (
                    path,
                    foreign,
                    f"{local} is the currency of the report",
                    "leave the foreign sum out",
                )
            much, rate = (
                _number(foreign, "foreign_amount"),
                _number(foreign, "foreign_exchange_rate"),
            )
            if amount and much and rate and abs(much * rate - amount) > amount / 50:
                yield (
                    path,
                    foreign,
                    f"{much} at {rate} is not {amount}",
                    "the rate is units of local currency for one foreign unit; correct it",
                )


def _indicators(place: Place, profile: Profile) -> Told:
    found = [node.content.strip() for node in place.node.all("indicator")]
    for code, count in sorted(Counter(found).items()):
        if count > 1:
            yield place.path, place.node, f"indicator {code} stands {count} times", "name it once"
    if profile.lists.get(INDICATORS) and not set(found) & set(profile.lists[INDICATORS]):
        yield (
            place.path,
            place.node,
            "no indicator of this profile",
            "name the indicators that the facts bear out",
        )


def _numbers(place: Place, _: Profile) -> Told:
    counts = Counter(one.value("transactionnumber") for one in place.node.all("transaction"))
    for number, count in sorted((key, count) for key, count in counts.items() if key):
        if count > 1:
            yield (
                place.path,
                place.node,
                f"transactionnumber {number[:60]} stands {count} times",
                "each transaction has a number of its own",
            )


def _reason(place: Place, profile: Profile) -> Told:
    code = place.node.value("report_code")
    if code in profile.needs_reason and not place.node.value("reason"):
        yield f"{place.path}/reason", place.node, f"a {code} states its reason", "write it"


def _contents(place: Place, profile: Profile) -> Told:
    code = place.node.value("report_code")
    for codes, name in (
        (profile.needs_transactions, "transaction"),
        (profile.needs_activity, "activity"),
    ):
        if code in codes and place.node.first(name) is None:
            yield f"{place.path}/{name}", place.node, f"a {code} has `{name}`", "add it"


def _address(place: Place, _: Profile) -> Told:
    value = place.node.value("ipv6")
    if not value:
        return
    try:
        IPv6Address(value)
    except ValueError:
        yield (
            f"{place.path}/ipv6",
            place.node.first("ipv6") or place.node,
            f"{value[:50]} is no IPv6 address",
            "correct it",
        )


_ACCOUNTS = frozenset({"t_account", "t_account_my_client"})
_REPORT = frozenset({"report"})
_TRANSACTION = frozenset({"transaction"})

RULES: tuple[Rule, ...] = (
    Rule(name="CLIENT", severity="warning", types=_TRANSACTION, judge=_client),
    Rule(name="PARTIES", severity="warning", types=_TRANSACTION, judge=_parties),
    Rule(name="DATES", severity="error", types=frozenset(), judge=_dates),
    Rule(name="DATE-REPORT", severity="error", types=_REPORT, judge=_after_report),
    Rule(name="IBAN", severity="error", types=_ACCOUNTS, judge=_iban),
    Rule(name="BIC", severity="error", types=_ACCOUNTS, judge=_bic),
    Rule(name="AMOUNTS", severity="error", types=frozenset(_POSITIVE), judge=_amounts),
    Rule(name="FOREIGN", severity="error", types=_REPORT, judge=_foreign),
    Rule(
        name="INDICATORS",
        severity="error",
        types=frozenset({"report_indicators"}),
        judge=_indicators,
    ),
    Rule(name="NUMBERS", severity="error", types=_REPORT, judge=_numbers),
    Rule(name="REASON", severity="error", types=_REPORT, judge=_reason),
    Rule(name="CONTENTS", severity="error", types=_REPORT, judge=_contents),
    Rule(name="IPV6", severity="error", types=frozenset({"ip_address"}), judge=_address),
)
