"""The report and the certificate: what they say, that their commands work, and what they refuse."""

import html
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evidence.package.making import AT, CAPTURED, RECEIVED, Made, make_event, pack

from palermo.evidence import EventType, ExhibitRef
from palermo.evidence.package.papers import Declaration
from palermo.evidence.package.papers.page import LANGUAGES, Words, visible
from palermo.evidence.package.papers.report import TYPES
from palermo.evidence.package.verify import verify_package
from palermo.model import Refused

DECLARATION = Declaration(
    declarant="B. Example",
    position="forensic examiner",
    qualification="eight years of examining electronic evidence",
    place="Lyon, France",
    inside_us=False,
)


def text_of(path: Path) -> str:
    found = re.sub(r"<style>.*?</style>|<[^>]+>", " ", path.read_text(), flags=re.DOTALL)
    return " ".join(html.unescape(found).split())


def commands(report: Path) -> list[str]:
    found = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", report.read_text(), re.DOTALL)
    return [html.unescape(one) for one in found]


def test_the_commands_of_the_report_work_as_printed_and_leave_nothing(package: Path) -> None:
    bag, key, checkpoint, root, originals, statement = commands(package / "REPORT.html")
    before = sorted(package.rglob("*"))

    def run(command: str) -> str:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            cwd=package,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run(bag) == ""
    assert run(key).split()[0] in text_of(package / "REPORT.html")
    assert "Signature Verified Successfully" in run(checkpoint)
    first, second = run(root).splitlines()
    assert first == second
    assert [line.split()[0] for line in run(originals).splitlines()] == ["True"] * 6
    assert run(statement).split()[-1] == "OK"
    assert sorted(package.rglob("*")) == before


@pytest.mark.parametrize(
    ("number", "name"), [(2, "checkpoint.txt"), (5, "REPORT.html"), (5, "exhibits.json")]
)
def test_the_commands_find_a_change(package: Path, number: int, name: str) -> None:
    command = commands(package / "REPORT.html")[number]
    path = package / name
    path.write_text(path.read_text().replace("1", "2"))
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=package, capture_output=True, check=False
    )
    assert b"OK" not in done.stdout
    assert b"Successfully" not in done.stdout or b"FAILED" in done.stdout


def test_the_report_says_what_there_is(made: Made, tmp_path: Path) -> None:
    held = made.id("statement.txt")
    pack(made, tmp_path / "package", hold_back=(held,), hold_back_events=(RECEIVED,))
    said = text_of(tmp_path / "package" / "REPORT.html")
    for part in (
        "Exhibits handed over: 5",
        "Court of Example",
        "Entries held back 1: 1",
        held,
        "Entries shown (9 of 11 leaves)",
        "no stamp",
        made.exhibits["ads.csv"].sha256,
        "not encrypted",
    ):
        assert part in said, part
    assert made.exhibits["statement.txt"].sha256 not in said


def test_the_report_in_french(made: Made, tmp_path: Path) -> None:
    pack(made, tmp_path / "package", language="fr", conditions=("Only for this case.",))
    page = (tmp_path / "package" / "REPORT.html").read_text()
    assert '<html lang="fr">' in page
    assert "Pièces remises\u00a0: 6" in page
    assert '<li lang="en">Only for this case.</li>' in page


def test_every_kind_of_event_has_a_word_in_each_language() -> None:
    for language in LANGUAGES:
        words = Words(language)
        assert [one for one in TYPES if f"type.{one}" not in words] == []


def test_hostile_text_is_shown_and_does_nothing(made: Made, tmp_path: Path) -> None:
    later = AT.replace(hour=11)
    event = make_event(
        EventType.DISCLOSE,
        recipient="<script>alert(1)</script>\u202egnp.exe {7*7} {{7*7}}",
        occurred_at=later,
        logged_at=later,
    )
    pack(made, tmp_path / "package", event=event)
    page = (tmp_path / "package" / "REPORT.html").read_text()
    assert "<script" not in page
    assert "\u202e" not in page
    assert "‹U+202E›gnp.exe {7*7} {{7*7}}" in page
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert visible("a\nb") == "a‹U+000A›b"


def test_a_certificate_describes_what_was_done(made: Made, tmp_path: Path) -> None:
    pack(made, tmp_path / "package", declaration=DECLARATION)
    said = text_of(tmp_path / "package" / "CERTIFICATE.html")
    for part in (
        "902(13) and 902(14)",
        "B. Example",
        "eight years of examining",
        "Source Job board",
        "Source Paris",
        f"made from exhibit {made.id('page.wacz')}",
        "Program and version palermo 0.1.0",
        "SHA-256 (FIPS 180-4)",
        made.exhibits["ads.csv"].sha256,
        "The two hashes are equal",
        "under penalty of perjury under the laws of the United States of America",
        "28 U.S.C. § 1746",
        "Executed at Lyon, France",
        "Signature of B. Example",
    ):
        assert part in said, part
    checks = verify_package(tmp_path / "package")
    assert not [one for one in checks if one.outcome == "fail"]


def test_a_certificate_within_the_united_states_has_its_own_clause(
    made: Made, tmp_path: Path
) -> None:
    pack(made, tmp_path / "package", declaration=replace(DECLARATION, inside_us=True))
    said = text_of(tmp_path / "package" / "CERTIFICATE.html")
    assert "under penalty of perjury that the foregoing" in said


def test_no_certificate_without_the_facts(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "package"
    with pytest.raises(Refused, match="the event with which it came into the case"):
        pack(made, out, declaration=DECLARATION, hold_back_events=(CAPTURED,))
    assert [path.name for path in tmp_path.iterdir()] == ["case"]
    with made.case.log(made.signer) as log:
        assert len(log.leaves()) == 10  # nothing was logged either


def test_a_source_that_the_record_lacks_is_the_declarants(made: Made, tmp_path: Path) -> None:
    vault = made.case.vault(bytes(range(32)))
    new = vault.seal(made.case.path / "custody.pub", name="x.txt", media_type="text/plain", at=AT)
    with made.case.log(made.signer) as log:
        event = make_event(EventType.RECEIVE, exhibits=(ExhibitRef.of(new),), match=True)
        log.append(event)
    with pytest.raises(Refused, match="the device or person it came from"):
        pack(made, tmp_path / "one", only=(new.id,), declaration=DECLARATION)
    stated = replace(DECLARATION, sources={new.id[:8]: "telephone, seal 17"})

    pack(made, tmp_path / "two", only=(new.id,), declaration=stated)

    said = text_of(tmp_path / "two" / "CERTIFICATE.html")
    assert "telephone, seal 17 (as the declarant states; the record does not name it)" in said


def test_no_certificate_for_what_was_not_hashed_again(made: Made, tmp_path: Path) -> None:
    vault = made.case.vault(bytes(range(32)))
    new = vault.seal(made.case.path / "custody.pub", name="x.txt", media_type="text/plain", at=AT)
    with made.case.log(made.signer) as log:
        log.append(make_event(EventType.RECEIVE, exhibits=(ExhibitRef.of(new),), place="Paris"))
    with pytest.raises(Refused, match="hashed again after sealing"):
        pack(made, tmp_path / "one", only=(new.id,), declaration=DECLARATION)
    assert [path.name for path in tmp_path.iterdir()] == ["case"]
