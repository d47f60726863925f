"""What a package holds, that others' tools read it, and what is held back."""

import base64
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evidence.package.making import (
    ANALYSED,
    AT,
    BATCH,
    KEK,
    RECEIVED,
    TOLD,
    Made,
    make_event,
    pack,
)

from palermo.evidence import ActorKey, EventType, Keystore, Outcome
from palermo.evidence.merkle import proves_consistency, proves_inclusion
from palermo.evidence.package.verify import verify_package
from palermo.evidence.verify import verify, verify_case
from palermo.model import Refused, Unreadable


def failures(path: Path, **more: object) -> list[str]:
    checks = verify_package(path, **more)  # type: ignore[arg-type]  # keywords of verify_package
    return [f"{c.name}: {c.detail}" for c in checks if c.outcome is Outcome.FAIL]


def outcomes(path: Path, **more: object) -> dict[str, str]:
    return {c.name: c.outcome for c in verify_package(path, **more)}  # type: ignore[arg-type]


def test_a_package_holds_and_so_does_the_case_it_came_from(made: Made, tmp_path: Path) -> None:
    packed = pack(made, tmp_path / "package", outputs=True)

    found = outcomes(tmp_path / "package", public_key=made.signer.public_key)

    assert {name for name, one in found.items() if one != "pass"} == {"time stamps", "witnesses"}
    assert packed.exhibits == 6
    assert [c for c in verify_case(made.case.path) if c.outcome is Outcome.FAIL] == []
    assert verify(tmp_path / "package") == verify_package(tmp_path / "package")


def test_originals_are_those_that_were_sealed(package: Path, made_once: Made) -> None:
    listed = json.loads((package / "exhibits.json").read_text())["exhibits"]

    assert {one["name"] for one in listed} == set(made_once.exhibits)
    for one in listed:
        data = (package / one["path"]).read_bytes()
        exhibit = made_once.exhibits[one["name"]]
        assert hashlib.sha256(data).hexdigest() == one["sha256"] == exhibit.sha256
        salted = b"palermo.exhibit.v1\0" + bytes.fromhex(one["salt"])
        assert hashlib.sha256(salted + hashlib.sha256(data).digest()).hexdigest() == one["id"]
    (child,) = (one for one in listed if one["parent"])
    assert child["path"].startswith("data/derived/")
    assert child["method"] == {"event": 3, "type": "derive", "tool": "palermo", "version": "0.1.0"}


def test_a_name_with_unseen_characters_becomes_a_plain_one(package: Path) -> None:
    names = [path.name for path in (package / "data" / "original").rglob("*") if path.is_file()]
    assert "empty _.bin" in names


def test_capture_records_are_gathered(package: Path, made_once: Made) -> None:
    (one,) = json.loads((package / "capture.json").read_text())
    assert one["exhibit"] == made_once.id("capture.json")
    assert one["record"]["url"] == "https://site.example/"


def test_the_package_contains_its_own_hand_over(package: Path) -> None:
    last = json.loads((package / "custody.dsse.jsonl").read_text().splitlines()[-1])
    event = json.loads(base64.b64decode(json.loads(last["data"])["payload"]))

    assert event["type"] == "transfer_out"
    assert event["recipient"] == "Court of Example"
    assert event["match"] is True
    assert len(event["exhibits"]) == 6
    size = int((package / "checkpoint.txt").read_text().splitlines()[1])
    assert size == last["seq"] + 1


def test_others_read_the_bag(package: Path) -> None:
    judge = [sys.executable, "-m", "bagit", "--validate", str(package)]
    judged = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr
    first = next(path for path in (package / "data").rglob("ads.csv"))
    first.write_bytes(first.read_bytes() + b"\n")
    judged = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert judged.returncode == 1


def test_proofs_are_in_the_order_of_the_rfc(package: Path) -> None:
    inclusion = json.loads((package / "proofs" / "inclusion.json").read_text())
    head = bytes.fromhex(inclusion["root"])
    for one in inclusion["proofs"]:
        path = [bytes.fromhex(node) for node in one["audit_path"]]
        leaf = bytes.fromhex(one["leaf_hash"])
        assert proves_inclusion(leaf, one["leaf_index"], inclusion["tree_size"], path, head)
    later = json.loads((package / "proofs" / "consistency.json").read_text())
    (one,) = later["proofs"]
    assert one["first"] == BATCH + 1
    path = [bytes.fromhex(node) for node in one["consistency_path"]]
    first = bytes.fromhex(one["first_root"])
    assert proves_consistency(one["first"], later["second"], first, head, path)


def test_what_is_held_back_is_counted_and_not_told(made: Made, tmp_path: Path) -> None:
    statement = made.exhibits["statement.txt"]

    packed = pack(
        made, tmp_path / "package", hold_back=(statement.id,), hold_back_events=(RECEIVED, ANALYSED)
    )

    assert (packed.exhibits, packed.held_back, packed.held_back_events) == (5, 1, 2)
    found = outcomes(tmp_path / "package")
    assert "fail" not in found.values()
    assert found["coverage"] == "not-checkable"
    assert (
        statement.id
        in json.loads((tmp_path / "package" / "exhibits.json").read_text())["held_back"][0].values()
    )
    everything = b"".join(p.read_bytes() for p in (tmp_path / "package").rglob("*") if p.is_file())
    assert TOLD.encode() not in everything
    assert statement.sha256.encode() not in everything
    assert bytes.fromhex(statement.sha256) not in everything
    assert b"Job board" not in everything  # the sender, named in the held event alone
    assert made.case.vault(KEK).opening(statement.id).salt.hex().encode() not in everything


def test_a_guess_at_a_held_event_cannot_be_confirmed(made: Made, tmp_path: Path) -> None:
    pack(made, tmp_path / "package", hold_back_events=(5,))
    lines = [
        json.loads(line)
        for line in (tmp_path / "package" / "custody.dsse.jsonl").read_text().splitlines()
    ]
    with made.case.log(made.signer) as log:
        real = list(log.leaf_data())[5]
    assert hashlib.sha256(b"\0" + real).hexdigest() == lines[5]["leaf_hash"]  # it is the real one
    guess = json.loads(real)  # somebody who knows everything but the 16 random bytes
    assert len(bytes.fromhex(guess["nonce"])) == 16
    everything = "".join(
        p.read_text("utf-8", "replace")
        for p in (tmp_path / "package").rglob("*")
        if p.is_file() and p.name != "palermo_verify.py"
    )
    assert guess["nonce"] not in everything


def test_the_held_event_can_be_shown_later_and_checked(made: Made, tmp_path: Path) -> None:
    pack(made, tmp_path / "one", hold_back_events=(RECEIVED,))
    pack(made, tmp_path / "two")
    first = (tmp_path / "one" / "custody.dsse.jsonl").read_text().splitlines()
    second = (tmp_path / "two" / "custody.dsse.jsonl").read_text().splitlines()

    shown = json.loads(second[RECEIVED])["data"].encode()

    assert "data" not in json.loads(first[RECEIVED])
    assert hashlib.sha256(b"\0" + shown).hexdigest() == json.loads(first[RECEIVED])["leaf_hash"]
    kept = (tmp_path / "one" / "checkpoint.txt").read_text()
    assert failures(tmp_path / "two", checkpoints=[kept]) == []


@pytest.mark.parametrize(("number", "why"), [(0, "who may sign"), (BATCH, "signs for the events")])
def test_what_others_depend_on_cannot_be_held_back(
    made: Made, tmp_path: Path, number: int, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        pack(made, tmp_path / "package", hold_back_events=(number,))
    assert not (tmp_path / "package").exists()


def test_outputs_do_not_go_along_when_something_is_held_back(made: Made, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="quote from the whole case"):
        pack(made, tmp_path / "package", outputs=True, hold_back=(made.id("ads.csv"),))


def test_wrong_wishes_are_told(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "package"
    with pytest.raises(Unreadable, match="expected the id of one exhibit"):
        pack(made, out, only=("0" * 8,))
    with pytest.raises(Unreadable, match="first 8 digits"):
        pack(made, out, only=(made.id("ads.csv")[:7],))
    with pytest.raises(Unreadable, match="events 0 to 9"):
        pack(made, out, hold_back_events=(10,))
    with pytest.raises(Refused, match="nothing is left"):
        pack(made, out, only=(made.id("ads.csv"),), hold_back=(made.id("ads.csv"),))
    out.mkdir()
    with pytest.raises(Unreadable, match="exists already"):
        pack(made, out)


def test_an_altered_exhibit_is_not_handed_over_and_nothing_is_logged(
    made: Made, tmp_path: Path
) -> None:
    ident = made.id("ads.csv")
    sealed = made.case.path / "vault" / ident[:2] / ident
    data = bytearray(sealed.read_bytes())
    data[-1] ^= 1
    sealed.chmod(0o600)
    sealed.write_bytes(data)

    with pytest.raises(Refused, match=ident):
        pack(made, tmp_path / "package")

    with made.case.log(made.signer) as log:
        assert len(log.leaves()) == 10
    assert list(tmp_path.glob("*package*")) == []


def test_a_case_whose_log_was_changed_is_not_handed_over(made: Made, tmp_path: Path) -> None:
    note = made.case.path / "checkpoint.txt"
    note.write_text(note.read_text().replace("\n10\n", "\n11\n"))
    with pytest.raises(Refused, match="does not hold"):
        pack(made, tmp_path / "package")


def test_a_hand_over_that_fails_after_it_was_logged_is_corrected(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("palermo.evidence.package.write.render_report", full)
    with pytest.raises(Unreadable, match="No space left"):
        pack(made, tmp_path / "package")

    with made.case.log(made.signer) as log:
        *_, out, correction = list(log.entries())
    assert out.event.type is EventType.TRANSFER_OUT
    assert correction.event.type is EventType.CORRECT
    assert correction.event.refers_to == out.event_id
    assert not (tmp_path / "package").exists()


def test_an_erased_exhibit_is_named_as_erased(made: Made, tmp_path: Path) -> None:
    ident = made.id("statement.txt")
    with made.case.log(made.signer) as log:
        ref = next(r for e in log.entries() for r in e.event.exhibits if r.id == ident)
        second = make_event(EventType.ACCESS, "ada").actor
        event = make_event(EventType.SHRED, exhibits=(ref,), second=second)
        log.append(event, second=made.ada)
    made.case.vault(KEK).shred(ident)

    pack(made, tmp_path / "package")

    assert failures(tmp_path / "package") == []
    inventory = json.loads((tmp_path / "package" / "exhibits.json").read_text())
    assert [one["id"] for one in inventory["erased"]] == [ident]
    with pytest.raises(Refused, match="was erased"):
        pack(made, tmp_path / "other", only=(ident,))
    with pytest.raises(Refused, match="records an erasure"):
        pack(made, tmp_path / "other", hold_back_events=(10,))


def test_after_a_change_of_key_the_package_is_signed_with_the_new_one(
    made: Made, tmp_path: Path
) -> None:
    new = Keystore.open(tmp_path / "new-keys", actor="node")
    with made.case.log(made.signer) as log:
        key = ActorKey(actor="node", public_key=new.public_key.hex())
        log.rotate(make_event(EventType.KEY_ROTATE, key=key), new)

    pack(replace(made, signer=new), tmp_path / "package")

    assert failures(tmp_path / "package", public_key=new.public_key) == []
    assert AT.isoformat() in (tmp_path / "package" / "exhibits.json").read_text()
