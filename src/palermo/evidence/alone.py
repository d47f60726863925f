"""The command of the stand-alone verifier: `python palermo_verify.py PATH`.

Needs Python 3.11 and the package `cryptography`, nothing of Palermo. Exit codes: 0 it holds, 1 a
check failed, 2 wrong use.
"""

import argparse
import sys
from pathlib import Path

from palermo.evidence import judgement
from palermo.evidence.keys import read_public_key
from palermo.evidence.verify import verify
from palermo.model.errors import Unreadable


def main(arguments: list[str] | None = None) -> int:
    """Check what the arguments name, print every check, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="palermo_verify.py",
        description="Checks a case folder or an exhibit package, offline. Each check is named and "
        "says pass, fail or not-checkable.",
    )
    parser.add_argument("path", type=Path, help="a case folder, package or custody log")
    parser.add_argument("--key", type=Path, help="public key of the node, got from elsewhere")
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], help="a checkpoint kept elsewhere"
    )
    parser.add_argument(
        "--tsa", type=Path, action="append", default=[], help="root certificate (PEM) you trust"
    )
    parser.add_argument(
        "--witness", action="append", default=[], help="public key line of a witness you trust"
    )
    parser.add_argument("--file", type=Path, help="the file that a receipt is for")
    parser.add_argument("--json", action="store_true", help="print the checks for machines")
    given = parser.parse_args(arguments)
    try:
        checks = verify(
            given.path,
            public_key=read_public_key(given.key.read_bytes()) if given.key else None,
            checkpoints=[path.read_text("utf-8", "replace") for path in given.checkpoint],
            roots=[path.read_bytes() for path in given.tsa],
            witnesses=given.witness,
            file=given.file,
        )
    except (Unreadable, OSError) as error:
        sys.stderr.write(f"palermo_verify: {error}\n")
        return 2
    write = judgement.as_json if given.json else judgement.as_text
    sys.stdout.write(write(str(given.path), checks) + "\n")
    return 1 if judgement.failed(checks) else 0
