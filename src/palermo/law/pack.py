"""The nouns of a law pack: powers, their regimes, deadlines and retention.

Pure data, read from `packs/*.yaml` by `book`. Every entry knows its article, where that was read
(`seen`) and on which day (`checked`; None means that nobody has checked it against the text yet).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from palermo.law.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a rule comes from: its article, the text in which it was read, and when."""

    article: str
    source: str
    seen: str = ""
    checked: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Days on which a rule holds: from `begins` up to but not including `ends`.

    `begins` is the first day on which the rule is known to have held as written here. `successor`
    names what takes its place.
    """

    begins: date
    ends: date | None = None
    successor: str = ""

    def holds(self, moment: datetime) -> bool:
        """Tell whether the rule holds on the day of `moment`, in the time zone of `moment`."""
        day = moment.date()
        return self.begins <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """Who may authorise a power, and for how long, in one kind of proceedings.

    `length` None sets no limit. `renewals` None sets no limit to their number; each lasts
    `renewal`, or `length` where that is None. `total` caps everything together.
    """

    name: str
    title: str
    authorised_by: tuple[str, ...]
    length: Period | None = None
    renewal: Period | None = None
    renewals: int | None = 0
    total: Period | None = None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What the law allows: measures on kinds of material, for offences, under a regime.

    `material` and `offences` None leave that dimension unlimited.
    """

    key: str
    title: str
    measures: tuple[str, ...]
    material: tuple[str, ...] | None
    offences: tuple[str, ...] | None
    regimes: tuple[Regime, ...]
    validity: Validity
    origin: Origin
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A clock that stands still from an event of kind `begins` until one of kind `ends`."""

    begins: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """Somebody owes something within `length` of an event of kind `trigger`.

    The rule applies when all facts in `when` and none of those in `unless` are known of the
    trigger. `met_by` are events that fulfil it. With `earliest` the moment is one before which
    something must not be done, otherwise the latest moment at which it may be.
    """

    key: str
    title: str
    who: str
    trigger: str
    length: Period
    origin: Origin
    validity: Validity
    earliest: bool = False
    when: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    met_by: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How long records of kind `what` are kept, counted from an event of kind `trigger`.

    `least` is the period during which they must be kept, `most` the one after which they must be
    erased, `review` the one after which keeping them must be justified anew. `held_by` are stops:
    while one runs, nothing is erased.
    """

    key: str
    title: str
    what: str
    trigger: str
    origin: Origin
    validity: Validity
    least: Period | None = None
    most: Period | None = None
    review: Period | None = None
    held_by: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingPoint:
    """To whom somebody reports what they must not keep. `about` is the subject, as a term.

    `channel` is where: a web page, a telephone number or an office, in the words of the source.
    """

    key: str
    title: str
    about: str
    channel: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The law of one jurisdiction, as one file holds it. `sha256` is the hash of that file."""

    name: str
    title: str
    roles: Mapping[str, str]
    offences: Mapping[str, str]
    sources: Mapping[str, str]
    powers: tuple[Power, ...] = ()
    deadlines: tuple[DeadlineRule, ...] = ()
    retention: tuple[RetentionRule, ...] = ()
    reporting: tuple[ReportingPoint, ...] = ()
    sha256: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LawBook:
    """All packs that a node knows, by name, and the words they may use (`terms`)."""

    packs: Mapping[str, Pack]
    measures: Mapping[str, str]
    material: Mapping[str, str]

    def powers(self) -> tuple[Power, ...]:
        """Return every version of every power, in the order of the packs."""
        return tuple(power for pack in self.packs.values() for power in pack.powers)

    def reporting(self, about: str, *, first: str = "") -> tuple[ReportingPoint, ...]:
        """Return where to report `about`, the points of the pack `first` before all others."""
        found = [
            point
            for pack in self.packs.values()
            for point in pack.reporting
            if point.about == about
        ]
        return tuple(sorted(found, key=lambda point: point.key.partition("/")[0] != first))

    def versions(self, key: str) -> tuple[Power, ...]:
        """Return the versions of the power `pack/power`, oldest first; empty when unknown."""
        found = [power for power in self.powers() if power.key == key]
        return tuple(sorted(found, key=lambda power: power.validity.begins))
