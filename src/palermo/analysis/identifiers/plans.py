"""Numbering plans, read once from `phonenumbers` into a form that answers quickly.

Answers are those of `phonenumbers` (a test holds them to it); a number that its parser would take
apart in an unusual way is left to the parser itself.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc, ValidationResult

_TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The national part of one region's numbers.

    `lengths` are the possible ones and `mobile_lengths` those of mobile numbers, `general` the
    expression all numbers meet, `kinds` the lengths and expression of each type in use, `prefix`
    what may be dialled before the national part, `rewritten` that this changes the number, and
    `abroad` what is dialled before a number of another country.
    """

    region: str
    code: int
    lengths: frozenset[int]
    mobile_lengths: frozenset[int]
    general: re.Pattern[str]
    kinds: tuple[tuple[frozenset[int], re.Pattern[str]], ...]
    prefix: re.Pattern[str] | None
    trunk: str
    rewritten: bool
    abroad: re.Pattern[str] | None

    def valid(self, national: str) -> bool:
        """Tell whether a national part belongs to a range in use."""
        if len(national) not in self.lengths or not self.general.fullmatch(national):
            return False
        return any(
            len(national) in sizes and kind.fullmatch(national) for sizes, kind in self.kinds
        )


def _lengths(desc: PhoneNumberDesc | None, general: frozenset[int]) -> frozenset[int]:
    if desc is None or tuple(desc.possible_length) == (-1,):
        return frozenset()
    return frozenset(desc.possible_length) or general


@cache
def plan(region: str) -> Plan | None:
    """Return the plan of a region, or None if there is none."""
    metadata = PhoneMetadata.metadata_for_region(region)
    general = metadata.general_desc if metadata else None
    if metadata is None or general is None or general.national_number_pattern is None:
        return None
    lengths = frozenset(general.possible_length)
    kinds = [
        (_lengths(desc, lengths), re.compile(desc.national_number_pattern))
        for desc in (getattr(metadata, name) for name in _TYPES)
        if desc is not None and desc.national_number_pattern
    ]
    prefix = metadata.national_prefix_for_parsing
    return Plan(
        region=region,
        code=metadata.country_code or 0,
        lengths=lengths,
        mobile_lengths=_lengths(metadata.mobile, lengths),
        general=re.compile(general.national_number_pattern),
        kinds=tuple(kinds),
        prefix=re.compile(prefix) if prefix else None,
        trunk=metadata.national_prefix or "",
        abroad=re.compile(metadata.international_prefix) if metadata.international_prefix else None,
        rewritten=metadata.national_prefix_transform_rule is not None,
    )


@cache
def plans_of(code: int) -> tuple[Plan, ...]:
    """Return the plans that share a country code, the main one first."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ())
    return tuple(told for region in regions if (told := plan(region)) is not None)


class Parsed(NamedTuple):
    """A possible number: country code, national part, and whether its range is in use."""

    code: int
    national: str
    valid: bool

    @property
    def e164(self) -> str:
        """The number in E.164 form."""
        return f"+{self.code}{self.national}"


def _by_parser(digits: str, region: str | None) -> Parsed | None:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    national = phonenumbers.national_significant_number(number)
    return Parsed(number.country_code or 0, national, phonenumbers.is_valid_number(number))


def _checked(code: int, national: str) -> Parsed | None:
    plans = plans_of(code)
    if len(national) not in plans[0].lengths:
        return None
    return Parsed(code, national, any(one.valid(national) for one in plans))


def parse_abroad(digits: str) -> Parsed | None:
    """Return the possible number that `digits`, country code first, are."""
    for size in (1, 2, 3):
        plans = plans_of(int(digits[:size]))
        if plans:
            national, main = digits[size:], plans[0]
            if main.prefix is None or not main.prefix.match(national):
                return _checked(main.code, national)
            break
    return _by_parser("+" + digits, None)


def parse_at_home(digits: str, region: str) -> Parsed | None:
    """Return the possible number that `digits` are when dialled within `region`."""
    told = plan(region)
    if told is None:
        return None
    leaving = told.abroad is not None and told.abroad.match(digits)
    if leaving or told.rewritten or digits.startswith(str(told.code)):
        return _by_parser(digits, region)
    prefix = told.prefix.match(digits) if told.prefix else None
    if prefix is None:
        return _checked(told.code, digits)
    if prefix.re.groups or not prefix.end():
        return _by_parser(digits, region)
    rest = digits[prefix.end() :]
    kept = told.general.fullmatch(digits) and not told.general.fullmatch(rest)
    if kept or len(rest) not in told.lengths:
        return _by_parser(digits, region)
    return _checked(told.code, rest)
