"""Written amounts become whole minor units, exactly or not at all.

No float is made on the way. An amount with more digits than its currency has is refused unless they
are zeros, one of 10^18 units or more always; so sums of some rows stay within 64 bits.
"""

import re

from palermo.formats.statements.parts import Wrong
from palermo.model.money import digits

#: Longer than any amount that is read; refused before it is looked at.
_LONGEST = 60
_PLAIN = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]*))?|([+-]?)\.([0-9]+)")
_CODE = re.compile(r"[A-Z]{3}")
_LIMIT = 10**18


def minor_units(text: str, currency: str, field: str = "amount_minor") -> int:
    """Read a number with a full stop before its fraction.

    >>> minor_units("-12.50", "EUR"), minor_units("1200", "JPY")
    (-1250, 1200)

    Raises:
        Wrong: it is none, has more digits than `currency`, or is too large to be counted.
    """
    units, beneath = split_units(text, digits(currency), field)
    if beneath:
        raise Wrong(field, text, f"expected no more digits behind the point than {currency} has")
    return units


def split_units(text: str, places: int, field: str = "amount_minor") -> tuple[int, str]:
    """Read a number as units of 10^-places, and the digits beneath them (none if zeros).

    Raises:
        Wrong: it is none, or too large.
    """
    text = text.strip()
    found = _PLAIN.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise Wrong(field, text, "expected a number such as 1234.50")
    sign, whole, fraction, other_sign, bare = found.groups()
    fraction = (bare or fraction or "").rstrip("0")
    number = int((whole or "0") + fraction[:places].ljust(places, "0"))
    if number >= _LIMIT:
        raise Wrong(field, text, "is larger than any amount that can be counted exactly")
    return (-number if (sign or other_sign) == "-" else number), fraction[places:]


def currency_code(text: str | None, field: str = "currency") -> str:
    """Return an ISO 4217 code as written.

    Raises:
        Wrong: it is not three letters.
    """
    code = (text or "").strip().upper()
    if not _CODE.fullmatch(code):
        raise Wrong(field, text or "", "expected a currency of three letters, such as EUR")
    return code


def localised(text: str, decimal: str, thousands: str) -> str:
    """Rewrite a number from its country's signs to a plain one; brackets and a last minus negate.

    >>> localised("1.234,50-", ",", ".")
    '-1234.50'

    Raises:
        Wrong: it is not a number in these signs.
    """
    if len(text) > _LONGEST:
        raise Wrong("amount_minor", text, "is longer than any amount")
    bare = text.strip().replace("\u2212", "-")
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1].strip()
    elif bare.endswith(("-", "+")):
        negative, bare = bare.endswith("-"), bare[:-1].strip()
    if bare[:1] in {"-", "+"}:
        negative, bare = negative != (bare[0] == "-"), bare[1:].strip()
    whole, point, fraction = bare.partition(decimal)
    if thousands:
        whole = _ungrouped(whole, thousands, text)
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit():
        raise Wrong("amount_minor", text, f"expected a number such as 1{thousands}234{decimal}50")
    return ("-" if negative else "") + whole + ("." if point else "") + fraction


def _ungrouped(whole: str, thousands: str, text: str) -> str:
    """Take the signs between groups out: groups of three, or (in India) of two before the last."""
    spaces = thousands.isspace()
    signs = " \u00a0\u202f\u2009" if spaces else ("'\u2019" if thousands == "'" else thousands)
    groups = re.split(f"[{re.escape(signs)}]", whole)
    sound = len(groups) == 1 or (
        len(groups[-1]) == 3 and 1 <= len(groups[0]) <= 3
        and {len(group) for group in groups[1:-1]} in (set(), {2}, {3})
    )  # fmt: skip
    if not sound:
        raise Wrong("amount_minor", text, f"the groups of digits do not fit {thousands!r}")
    return "".join(groups)
