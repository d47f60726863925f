"""From files on a page to rows at the desk, and out again as a package."""

import io
import zipfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.desks.cases.running.conftest import Desk, do_all, posts, to_hand_over

from palermo.desks.access.models import AuditEntry
from palermo.desks.cases.models import Exhibit, Fact, Item, Material, Mention, Network, Run
from palermo.evidence import CaseFolder, EventType, Outcome, Signer, verify_case
from palermo.evidence.package.verify import verify_package


def upload(desk: Desk, *files: tuple[str, bytes], **how: str) -> str:
    """Bring files in by the page; return where it leads."""
    response = desk.client.post(
        desk.url("material/"),
        {
            "uploads": [SimpleUploadedFile(name, data) for name, data in files],
            "language": "en",
            **how,
        },
    )
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def test_files_become_rows_and_their_plain_copies_go(desk: Desk, node_home: Path) -> None:
    where = upload(desk, ("first.csv", posts(1, 2, 3)), ("second.csv", posts(4, 5, day=2)))
    assert where.startswith(desk.url("runs/"))
    assert "waiting" in desk.client.get(where).content.decode()
    do_all(desk.case)
    run = desk.last()
    assert (run.state, run.trouble, run.tries) == (Run.State.DONE, "", 1)
    assert sorted(Item.rows.of(desk.case).values_list("ident", flat=True)) == [
        "p1", "p2", "p3", "p4", "p5",
    ]  # fmt: skip
    assert {m.sealed for m in Material.rows.of(desk.case)} == {True}
    assert list(node_home.rglob("*.csv")) == []
    assert not any(c.outcome is Outcome.FAIL for c in verify_case(desk.folder))


def test_a_later_run_is_over_all_the_material(desk: Desk) -> None:
    upload(desk, ("first.csv", posts(2, text="body")), column_text="body")
    do_all(desk.case)
    assert Network.rows.of(desk.case).count() == 0
    upload(desk, ("second.csv", posts(3, text="said")), column_text="said")
    do_all(desk.case)
    assert desk.last().trouble == ""
    assert set(Item.rows.of(desk.case).values_list("ident", flat=True)) == {"p2", "p3"}
    # Both state +1 202 555 0101, each in a file of its own.
    assert Network.rows.of(desk.case).get().items == 2
    with CaseFolder(desk.folder).log(_node()) as log:
        kinds = [entry.event.type for entry in log.entries()]
    assert kinds == [EventType.RECEIVE, EventType.ANALYSE] * 2
    assert not any(c.outcome is Outcome.FAIL for c in verify_case(desk.folder))


def test_the_pages_of_evidence_say_what_is_there(desk: Desk) -> None:
    upload(desk, ("odd\u202e.csv", posts(1, 2) + b"p1,again the same id,a,board,\n,,,,\n"))
    do_all(desk.case)
    exhibit = Exhibit.rows.of(desk.case).get()
    page = desk.client.get(desk.url("evidence/")).content.decode()
    assert exhibit.ident[:16] in page
    page = desk.client.get(desk.url(f"evidence/{exhibit.sha256}/")).content.decode()
    assert exhibit.ident in page
    assert exhibit.sealed_sha256 in page
    assert f"{exhibit.rows_read} read = {exhibit.rows_kept} kept" in page
    assert (exhibit.rows_set_aside or 0) > 0
    assert "empty" in desk.client.get(desk.url("evidence/set-aside/")).content.decode()
    log = desk.client.get(desk.url("custody/")).content.decode()
    assert "Material was taken in" in log
    assert "The material was investigated" in log


def test_an_original_is_given_as_a_file_and_the_log_says_to_whom(desk: Desk) -> None:
    data = posts(1, 2)
    upload(desk, ("first.csv", data))
    do_all(desk.case)
    exhibit = Exhibit.rows.of(desk.case).get()
    response = desk.client.get(desk.url(f"evidence/{exhibit.ident}/original/"))
    assert b"".join(response.streaming_content) == data  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == 'attachment; filename="first.csv"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    with CaseFolder(desk.folder).log(_node()) as log:
        *_, last = log.entries()
    assert (last.event.type, last.event.on_behalf) == (EventType.ACCESS, str(desk.lead.handle))
    assert [one.id for one in last.event.exhibits] == [exhibit.ident]
    assert AuditEntry.objects.filter(what="original", of=exhibit.ident).count() == 1


def test_a_case_is_verified_from_the_page(desk: Desk) -> None:
    upload(desk, ("first.csv", posts(1, 2)))
    do_all(desk.case)
    desk.client.post(desk.url("verify/now/"))
    do_all(desk.case)
    page = desk.client.get(desk.url("verify/")).content.decode()
    assert "It holds." in page
    assert "decrypted and equal to their commitments" in page
    (desk.folder / "dossier.html").write_bytes(b"<p>another</p>")
    desk.client.post(desk.url("verify/now/"))
    do_all(desk.case)
    assert "It does not hold." in desk.client.get(desk.url("verify/")).content.decode()
    assert desk.client.get(desk.url("dossier/")).status_code == 409


def test_a_package_is_fetched_and_verifies(desk: Desk, tmp_path: Path) -> None:
    upload(desk, ("first.csv", posts(1, 2)), ("second.csv", posts(3, day=2)))
    do_all(desk.case)
    first = Exhibit.rows.of(desk.case).get(name="first.csv")
    response = desk.client.post(
        desk.url("packages/"),
        {
            "recipient": "Court of Example",
            "act": "export",
            "authority": SimpleUploadedFile("a.yaml", to_hand_over()),
            "only": [first.ident],
            "language": "en",
        },
    )
    assert response.status_code == 302, response.content.decode()
    do_all(desk.case)
    assert desk.last().trouble == ""
    page = desk.client.get(response["Location"]).content.decode()
    assert "1 held back" in page
    fetched = desk.client.get(f"{response['Location']}zip/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(fetched.streaming_content)))  # type: ignore[attr-defined]
    archive.extractall(tmp_path / "fetched")
    checks = verify_package(tmp_path / "fetched" / "package")
    assert checks
    assert not [c for c in checks if c.outcome is Outcome.FAIL]
    told = AuditEntry.objects.filter(kind="disclosure")
    assert {(one.what, one.recipient) for one in told} == {
        ("package", "Court of Example"), ("package fetched", "Court of Example"),
    }  # fmt: skip
    # Nothing of it lies about in the clear.
    assert not list((desk.folder.parent / "leaving").parent.glob("leaving"))
    assert not list(desk.folder.parent.rglob("*.zip"))
    desk.client.post(f"{response['Location']}remove/")
    assert desk.client.get(f"{response['Location']}zip/").status_code == 404


def test_the_dossier_is_shown_under_a_policy_of_its_own(desk: Desk) -> None:
    upload(desk, ("first.csv", posts(1, 2)))
    do_all(desk.case)
    response = desk.client.get(desk.url("dossier/"))
    policy = response["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "unsafe-inline" not in policy
    assert "'sha256-" in policy
    assert response.content == (desk.folder / "dossier.html").read_bytes()


def test_the_facts_are_those_of_the_rows(desk: Desk) -> None:
    upload(desk, ("first.csv", posts(1, 2, 3)))
    do_all(desk.case)
    facts = {(f.name, f.value): f.number for f in Fact.rows.of(desk.case)}
    assert facts["items", ""] == Item.rows.of(desk.case).count() == 3
    assert facts["mentions", ""] == Mention.rows.of(desk.case).count()
    assert facts["platform", "board"] == 3
    assert facts["month", "2026-02"] == 3


def _node() -> Signer:
    signer: Signer = settings.PALERMO_NODE.signer()
    return signer
