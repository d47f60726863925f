"""Handing exhibits over, under an authority that covers it.

Guarantees that nothing leaves a case without an authority for the measure `disclose`, that the log
says so before the package is finished, and that the conditions of the power go with it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from palermo.evidence import NODE, CaseFolder, EventType
from palermo.evidence.package.papers import Declaration, Language
from palermo.evidence.package.selection import Selection
from palermo.evidence.package.write import UNFINISHED, Order, Packed, write_package
from palermo.evidence.schema import LOG_FILE
from palermo.evidence.standalone import standalone_source
from palermo.investigation.custody import Node, event, introduce
from palermo.law import check, law_book, read_authority
from palermo.model import Unreadable

#: What handing over is, in the words of the law packs.
MEASURE = "disclose"

#: The acts that hand exhibits over, by the word that a person uses.
ACTS = {
    "transfer": EventType.TRANSFER_OUT,
    "export": EventType.EXPORT,
    "disclose": EventType.DISCLOSE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What is to be handed over.

    Args:
        case: the case folder.
        out: the package, which must not exist.
        authority: file of an authority that covers the measure `disclose`.
        recipient: to whom, in words that name an office rather than a person.
        node: this installation.
        act: one of `ACTS`.
        by: who hands over and signs; the node itself, or a person with a key here.
        seal: number of the seal or bag that the package travels under.
        material: its kind, in the words of the law packs; else the first the authority names.
        selection: what is given and what is held back.
        outputs: whether the results of analysis go along.
        language: of the report.
        declaration: what a qualified person declares, when a certificate is wanted.
    """

    case: Path
    out: Path
    authority: Path
    recipient: str
    node: Node
    act: str = "transfer"
    by: str = NODE
    seal: str | None = None
    material: str = ""
    selection: Selection = field(default_factory=Selection)
    outputs: bool = False
    language: Language = "en"
    declaration: Declaration | None = None


def hand_over(request: HandOver, *, at: datetime) -> Packed:
    """Write the package and return what was handed over.

    Raises:
        Refused: no authority covers it, the case does not hold, or something cannot be given or
            held back.
        Unreadable: the case, an exhibit or the place for the package cannot be used.
    """
    authority = read_authority(request.authority)
    material = request.material or next(iter(authority.scope.material), "posts")
    grant = check(authority, law_book(), at=at, measure=MEASURE, material=material)
    if not (request.case / LOG_FILE).is_file():
        raise Unreadable(f"{request.case}: expected a case folder with a custody log")
    if not request.recipient.strip():
        raise Unreadable("the recipient is empty; say to whom the package goes (--to)")
    case, node = CaseFolder(request.case), request.node
    signer = node.signer()
    hand = None
    if request.by != NODE:
        hand = node.signer(request.by, create=False)
        with case.log(signer) as log:
            introduce(log, hand, request.by, authority, at=at, node=node)
    order = Order(
        event=event(
            ACTS[request.act],
            authority,
            at=at,
            node=node,
            actor=request.by,
            recipient=request.recipient,
            seal=request.seal,
        ),
        selection=request.selection,
        outputs=request.outputs,
        language=request.language,
        declaration=request.declaration,
        verifier=standalone_source(),
        conditions=grant.conditions + grant.caveats,
    )
    return write_package(case, node.vault(case), request.out, order, signer=signer, hand=hand)


def correct_unfinished(request: HandOver, begun: int, *, at: datetime) -> int:
    """Correct hand-overs that were logged from entry `begun` on and did not come about.

    For whoever was cut off while handing over just this to just this recipient, before doing it
    again. Returns how many there were.
    """
    authority = read_authority(request.authority)
    with CaseFolder(request.case).log(request.node.signer()) as log:
        entries = [entry for entry in log.entries() if entry.seq >= begun]
        answered = {entry.event.refers_to for entry in entries}
        lost = [
            entry
            for entry in entries
            if entry.event.type is ACTS[request.act]
            and entry.event.ground.sha256 == authority.sha256
            and entry.event.recipient == request.recipient
            and entry.event_id not in answered
        ]
        for entry in lost:
            correction = event(
                EventType.CORRECT, authority, at=at, node=request.node, refers_to=entry.event_id
            )
            log.append(replace(correction, purpose=UNFINISHED))
    return len(lost)
