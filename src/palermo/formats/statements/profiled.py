"""A bank's table (CSV, TSV or a spreadsheet) read with its column profile.

Guarantees that a row is read whole or set aside; that no number passes through a float; and that
each account and currency in the table becomes a statement of its own, whose order (newest or oldest
first) is as the profile says or as the dates show.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import lru_cache

from palermo.formats.columns import plain
from palermo.formats.statements.amounts import localised, minor_units
from palermo.formats.statements.moments import Clock, Moment
from palermo.formats.statements.parties import account_key, other_side
from palermo.formats.statements.parts import (
    BLOCK_ROWS,
    Draft,
    Pieces,
    Row,
    Source,
    Wrong,
    block,
    clean,
    tx_id,
)
from palermo.formats.statements.profile import Profile
from palermo.formats.typed_table import SetAside
from palermo.model import Unreadable
from palermo.model.transaction import CHANNELS

#: Number of a row in its file, and its cells as text; or what could not be a row.
Cells = Iterator[tuple[int, Sequence[str | None]] | SetAside]
_ZONED = "%z"
_HOURS = ("%H", "%I")


def read_profiled(
    source: Source, profile: Profile, header: Sequence[str], cells: Cells, *, form: str
) -> Pieces:
    """Read the rows below `header`.

    Raises:
        Unreadable: a column that the profile names is not there.
    """
    table = _Table(source, profile, header, form)
    rows: list[Row] = []
    for item in cells:
        if isinstance(item, SetAside):
            yield item
            continue
        number, values = item
        if not any(value and value.strip() for value in values):
            continue
        try:
            rows.append(table.row(number, values))
        except Wrong as wrong:
            table.unread()
            yield wrong.at(number)
        if len(rows) >= BLOCK_ROWS:
            yield block(rows)
            rows = []
    if rows:
        yield block(rows)
    yield from table.statements()
    yield from table.clock.remarks()


class PlainNumber(str):
    """A number from a cell that holds one: its signs are not those of the bank's language."""

    __slots__ = ()


class _Table:
    """The columns of one table, and the statements found in it so far."""

    def __init__(self, source: Source, profile: Profile, header: Sequence[str], form: str) -> None:
        self.source, self.profile, self.form = source, profile, form
        self.clock = Clock(profile.zone or source.zone)
        self.at = columns_at(profile, header, source.name)
        self.drafts: dict[tuple[str, str], Draft] = {}
        self.last: dict[tuple[str, str], int] = {}
        self.rising: dict[tuple[str, str], set[bool]] = {}
        self.current: tuple[str, str] | None = None

    def row(self, number: int, values: Sequence[str | None]) -> Row:
        """Read one row.

        Raises:
            Wrong: a field that must be read cannot be.
        """
        currency = (self._text(values, "currency") or self.profile.currency or "").upper()
        if not (3 <= len(currency) <= 5 and currency.isascii() and currency.isalnum()):
            raise Wrong("currency", currency, "expected a currency such as EUR")
        effect, reversal = self._effect(values, currency)
        at = self._moment(values)
        stated = self._text(values, "account") or self.profile.account
        own = account_key(stated) if stated else None
        draft = self._draft(own, currency, at)
        balance = self._number(values, "balance", currency)
        draft.count(effect)
        memo = self._text(values, "memo")
        way = self._channel(values, memo)
        name = self._text(values, "counterparty_name")
        there = self._text(values, "counterparty_account")
        incoming = effect > 0
        key = other_side(
            draft.own,
            account=account_key(there, self._text(values, "counterparty_bank")) if there else None,
            name=name,
            channel=way,
            incoming=incoming,
        )
        theirs, ours = (key, name), (draft.own, self.profile.holder)
        (src, src_name), (dst, dst_name) = (theirs, ours) if incoming else (ours, theirs)
        return Row(
            tx_id=tx_id(self.source, number),
            ts=at.ts,
            day=at.day,
            src=src,
            dst=dst,
            amount_minor=abs(effect),
            currency=currency,
            value_date=self._value_date(values),
            day_only=at.day_only,
            zone=at.zone,
            channel=way,
            mcc=self._text(values, "mcc"),
            memo=memo,
            src_name=src_name,
            dst_name=dst_name,
            city=self._text(values, "city"),
            country=self._text(values, "country"),
            device=self._text(values, "device"),
            bank_ref=self._text(values, "bank_ref"),
            balance_minor=balance,
            statement=draft.name,
            line=number,
            own=draft.own,
            effect_minor=effect,
            reversal=reversal,
        )

    def unread(self) -> None:
        """Say that a row was set aside: it may be of any statement of the table."""
        if self.current is not None:
            self.drafts[self.current].count(0)

    def statements(self) -> Pieces:
        """Yield what is known of each statement, in order of their first rows."""
        for key, draft in self.drafts.items():
            seen = self.rising[key]
            found = (False in seen) if len(seen) == 1 else None
            told = {"oldest_first": False, "newest_first": True}
            draft.newest_first = told.get(self.profile.order, found)
            yield draft.sealed()

    def _draft(self, own: str | None, currency: str, at: Moment) -> Draft:
        key = self.current = (own or "", currency)
        draft = self.drafts.get(key)
        if draft is None:
            draft = self.drafts[key] = Draft(
                name=f"{self.source.name}#{len(self.drafts) + 1}",
                document=self.source.sha256,
                format=self.form,
                kind="export",
                account=own,
                holder=self.profile.holder,
                currency=currency,
            )
            self.rising[key] = set()
        elif at.ts != self.last[key]:
            self.rising[key].add(at.ts > self.last[key])
        self.last[key] = at.ts
        draft.first = min(draft.first or at.day, at.day)
        draft.last = max(draft.last or at.day, at.day)
        return draft

    def _text(self, values: Sequence[str | None], field: str) -> str | None:
        places = self.at.get(field, ())
        if len(places) == 1:
            return clean(values[places[0]])
        return " ".join(text for place in places if (text := clean(values[place]))) or None

    def _number(self, values: Sequence[str | None], field: str, currency: str) -> int | None:
        text = self._text(values, field)
        if text is None:
            return None
        if isinstance(values[self.at[field][0]], PlainNumber):
            return minor_units(text, currency, field)
        bare = text.removesuffix(currency).removeprefix(currency).strip()
        try:
            plain_text = localised(bare, self.profile.decimal, self.profile.thousands)
            return minor_units(plain_text, currency, field)
        except Wrong as wrong:
            raise Wrong(field, text, wrong.reason) from None

    def _effect(self, values: Sequence[str | None], currency: str) -> tuple[int, bool]:
        """Return what the row does to the balance, and whether it takes an earlier one back."""
        profile = self.profile
        if profile.sign != "columns":
            amount = self._number(values, "amount", currency)
            if amount is None:
                raise Wrong("amount", "", "is empty")
            if profile.sign == "mark":
                return self._marked(values, amount)
            return (-amount if profile.sign == "inverse" else amount), False
        debit = self._number(values, "debit", currency) or 0
        credit = self._number(values, "credit", currency) or 0
        if bool(debit) == bool(credit):
            said = "both debit and credit" if debit else "neither debit nor credit"
            raise Wrong("debit", f"{debit} {credit}", f"the row has {said}")
        if profile.negative_debits:
            debit = -debit
        return credit - debit, credit < 0 or debit < 0

    def _marked(self, values: Sequence[str | None], amount: int) -> tuple[int, bool]:
        mark = (self._text(values, "mark") or "").upper()
        if mark in self.profile.credit:
            return amount, amount < 0
        if mark in self.profile.debit:
            return -amount, amount < 0
        known = ", ".join(sorted(self.profile.credit | self.profile.debit))
        raise Wrong("mark", mark, f"expected one of {known}")

    def _moment(self, values: Sequence[str | None]) -> Moment:
        text = self._text(values, "date")
        if text is None:
            raise Wrong("date", "", "is empty")
        form = self.profile.date_format
        stated = parsed(text, form)
        hour = self._text(values, "time")
        if hour is not None:
            told = parsed(hour, self.profile.time_format, "time")
            return self.clock.wall(datetime.combine(stated.date(), told.time()))
        if stated.tzinfo is not None:
            return self.clock.exact(stated)
        if any(directive in form for directive in _HOURS):
            return self.clock.wall(stated)
        return self.clock.day(stated.date())

    def _value_date(self, values: Sequence[str | None]) -> date | None:
        text = self._text(values, "value_date")
        return parsed(text, self.profile.date_format, "value_date").date() if text else None

    def _channel(self, values: Sequence[str | None], memo: str | None) -> str | None:
        told = self._text(values, "channel")
        if told and told.lower() in CHANNELS:
            return told.lower()
        for text in (told, memo):
            for pattern, channel in self.profile.channels if text else ():
                if pattern.search(text or ""):
                    return channel
        return None


def columns_at(profile: Profile, header: Sequence[str], name: str) -> dict[str, tuple[int, ...]]:
    """Return the places of the columns that the profile names.

    Raises:
        Unreadable: one is not there.
    """
    places = {plain(one): at for at, one in reversed(list(enumerate(header)))}
    found = {}
    for field, names in profile.columns.items():
        for one in names:
            if plain(one) not in places:
                listed = ", ".join(title for title in header if title)[:300]
                raise Unreadable(
                    f"{name}: no column {one!r} for `{field}` of profile {profile.name}; "
                    f"found {listed}"
                )
        found[field] = tuple(places[plain(one)] for one in names)
    return found


@lru_cache(maxsize=1 << 15)
def parsed(text: str, form: str, field: str = "date") -> datetime:
    """Read a date in the form of the profile; one from a spreadsheet may be in ISO form instead.

    Raises:
        Wrong: it is not one.
    """
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007  the zone is the clock's
    except (ValueError, OverflowError):
        pass
    try:  # cells of spreadsheets hold dates, not texts; the reader writes them so
        if field == "time":
            return datetime.combine(date.min, time.fromisoformat(text))
        return datetime.fromisoformat(text)
    except ValueError:
        shown = form.replace("%", "")
        raise Wrong(field, text, f"expected a date such as {shown}") from None
