"""Telephone numbers by the numbering plans of `phonenumbers`: possible, valid, and in which form.

A number in clear international form is believed when its length is possible in its country, whether
or not the range is in use; a number in national form must be valid in a region it is likely to be
from, or possible there and written with the trunk prefix. All answers are kept: campaigns repeat
their numbers.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from palermo.analysis.identifiers.mention import HIGH, MEDIUM
from palermo.analysis.identifiers.plans import parse_abroad, parse_at_home, plan


class Number(NamedTuple):
    """A telephone number in E.164 form, how sure it is, and why."""

    value: str
    confidence: str
    reason: str
    valid: bool


class National(NamedTuple):
    """A number in national form in one region.

    `trunk` tells that the trunk prefix is written, `unprefixed` that the region's prefix 0 is
    missing, `mobile` that its length is that of a mobile number.
    """

    value: str
    region: str
    valid: bool
    trunk: bool
    unprefixed: bool
    mobile: bool


def _is_count(value: str) -> bool:
    """Tell a round figure or one digit repeated from a number: "+20 000 000 000" is a count."""
    return value.endswith("000000") or len(set(value[3:])) == 1


@lru_cache(maxsize=1 << 18)
def international(digits: str) -> Number | None:
    """Return the number for `digits` that begin with a country code, or None."""
    if not 8 <= len(digits) <= 15 or digits[0] == "0":
        return None
    number = parse_abroad(digits)
    if number is None or _is_count(number.e164):
        return None
    if number.valid:
        reason = f"international form, valid number of +{number.code}"
        return Number(number.e164, HIGH, reason, valid=True)
    reason = f"international form, possible length for +{number.code}, range not in use"
    return Number(number.e164, MEDIUM, reason, valid=False)


@lru_cache(maxsize=1 << 18)
def in_region(digits: str, region: str) -> National | None:
    """Return what `digits` are when dialled within `region`, or None."""
    if not 8 <= len(digits) <= 13:
        return None
    number, told = parse_at_home(digits, region), plan(region)
    if number is None or told is None or _is_count(number.e164):
        return None
    return National(
        value=number.e164,
        region=region,
        valid=number.valid,
        trunk=told.trunk not in {"", "1"}
        and digits.startswith(told.trunk)
        and not number.e164.endswith(digits),
        unprefixed=told.trunk == "0" and not digits.startswith("0"),
        mobile=len(number.national) in told.mobile_lengths,
    )


def national(digits: str, regions: Sequence[str]) -> National | None:
    """Return the most likely reading of `digits` in national form, or None.

    In this order: with the trunk prefix in the first region; valid as written there, in the order
    of `regions`; possible with a trunk prefix; valid if the trunk prefix had been written.
    """
    first = in_region(digits, regions[0])
    if first is not None and first.trunk and (first.valid or first.mobile):
        return first
    told = []
    for region in regions:
        one = in_region(digits, region)
        if one is not None and one.valid and not one.unprefixed:
            return one
        told.append(one)
    possible = [one for one in told if one is not None]
    for fits in (
        [one for one in possible if one.trunk and one.mobile],
        [one for one in possible if one.trunk],
        [one for one in possible if one.valid],
    ):
        if fits:
            return fits[0]
    return None
