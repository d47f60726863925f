"""A run repeats from the case alone, and what does not repeat is told."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from palermo.evidence import CaseFolder, EventType, Outcome, verify_case
from palermo.formats import Columns
from palermo.investigation import Node, Request, investigate, replay
from palermo.investigation.recipe import Recipe
from palermo.model import Refused, Unreadable

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = datetime(2026, 6, 1, 9, tzinfo=UTC)
AUTHORITY = """\
palermo_authority: 1
organisation: Example unit
power: eu/led-processing
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {{name: A. Example, role: competent-authority}}
from: 2026-01-01T00:00:00Z
until: {until}
offences: [trafficking-in-persons]
scope: {{material: [posts], measures: [detect, preserve]}}
"""
POSTS = "nr,advert,when\n" + "".join(
    f"{n},Great pay in the south call +1 202 555 01{n:02d} today,2026-02-01T10:00:00\n"
    for n in range(43, 50)
)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(folder=tmp_path / "node")


@pytest.fixture
def case(tmp_path: Path, node: Node) -> Path:
    (tmp_path / "posts.csv").write_text(POSTS)
    (tmp_path / "authority.yaml").write_text(AUTHORITY.format(until="2026-04-01T00:00:00Z"))
    (tmp_path / "again.yaml").write_text(AUTHORITY.format(until="2027-01-01T00:00:00Z"))
    investigate(
        Request(
            inputs=(tmp_path / "posts.csv",),
            authority=tmp_path / "authority.yaml",
            out=tmp_path / "case",
            node=node,
            zone=ZoneInfo("Europe/Paris"),
            language="fr",
            columns=Columns(id="nr", text="advert", posted_at="when"),
            workers=1,
        ),
        at=AT,
    )
    (tmp_path / "posts.csv").unlink()
    return tmp_path / "case"


def failures(case: Path) -> list[str]:
    return [c.name for c in verify_case(case) if c.outcome is Outcome.FAIL]


def test_every_output_comes_out_the_same(tmp_path: Path, case: Path, node: Node) -> None:
    done = replay(case, authority=tmp_path / "again.yaml", at=LATER, node=node, workers=2)
    assert done.different == ()
    assert {"findings.json", "dossier.html", "tables/items.parquet", "run.json"} <= set(done.same)
    assert done.same_tool
    with CaseFolder(case).log(node.signer()) as log:
        *_, run, look = log.entries()
    assert (look.event.type, look.event.match) == (EventType.ACCESS, True)
    assert look.event.refers_to == run.event_id
    assert failures(case) == []


def test_looking_again_needs_an_authority_of_now(tmp_path: Path, case: Path, node: Node) -> None:
    with pytest.raises(Refused, match="2026-04-01"):
        replay(case, authority=tmp_path / "authority.yaml", at=LATER, node=node)
    with pytest.raises(Unreadable, match="expected a case folder"):
        replay(tmp_path, authority=tmp_path / "again.yaml", at=LATER, node=node)


def test_an_output_that_the_exhibits_do_not_give_is_told(
    tmp_path: Path, case: Path, node: Node
) -> None:
    """Somebody with all keys replaces the findings and has them logged as if a run made them."""
    with CaseFolder(case).log(node.signer()) as log:
        *_, run = log.entries()
        (case / "findings.json").write_text('{"networks": []}')
        paths = [output.path for output in run.event.outputs]
        forged = replace(run.event, outputs=CaseFolder(case).record(*paths))
        log.append(forged)
    assert failures(case) == []
    done = replay(case, authority=tmp_path / "again.yaml", at=LATER, node=node)
    assert done.different == ("findings.json",)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"palermo_run": 1}', b"\xff"])
def test_what_is_no_recipe_is_unreadable(case: Path, content: bytes) -> None:
    good = (case / "run.json").read_bytes()
    assert Recipe.read(good).to_bytes() == good
    for data in (content, good + b" ", good.replace(b'"fr"', b"1")):
        with pytest.raises(Unreadable, match="recipe"):
            Recipe.read(data)
