"""What a restored node is proved by, before it gets its name.

Guarantees that each statement is checked against the signed manifest of the backup or against the
logs themselves, and that the outcome is told in full: a node that was damaged when it was backed up
is not passed off as sound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from palermo.doors.web.operations.archive import Read
from palermo.doors.web.operations.databases import count_rows
from palermo.doors.web.operations.node_files import case_folders
from palermo.evidence import Outcome, key_id, verify_case
from palermo.evidence.judge import read_log
from palermo.evidence.judgement import failed
from palermo.evidence.schema import LOG_FILE
from palermo.evidence.verify import verify
from palermo.model import Refused


@dataclass(frozen=True, slots=True)
class Proof:
    """A statement that was checked. `damage` names what does not hold, in sentences."""

    what: str
    found: str
    damage: tuple[str, ...] = ()


def prove_log(read: Read, folder: Path, keys: list[bytes], checkpoints: list[str]) -> Proof:
    """See that the node's log is that of the manifest, sound, and signed by the manifest's key.

    `keys` are public keys of the node and `checkpoints` of its log, got from elsewhere.

    Raises:
        Refused: it is not, or the backup is another node's than the given key says.
    """
    log = read_log(folder / LOG_FILE)
    mine = log.signers.all_node_keys[-1:] if log.key else []
    if not mine or not read.envelope.signed_by(mine[0]):
        raise Refused("the manifest is not signed with the key of the node's own log")
    if keys and not any(key in log.signers.all_node_keys for key in keys):
        raise Refused(f"the backup is of another node, {key_id(mine[0])}, than the given key says")
    checks = verify(folder / LOG_FILE, checkpoints=checkpoints)
    if wrong := failed(checks):
        raise Refused(
            "the node's custody log: " + "; ".join(f"{c.name}: {c.detail}" for c in wrong)
        )
    said = read.manifest["log"]
    covered = next((c for c in checks if c.name == "checkpoint root"), None)
    whole = covered is not None and covered.outcome is Outcome.PASS
    if len(log.leaves) != said["events"] or not whole:
        raise Refused("the node's custody log is not the one that the manifest speaks of")
    return Proof(
        "custody log",
        f"{said['events']:,} events, signed by {key_id(mine[0])}, all under its checkpoint"
        + (f" and after {len(checkpoints)} kept ones" if checkpoints else ""),
    )


def prove_rows(read: Read) -> Proof:
    """See that every table has as many rows as when it was copied.

    Raises:
        Refused: one has not.
    """
    from django.conf import settings  # noqa: PLC0415  needs Django ready

    said, there = read.manifest["database"]["rows"], count_rows(settings.DATABASES["default"])
    different = [
        f"{name} ({there.get(name, 'missing')} instead of {said.get(name, 'none')})"
        for name in sorted(said.keys() | there.keys())
        if said.get(name) != there.get(name)
    ]
    if different:
        raise Refused("the database is not the one that was copied: " + ", ".join(different))
    return Proof("database", f"{len(said)} tables, {sum(said.values()):,} rows, as when copied")


def prove_audit() -> Proof:
    """Compare the words of the audit with the custody log."""
    from palermo.desks.access.audit import verify_audit  # noqa: PLC0415
    from palermo.desks.access.models import AuditEntry  # noqa: PLC0415

    disagreements = list(verify_audit())
    entries = AuditEntry.objects.count()
    missing = _without_words()
    if len(disagreements) == missing:
        more = f"; {missing} acts were logged and did not happen" if missing else ""
        return Proof("audit", f"{entries:,} entries agree with the custody log{more}")
    return Proof("audit", f"{entries:,} entries", tuple(disagreements))


def prove_cases(read: Read, folder: Path) -> Iterator[Proof]:
    """Verify every case folder, as `palermo verify` does."""
    in_work = set(read.manifest["in_work"])
    for key, case in case_folders(folder):
        checks = verify_case(case.path)
        wrong = tuple(f"{check.name}: {check.detail}" for check in failed(checks))
        if not wrong:
            yield Proof(f"case {key}", f"{len(checks)} checks, none failed")
        elif key in in_work:
            yield Proof(
                f"case {key}",
                "a run was under way when it was copied and is taken up again; until then: "
                + "; ".join(wrong),
            )
        else:
            yield Proof(f"case {key}", f"{len(checks)} checks", wrong)


def _without_words() -> int:
    """Return how many acts the log holds for which there are no words."""
    from django.conf import settings  # noqa: PLC0415

    from palermo.desks.access.models import AuditEntry  # noqa: PLC0415

    known = set(AuditEntry.objects.values_list("seq", flat=True))
    entries = read_log(settings.NODE_FOLDER / LOG_FILE).entries
    return sum(one.event.note is not None and one.seq not in known for one in entries)
