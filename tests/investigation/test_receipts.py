"""A receipt proves what was handed in, whatever becomes of the case."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.investigation.test_erasing import STATED, authority, digest

from palermo.evidence import Check, Outcome, verify_receipt
from palermo.evidence.standalone import modules
from palermo.evidence.verify import verify
from palermo.investigation import Node, Request, give_receipt, investigate
from palermo.model import Refused, Unreadable

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(folder=tmp_path / "node")


@pytest.fixture
def case(tmp_path: Path, node: Node) -> Path:
    (tmp_path / "one.csv").write_text(f"id,text\n1,{STATED}\n")
    (tmp_path / "two.csv").write_text("id,text\n2,Something else entirely\n")
    investigate(
        Request(
            inputs=(tmp_path / "one.csv", tmp_path / "two.csv"),
            authority=authority(tmp_path, "eu/led-processing", "detect, preserve"),
            out=tmp_path / "case",
            node=node,
            workers=1,
        ),
        at=AT,
    )
    return tmp_path / "case"


def failed(checks: list[Check]) -> set[str]:
    return {check.name for check in checks if check.outcome is Outcome.FAIL}


def test_a_receipt_outlives_its_case(tmp_path: Path, case: Path, node: Node) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(give_receipt(case, digest(tmp_path), node=node))
    key = node.signer().public_key
    shutil.rmtree(case)
    checks = verify(path, public_key=key, file=tmp_path / "one.csv")
    assert {check.outcome for check in checks} == {Outcome.PASS}
    assert failed(verify(path, file=tmp_path / "two.csv")) == {"file"}
    assert "two" not in path.read_text()
    undecided = [c.name for c in verify(path) if c.outcome is Outcome.NOT_CHECKABLE]
    assert undecided == ["file", "public key"]


@pytest.mark.parametrize(
    ("field", "value", "check"),
    [
        ("sha256", "0" * 64, "commitment"),
        ("salt", "0" * 64, "commitment"),
        ("id", "0" * 64, "commitment"),
        ("size", 1, "event"),
        ("inclusion_proof", [], "inclusion"),
        ("inclusion_proof", ["00" * 32], "inclusion"),
        ("checkpoint", "x", "receipt"),
        ("key", "x", "receipt"),
        ("event", "{}", "receipt"),
    ],
)
def test_a_forged_receipt_is_found(
    tmp_path: Path, case: Path, node: Node, field: str, value: object, check: str
) -> None:
    raw = json.loads(give_receipt(case, digest(tmp_path), node=node))
    checks = verify_receipt(json.dumps(raw | {field: value}).encode())
    assert check in failed(checks)


def test_a_receipt_of_another_log_is_not_ours(
    tmp_path: Path, case: Path, node: Node, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Node(folder=tmp_path_factory.mktemp("stranger")).signer()
    checks = verify_receipt(
        give_receipt(case, digest(tmp_path), node=node), public_key=stranger.public_key
    )
    assert failed(checks) == {"public key"}


@pytest.mark.parametrize("data", [b'{"palermo_receipt": 1}', b'["palermo_receipt"]', b"\xff"])
def test_what_is_no_receipt_gets_an_answer(data: bytes) -> None:
    assert failed(verify_receipt(data))


def test_no_receipt_without_an_exhibit(tmp_path: Path, case: Path, node: Node) -> None:
    with pytest.raises(Refused):
        give_receipt(case, "0" * 64, node=node)
    with pytest.raises(Unreadable, match="expected a case folder"):
        give_receipt(tmp_path, "0" * 64, node=node)


def test_the_stand_alone_verifier_reads_receipts() -> None:
    assert "palermo.evidence.receipt" in modules()
