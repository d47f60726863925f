"""Values that a program may send.

Guarantees that what the database could not hold is refused with its place: characters without
meaning (NUL, halves of surrogate pairs), numbers beyond 64 bits, instants beyond the calendar.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

#: Text on one line or more, without NUL. Halves of surrogate pairs are refused by pydantic itself.
_PATTERN = r"^[^\x00]*$"
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=_PATTERN)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=_PATTERN)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=_PATTERN)]
#: What is searched for.
Question = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PATTERN)]
#: The number of a row.
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected an instant of the years 1 to 9999, in UTC") from None


#: An instant with its time zone.
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
