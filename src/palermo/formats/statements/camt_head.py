"""What an ISO 20022 statement says of its account, its period and its balances.

Sources: camt.053 AccountStatement, elements Acct, Bal, TxsSummry, StmtPgntn; external code set for
types of balances: OPBD and CLBD booked at the opening and the close, PRCD at the close before, ITBD
between the pages of one statement. Available and forward balances prove nothing and are passed by.
"""

from xml.etree.ElementTree import Element

from palermo.formats.statements.iso_entry import Reach, signed
from palermo.formats.statements.moments import iso_day
from palermo.formats.statements.parties import account_key
from palermo.formats.statements.parts import Balance, Draft, Names, Wrong

_BOOKED = frozenset({"OPBD", "PRCD", "CLBD", "ITBD"})
_DIGITS = 15


class Head:
    """Takes in the elements at the head of a statement, in whatever order they come."""

    def __init__(self, reach: Reach, draft: Draft, names: Names) -> None:
        self.draft = draft
        self._reach, self._names = reach, names
        self._between: list[Balance] = []
        read = {
            "Id": self._id,
            "ElctrncSeqNb": self._sequence,
            "LglSeqNb": self._legal_sequence,
            "StmtPgntn": self._page,
            "RptPgntn": self._page,
            "NtfctnPgntn": self._page,
            "Acct": self._account,
            "FrToDt": self._period,
            "Bal": self._balance,
            "TxsSummry": self._summary,
        }
        self._read = {reach.tags[name]: reader for name, reader in read.items()}

    def take(self, element: Element) -> None:
        """Take in `element` if it is one that counts.

        Raises:
            Wrong: it cannot be read.
        """
        reader = self._read.get(element.tag)
        if reader is not None:
            reader(element)

    def close(self) -> None:
        """Let the balances of a middle page stand for its opening and closing."""
        draft = self.draft
        if draft.opening_minor is None and len(self._between) > 1:
            draft.opening_minor, draft.opening_date = self._between[0]
        if draft.closing_minor is None and self._between:
            draft.closing_minor, draft.closing_date = self._between[-1]

    def _id(self, element: Element) -> None:
        if not self.draft.name:
            self.draft.name = self._names.given(element.text)

    def _sequence(self, element: Element) -> None:
        self.draft.sequence = _count(element.text, element.tag)

    def _legal_sequence(self, element: Element) -> None:
        if self.draft.sequence is None:
            self._sequence(element)

    def _page(self, element: Element) -> None:
        self.draft.page = _count(self._reach.text(element, "PgNb"), "PgNb")

    def _account(self, element: Element) -> None:
        reach, draft = self._reach, self.draft
        identity = reach.down(element, "Id")
        number = reach.text(identity, "IBAN") or reach.text(identity, "Othr", "Id")
        agent = reach.down(element, "Svcr", "FinInstnId")
        bank = reach.text(agent, "BICFI") or reach.text(agent, "BIC")
        draft.account = account_key(number, bank) if number else None
        draft.currency = reach.text(element, "Ccy") or draft.currency
        owner = reach.down(element, "Ownr")
        draft.holder = reach.text(owner, "Nm") or reach.text(owner, "Pty", "Nm")

    def _period(self, element: Element) -> None:
        first = self._reach.text(element, "FrDtTm") or self._reach.text(element, "FrDt")
        last = self._reach.text(element, "ToDtTm") or self._reach.text(element, "ToDt")
        self.draft.first = iso_day(first, "FrDt") if first else None
        self.draft.last = iso_day(last, "ToDt") if last else None

    def _balance(self, element: Element) -> None:
        reach, draft = self._reach, self.draft
        code = reach.text(element, "Tp", "CdOrPrtry", "Cd")
        if code not in _BOOKED:
            return
        text, currency = reach.money(element, "Amt") or ("", "")
        units = signed(text, currency, reach.text(element, "CdtDbtInd"), f"Bal {code}")
        when = reach.text(element, "Dt", "Dt") or reach.text(element, "Dt", "DtTm")
        day = iso_day(when, f"Bal {code} Dt") if when else None
        draft.currency = draft.currency or currency
        if currency != draft.currency:
            raise Wrong(f"Bal {code} Ccy", currency, f"the account is in {draft.currency}")
        if code == "ITBD":
            self._between.append((units, day))
        elif code == "CLBD":
            draft.closing_minor, draft.closing_date = units, day
        elif code == "OPBD" or draft.opening_minor is None:
            draft.opening_minor, draft.opening_date = units, day

    def _summary(self, element: Element) -> None:
        stated = self._reach.text(element, "TtlNtries", "NbOfNtries")
        self.draft.stated_rows = _count(stated, "NbOfNtries") if stated else None


def _count(text: str | None, field: str) -> int:
    bare = (text or "").strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= _DIGITS):
        raise Wrong(field.rsplit("}", 1)[-1], bare, "expected a whole number")
    return int(bare)
