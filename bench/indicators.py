"""Measure the indicators room: what each rule hits on the practice case, by role, and speed.

    .venv/bin/python bench/indicators.py [--size 4000 --seed 7] [--lang en] [--status live]

The practice case is generated, so the table says how the rules treat its rings and its innocent
look-alikes, not how often they are right in the world.
"""

import argparse
import csv
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from palermo.analysis.indicators import BodyAssessment, Status, assess_bodies, indicate
from palermo.model import INDICATIONS
from palermo.scenario import write_sirocco

SCAM_TEXTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "scam_texts.csv"


def rule_report(indications: pa.Table, truth: pa.Table) -> list[dict[str, object]]:
    """Count the items each rule hits, by role.

    `indications` has the columns of INDICATIONS, `truth` has `id` and `role`. One row a rule, in
    order of rule: `rule`, `polarity`, then per role the share of its items hit (0-1), and
    `items`, the number of items hit.
    """
    role_of = dict(zip(truth["id"].to_pylist(), truth["role"].to_pylist(), strict=True))
    sizes = Counter(role_of.values())
    hit: dict[tuple[str, str], set[str]] = defaultdict(set)
    columns = (indications[name].to_pylist() for name in ("id", "rule", "polarity"))
    for item, rule, polarity in zip(*columns, strict=True):
        if item in role_of:
            hit[rule, polarity].add(item)
    report: list[dict[str, object]] = []
    for (rule, polarity), items in sorted(hit.items()):
        by_role = Counter(role_of[item] for item in items)
        shares = {role: by_role[role] / sizes[role] for role in sorted(sizes)}
        report.append({"rule": rule, "polarity": polarity, "items": len(items), **shares})
    return report


def markdown(report: list[dict[str, object]]) -> str:
    """Set the report as a table; shares in per cent, nothing where there is no hit."""
    if not report:
        return "no rule hit anything"
    roles = [name for name in report[0] if name not in {"rule", "polarity", "items"}]
    lines = [
        "| rule | polarity | items | "
        + " | ".join(role.replace("_", " ") for role in roles)
        + " |",
        "|---|---|---:|" + "---:|" * len(roles),
    ]
    for row in report:
        cells = [f"{100 * float(str(row[role])):.0f} %" if row[role] else "" for role in roles]
        lines.append(
            f"| {row['rule']} | {row['polarity']} | {row['items']} | " + " | ".join(cells) + " |"
        )
    return "\n".join(lines)


def assessed(indications: pa.Table, truth: pa.Table) -> list[str]:
    """Per role: share of items, then of whole campaigns, with a dimension indicated and so on."""
    role_of = dict(zip(truth["id"].to_pylist(), truth["role"].to_pylist(), strict=True))
    item_rows = truth.append_column("item", truth["id"])
    campaigns = dict(zip(truth["campaign"].to_pylist(), truth["role"].to_pylist(), strict=True))
    return [
        *_shares("items", assess_bodies(indications, item_rows, "item"), role_of),
        "",
        *_shares("campaigns", assess_bodies(indications, truth, "campaign"), campaigns),
    ]


def _shares(kind: str, answers: dict[str, BodyAssessment], role_of: dict[str, str]) -> list[str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for body, answer in answers.items():
        counts[role_of[body]] += Counter(
            bodies=1,
            any_for=bool(answer.indicated or answer.open),
            dimension=bool(answer.indicated),
            adult=answer.adult_pattern,
            child=answer.child_review,
            support=answer.support_first,
        )
    kinds = ("any_for", "dimension", "adult", "child", "support")
    lines = [f"| role | {kind} | {' | '.join(kinds)} |", "|---|---:|" + "---:|" * len(kinds)]
    for role, count in sorted(counts.items()):
        shares = (f"{100 * count[name] / count['bodies']:.0f} %" for name in kinds)
        lines.append(f"| {role} | {count['bodies']} | {' | '.join(shares)} |")
    return lines


def speed(texts: list[str], least: int = 100_000) -> float:
    """Texts per CPU-second, the lists loaded and compiled."""
    batch = pa.record_batch({"id": [str(n) for n in range(len(texts))], "text": texts})
    rounds = max(1, least // len(texts))
    list(indicate(iter([batch])))
    begin = time.process_time()
    for _ in indicate(iter([batch] * rounds)):
        pass
    return rounds * len(texts) / (time.process_time() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--lang", help="only items in this language")
    parser.add_argument("--status", type=Status, default=Status.LIVE)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_sirocco(Path(folder), size=wanted.size, seed=wanted.seed)
        items = pq.read_table(Path(folder) / "items.parquet")
        truth = pq.read_table(Path(folder) / "truth" / "items.parquet")
    texts = items["text"].to_pylist()
    if wanted.lang:
        kept = [lang == wanted.lang for lang in items["lang"].to_pylist()]
        items = items.filter(pa.array(kept))
        truth = truth.filter(
            pa.array([item in set(items["id"].to_pylist()) for item in truth["id"].to_pylist()])
        )
    batches = items.select(["id", "text"]).to_batches(max_chunksize=5000)
    found = pa.Table.from_batches(indicate(iter(batches), status=wanted.status), schema=INDICATIONS)
    print(markdown(rule_report(found, truth)), "\n", *assessed(found, truth), sep="\n")
    print(f"\npractice case: {speed(texts):,.0f} texts per CPU-second")
    if SCAM_TEXTS.exists():
        with SCAM_TEXTS.open(encoding="utf-8", errors="replace", newline="") as file:
            scam = [row["text"] for row in csv.DictReader(file)]
        print(f"scam_texts.csv: {speed(scam):,.0f} texts per CPU-second")


if __name__ == "__main__":
    main()
