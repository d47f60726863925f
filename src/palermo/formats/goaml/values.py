"""Values: how each simple type is written, and the checks that a pattern alone cannot make.

Guarantees one definition of each type, from which both our own check and the XSD are made, so that
two engines judge a value by the same words.

Source: W3C XML Schema part 2 for the forms; ISO 13616 (IBAN, modulo 97 of ISO 7064); ISO 9362.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

_WHITE = " \t\r\n"
_ZONE = r"(Z|[+\-](0[0-9]|1[0-3]):[0-5][0-9]|[+\-]14:00)?"
_MOMENT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?" + _ZONE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """A simple type.

    Args:
        words: what was expected, for a person.
        base: the XML Schema type that it restricts.
        pattern: the whole value; empty for any.
        collapse: whether white space around the value means nothing.
        length: characters at least and at most.
        least: smallest value of a number, as text; `most` the largest.
    """

    words: str
    base: str
    pattern: str = ""
    collapse: bool = True
    length: tuple[int, int] | None = None
    least: str = ""
    most: str = ""


SIMPLE = MappingProxyType(
    {
        "text": Simple(words="a text", base="string", collapse=False),
        "code": Simple(words="a code", base="string", collapse=False, length=(1, 50)),
        "email": Simple(words="a mail address", base="string", collapse=False, length=(0, 255)),
        "iban": Simple(words="an IBAN", base="string", collapse=False, length=(0, 34)),
        "bic": Simple(words="a BIC", base="string", collapse=False, length=(1, 11)),
        "moment": Simple(
            words="a moment such as 2026-03-01T09:00:00, from 1753 on",
            base="dateTime",
            pattern=_MOMENT,
            least="1753-01-01T00:00:00",
        ),
        "truth": Simple(words="true or false", base="boolean", pattern="true|false|0|1"),
        "count": Simple(
            words="a whole number",
            base="int",
            pattern=r"[+\-]?[0-9]{1,10}",
            least="-2147483648",
            most="2147483647",
        ),
        "number": Simple(
            words="a number such as 12.5 with at most 12 digits before the point and 10 behind",
            base="decimal",
            pattern=r"[+\-]?[0-9]{1,12}(\.[0-9]{1,10})?",
        ),
        "amount": Simple(
            words="an amount such as 12.50 with at most 16 digits before the point and 8 behind",
            base="decimal",
            pattern=r"[+\-]?[0-9]{1,16}(\.[0-9]{1,8})?",
            least="-7900000000000000",
            most="7900000000000000",
        ),
        "percent": Simple(
            words="a percentage from 0 to 100",
            base="decimal",
            pattern=r"[0-9]{1,3}(\.[0-9]{1,10})?",
            least="0",
            most="100",
        ),
        "ipv4": Simple(
            words="an IPv4 address",
            base="string",
            collapse=False,
            pattern=r"((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])",
        ),
        "ipv6": Simple(
            words="an IPv6 address", base="string", collapse=False, pattern="[0-9A-Fa-f:.]{2,45}"
        ),
    }
)
#: Code lists whose shape is known when a profile names no codes.
SHAPES = MappingProxyType({"currency_type": "[A-Z]{3}", "country_type": "[A-Z]{2}"})


def trimmed(kind: Simple, value: str) -> str:
    """Return `value` without the white space that its type does not count."""
    return value.strip(_WHITE) if kind.collapse else value


def is_iban(value: str) -> bool:
    """Tell whether `value`, spaces aside, has the shape of an IBAN and meets modulo 97."""
    compact = value.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", compact):
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def is_bic(value: str) -> bool:
    """Tell whether `value` has the shape of a BIC: 8 or 11 characters with a country in it."""
    return bool(re.fullmatch(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", value))


def moment(value: str) -> datetime | None:
    """Read a moment, or None; one without a zone stays without."""
    text = value.strip(_WHITE)
    if not re.fullmatch(_MOMENT, text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
