"""goAML as one of the formats of reports."""

from pathlib import Path

from palermo.formats.goaml.check import check
from palermo.formats.goaml.profile import Profile, profiles, read_profile
from palermo.formats.goaml.schema import ROOT, core, elements
from palermo.formats.goaml.skeleton import skeleton
from palermo.formats.goaml.transactions import transactions
from palermo.formats.goaml.tree import Node, read_xml
from palermo.formats.reports import Judged, ReportRows, Written
from palermo.model.report import Draft


class GoAml:
    """goAML 4.0 and 5.0; without a profile, the core schema of the version that the file shows."""

    name = "goaml"

    def profiles(self) -> tuple[str, ...]:
        """Return the names of the profiles that come with Palermo."""
        return profiles()

    def judge(self, path: Path, profile: str | None) -> Judged:
        """Read the file and return every problem of it.

        Raises:
            Unreadable: the file is no XML, or there is no such profile.
        """
        report = read_xml(path)
        used = _profile(report, profile)
        return Judged(
            profile=used.name,
            title=used.title,
            unchecked=used.unchecked,
            issues=check(report, used),
            transactions=sum(1 for _ in report.all("transaction")),
        )

    def payments(self, path: Path, profile: str | None) -> ReportRows:
        """Read the file and return its payments as STATEMENT_ROWS."""
        report = read_xml(path)
        return transactions(report, profile=_profile(report, profile), name=path.name)

    def write(self, draft: Draft, profile: str) -> Written:
        """Write a draft under a profile; what nobody knows is left out and listed."""
        return skeleton(draft, read_profile(profile))


def _profile(report: Node, name: str | None) -> Profile:
    return read_profile(name if name is not None else f"core-{version_of(report)}")


def version_of(report: Node) -> str:
    """Return the oldest version that knows every element of `report`; else the newest.

    A stated `schema_version` counts first: 4.x is 4.0, 5.x is 5.0.
    """
    stated = report.value("schema_version") or ""
    if stated[:2] in {"4.", "5."}:
        return f"{stated[0]}.0"
    return "4.0" if _fits(report, ROOT, "4.0") else "5.0"


def _fits(node: Node, type_name: str, version: str) -> bool:
    kinds = {one.name: one for one in elements(core(version).types[type_name])}
    newer = {one.name for one in elements(core("5.0").types[type_name])} - set(kinds)
    return all(
        child.name not in newer
        and (
            child.name not in kinds
            or kinds[child.name].simple
            or _fits(child, kinds[child.name].type, version)
        )
        for child in node.children
    )
