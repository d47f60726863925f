"""Lists of transactions as block explorers and wallets export them: Bitcoin, Ethereum, TRON.

Guarantees that every address passed its checksum; that a token counts under its symbol only if the
contract is the one that stands behind it; and that what failed on the chain moved nothing but its
fee. Amounts are whole minor units; ether has more digits than 64 bits hold, so it is counted in
units of 10^-9 (gwei), and what lies beneath is written in the memo and counted.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from palermo.formats.dates import read_date
from palermo.formats.statements.addresses import CHAINS, address
from palermo.formats.statements.amounts import split_units
from palermo.formats.statements.layouts import Layout, chains, place
from palermo.formats.statements.moments import Clock, Moment
from palermo.formats.statements.parts import (
    BLOCK_ROWS,
    Draft,
    Pieces,
    Remark,
    Row,
    Source,
    Wrong,
    block,
    clean,
    tx_id,
)
from palermo.formats.statements.profiled import Cells
from palermo.formats.typed_table import SetAside
from palermo.model.money import DIGITS, digits

_START = datetime(1970, 1, 1)  # noqa: DTZ001  the zone is the clock's
_SOUND = frozenset({"", "success", "successful", "confirmed", "true", "1", "ok", "sucess"})


def read_crypto(source: Source, layout: Layout, header: Sequence[str], cells: Cells) -> Pieces:
    """Read the rows below `header` as transfers between addresses."""
    table = _Explorer(source, layout, header)
    rows: list[Row] = []
    for item in cells:
        if isinstance(item, SetAside):
            yield item
            continue
        number, values = item
        if not any(value and value.strip() for value in values):
            continue
        for found in table.rows(number, values):
            if isinstance(found, SetAside):
                yield found
            else:
                rows.append(found)
        if len(rows) >= BLOCK_ROWS:
            yield block(rows)
            rows = []
    if rows:
        yield block(rows)
    yield table.draft.sealed()
    yield from table.remarks()


class _Explorer:
    """One table and its columns."""

    def __init__(self, source: Source, layout: Layout, header: Sequence[str]) -> None:
        self.source, self.layout = source, layout
        # Explorers write UTC; wallets the time of their machine.
        self.clock = Clock(source.zone if layout.wallet else "UTC")
        self.at = {name: place(header, names) for name, names in layout.fields.items()}
        self.beneath = 0
        self.draft = Draft(
            name=f"{source.name}#1",
            document=source.sha256,
            format=f"{layout.chain or 'chain'}.csv",
            kind="export",
            newest_first=None,
        )
        if layout.wallet:
            self.draft.account = f"wallet:{source.sha256[:12]}"
            self.draft.currency = chains()[layout.chain].coin

    def rows(self, number: int, values: Sequence[str | None]) -> Iterator[Row | SetAside]:
        """Yield what one line tells: a transfer, a fee, or what cannot be read of it."""
        for read in (self._transfer, self._fee):
            try:
                found = read(number, values)
            except Wrong as wrong:
                yield wrong.at(number)
                if wrong.field != "status":
                    return
            else:
                if found is not None:
                    self.draft.count(0)
                    yield found

    def remarks(self) -> Iterator[Remark]:
        """Say what was cut off, and what the clock assumed."""
        if self.beneath:
            said = "with digits beneath the unit of 10^-9, which stand in the memo"
            yield Remark(said, self.beneath)
        yield from self.clock.remarks()

    def _text(self, values: Sequence[str | None], field: str) -> str | None:
        at = self.at.get(field)
        return None if at is None or at >= len(values) else clean(values[at])

    def _chain(self, values: Sequence[str | None]) -> str:
        if self.layout.chain:
            return self.layout.chain
        told = (self._text(values, "chain_column") or "").lower()
        names = {"btc": "bitcoin", "eth": "ethereum", "trx": "tron"}
        chain = names.get(told, told)
        if chain not in CHAINS:
            raise Wrong("chain", told, f"expected one of {', '.join(CHAINS)}")
        return chain

    def _transfer(self, number: int, values: Sequence[str | None]) -> Row | None:
        chain = self._chain(values)
        self._check_status(values)
        if self.layout.wallet:
            return self._wallet_row(number, values, chain)
        text = self._value(values)
        if text is None:
            return None
        currency = self._currency(values, chain)
        units, memo = self._units(text, currency, "value", raw=self.layout.raw_units)
        if units < 0:
            raise Wrong("value", text, "expected no minus")
        if not units and not memo:
            return None  # a call of a contract that moved nothing
        to = self._text(values, "to") or self._text(values, "created") or ""
        return self._row(
            number,
            values,
            src=address(self._text(values, "from") or "", chain, "from"),
            dst=address(to, chain, "to"),
            units=units,
            currency=currency,
            memo=memo,
        )

    def _wallet_row(self, number: int, values: Sequence[str | None], chain: str) -> Row | None:
        """Read a line of a wallet's own list: signed, and without the sender's address."""
        text = self._text(values, "signed") or ""
        currency = chains()[chain].coin
        units, memo = self._units(text, currency, "value", raw=False)
        own, other = self.draft.own, self._text(values, "other")
        there = f"unnamed:{own.removeprefix('wallet:')}:{'in' if units > 0 else 'out'}"
        if units < 0 and other:  # of money that came in, the address is the wallet's own
            there = address(other, chain, "other")
        src, dst = (there, own) if units > 0 else (own, there)
        row = self._row(
            number, values, src=src, dst=dst, units=abs(units), currency=currency, memo=memo
        )
        return row._replace(own=own, effect_minor=units) if units else None

    def _fee(self, number: int, values: Sequence[str | None]) -> Row | None:
        text = self._text(values, "fee")
        if text is None or self.layout.wallet:
            return None
        chain = self._chain(values)
        coin = chains()[chain].coin
        units, memo = self._units(text, coin, "fee", raw=False)
        if units <= 0 and not memo:
            return None
        payer = address(self._text(values, "from") or "", chain, "from")
        row = self._row(
            number, values, src=payer, dst=f"network:{chain}", units=units, currency=coin, memo=memo
        )
        return row._replace(tx_id=tx_id(self.source, number, "-fee"), channel="fee")

    def _check_status(self, values: Sequence[str | None]) -> None:
        for field in ("failed", "status", "confirmed"):
            told = (self._text(values, field) or "").lower()
            if (field == "failed" and told) or told not in _SOUND:
                raise Wrong("status", told, "failed or not confirmed; it moved no value")

    def _value(self, values: Sequence[str | None]) -> str | None:
        stated = [self._text(values, field) for field in ("value", "in", "out")]
        moved = [text for text in stated if text and text.strip("0.,")]
        if len(moved) == 2 and moved[0] != moved[1]:
            raise Wrong("value", " ".join(moved), "came in and left in one row")
        return moved[0] if moved else None

    def _currency(self, values: Sequence[str | None], chain: str) -> str:
        known = chains()[chain]
        contract = self._text(values, "contract")
        symbol = (self._text(values, "token") or "").upper()
        if "token" not in self.layout.fields:
            return known.coin
        if not symbol and not contract:
            if self.layout.chain:
                raise Wrong("token", "", "the row names no token")
            return known.coin
        if symbol == known.coin and not contract:
            return known.coin
        by_contract = {one.lower(): name for name, one in known.tokens.items()}
        found = by_contract.get((contract or "").lower())
        if found is None:
            said = "names no contract, so what stands behind the symbol is not known"
            if contract:
                said = f"contract {contract} is none whose token is known"
            raise Wrong("token", symbol, said)
        return found

    def _units(self, text: str, currency: str, field: str, *, raw: bool) -> tuple[int, str | None]:
        """Return minor units, and the memo of what lies beneath them."""
        bare = text.replace(",", "") if self.layout.grouped else text
        if currency not in DIGITS:
            raise Wrong("currency", currency, "how many digits it has is not known")
        units, beneath = split_units(bare, 0 if raw else digits(currency), field)
        if not beneath:
            return units, None
        if raw or len(beneath) > 18 - digits(currency):
            raise Wrong(
                field, text, f"expected no more digits behind the point than {currency} has"
            )
        self.beneath += 1
        return units, f"[and {beneath} units of 10^-{digits(currency) + len(beneath)} {currency}]"

    def _moment(self, values: Sequence[str | None]) -> Moment:
        text = self._text(values, "time") or ""
        read = read_date(text)
        if read is None:
            raise Wrong("time", text, "expected a moment such as 2026-03-01 09:00:00")
        wall = _START + timedelta(microseconds=read[0])
        return self.clock.exact(wall.replace(tzinfo=UTC)) if read[1] else self.clock.wall(wall)

    def _row(
        self,
        number: int,
        values: Sequence[str | None],
        *,
        src: str,
        dst: str,
        units: int,
        currency: str,
        memo: str | None,
    ) -> Row:
        at = self._moment(values)
        notes = (self._text(values, "note"), memo)
        return Row(
            tx_id=tx_id(self.source, number),
            ts=at.ts,
            day=at.day,
            src=src,
            dst=dst,
            amount_minor=units,
            currency=currency,
            day_only=False,
            zone=at.zone,
            channel="crypto",
            memo=" ".join(note for note in notes if note) or None,
            bank_ref=self._text(values, "hash"),
            statement=self.draft.name,
            line=number,
            reversal=False,
        )
