"""What keeps a custody log from being opened for writing: damage, loss, and planted files.

Guarantees that nothing is ever appended over a log that somebody cut, exchanged or lost, since a
later checkpoint would cover that up.
"""

from collections.abc import Sequence
from pathlib import Path

from palermo.evidence.checkpoint import SignedCheckpoint
from palermo.evidence.merkle import root
from palermo.evidence.schema import CHECKPOINT_FILE, FOREIGN_JOURNALS
from palermo.model import Refused, Unreadable


def refuse_foreign(path: Path) -> None:
    """Refuse a log beside which a write-ahead log was planted: SQLite would read events from it."""
    for name in FOREIGN_JOURNALS:
        if path.with_name(name).exists():
            raise Refused(
                f"{path.with_name(name)}: this log never has such a file, somebody put it there; "
                "run palermo verify and keep the folder as it is"
            )


def refuse_replacing(path: Path) -> None:
    """Refuse to begin a log where a checkpoint shows that there was one with events."""
    note = path.with_name(CHECKPOINT_FILE)
    if note.exists() and not note.read_text("utf-8", "replace").split("\n")[1:2] == ["0"]:
        raise Refused(
            f"{path}: the log is gone but its {CHECKPOINT_FILE} is there; "
            "run palermo verify and keep the folder as it is"
        )


def disagreement(note: str, log: str, keys: Sequence[bytes], leaves: Sequence[bytes]) -> str | None:
    """Return how a log differs from the checkpoint that was written for it, or None."""
    try:
        signed = SignedCheckpoint.parse(note)
    except Unreadable:
        return f"its {CHECKPOINT_FILE} is missing or damaged"
    checkpoint = signed.checkpoint
    if not any(signed.signed_by(key) for key in keys):
        return f"its {CHECKPOINT_FILE} is not signed with its key"
    if checkpoint.origin != log:
        return f"its {CHECKPOINT_FILE} belongs to another log"
    if checkpoint.size > len(leaves):
        return f"{checkpoint.size - len(leaves)} of its events are gone"
    if checkpoint.root != root(leaves[: checkpoint.size]):
        return "its events are no longer those of its checkpoint"
    return None


def unopened(path: Path, error: Exception) -> Unreadable:
    """Say that the file at `path` cannot be opened as a custody log."""
    return Unreadable(
        f"{path}: cannot be opened as a custody log ({error}); run palermo verify on its folder"
    )
