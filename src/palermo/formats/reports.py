"""Reports to financial intelligence units: what every format of them offers.

Guarantees that a caller needs to know none of them: each reads a file into problems and payments,
and writes a draft into bytes with a list of what a person must fill in. goAML is the first; the
format of Article 69(3) of Regulation (EU) 2024/1624 takes its place beside it once it is law.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from palermo.formats.typed_table import SetAside
from palermo.model import Unreadable
from palermo.model.report import Draft


class Severity(StrEnum):
    """How much a problem weighs: with an error the report would be sent back."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A problem: where, under which rule, what was expected and found, and what to do.

    `missing` says that an element is not there, so that somebody must fill it in.
    """

    severity: Severity
    rule: str
    path: str
    line: int
    message: str
    advice: str
    missing: bool = False

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else self.path
        return f"{where}: {self.message}; {self.advice} [{self.rule}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a check found: the profile used, its problems, and how many transactions there are."""

    profile: str
    title: str
    unchecked: bool
    issues: tuple[Issue, ...]
    transactions: int

    @property
    def errors(self) -> int:
        """How many problems would send the report back."""
        return sum(one.severity is Severity.ERROR for one in self.issues)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToFill:
    """A field that a person must fill in, and what the records say that may help.

    A field of an account that stands in several transactions is listed once: `path` is the first,
    `places` counts them all.
    """

    path: str
    expected: str
    hint: str = ""
    places: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A skeleton as bytes, what is to be filled in, and what else is wrong with it."""

    data: bytes
    to_fill: tuple[ToFill, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRows:
    """Payments of a report as STATEMENT_ROWS, and those that could not be read, with the reason."""

    table: pa.Table
    set_aside: tuple[SetAside, ...]


class ReportFormat(Protocol):
    """A format of reports. `profile` names a jurisdiction's profile, or a file with one."""

    name: str

    def profiles(self) -> tuple[str, ...]:
        """Return the names of the profiles that come with Palermo."""

    def judge(self, path: Path, profile: str | None) -> Judged:
        """Read the file and return every problem of it."""

    def payments(self, path: Path, profile: str | None) -> ReportRows:
        """Read the file and return its payments."""

    def write(self, draft: Draft, profile: str) -> Written:
        """Write a draft; what nobody knows is left out and listed."""


def report_formats() -> Mapping[str, ReportFormat]:
    """Return all formats by name."""
    from palermo.formats.goaml.form import GoAml  # noqa: PLC0415  it uses what stands above

    goaml: ReportFormat = GoAml()
    return {goaml.name: goaml}


def report_format(name: str) -> ReportFormat:
    """Return the format called `name`.

    Raises:
        Unreadable: there is none.
    """
    known = report_formats()
    if name not in known:
        raise Unreadable(f"report format {name}: expected one of {', '.join(known)}")
    return known[name]
