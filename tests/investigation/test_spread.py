"""Step by step on an engine, the same campaigns and edges as in one process, and the same case."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.analysis.campaigns import background, find_campaigns, plans, steps
from palermo.analysis.identifiers import extract
from palermo.analysis.indicators import indicate
from palermo.doors.cli import run
from palermo.engine import DuckEngine, Engine, connect, run_kernel
from palermo.investigation import Node, Request, campaigns_at, investigate, replay
from palermo.investigation.spread import spread_campaigns, spread_kernel
from palermo.model import IDENTIFIERS, INDICATIONS, Refused, Unreadable
from palermo.scenario import SCENARIOS

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
on_spark = pytest.mark.xdist_group("spark")


def rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row.values()) for row in table.to_pylist())


def written(count: int, seed: int) -> list[str]:
    """Return texts of a few templates with noise, repeats, drifting chains and stray ones."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnop", k=6)) for _ in range(400)]
    templates = [rng.choices(words, k=rng.choice((4, 12, 40, 90))) for _ in range(count // 12)]
    drifting = rng.choices(words, k=60)
    texts = ["", "  ", "\u2728", "\u2728", "ok", "OK", "call 1", "call 2"]
    while len(texts) < count:
        kind = rng.random()
        if kind < 0.1:
            drifting[rng.randrange(60)] = rng.choice(words)
            text = drifting[:]
        elif kind < 0.3:
            text = rng.choices(words, k=rng.randint(1, 60))
        else:
            text = [w for w in rng.choice(templates) if rng.random() > 0.06]
            text += [str(rng.randrange(10**6)), *rng.choices(words, k=rng.randint(0, 4))]
        texts.append(" ".join(text))
        if rng.random() < 0.1:
            texts.append(texts[-1].upper())
    return texts


def placed(texts: list[str]) -> pa.Table:
    ids = [f"id{k:05d}" for k in range(len(texts))]
    return pa.table({"id": ids, "position": pa.array(range(len(texts)), pa.int64()), "text": texts})


def assert_same(engine: Engine, texts: list[str]) -> None:
    items = placed(texts)
    whole = find_campaigns(items)
    engine.load({"items": items})
    spread_campaigns(engine)
    found = engine.query(f"{plans.ASSIGNMENT} ORDER BY texts.position")
    assert found.select(["id", "campaign"]).to_pylist() == whole.assignment.to_pylist()
    assert rows(engine.query(plans.EDGES)) == rows(whole.edges)


def test_the_same_as_in_one_process(engine: Engine) -> None:
    texts = written(3_000 if isinstance(engine, DuckEngine) else 400, seed=5)
    named = find_campaigns(placed(texts)).assignment["campaign"]
    assert 0.1 < named.null_count / len(texts) < 0.7, "the texts are no test"
    assert_same(engine, texts)


def test_the_same_on_real_texts(engine: Engine, shared_data: Path) -> None:
    with (shared_data / "scam_texts.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert_same(engine, texts if isinstance(engine, DuckEngine) else texts[:1_000])


def test_nothing_and_next_to_nothing(duck: Engine) -> None:
    assert_same(duck, [])
    assert_same(duck, ["", "one text of five words here"])


few = st.sampled_from(["a", "b", "c d", "7", "\u0434\u0430", "\u4f60\u597d", "!", ""])


@given(texts=st.lists(st.lists(few, max_size=14).map(" ".join), max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_small_set_of_texts(texts: list[str]) -> None:
    with DuckEngine(threads=1) as engine:
        assert_same(engine, texts)


def test_the_sample_that_weighs_tokens_is_the_same(
    duck: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = written(1_200, seed=8)
    monkeypatch.setattr(background, "_SAMPLE", 100)
    assert_same(duck, texts)
    (extent,) = duck.query(plans.EXTENT).to_pylist()
    contents = duck.query("SELECT content FROM contents WHERE length >= 5 ORDER BY content")
    every = background.stride(extent["compared"])
    assert every > 5
    sample = duck.query(plans.SAMPLE.format(stride=every))["content"].to_pylist()
    assert sorted(sample) == contents["content"].to_pylist()[::every]


def test_components_are_grouped_a_few_at_a_time(
    duck: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded memory: whole components, cut between them wherever batches end."""
    texts = written(1_200, seed=6)
    tables: list[int] = []
    whole = steps._whole

    def watched(batches: Iterator[pa.RecordBatch], key: str) -> Iterator[pa.Table]:
        small = (piece for b in batches for piece in pa.Table.from_batches([b]).to_batches(7))
        for table in whole(small, key):
            tables.append(table.num_rows)
            yield table

    monkeypatch.setattr(steps, "_TOKENS_AT_ONCE", 50)
    monkeypatch.setattr(steps, "_whole", watched)
    assert_same(duck, texts)
    assert len(tables) > 20


def test_where_ids_have_no_order_campaigns_are_the_same(duck: Engine) -> None:
    items = placed(written(600, seed=7))
    duck.load({"items": items.take(pa.array(random.Random(1).sample(range(600), 600)))})
    spread_campaigns(duck, "SELECT id, text FROM items")
    found = duck.query(plans.ASSIGNMENT).select(["id", "campaign"])
    assert rows(found) == rows(find_campaigns(items.slice(0, 600)).assignment)


def test_kernels_of_texts_keep_their_rows_and_order(engine: Engine) -> None:
    call = "Call +1 202 555 0143 or mail anna@example.org, passport kept by manager, 200 EUR"
    texts = [f"{call} today {k}" if k % 3 else "nothing to see" for k in range(300)]
    items = placed(texts).append_column("lang", pa.nulls(300, pa.string()))
    engine.load({"items": items})
    for kernel, schema in ((extract, IDENTIFIERS), (indicate, INDICATIONS)):
        here = run_kernel(kernel, items, schema=schema, step="s", workers=1)
        assert here.num_rows > 150
        assert spread_kernel(engine, kernel, schema=schema, name="found").equals(here)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practice")
    SCENARIOS["sirocco"](folder, size=600, seed=11)
    return folder


@on_spark
def test_a_case_on_spark_is_the_case_and_repeats_without_it(
    spark: Engine, practice: Path, tmp_path: Path
) -> None:
    request = partial(
        Request,
        inputs=(practice / "items.parquet",),
        authority=practice / "authority.yaml",
        node=Node(folder=tmp_path / "node"),
    )
    for name in ("duckdb", "spark"):
        investigate(request(out=tmp_path / name, engine=name), at=AT)
    tables = sorted(path.name for path in (tmp_path / "duckdb" / "tables").iterdir())
    assert "networks.parquet" in tables
    for name in tables:
        ours, theirs = (pq.read_table(tmp_path / e / "tables" / name) for e in ("duckdb", "spark"))
        assert ours.num_rows or name in {"photos.parquet", "rejected.parquet", "same_photo.parquet"}
        assert ours.equals(theirs), name
    authority = practice / "authority.yaml"
    again = replay(tmp_path / "spark", authority=authority, at=AT, node=request.keywords["node"])
    assert again.different == ()
    # The networks that the hub guard found are the components of the links it used.
    spark.load({"links": pq.read_table(tmp_path / "spark" / "tables" / "links.parquet")})
    connect(spark, "SELECT a, b FROM links", name="components")
    connected = spark.query("SELECT node, component FROM components").to_pydict()
    networks = pq.read_table(tmp_path / "spark" / "tables" / "networks.parquet").to_pydict()
    by_plan = dict(zip(connected["node"], connected["component"], strict=True))
    by_guard = dict(zip(networks["id"], networks["network"], strict=True))
    assert by_plan.keys() == by_guard.keys()
    pairs = {(by_plan[item], by_guard[item]) for item in by_plan}
    assert len(pairs) == len(set(by_plan.values())) == len(set(by_guard.values())) > 1


@on_spark
def test_the_command_on_spark(spark: Engine, practice: Path, tmp_path: Path) -> None:
    source = practice / "items.parquet"
    here = tmp_path / "here.parquet"
    assert run(["campaigns", str(source), "-o", str(here), "--json"]) == 0
    there = tmp_path / "there.parquet"
    assert run(["campaigns", str(source), "-o", str(there), "--engine", "spark", "--json"]) == 0
    assert pq.read_table(here).equals(pq.read_table(there))
    assert pq.read_table(here)["campaign"].null_count < pq.read_table(here).num_rows
    out = f"file://{tmp_path}/out"
    at = ["campaigns", f"file://{source}", "-o", out, "--engine", "spark", "--json"]
    assert run(at) == 0
    assert rows(pq.read_table(tmp_path / "out")) == rows(pq.read_table(here))
    assert run(at) == 1, "an output that is there is never replaced"


def test_addresses_go_to_spark_only(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for arguments, expected in (
        (["s3a://b/ads", "-o", str(tmp_path / "x.parquet")], "all be one kind"),
        (["ads.csv", "-o", "hdfs:///x", "--engine", "spark"], "all be one kind"),
        (["s3a://b/ads", "-o", "s3a://b/x"], "need --engine spark"),
    ):
        assert run(["campaigns", *arguments]) == 2
        assert expected in capsys.readouterr().err


def test_rows_at_an_address_must_have_ids_and_texts(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a", None], "text": ["x", "y"]}), tmp_path / "a.parquet")
    at = partial(campaigns_at, [str(tmp_path / "a.parquet")], str(tmp_path / "out"))
    with pytest.raises(Unreadable, match="1 rows have no 'id'"):
        at(engine="duckdb")
    with pytest.raises(Unreadable, match="no column 'body'"):
        at(engine="duckdb", text_column="body")
    assert not (tmp_path / "out").exists()
    assert at(engine="duckdb", id_column="text")["items"] == 2
    with pytest.raises(Refused, match="something already"):
        at(engine="duckdb", id_column="text")
