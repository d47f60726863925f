"""Capturing a page into a case: authority, capture, seal, log. In that order.

Guarantees: without a grant nothing is asked of anybody; what is on the stop list leaves a notice in
the case and nothing else; what was captured is sealed and logged before its result is returned.
"""

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from platform import platform, python_version

from palermo import __version__
from palermo.evidence import CaseFolder, CustodyEvent, EventType, ExhibitRef, FileRef, Ground
from palermo.evidence.capture import (
    Capture,
    Context,
    Order,
    StopList,
    StopNotice,
    check_url,
    collect,
    keep,
    keep_notice,
)
from palermo.investigation.custody import Node, event
from palermo.law import LawBook, check, law_book, read_authority
from palermo.model import Authority, Exhibit, Refused, Unreadable

#: What a capture does, and with what, in the words of the law packs.
MEASURE, MATERIAL = "preserve", "pages"
#: The folder of the node whose files are stop lists.
STOP_LISTS = "stop-lists"
SUBJECT = "child-sexual-abuse-material"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRequest:
    """What is asked: the order, under which authority, into which case folder.

    `platform` names the service in the words of the authority's scope; when empty, the host of the
    address is compared with the scope. The stop lists of the node's folder always apply, besides
    those in `stop_lists`.
    """

    order: Order
    authority: Path
    out: Path
    node: Node
    platform: str = ""
    stop_lists: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What a capture left in the case."""

    capture: Capture
    exhibits: tuple[Exhibit, ...]
    record: Path


def read_stop_lists(node: Path, more: tuple[Path, ...] = ()) -> StopList:
    """Read the node's stop lists (`stop-lists/*.txt` in its folder) and those in `more`.

    Raises:
        Unreadable: when one cannot be read.
    """
    return StopList.read([*sorted((node / STOP_LISTS).glob("*.txt")), *more])


def capture_page(request: CaptureRequest, *, at: datetime) -> Captured:
    """Capture a page into the case at `request.out`; `at` is the timezone-aware time now.

    Raises:
        Refused: when the authority does not cover it, the address may not be captured, or the
            page was stopped; then the message says to whom to report.
        Unreadable: when the address, authority, list or folder cannot be used, or nothing answers.
    """
    began = time.monotonic()
    authority = read_authority(request.authority)
    authority_file = _same_file(request.authority, authority)
    order, book = request.order, law_book()
    target = check_url(order.url, order.rules, proxied=order.proxy is not None)
    check(
        authority,
        book,
        at=at,
        measure=MEASURE,
        material=MATERIAL,
        platforms=(request.platform or _platform(target.host, authority),),
    )
    _check_folder(request.out)
    lists = order.stop_list | read_stop_lists(request.node.folder, request.stop_lists)
    order = replace(order, stop_list=lists)
    result = collect(order, _context(authority), at=at)
    case = CaseFolder(request.out)
    node = request.node
    events = _Events(authority, at, node)
    now = at + timedelta(seconds=time.monotonic() - began)
    with case.log(node.signer()) as log:
        if isinstance(result, StopNotice):
            points = _reporting(book, authority)
            notice = keep_notice(
                result,
                case,
                log,
                make_event=events,
                at=now,
                report_to=points,
                authority_file=authority_file,
            )
            raise Refused(_stopped(result, points, notice))
        kept = keep(
            result,
            case,
            log,
            vault=node.vault(case),
            make_event=events,
            at=now,
            authority_file=authority_file,
        )
    return Captured(capture=result, exhibits=kept.exhibits, record=request.out / kept.record.path)


class _Events:
    """Makes custody events of one capture, which occurred when it began."""

    def __init__(self, authority: Authority, at: datetime, node: Node) -> None:
        self._authority = authority
        self._at = at
        self._node = node

    def __call__(
        self,
        kind: EventType,
        *,
        at: datetime,
        exhibits: tuple[ExhibitRef, ...] = (),
        outputs: tuple[FileRef, ...] = (),
        refers_to: str | None = None,
        outcome: str = "",
    ) -> CustodyEvent:
        authority = self._authority
        made = event(kind, authority, at=at, node=self._node, outputs=outputs, refers_to=refers_to)
        return replace(
            made,
            exhibits=exhibits,
            occurred_at=self._at,
            purpose=made.purpose + (f" [outcome: {outcome}]" if outcome else ""),
        )


def _context(authority: Authority) -> Context:
    ground = Ground.of(authority)
    return Context(
        organisation=authority.organisation,
        authority={
            "power": ground.power,
            "legal_basis": ground.legal_basis,
            "case": ground.case,
            "sha256": ground.sha256,
        },
        tool={
            "name": "palermo capture",
            "version": __version__,
            "python": python_version(),
            "system": platform(terse=True),
        },
    )


def _platform(host: str, authority: Authority) -> str:
    """Name the platform of the scope to which a host belongs, else the host itself."""
    for name in authority.scope.platforms:
        domain = name.casefold().strip().lstrip(".")
        if host.casefold() == domain or host.casefold().endswith(f".{domain}"):
            return name
    return host


def _reporting(book: LawBook, authority: Authority) -> list[dict[str, str]]:
    pack = authority.power.partition("/")[0]
    return [
        {
            "to": point.title,
            "channel": point.channel,
            "pack": point.key.partition("/")[0],
            "checked": point.origin.checked.isoformat() if point.origin.checked else "unchecked",
        }
        for point in book.reporting(SUBJECT, first=pack)
    ]


def _stopped(notice: StopNotice, points: list[dict[str, str]], kept: FileRef) -> str:
    what = (
        f"something of the page is on the stop list {notice.list_name} ({notice.kind})"
        if notice.list_name
        else notice.reason
    )
    where = "; ".join(
        f"{one['to']}: {one['channel']}" + (" (unchecked)" if one["checked"] == "unchecked" else "")
        for one in points
    )
    return (
        f"{notice.url}: stopped, {what}. Nothing of the page was kept, {kept.path} notes it. "
        f"Do not open the address again; report it to {where}"
    )


def _same_file(path: Path, authority: Authority) -> bytes:
    """Read the authority file again for the case's copy; it must be the very one judged."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != authority.sha256:
        raise Refused(f"{path}: changed while it was being read; run again with a file at rest.")
    return data


def _check_folder(out: Path) -> None:
    """Take an empty or new folder, or a case folder of ours; never somebody's other files."""
    if out.exists() and not out.is_dir():
        raise Unreadable(f"{out}: expected a folder for the case, found a file.")
    if out.is_dir() and any(out.iterdir()) and not (out / "custody.sqlite3").is_file():
        raise Unreadable(f"{out}: not empty and not a case folder; name another folder.")
