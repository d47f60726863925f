"""Somebody tampers with a package: with no key, with the sender's key, with an own log."""

import base64
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evidence.package.making import Made, make_case, make_event, pack, resave, resign

from palermo.evidence import EventType, Outcome
from palermo.evidence.package.verify import verify_package

Change = Callable[[Path], object]


def failures(path: Path, **more: object) -> list[str]:
    checks = verify_package(path, **more)  # type: ignore[arg-type]  # keywords of verify_package
    return [f"{c.name}: {c.detail}" for c in checks if c.outcome is Outcome.FAIL]


def original(package: Path, name: str) -> Path:
    return next(path for path in (package / "data").rglob(name) if path.is_file())


def edit(name: str, change: Callable[[str], str]) -> Change:
    def apply(package: Path) -> None:
        path = package / name
        before = path.read_text()
        path.write_text(change(before))
        assert path.read_text() != before

    return apply


def swap_originals(package: Path) -> None:
    one, two = original(package, "ads.csv"), original(package, "statement.txt")
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def opening_of_another(package: Path) -> None:
    path = package / "exhibits.json"
    whole = json.loads(path.read_text())
    one, two = whole["exhibits"][:2]
    one["salt"], two["salt"] = two["salt"], one["salt"]
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def consistent_swap(package: Path) -> None:
    """Change an original and the hash and size in the inventory, so that these two agree."""
    data = original(package, "statement.txt")
    data.write_bytes(b"her name is Anna")
    path = package / "exhibits.json"
    whole = json.loads(path.read_text())
    for one in whole["exhibits"]:
        if one["name"] == "statement.txt":
            one["sha256"] = hashlib.sha256(b"her name is Anna").hexdigest()
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def drop_from_list(package: Path) -> None:
    path = package / "exhibits.json"
    whole = json.loads(path.read_text())
    gone = whole["exhibits"].pop()
    shutil.rmtree((package / gone["path"]).parent)
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def hide_as_erased(package: Path) -> None:
    path = package / "exhibits.json"
    whole = json.loads(path.read_text())
    gone = whole["exhibits"].pop()
    shutil.rmtree((package / gone["path"]).parent)
    whole["erased"] = [{name: gone[name] for name in ("id", "media_type", "size")}]
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def cut_log(package: Path) -> None:
    path = package / "custody.dsse.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-3]))


def hold_back_afterwards(package: Path) -> None:
    """Replace an entry by its hash, which anyone can do, to hide what it says."""
    path = package / "custody.dsse.jsonl"
    lines = path.read_text().splitlines()
    data = json.loads(lines[1])["data"].encode()
    lines[1] = json.dumps({"seq": 1, "leaf_hash": hashlib.sha256(b"\0" + data).hexdigest()})
    path.write_text("\n".join(lines) + "\n")


def other_proof(package: Path) -> None:
    path = package / "proofs" / "inclusion.json"
    whole = json.loads(path.read_text())
    whole["proofs"][0]["audit_path"][0] = "00" * 32
    path.write_text(json.dumps(whole))


CHANGES: dict[str, Change] = {
    "a changed original": lambda p: original(p, "ads.csv").write_bytes(b"id,text\n"),
    "swapped originals": swap_originals,
    "the opening of another exhibit": opening_of_another,
    "an original and its entry in the list": consistent_swap,
    "an exhibit left out": drop_from_list,
    "an exhibit hidden as erased": hide_as_erased,
    "a cut log": cut_log,
    "an entry hidden afterwards": hold_back_afterwards,
    "another proof": other_proof,
    "another own name": edit("exhibits.json", lambda t: t.replace('"ads.csv"', '"bids.csv"')),
    "another report": edit("REPORT.html", lambda t: t.replace("Court of Example", "Nobody")),
    "another graph": lambda p: edit(
        f"case/{next((p / 'case').glob('*.jsonld')).name}", lambda t: t.replace("SHA256", "MD5")
    )(p),
    "another capture record": edit("capture.json", lambda t: t.replace("site", "sites")),
    "another output": lambda p: (p / "data/outputs/dossier.html").write_text("<p>x"),
    "another checkpoint": edit("checkpoint.txt", lambda t: t.replace("\n11\n", "\n10\n")),
    "another earlier checkpoint": edit("checkpoints/8.txt", lambda t: t.replace("\n8\n", "\n7\n")),
    "an extra original": lambda p: (p / "data/original/planted.txt").write_text("x"),
    "an extra file": lambda p: (p / "README.txt").write_text("x"),
    "no capture record": lambda p: (p / "capture.json").unlink(),
    "no report": lambda p: (p / "REPORT.html").unlink(),
    "no openings": lambda p: (p / "openings.json").unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_found_and_still_after_the_bag_was_saved_again(
    package: Path, what: str
) -> None:
    assert failures(package) == []
    CHANGES[what](package)
    assert any(one.startswith("bag:") for one in failures(package))

    resave(package)

    found = failures(package)
    assert found
    assert not any(one.startswith("bag:") for one in found)


#: What even the holder of the key cannot do, since the log committed to it or binds it.
BOUND = [
    "a changed original",
    "swapped originals",
    "the opening of another exhibit",
    "an original and its entry in the list",
    "an exhibit left out",
    "an exhibit hidden as erased",
    "a cut log",
    "another proof",
    "another own name",
    "another capture record",
    "another output",
    "an extra original",
    "no capture record",
    "no openings",
]


@pytest.mark.parametrize("what", BOUND)
def test_what_the_log_binds_the_sender_cannot_change_later(
    package: Path, made_once: Made, what: str
) -> None:
    CHANGES[what](package)
    resign(package, made_once.signer)
    found = failures(package)
    assert found
    assert not any(one.startswith(("bag:", "package signature: the list")) for one in found)


def test_a_package_of_another_key_is_refused_by_whoever_knows_the_key(
    made_once: Made, tmp_path: Path
) -> None:
    forger = make_case(tmp_path / "case", tmp_path / "keys")
    pack(forger, tmp_path / "package")

    assert failures(tmp_path / "package") == []  # in itself it is sound, and one check says so
    (found,) = failures(tmp_path / "package", public_key=made_once.signer.public_key)
    assert found.startswith("public key: ")


def test_a_truncated_log_is_found_with_a_checkpoint_kept_earlier(
    made: Made, tmp_path: Path
) -> None:
    older = made.at(tmp_path / "older")
    with made.case.log(made.signer) as log:
        log.append(make_event(EventType.ACCESS, purpose="what the sender wants to hide"))
        log.checkpoint(keep=True)
    kept = (made.case.path / "checkpoint.txt").read_text()
    # The holder of the key rolls the case back, and packs it as if nothing had been.
    pack(older, tmp_path / "package", only=(made.id("ads.csv"),))
    assert failures(tmp_path / "package") == []

    found = failures(tmp_path / "package", checkpoints=[kept])

    assert any("kept checkpoint root" in one for one in found)


def test_a_forked_log_is_found_with_the_checkpoint_of_the_other_package(
    made: Made, tmp_path: Path
) -> None:
    other = made.at(tmp_path / "other")
    pack(made, tmp_path / "for-the-court")
    pack(other, tmp_path / "for-the-defence", hold_back=(made.id("statement.txt"),))
    one = (tmp_path / "for-the-court" / "checkpoint.txt").read_text()

    found = failures(tmp_path / "for-the-defence", checkpoints=[one])

    assert found == ["kept checkpoint root: the events are not those that were signed for"]


def test_the_log_of_another_case_is_refused(made: Made, package: Path, tmp_path: Path) -> None:
    other = make_case(tmp_path / "second", tmp_path / "second-keys")
    pack(other, tmp_path / "other", outputs=True)
    for name in ("custody.dsse.jsonl", "custody.pub", "custody.pem", "checkpoint.txt"):
        shutil.copy(tmp_path / "other" / name, package / name)
    resign(package, other.signer)
    assert any("another log" in one for one in failures(package))


def test_every_changed_byte_of_the_small_files_is_found(package: Path) -> None:
    chance = random.Random(7)
    small = [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file() and path.name not in {"REPORT.html", "palermo_verify.py"}
    ]
    for path in small:
        data = path.read_bytes()
        for at in chance.sample(range(len(data)), min(3, len(data))):
            changed = bytearray(data)
            changed[at] ^= 1 << chance.randrange(8)
            path.write_bytes(changed)
            assert failures(package), f"{path.name}, byte {at}"
        path.write_bytes(data)
    assert failures(package) == []


def test_links_and_special_files_are_named_and_not_followed(package: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    (package / "data" / "link").symlink_to(tmp_path / "outside")
    (package / "folder").symlink_to(tmp_path)
    os.mkfifo(package / "pipe")
    found = "\n".join(failures(package))
    for name in ("'data/link'", "'folder'", "'pipe'"):
        assert f"{name} is a link or special file" in found


@pytest.mark.parametrize("name", ["custody.dsse.jsonl", "openings.json", "checkpoint.txt"])
def test_a_pipe_in_the_place_of_a_file_does_not_block(package: Path, name: str) -> None:
    (package / name).unlink()
    os.mkfifo(package / name)
    assert failures(package)


@pytest.mark.parametrize(
    "line", ["data/../../outside", "/etc/passwd", "data//x", "~/x", "data/./x", "data\\..\\x"]
)
def test_a_path_out_of_the_bag_is_refused(package: Path, line: str) -> None:
    with (package / "manifest-sha256.txt").open("a") as file:
        file.write(f"{'0' * 64}  {line}\n")
    found = [one for one in failures(package) if one.startswith("bag:")]
    assert any("no path within the bag" in one or "does not belong" in one for one in found)


def test_entries_given_twice_and_other_manifests_are_refused(package: Path) -> None:
    lines = (package / "manifest-sha256.txt").read_text()
    (package / "manifest-sha256.txt").write_text(lines + lines.splitlines(keepends=True)[0])
    (package / "manifest-md5.txt").write_text("")
    (package / "fetch.txt").write_text("http://site.example/ 1 data/x\n")
    found = "\n".join(failures(package))
    assert "is there twice" in found
    assert "'manifest-md5.txt' does not belong in a package" in found
    assert "'fetch.txt' does not belong in a package" in found


def test_a_forged_web_archive_that_its_own_validator_accepts_is_refused(
    shared_data: Path, tmp_path: Path
) -> None:
    real = shared_data / "evidence/py-wacz/tests/fixtures/example-collection.warc"
    warc = tmp_path / "forged.warc"
    warc.write_bytes(real.read_bytes().replace(b"Example Domain", b"Example Forged"))
    page = wacz("create", "-o", tmp_path / "page.wacz", real).read_bytes()
    forged = wacz("create", "-o", tmp_path / "forged.wacz", warc)
    wacz("validate", "-f", forged)
    made = make_case(tmp_path / "case", tmp_path / "keys", page=page)
    pack(made, tmp_path / "package")
    assert page != forged.read_bytes()

    shutil.copy(forged, original(tmp_path / "package", "page.wacz"))
    resave(tmp_path / "package")

    assert any("page.wacz' is not the original" in one for one in failures(tmp_path / "package"))


def wacz(*arguments: str | Path) -> Path:
    """Run the public tool, which must be content; return the path that it was given last."""
    tool = Path(sys.executable).parent / "wacz"
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(arguments[2])


def test_hostile_json_ends_in_failed_checks(package: Path) -> None:
    for name in ("exhibits.json", "openings.json", "package.dsse.json", "proofs/inclusion.json"):
        before = (package / name).read_bytes()
        for hostile in (b"[" * 100_000, b"{}", b"null", b"\xff\xfe", b'{"exhibits": 1}', b"NaN"):
            (package / name).write_bytes(hostile)
            assert failures(package), (name, hostile[:20])
        (package / name).write_bytes(before)


def test_an_unsigned_or_otherwise_signed_list_is_refused(package: Path, made_once: Made) -> None:
    resign(package, made_once.ada)  # a key of the log, but not the log's
    assert any("not signed with the log's key" in one for one in failures(package))
    whole = json.loads((package / "package.dsse.json").read_text())
    payload = json.loads(base64.b64decode(whole["payload"]))
    assert payload["hand_over"] == 10


def test_another_event_cannot_stand_for_the_hand_over(package: Path, made_once: Made) -> None:
    for number in (2, 7, 99):
        resign(package, made_once.signer, hand_over=number)
        assert any(one.startswith("hand-over:") for one in failures(package)), number
