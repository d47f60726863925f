"""The law packs as a table for reference documentation."""

from dataclasses import dataclass

from palermo.law.lengths import duration
from palermo.law.pack import LawBook, Power, Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRow:
    """One power under one regime, every cell as text for a reader."""

    power: str
    title: str
    article: str
    regime: str
    measures: str
    authorised_by: str
    offences: str
    duration: str
    in_force: str
    conditions: str
    source: str
    checked: str


def powers_table(book: LawBook) -> tuple[PowerRow, ...]:
    """Return one row for every regime of every version of every power, in the packs' order."""
    return tuple(_row(power, regime) for power in book.powers() for regime in power.regimes)


def _row(power: Power, regime: Regime) -> PowerRow:
    validity, origin = power.validity, power.origin
    return PowerRow(
        power=power.key,
        title=power.title,
        article=origin.article,
        regime=regime.title,
        measures=", ".join(power.measures),
        authorised_by=", ".join(regime.authorised_by),
        offences="any" if power.offences is None else ", ".join(power.offences),
        duration=duration(regime),
        in_force=f"{validity.begins} to {validity.ends or 'today'}"
        + (f", then {validity.successor}" if validity.successor else ""),
        conditions=" ".join(power.conditions + regime.conditions),
        source=origin.source + (f" ({origin.seen})" if origin.seen else ""),
        checked=origin.checked.isoformat() if origin.checked else "unchecked",
    )
