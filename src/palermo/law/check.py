"""Whether an authority covers what somebody is about to do.

Guarantees that a `Grant` exists only where every question below was answered with yes, in this
order: is it stated for what and for which case; does the power exist and was it in force; is it now
within the authority's time; was the person entitled to give it, for so long, for these offences;
does it reach this measure, this material, these platforms. The clock is passed in.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import NoReturn

from palermo.law.lengths import duration, exceeded
from palermo.law.pack import LawBook, Power, Regime
from palermo.model import Authority, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An authority found to cover a measure at a moment.

    `ends` is the first instant at which it no longer does. `caveats` are what a reader must be told
    about the rule itself, `conditions` what the law demands and no program can check.
    """

    authority: Authority
    power: Power
    regime: Regime
    measure: str
    material: str
    platforms: tuple[str, ...]
    at: datetime
    ends: datetime
    conditions: tuple[str, ...]
    caveats: tuple[str, ...]


def check(
    authority: Authority,
    book: LawBook,
    *,
    at: datetime,
    measure: str,
    material: str,
    platforms: Collection[str] = (),
) -> Grant:
    """Judge whether `authority` covers doing `measure` at `at` with `material` of `platforms`.

    Raises:
        Refused: naming the power, its article and what to do.
        ValueError: when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    _check_stated(authority)
    power = _power(authority, book, at)
    regime = _regime(authority, power)
    _check_time(authority, power, at)
    _check_length(authority, power, regime)
    _check_offences(authority, power)
    _check_reach(authority, power, book, measure=measure, material=material, platforms=platforms)
    return Grant(
        authority=authority,
        power=power,
        regime=regime,
        measure=measure,
        material=material,
        platforms=tuple(sorted(platforms)),
        at=at,
        ends=authority.valid_until,
        conditions=power.conditions + regime.conditions,
        caveats=_caveats(power),
    )


def _refuse(authority: Authority, power: Power | None, problem: str, advice: str) -> NoReturn:
    article = f" ({power.origin.article})" if power else ""
    raise Refused(f"{authority.power}{article}: {problem}; {advice}")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"


def _check_stated(authority: Authority) -> None:
    for key, value in (
        ("purpose", authority.purpose),
        ("case", authority.case),
        ("organisation", authority.organisation),
        ("legal_basis", authority.legal_basis),
    ):
        if not value.strip():
            _refuse(authority, None, f"the authority states no {key}", f"write `{key}` in its file")


def _power(authority: Authority, book: LawBook, at: datetime) -> Power:
    """Find the version that was in force when the authority began, and see that one still is."""
    versions = book.versions(authority.power)
    if not versions:
        known = sorted({power.key for power in book.powers()})
        near = get_close_matches(authority.power, known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"use one of {_listed(known)}"
        _refuse(authority, None, "no law pack knows this power", advice)
    for moment, what in ((authority.valid_from, "when the authority begins"), (at, "now")):
        if not any(power.validity.holds(moment) for power in versions):
            _refuse(authority, versions[-1], *_out_of_force(versions, moment, what))
    return next(power for power in versions if power.validity.holds(authority.valid_from))


def _out_of_force(versions: tuple[Power, ...], moment: datetime, what: str) -> tuple[str, str]:
    past = [
        power.validity
        for power in versions
        if power.validity.ends is not None and power.validity.ends <= moment.date()
    ]
    if not past:
        begins = versions[0].validity.begins
        return (
            f"not known to be in force {what} ({moment.date()}), only from {begins}",
            "name the power that the law gave at that time",
        )
    successor = past[-1].successor or "the law that took its place"
    return (
        f"no longer in force {what} ({moment.date()}), it ended on {past[-1].ends}",
        f"obtain an authority under {successor}",
    )


def _regime(authority: Authority, power: Power) -> Regime:
    """Choose the regime by name, or by the office of the person who authorised."""
    regimes = power.regimes
    if authority.regime:
        regimes = tuple(one for one in regimes if one.name == authority.regime)
        if not regimes:
            _refuse(
                authority,
                power,
                f"the power has no regime `{authority.regime}`",
                f"write one of {_listed(one.name for one in power.regimes)}",
            )
    role = authority.authorised_by.role
    entitled = [one for one in regimes if role in one.authorised_by]
    if not entitled:
        roles = dict.fromkeys(role for one in regimes for role in one.authorised_by)
        _refuse(
            authority,
            power,
            f"`{role}` may not authorise it",
            f"it takes the decision of {' or '.join(roles)}",
        )
    if len(entitled) > 1:
        _refuse(
            authority,
            power,
            f"`{role}` may authorise it in several kinds of proceedings",
            f"write `regime`: {' or '.join(one.name for one in entitled)}",
        )
    return entitled[0]


def _check_time(authority: Authority, power: Power, at: datetime) -> None:
    start, end = authority.valid_from, authority.valid_until
    if end <= start:
        _refuse(authority, power, "the authority ends before it begins", "correct from and until")
    if at < start:
        _refuse(
            authority,
            power,
            f"the authority begins on {start.isoformat()}, it is {at.isoformat()}",
            "wait until then or obtain an earlier one",
        )
    if at >= end:
        _refuse(
            authority,
            power,
            f"the authority ended on {end.isoformat()}",
            "obtain a renewal or a new authority before taking in anything more",
        )


def _check_length(authority: Authority, power: Power, regime: Regime) -> None:
    renewals = authority.renewals
    if regime.length is None:
        return
    if regime.renewals is not None and renewals > regime.renewals:
        _refuse(
            authority,
            power,
            f"renewed {renewals} times, the law allows {regime.renewals}",
            "obtain a new authority",
        )
    limit = exceeded(authority.valid_from, authority.valid_until, regime, renewals)
    if limit is not None:
        _refuse(
            authority,
            power,
            f"runs until {authority.valid_until.isoformat()}; the law gives {duration(regime)}, "
            f"the authority states {renewals} renewals",
            f"it may last until {limit.isoformat()} at most: "
            "state the renewals that were granted, or correct `until`",
        )


def _check_offences(authority: Authority, power: Power) -> None:
    if power.offences is None:
        return
    listed = _listed(power.offences)
    if not authority.offences:
        _refuse(
            authority,
            power,
            "the power exists for listed offences only and the authority names none",
            f"write `offences`, from {listed}",
        )
    for offence in authority.offences:
        if offence not in power.offences:
            _refuse(
                authority,
                power,
                f"not available for the offence `{offence}`",
                f"it exists for {listed}; use another power for the other offences",
            )


def _check_reach(
    authority: Authority,
    power: Power,
    book: LawBook,
    *,
    measure: str,
    material: str,
    platforms: Collection[str],
) -> None:
    for what, word, known in (
        ("measure", measure, book.measures),
        ("kind of material", material, book.material),
    ):
        if word not in known:
            _refuse(
                authority, power, f"unknown {what} `{word}`", f"use one of {_listed(sorted(known))}"
            )
    scope = authority.scope
    for what, word, given, granted in (
        ("measure", measure, power.measures, scope.measures),
        ("material", material, power.material, scope.material),
    ):
        if given is not None and word not in given:
            _refuse(
                authority,
                power,
                f"the power does not reach the {what} `{word}`, only {_listed(given)}",
                "use a power that does",
            )
        if granted and word not in granted:
            _refuse(
                authority,
                power,
                f"the authority does not reach the {what} `{word}`, only {_listed(granted)}",
                "ask for its scope to be widened, or leave this out",
            )
    allowed = {platform.casefold() for platform in scope.platforms}
    outside = sorted(one for one in platforms if allowed and one.strip().casefold() not in allowed)
    if outside:
        _refuse(
            authority,
            power,
            f"the authority does not reach the platform {_listed(outside)}, "
            f"only {_listed(scope.platforms)}",
            "ask for its scope to be widened, or leave this out",
        )


def _caveats(power: Power) -> tuple[str, ...]:
    if power.origin.checked is not None:
        return ()
    article = power.origin.article
    return (f"{power.key}: this entry has not been checked against the text of {article}",)
