"""What an ISO 20022 statement says of its account, its period and its balances.

Sources: camt.053 AccountStatement, elements Acct, Bal, TxsSummry, StmtPgntn; external code set for
types of balances: OPBD and CLBD booked at the opening and the close, PRCD at the close before, ITBD
between the pages of one statement. Available and forward balances prove nothing and are passed by.
"""

from palermo.formats.statements.iso_entry import signed
from palermo.formats.statements.moments import iso_day
from palermo.formats.statements.parties import account_key
from palermo.formats.statements.parts import Balance, Draft, Names, Wrong, clean
from palermo.formats.statements.xml_records import Fields

_BOOKED = frozenset({"OPBD", "PRCD", "CLBD", "ITBD"})
_DIGITS = 15


class Head:
    """Takes in the records at the head of a statement, in whatever order they come."""

    def __init__(self, draft: Draft, names: Names) -> None:
        self.draft = draft
        self._names = names
        self._between: list[Balance] = []  # the first and the last
        self._read = {
            "id": self._id,
            "sequence": self._sequence,
            "legal_sequence": self._legal_sequence,
            "page": self._page,
            "account": self._account,
            "period": self._period,
            "balance": self._balance,
            "summary": self._summary,
        }

    def take(self, record: str, fields: Fields) -> None:
        """Take in a record.

        Raises:
            Wrong: it cannot be read.
        """
        self._read[record](fields)

    def close(self) -> None:
        """Let the balances of a middle page stand for its opening and closing."""
        draft = self.draft
        if draft.opening_minor is None and len(self._between) > 1:
            draft.opening_minor, draft.opening_date = self._between[0]
        if draft.closing_minor is None and self._between:
            draft.closing_minor, draft.closing_date = self._between[-1]

    def _id(self, fields: Fields) -> None:
        if not self.draft.name:
            self.draft.name = self._names.given(fields.get("text"))

    def _sequence(self, fields: Fields) -> None:
        self.draft.sequence = _count(fields.get("text"), "ElctrncSeqNb")

    def _legal_sequence(self, fields: Fields) -> None:
        if self.draft.sequence is None:
            self.draft.sequence = _count(fields.get("text"), "LglSeqNb")

    def _page(self, fields: Fields) -> None:
        self.draft.page = _count(fields.get("text"), "PgNb")

    def _account(self, fields: Fields) -> None:
        draft = self.draft
        number = fields.get("iban") or fields.get("number")
        bank = None if "iban" in fields else fields.get("bank")
        draft.account = account_key(number, bank) if number else None
        draft.currency = clean(fields.get("currency")) or draft.currency
        draft.holder = clean(fields.get("holder"))

    def _period(self, fields: Fields) -> None:
        for name in ("first", "last"):
            if name in fields:
                setattr(self.draft, name, iso_day(fields[name], f"FrToDt {name}"))

    def _balance(self, fields: Fields) -> None:
        draft, code = self.draft, fields.get("code", "")
        if code not in _BOOKED:
            return
        units = signed(fields, f"Bal {code}")
        day = iso_day(fields["day"], f"Bal {code} Dt") if "day" in fields else None
        currency = fields["currency"].strip().upper()
        draft.currency = draft.currency or currency
        if currency != draft.currency:
            raise Wrong(f"Bal {code} Ccy", currency, f"the account is in {draft.currency}")
        if code == "ITBD":
            self._between = [*self._between[:1], (units, day)]
        elif code == "CLBD":
            draft.closing_minor, draft.closing_date = units, day
        elif code == "OPBD" or draft.opening_minor is None:
            draft.opening_minor, draft.opening_date = units, day

    def _summary(self, fields: Fields) -> None:
        if "text" in fields:
            self.draft.stated_rows = _count(fields["text"], "NbOfNtries")


def _count(text: str | None, field: str) -> int:
    bare = (text or "").strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= _DIGITS):
        raise Wrong(field, bare, "expected a whole number")
    return int(bare)
