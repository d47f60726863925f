"""A package of a log that a time authority stamped: its stamps go along, and lies stand out."""

import html
import io
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.evidence.authority import Authority, serving
from tests.evidence.package.making import make_event

from palermo.evidence import CaseFolder, Check, EventType, ExhibitRef, Outcome
from palermo.evidence.package.verify import verify_package
from palermo.investigation import HandOver, Node, hand_over, vouch

FORM = """\
palermo_authority: 1
organisation: Example unit
power: eu/led-transmission
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {{name: A. Example, role: public-prosecutor}}
from: {start}
until: {end}
offences: [trafficking-in-persons]
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def order(tmp_path: Path, authority: Authority) -> HandOver:
    """A case with one exhibit, stamped a moment ago."""
    node, case, now = (
        Node(folder=tmp_path / "node"),
        CaseFolder(tmp_path / "case"),
        datetime.now(UTC),
    )
    sealed = node.vault(case).seal(io.BytesIO(b"x"), name="x.txt", media_type="text/plain", at=now)
    with case.log(node.signer()) as log:
        ref = ExhibitRef.of(sealed)
        log.append(make_event(EventType.RECEIVE, exhibits=(ref,), occurred_at=now, logged_at=now))
    with serving(authority) as server:
        vouch(case.path, authorities=(server.url,), witnesses=(), at=datetime.now(UTC), node=node)
    start, end = now - timedelta(days=90), now + timedelta(days=90)
    text = FORM.format(start=start.isoformat(), end=end.isoformat())
    (tmp_path / "out.yaml").write_text(text)
    return HandOver(
        case=case.path,
        out=tmp_path / "package",
        authority=tmp_path / "out.yaml",
        recipient="Court of Example",
        node=node,
    )


def checked(order: HandOver, authority: Authority) -> dict[str, Check]:
    roots = [authority.root.certificate.read_bytes()]
    return {check.name: check for check in verify_package(order.out, roots=roots)}


def test_stamps_go_along_and_are_checked(order: HandOver, authority: Authority) -> None:
    hand_over(order, at=datetime.now(UTC))
    found = checked(order, authority)
    assert not [one for one in found.values() if one.outcome is Outcome.FAIL]
    assert found["time stamps"].outcome is Outcome.PASS
    assert found["stamped times"].outcome is Outcome.PASS


def test_the_report_shows_the_stamped_time_and_its_commands_work(
    order: HandOver, authority: Authority
) -> None:
    hand_over(order, at=datetime.now(UTC))
    page = (order.out / "REPORT.html").read_text()
    rows = re.findall(r"<tr>\s*<th scope=\"row\">(\d+)</th>(.*?)</tr>", page, re.DOTALL)
    stamped = {int(number): "checkpoints/1.1.tsr" in rest for number, rest in rows}
    assert stamped[0] is True
    assert stamped[max(stamped)] is False  # the hand-over came after the stamp
    commands = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    (command,) = (html.unescape(one) for one in commands if "openssl ts -verify" in one)
    root = order.out.parent / "root.pem"
    root.write_bytes(authority.root.certificate.read_bytes())
    command = command.replace("root.pem", str(root))
    done = subprocess.run(
        ["bash", "-e", "-c", command], cwd=order.out, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout


def test_a_hand_over_that_is_backdated_before_the_stamp_is_found(
    order: HandOver, authority: Authority
) -> None:
    hand_over(order, at=datetime.now(UTC) - timedelta(days=30))
    found = checked(order, authority)["stamped times"]
    assert found.outcome is Outcome.FAIL
    assert "it was backdated" in found.detail
