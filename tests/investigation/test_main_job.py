"""The main job on the practice case with known truth, and on real messages."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from palermo.evidence import CaseFolder, Keystore, Outcome, verify_case
from palermo.investigation import Request, Score, investigate, measure
from palermo.investigation.run import NODE, _kek
from palermo.model import row_hash
from palermo.scenario import SCENARIOS

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
AUTHORITY = """\
palermo_authority: 1
organisation: Test
power: eu/dsa-own-initiative
legal_basis: Regulation (EU) 2022/2065, Article 7
purpose: a test on real messages
case: REAL
authorised_by: {name: nobody, role: compliance-officer}
from: 2026-01-01T00:00:00Z
until: 2036-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {material: [messages], measures: [detect, preserve]}
"""


@pytest.fixture(scope="module")
def sirocco(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice case of a seed on which nothing was tuned, investigated."""
    folder = tmp_path_factory.mktemp("sirocco")
    SCENARIOS["sirocco"](folder / "practice", size=3000, seed=90210)
    investigate(
        Request(
            inputs=(folder / "practice" / "items.parquet",),
            authority=folder / "practice" / "authority.yaml",
            out=folder / "case",
            node=folder / "node",
        ),
        at=NOW,
    )
    return folder


@pytest.fixture(scope="module")
def scores(sirocco: Path) -> dict[str, Score]:
    return {s.name: s for s in measure(sirocco / "case", sirocco / "practice")}


def test_identifiers_are_right_kind_by_kind(scores: dict[str, Score]) -> None:
    kinds = {name: s for name, s in scores.items() if not name.endswith(("pairs", "(rings)"))}
    assert len(kinds) >= 15
    wrong = {
        name: (s.precision, s.recall)
        for name, s in kinds.items()
        if min(s.precision or 0, s.recall or 0) < 0.98
    }
    assert not wrong


def test_networks_do_not_weld_rings_and_innocents(scores: dict[str, Score]) -> None:
    rings = scores["network pairs (rings)"]
    assert rings.precision is not None
    assert rings.precision >= 0.99
    assert rings.recall is not None
    assert rings.recall >= 0.95


def test_campaigns_are_right(scores: dict[str, Score]) -> None:
    campaigns = scores["campaign pairs"]
    assert (campaigns.precision or 0) >= 0.98
    assert (campaigns.recall or 0) >= 0.98


def test_no_innocent_network_is_indicated_more_than_the_rings(sirocco: Path) -> None:
    findings = json.loads((sirocco / "case" / "findings.json").read_text())
    ring = dict(_columns(sirocco / "practice" / "truth" / "items.parquet", "id", "ring"))
    networks = _columns(sirocco / "case" / "tables" / "networks.parquet", "id", "network")
    of_rings = {network for item, network in networks if ring[item]}
    patterned = {n["id"] for n in findings["networks"] if n["assessment"]["adult_pattern"]}
    assert patterned <= of_rings


def test_help_seeking_is_found_and_never_counted_against_anybody(sirocco: Path) -> None:
    truth = _columns(sirocco / "practice" / "truth" / "items.parquet", "id", "role")
    asking = {item for item, role in truth if role == "help_seeking"}
    rows = _columns(sirocco / "case" / "tables" / "indications.parquet", "id", "polarity")
    found = {item for item, polarity in rows if polarity == "support"}
    assert len(asking & found) >= 0.9 * len(asking)


def test_every_item_leads_to_its_sealed_row(sirocco: Path) -> None:
    case = sirocco / "case"
    items = pq.read_table(case / "tables" / "items.parquet").slice(0, 50).to_pylist()
    exhibit = items[0]["exhibit"]
    signer = Keystore.open(sirocco / "node" / "keys", actor=NODE)
    vault = CaseFolder(case).vault(_kek(signer))
    found = vault.find(exhibit)
    assert found is not None
    with vault.open(found.id) as file:
        sealed = pq.read_table(file).slice(0, 50)
    for item, source in zip(items, sealed.to_pylist(), strict=True):
        assert item["text"] == source["text"]
        assert len(item["row_hash"]) == 64
    assert row_hash([("a", "b")]) != row_hash([("a", "c")])


def test_the_case_verifies(sirocco: Path) -> None:
    assert not [c for c in verify_case(sirocco / "case") if c.outcome is Outcome.FAIL]


def test_links_and_networks_agree(sirocco: Path) -> None:
    tables = sirocco / "case" / "tables"
    network = dict(_columns(tables / "networks.parquet", "id", "network"))
    links = pq.read_table(tables / "links.parquet").to_pylist()
    assert links
    assert all(network[link["a"]] == network[link["b"]] for link in links)
    assert all(link["reason"] and 0 < link["strength"] <= 1 for link in links)


def test_real_messages(tmp_path: Path, shared_data: Path) -> None:
    (tmp_path / "authority.yaml").write_text(AUTHORITY)
    outcome = investigate(
        Request(
            inputs=(shared_data / "scam_texts.csv",),
            authority=tmp_path / "authority.yaml",
            out=tmp_path / "case",
            node=tmp_path / "node",
        ),
        at=NOW,
    )
    counts = outcome.counts
    assert counts["rows_read"] == 1270
    assert counts["items"] + counts["rows_set_aside"] == 1270
    assert counts["campaigns"] > 100
    assert counts["identifier_values"] > 500
    assert not [c for c in verify_case(tmp_path / "case") if c.outcome is Outcome.FAIL]


def _columns(path: Path, one: str, other: str) -> list[tuple[str, Any]]:
    table = pq.read_table(path, columns=[one, other])
    return list(zip(table[one].to_pylist(), table[other].to_pylist(), strict=True))
