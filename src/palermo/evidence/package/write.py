"""Writing an exhibit package from a case.

Guarantees this order: originals are decrypted and compared with their commitments; then the log
says that they are handed over; then the log itself is written out, so that the package contains its
own hand-over; and only when every file is on disk does the package appear under its name. A
hand-over that was logged and did not come about is corrected in the log.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from palermo.evidence import times
from palermo.evidence.case import CaseFolder
from palermo.evidence.checkpoint import Checkpoint
from palermo.evidence.entry import Entry
from palermo.evidence.event import CustodyEvent, EventType
from palermo.evidence.files import files_below, small_text
from palermo.evidence.judge import judge_checkpoint, read_log
from palermo.evidence.keys import Signer, public_pem
from palermo.evidence.log import CustodyLog, Logged
from palermo.evidence.openings import Openings
from palermo.evidence.package.bagging import BagWriter
from palermo.evidence.package.copying import (
    copy_captures,
    copy_originals,
    copy_outputs,
    stamp_openings,
)
from palermo.evidence.package.graph import Graphs
from palermo.evidence.package.inventory import Inventory
from palermo.evidence.package.layout import (
    CERTIFICATE_FILE,
    CONSISTENCY_FILE,
    INCLUSION_FILE,
    INVENTORY_FILE,
    KEY_PEM_FILE,
    OUTPUTS,
    REPORT_FILE,
    STATEMENT_FILE,
    VERIFIER_FILE,
)
from palermo.evidence.package.papers import (
    Declaration,
    Language,
    Report,
    certificate,
    gathered,
    render_report,
)
from palermo.evidence.package.proofs import Tree, consistency_text, inclusion_text
from palermo.evidence.package.proven import kept_sizes
from palermo.evidence.package.selection import Chosen, Selection, choose
from palermo.evidence.package.stage import staged
from palermo.evidence.package.statement import Statement, contents_text, stated
from palermo.evidence.portable import PORTABLE_FILE, write_portable
from palermo.evidence.rows import Outcome, Reading
from palermo.evidence.schema import CHECKPOINT_FILE, CHECKPOINTS, KEY_FILE, LOG_FILE
from palermo.evidence.vault import Vault
from palermo.model import Refused

#: What the log says of a hand-over that was logged and did not come about.
UNFINISHED = "the hand-over did not come about: the package was not finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be handed over, and how.

    Args:
        event: the hand-over as it will be logged, without exhibits and note.
        selection: what is given and what is held back.
        outputs: whether the outputs of the case go along.
        language: of the report.
        declaration: what a qualified person declares, when a certificate is wanted.
        verifier: the text of the stand-alone verifier, to go along.
        conditions: what binds the recipient, or must be told to them, for the report.
    """

    event: CustodyEvent
    selection: Selection = field(default_factory=Selection)
    outputs: bool = False
    language: Language = "en"
    declaration: Declaration | None = None
    verifier: str | None = None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was handed over: the number of the event, the checkpoint, and the counts."""

    event: int
    checkpoint: Checkpoint
    exhibits: int
    held_back: int
    held_back_events: int


def write_package(
    case: CaseFolder,
    vault: Vault,
    out: Path,
    order: Order,
    *,
    signer: Signer,
    hand: Signer | None = None,
) -> Packed:
    """Write the package of `order` as the folder `out`, which must not exist.

    `signer` is the log's key, `hand` that of the event's actor when it is not the node.

    Raises:
        Refused: when the case does not hold, or something cannot be given or held back.
        Unreadable: when something asked for is not there, or `out` cannot be written.
    """
    reading = _sound(case)
    with (
        case.log(signer) as log,
        _corrected(log, order.event, hand) as logged,
        staged(out) as folder,
    ):
        writing = _Writing(
            case=case,
            vault=vault,
            log=log,
            order=order,
            bag=BagWriter(folder),
            signer=signer,
            stamps=tuple(times.read_external(case.path, reading, []).stamps),
        )
        return writing.run(logged, hand)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """One package in the making."""

    case: CaseFolder
    vault: Vault
    log: CustodyLog
    order: Order
    bag: BagWriter
    signer: Signer
    stamps: tuple[times.Stamped, ...]

    def run(self, logged: list[Logged], hand: Signer | None) -> Packed:
        entries = list(self.log.entries())
        chosen = choose(entries, len(self.log.leaves()), self.order.selection)
        shown = [entry for entry in entries if entry.seq not in chosen.events]
        inventory = Inventory(
            log=self.log.key.name,
            exhibits=tuple(copy_originals(self.bag, self.vault, chosen.given, shown)),
            held_back=chosen.held_back,
            erased=chosen.erased,
        )
        self.bag.add_text(INVENTORY_FILE, inventory.text())
        copy_captures(self.bag, inventory)
        openings = stamp_openings(self.case)
        if self.order.outputs:
            openings.outputs |= copy_outputs(self.bag, self.case, chosen, entries).outputs
        if self.order.declaration is not None:  # what is refused must be refused before the event
            gathered(self.order.declaration, inventory.exhibits, shown)
        event = self._event(chosen, openings)
        logged.append(self.log.append(event, signer=hand))
        shown.append(logged[0].entry)
        checkpoint = self.log.checkpoint(keep=True)
        self._custody(chosen, shown, checkpoint)
        openings.write(self.bag.folder)
        self.bag.take("openings.json")
        for path, text in Graphs(inventory.log, event.ground.case, shown).files(inventory.exhibits):
            self.bag.add_text(path, text)
        self._papers(inventory, chosen, shown, checkpoint)
        self._close(logged[0].seq, checkpoint)
        return Packed(
            event=logged[0].seq,
            checkpoint=checkpoint,
            exhibits=len(inventory.exhibits),
            held_back=len(inventory.held_back),
            held_back_events=len(chosen.events),
        )

    def _event(self, chosen: Chosen, openings: Openings) -> CustodyEvent:
        """Complete the event; its note commits to the contents, here and at the recipient's."""
        own = Openings.read(self.case.path)
        note = own.add_note(contents_text(self.bag.files))
        own.write(self.case.path)
        openings.notes[note] = own.notes[note]
        return replace(self.order.event, exhibits=chosen.given, note=note, match=True)

    def _custody(self, chosen: Chosen, shown: Sequence[Entry], checkpoint: Checkpoint) -> None:
        leaves = islice(self.log.leaf_data(), checkpoint.size)
        lines = write_portable(leaves, chosen.events)
        self.bag.add(PORTABLE_FILE, (line.encode() for line in lines))
        self.bag.add_text(KEY_FILE, f"{self.log.key}\n")
        self.bag.add_text(KEY_PEM_FILE, public_pem(self.signer.public_key))
        folder = self.case.path / CHECKPOINTS
        for name in files_below(folder):
            if (folder / name).is_file() and not (folder / name).is_symlink():
                self.bag.add(f"{CHECKPOINTS}/{name}", [(folder / name).read_bytes()])
        self.bag.add(CHECKPOINT_FILE, [(folder / f"{checkpoint.size}.txt").read_bytes()])
        tree = Tree(self.log.leaves()[: checkpoint.size])
        proofs = inclusion_text(tree, [entry.seq for entry in shown])
        self.bag.add(INCLUSION_FILE, (piece.encode() for piece in proofs))
        sizes = [size for size in kept_sizes(self.bag.files) if 0 < size < checkpoint.size]
        self.bag.add_text(CONSISTENCY_FILE, consistency_text(tree, sizes))

    def _papers(
        self,
        inventory: Inventory,
        chosen: Chosen,
        shown: Sequence[Entry],
        checkpoint: Checkpoint,
    ) -> None:
        """Write what people read, and the verifier."""
        report = Report(
            inventory=inventory,
            entries=tuple(shown),
            checkpoint=checkpoint,
            key=self.signer.public_key,
            held_back=tuple(sorted(chosen.events)),
            outputs=tuple(n for n in self.bag.files if n.startswith(f"{OUTPUTS}/")),
            stamps=self.stamps,
            conditions=self.order.conditions,
            verifier=self.order.verifier is not None,
        )
        self.bag.add_text(REPORT_FILE, render_report(report, language=self.order.language))
        if self.order.declaration is not None:
            self.bag.add_text(CERTIFICATE_FILE, certificate(self.order.declaration, report))
        if self.order.verifier is not None:
            self.bag.add_text(VERIFIER_FILE, self.order.verifier)

    def _close(self, hand_over: int, checkpoint: Checkpoint) -> None:
        event = self.order.event
        self.bag.describe(
            {
                "Source-Organization": event.actor.organisation,
                "External-Identifier": event.ground.case,
                "Internal-Sender-Identifier": f"{checkpoint.origin} {checkpoint.size}",
                "Bagging-Date": event.logged_at.date().isoformat(),
                "Bag-Software-Agent": f"{event.tool.name} {event.tool.version}",
            }
        )
        statement = Statement(
            log=checkpoint.origin,
            hand_over=hand_over,
            tree_size=checkpoint.size,
            files=stated(self.bag.files),
        )
        self.bag.add(STATEMENT_FILE, [statement.sign(self.signer)])
        self.bag.close()


def _sound(case: CaseFolder) -> Reading:
    """Read the log; what is not sound here must not be handed over as evidence."""
    reading = read_log(case.path / LOG_FILE)
    problems = [detail for details in reading.problems.values() for detail in details]
    problems += [
        check.detail
        for check in judge_checkpoint(reading, small_text(case.path / CHECKPOINT_FILE))
        if check.outcome is Outcome.FAIL
    ]
    if problems:
        raise Refused(f"{case.path}: the custody log does not hold ({problems[0]}); run verify")
    return reading


@contextmanager
def _corrected(log: CustodyLog, event: CustodyEvent, hand: Signer | None) -> Iterator[list[Logged]]:
    """Give a list for the hand-over's entry; if the block fails after it was logged, say so."""
    logged: list[Logged] = []
    try:
        yield logged
    except BaseException:
        for one in logged:
            with suppress(Exception):  # the first failure is the one to be told
                correction = replace(
                    event,
                    type=EventType.CORRECT,
                    purpose=UNFINISHED,
                    refers_to=one.entry.event_id,
                )
                log.append(correction, signer=hand)
        raise
