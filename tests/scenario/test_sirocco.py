"""The scenario repeats byte for byte, its truth holds, and nobody real can be in it."""

import hashlib
import re
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from palermo.law import check, law_book, read_authority
from palermo.model import IdentifierKind, Unreadable
from palermo.scenario import SCENARIOS, ScenarioSummary, write_sirocco

SIZE = 2500
RINGS = ("levante", "tramontana", "poniente")
LINKING = {kind.value for kind in IdentifierKind} - {"price", "age", "url"}


class Written:
    """A written scenario, read back."""

    def __init__(self, folder: Path, summary: ScenarioSummary) -> None:
        self.folder, self.summary = folder, summary
        self.items: list[dict[str, Any]] = pq.read_table(folder / "items.parquet").to_pylist()
        self.truth: list[dict[str, Any]] = pq.read_table(
            folder / "truth" / "items.parquet"
        ).to_pylist()
        self.stated: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in pq.read_table(folder / "truth" / "identifiers.parquet").to_pylist():
            self.stated[row["id"]].append((row["kind"], row["value"]))

    def carriers(self) -> dict[tuple[str, str], list[int]]:
        """Item numbers that state each linking identifier."""
        result = defaultdict(list)
        for number, item in enumerate(self.items):
            for kind, value in self.stated[item["id"]]:
                if kind in LINKING:
                    result[kind, value].append(number)
        return result


@pytest.fixture(scope="module", params=[1, 7])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("sirocco")
    return Written(folder, write_sirocco(folder, size=SIZE, seed=request.param))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_and_size_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sirocco(tmp_path / name, size=300, seed=4)
    write_sirocco(tmp_path / "c", size=300, seed=5)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert len(digests(tmp_path / "a")) == 6
    assert digests(tmp_path / "a")["items.parquet"] != digests(tmp_path / "c")["items.parquet"]


def test_seeds_share_no_identifier_of_a_ring(tmp_path: Path) -> None:
    values = []
    for seed in (1, 2):
        write_sirocco(tmp_path / str(seed), size=400, seed=seed)
        one = Written(tmp_path / str(seed), ScenarioSummary.__new__(ScenarioSummary))
        rings = {row["id"] for row in one.truth if row["ring"]}
        values.append(
            {
                pair
                for item in rings
                for pair in one.stated[item]
                if pair[0] in LINKING - {"iban", "phone"}
            }
        )
    assert values[0]
    assert not values[0] & values[1]


def test_the_summary_counts_what_was_written(written: Written) -> None:
    summary = written.summary
    assert len(written.items) == len(written.truth) == summary.size == SIZE
    assert [i["id"] for i in written.items] == [t["id"] for t in written.truth]
    assert len({i["id"] for i in written.items}) == SIZE
    assert summary.ring_items == sum(t["ring"] is not None for t in written.truth)
    assert 0.33 < summary.ring_items / SIZE < 0.37
    assert summary.campaigns == len({t["campaign"] for t in written.truth if t["campaign"]})
    assert summary.hubs == len({t["hub"] for t in written.truth if t["hub"]})
    assert summary.identifiers == sum(len(v) for v in written.stated.values())
    assert {i["lang"] for i in written.items} == {"en", "fr", "es", "ar", "ru", "zh"}
    assert SCENARIOS["sirocco"] is write_sirocco


def test_items_come_in_the_order_of_time_within_the_authority(written: Written) -> None:
    times = [i["posted_at"] for i in written.items]
    assert times == sorted(times)
    authority = yaml.safe_load((written.folder / "authority.yaml").read_text(encoding="utf-8"))
    assert authority["from"] <= times[0]
    assert times[-1] < authority["until"]
    assert set(authority["scope"]["platforms"]) == {i["platform"] for i in written.items}
    assert authority["case"] == f"SIROCCO-{written.summary.seed}"
    assert set(authority) == {
        "palermo_authority", "organisation", "power", "legal_basis", "purpose", "case",
        "authorised_by", "from", "until", "offences", "scope",
    }  # fmt: skip


def test_both_authorities_hold_for_what_they_are_for(written: Written) -> None:
    for name, measure in (("authority.yaml", "detect"), ("hand-over.yaml", "disclose")):
        authority = read_authority(written.folder / name)
        at = authority.valid_from + timedelta(days=1)
        grant = check(authority, law_book(), at=at, measure=measure, material="ads")
        assert grant.ends == authority.valid_until


def test_the_readme_says_it_is_fictional(written: Written) -> None:
    text = (written.folder / "README.txt").read_text(encoding="utf-8")
    assert "fictional" in text
    assert f"--size {SIZE} --seed {written.summary.seed}" in text


def pieces(written: Written, ring: str) -> int:
    """How many unconnected pieces a ring falls into, joined by campaigns and own identifiers."""
    hubs = {t["hub"] for t in written.truth if t["hub"]}
    members = [n for n, t in enumerate(written.truth) if t["ring"] == ring]
    parent = {n: n for n in members}

    def root(n: int) -> int:
        while parent[n] != n:
            n = parent[n]
        return n

    first: dict[tuple[str, str], int] = {}
    for n in members:
        shared = [p for p in written.stated[written.items[n]["id"]] if p[0] in LINKING]
        shared = [p for p in shared if p[1] not in hubs]
        shared.append(("campaign", written.truth[n]["campaign"]))
        for pair in shared:
            parent[root(n)] = root(first.setdefault(pair, n))
    return len({root(n) for n in members})


def test_every_ring_hangs_together_by_what_it_shares(written: Written) -> None:
    assert [pieces(written, ring) for ring in RINGS] == [1, 1, 1]


def test_rings_have_several_campaigns_and_few_accounts(written: Written) -> None:
    for ring in RINGS:
        members = [n for n, t in enumerate(written.truth) if t["ring"] == ring]
        assert len({written.truth[n]["campaign"] for n in members}) >= 5
        assert 3 <= len({written.items[n]["account"] for n in members}) <= 24
        bare = [n for n in members if not any(
            k in LINKING for k, _ in written.stated[written.items[n]["id"]])]  # fmt: skip
        assert bare, "some ring items carry no identifier but belong to a campaign"


def owner(written: Written, number: int) -> str:
    """Whose an item is: a ring's, an innocent campaign's, or its own account's."""
    truth = written.truth[number]
    return str(truth["ring"] or truth["campaign"] or written.items[number]["account"])


def test_strangers_share_nothing_but_hubs(written: Written) -> None:
    hubs = {t["hub"] for t in written.truth if t["hub"]}
    for (kind, value), numbers in written.carriers().items():
        owners = {owner(written, n) for n in numbers}
        if value in hubs:
            carried = {n for n, t in enumerate(written.truth) if t["hub"] == value}
            assert carried == set(numbers), (kind, value)
        else:
            assert len(owners) == 1, (kind, value, owners)


def test_accounts_belong_to_one_owner(written: Written) -> None:
    owners = defaultdict(set)
    for number, item in enumerate(written.items):
        owners[item["account"]].add(owner(written, number))
    assert all(len(names) == 1 for names in owners.values())


def test_hubs_join_rings_and_innocents_at_many_degrees(written: Written) -> None:
    carriers = defaultdict(list)
    for truth in written.truth:
        if truth["hub"]:
            carriers[truth["hub"]].append(truth["ring"])
    for rings in carriers.values():
        assert None in rings
        assert any(rings)
    degrees = sorted(len(rings) for rings in carriers.values())
    assert degrees[0] < 40 < degrees[-1]


def test_innocents_have_campaigns_and_many_roles(written: Written) -> None:
    roles = {t["role"] for t in written.truth if t["ring"] is None}
    assert {"seasonal_farm", "agency", "charity", "independent_worker", "student", "private",
            "help_seeking", "news", "family"} <= roles  # fmt: skip
    assert all((t["role"] == "ring") == (t["ring"] is not None) for t in written.truth)
    sizes: dict[str, int] = defaultdict(int)
    for truth in written.truth:
        if truth["campaign"]:
            sizes[truth["campaign"]] += 1
    assert min(sizes.values()) >= 3
    assert sum(t["campaign"] is not None and t["ring"] is None for t in written.truth) > SIZE * 0.15


def test_one_off_texts_do_not_repeat_each_other(written: Written) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    alone = [
        n for n, t in enumerate(written.truth)
        if t["campaign"] is None and not t["hub"] and written.items[n]["lang"] != "zh"
    ]  # fmt: skip
    for n in alone:
        words = re.findall(r"\w+", written.items[n]["text"].lower())
        for at in range(len(words) - 7):
            seen[" ".join(words[at : at + 8])].add(n)
    pairs: dict[tuple[int, int], int] = defaultdict(int)
    for numbers in seen.values():
        ordered = sorted(numbers)
        for i, a in enumerate(ordered):
            for b in ordered[i + 1 :]:
                pairs[a, b] += 1
    lengths = [len(written.items[n]["text"].split()) for n in alone]
    assert 30 <= sum(lengths) / len(lengths) <= 90
    assert sum(count > 12 for count in pairs.values()) <= len(alone) // 50


@pytest.mark.parametrize("size", [50, 120, 200, 1000])
def test_small_scenarios_are_whole(size: int, tmp_path: Path) -> None:
    summary = write_sirocco(tmp_path, size=size, seed=3)
    small = Written(tmp_path, summary)
    assert len(small.items) == size
    assert {t["ring"] for t in small.truth} == {None, *RINGS}
    assert summary.hubs >= 1
    assert all(item["text"] for item in small.items)
    assert [pieces(small, ring) for ring in RINGS] == [1, 1, 1]


def test_impossible_requests_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="at least 50"):
        write_sirocco(tmp_path, size=10)
    with pytest.raises(Unreadable, match="seed"):
        write_sirocco(tmp_path, size=100, seed=-1)


def test_writing_is_fast_and_scales_straight(tmp_path: Path) -> None:
    """A loose bound, so that a busy machine passes: the aim is 15,000 items a CPU-second."""
    write_sirocco(tmp_path / "warm", size=100)
    spent = []
    for size in (4_000, 16_000):
        start = time.process_time()
        write_sirocco(tmp_path / str(size), size=size)
        spent.append(time.process_time() - start)
    assert spent[1] < 6
    assert spent[1] / spent[0] < 8
