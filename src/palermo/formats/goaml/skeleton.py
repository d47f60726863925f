"""From a draft to a goAML report with what the records say, and a list of what they do not.

Guarantees that no value is invented: a code stands where the profile maps a word of ours to one, a
name only where a format takes the whole name, a sum only in the currency of the record. What is
missing under the profile is listed, with what may help. A possible victim's account says so.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from palermo.formats.goaml.check import check
from palermo.formats.goaml.profile import Profile, Writing
from palermo.formats.goaml.schema import ROOT, elements
from palermo.formats.goaml.tree import Node, write_xml
from palermo.formats.goaml.values import is_iban
from palermo.formats.reports import Issue, ToFill, Written
from palermo.model.money import digits
from palermo.model.report import CONTROLLER, FACILITATOR, POSSIBLE_VICTIM, Draft, Paid, Party

VICTIM_NOTE = (
    "Possible victim: the account is indicated as used under the control of others. Nothing in "
    "this report asks that it be closed or restricted."
)
_SUSPECTED = {CONTROLLER: "true", FACILITATOR: "true", POSSIBLE_VICTIM: "false"}


def skeleton(draft: Draft, profile: Profile) -> Written:
    """Write `draft` under `profile`."""
    report = _Maker(draft, profile).report()
    issues = check(report, profile)
    return Written(
        data=write_xml(report),
        to_fill=tuple(_to_fill(report, [one for one in issues if one.missing], draft)),
        issues=tuple(one for one in issues if not one.missing),
    )


def _to_fill(report: Node, missing: Sequence[Issue], draft: Draft) -> Iterator[ToFill]:
    """Yield what is missing, that of one account once."""
    listed: dict[tuple[str, str], list[Issue]] = {}
    for one in missing:
        account, inside = _account_at(report, one.path)
        key = (account, inside) if account else ("", one.path)
        listed.setdefault(key, []).append(one)
    for (account, _), issues in listed.items():
        yield ToFill(
            path=issues[0].path,
            expected=issues[0].message,
            hint=_hint(issues[0].path, draft.parties.get(account), draft),
            places=len(issues),
        )


def _hint(path: str, party: Party | None, draft: Draft) -> str:
    """Say what the records know that may help."""
    if path.endswith(("amount_local", "foreign_exchange_rate")):
        return f"the record is in another currency than {draft.currency}; state the rate used"
    if party is None:
        return ""
    holder = f", holder as recorded: {party.holder}" if party.holder else ""
    return f"account {party.account}{holder}"


def _account_at(report: Node, path: str) -> tuple[str, str]:
    """Return the account in which `path` lies, and the rest of the path in it."""
    node, found, steps = report, ("", ""), path.split("/")[1:]
    for at, step in enumerate(steps):
        name, _, number = step.partition("[")
        same = list(node.all(name))
        place = int(number.rstrip("]")) - 1 if number else 0
        if place >= len(same):
            break
        node = same[place]
        account = node.value("account")
        if account:
            found = (account, "/".join(steps[at + 1 :]))
    return found


class _Maker:
    def __init__(self, draft: Draft, profile: Profile) -> None:
        self._draft = draft
        self._profile = profile
        self._write: Writing = profile.writing
        self._new = profile.version != "4.0"

    def report(self) -> Node:
        draft, write = self._draft, self._write
        codes = dict.fromkeys(
            code for rule in draft.rules for code in self._profile.indicator_codes.get(rule, ())
        )
        day = draft.at.replace(tzinfo=None).isoformat(timespec="seconds")
        children = (
            _leaf("rentity_id", write.rentity_id),
            _leaf("submission_code", write.submission_code),
            _leaf("report_code", write.report_code),
            _leaf("entity_reference", draft.reference),
            _leaf("submission_date", day),
            _leaf("currency_code_local", draft.currency),
            _leaf("reason", draft.reason),
            *(self._transaction(paid) for paid in draft.payments),
            self._activity() if not draft.payments else None,
            _node("report_indicators", *(_leaf("indicator", code) for code in codes), always=True),
        )
        return Node(name=ROOT, children=tuple(child for child in children if child is not None))

    def _transaction(self, paid: Paid) -> Node | None:
        write = self._write
        local = paid.currency == self._draft.currency
        return _node(
            "transaction",
            _leaf("transactionnumber", paid.tx_id),
            _leaf("internal_ref_number", paid.bank_ref),
            _leaf("transaction_location", paid.city or write.location),
            _leaf("transaction_description", paid.memo),
            _leaf("date_transaction", paid.ts.replace(tzinfo=None).isoformat(timespec="seconds")),
            _leaf("value_date", f"{paid.value_date}T00:00:00" if paid.value_date else None),
            _leaf("transmode_code", write.channels.get(paid.channel or "")),
            _leaf("amount_local", _decimal(paid) if local else None),
            self._side("from", paid.src, paid, foreign=not local),
            self._side("to", paid.dst, paid, foreign=not local),
        )

    def _side(self, side: str, account: str, paid: Paid, *, foreign: bool) -> Node | None:
        party = self._draft.parties.get(account, Party(account=account))
        mine = "_my_client" if party.client else ""
        return _node(
            f"t_{side}{mine}",
            _leaf(f"{side}_funds_code", self._write.funds.get(paid.channel or "")),
            _node(
                f"{side}_foreign_currency",
                _leaf("foreign_currency_code", paid.currency),
                _leaf("foreign_amount", _decimal(paid)),
            )
            if foreign
            else None,
            _leaf(f"{side}_is_suspected", _SUSPECTED.get(party.role)) if self._new else None,
            _node(f"{side}_account", *self._account(party), always=True),
            _leaf(f"{side}_country", party.country),
        )

    def _account(self, party: Party) -> Iterator[Node | None]:
        """Yield what is known of an account, in the order of both its types."""
        write = self._write
        business = party.holder_kind == "business"
        kinds = write.account_kinds
        yield _leaf("institution_name", write.institution_name if party.client else None)
        yield _leaf("institution_code", write.institution_code if party.client else None)
        yield _leaf("account", party.account)
        yield _leaf("currency_code", party.currency)
        yield _leaf("account_name", party.holder)
        yield _leaf("iban", party.account if is_iban(party.account) else None)
        yield _leaf("personal_account_type", kinds.get(party.kind or "") if party.client else None)
        if party.client and business:
            yield self._entity(party)
        if party.client and not business:
            yield _node(
                "signatory",
                _node("t_person", *self._contacts(party), always=True),
                _leaf("role", write.signatory_role),
            )
        yield _leaf("opened", f"{party.opened}T00:00:00" if party.opened else None)
        yield _leaf("status_code", write.account_status if party.client else None)
        yield _leaf("comments", VICTIM_NOTE if party.role == POSSIBLE_VICTIM else None)

    def _entity(self, party: Party) -> Node | None:
        return _node("t_entity", _leaf("name", party.holder), *self._contacts(party))

    def _contacts(self, party: Party) -> Iterator[Node | None]:
        write = self._write
        if party.phone:
            yield _node(
                "phones",
                _node(
                    "phone",
                    _leaf("tph_contact_type", write.contact),
                    _leaf("tph_communication_type", write.communication),
                    _leaf("tph_number", party.phone),
                ),
            )
        if party.address:
            yield _node(
                "addresses",
                _node(
                    "address",
                    _leaf("address_type", write.contact),
                    _leaf("address", party.address),
                    _leaf("city", party.city),
                    _leaf("country_code", party.country),
                ),
            )
        yield _leaf("email", party.email)

    def _activity(self) -> Node | None:
        """Without payments a report tells of accounts."""
        known = {one.name for one in elements(self._profile.schema.types["report_party"])}
        kind = "account_my_client" if "account_my_client" in known else "account"
        return _node(
            "activity",
            _node(
                "report_parties",
                *(
                    _node(
                        "report_party",
                        _node(kind if party.client else "account", *self._account(party)),
                        _leaf("reason", f"Indicated role: {party.role}." if party.role else None),
                    )
                    for _, party in sorted(self._draft.parties.items())
                ),
            ),
        )


def _decimal(paid: Paid) -> str:
    places = digits(paid.currency)
    return f"{Decimal(paid.amount_minor).scaleb(-places):.{places}f}"


def _leaf(name: str, value: str | None) -> Node | None:
    return Node(name=name, text=value) if value else None


def _node(name: str, *children: Node | None, always: bool = False) -> Node | None:
    kept = tuple(child for child in children if child is not None)
    return Node(name=name, children=kept) if kept or always else None
