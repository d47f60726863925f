"""How well alerts find what the generated money hides, and whom they hit instead.

    .venv/bin/python -m bench.money_detection [--seeds 101,102,103] [--count 1000000]

Precision is right alerts over the budget (0.5 % of accounts), so that a rule that finds little
gains nothing by it. The best single rule is chosen after the fact, in its favour: of all rules, the
one whose top accounts by its own value hold most crime, equal values ordered by the truth.
"""

import argparse
import io
import tarfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from palermo.analysis.money.typologies import Alert, Records, alerts, default_typologies, prepare
from palermo.investigation.alerts import Looked, look
from palermo.model.transaction import TRANSACTIONS
from palermo.scenario.money import make_money

BUDGET = 0.005
AMLSIM = Path(__file__).resolve().parents[2] / "shared/data/finance/amlsim_20k_cycle200.tgz"


@dataclass
class Score:
    """Counts over one or more seeds."""

    budget: int = 0
    issued: int = 0
    right: int = 0
    role_right: int = 0
    look_alikes_alerted: int = 0
    innocents_alerted: int = 0
    look_alikes: int = 0
    innocents: int = 0
    criminal: int = 0
    best_rule: dict[str, int] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    kinds_right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    mixed_up: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Score") -> None:
        """Add the counts of another seed."""
        for name in (
            "budget", "issued", "right", "role_right", "look_alikes_alerted", "innocents_alerted",
            "look_alikes", "innocents", "criminal",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for rule, right in other.best_rule.items():
            self.best_rule[rule] = self.best_rule.get(rule, 0) + right
        for name in ("kinds", "kinds_right", "wrong", "mixed_up"):
            getattr(self, name).update(getattr(other, name))


def _guilty(fact: dict[str, Any] | None, role: str | None = None) -> bool:
    """Whether an alert on an account is right.

    Somebody who only paid somebody exploited is right when named a buyer and wrong as anything
    else: one ordinary payment shows nothing.
    """
    if fact is None or fact["role"] is None:
        return False
    return not (fact["kind"] == "sexual" and fact["role"] == "buyer") or role == "buyer"


def score(
    records: Records, looked: Looked, made: tuple[Alert, ...], truth: list[dict[str, Any]]
) -> Score:
    """Compare alerts and single rules with the truth (TRUE_ACCOUNTS)."""
    names = records.people.accounts.values.to_pylist()
    facts = {one["account"]: one for one in truth}
    own = [name for name, mine in zip(names, records.people.own.tolist(), strict=True) if mine]
    result = Score(budget=max(1, int(len(own) * BUDGET)))
    for name in own:
        fact = facts.get(name)
        result.criminal += _guilty(fact)
        if fact is not None and _guilty(fact):
            result.kinds[fact["kind"]] += 1
        if fact is None or fact["role"] is None:
            result.innocents += 1
            result.look_alikes += fact is not None and fact["look_alike"] is not None
    for alert in made[: result.budget]:
        fact = facts.get(names[alert.account])
        result.issued += 1
        if fact is not None and _guilty(fact, alert.role):
            result.right += 1
            result.kinds_right[fact["kind"]] += 1
            result.role_right += fact["role"] == alert.role
            if fact["role"] != alert.role:
                result.mixed_up[fact["role"], alert.role] += 1
        elif fact is None or fact["role"] is None:
            result.innocents_alerted += 1
            alike = fact is not None and fact["look_alike"] is not None
            result.look_alikes_alerted += alike
            result.wrong[str(fact["look_alike"]) if alike and fact else "nobody special"] += 1
        else:
            result.wrong["client"] += 1
    for rule, table in looked.found.items():
        if not rule.startswith("K"):
            result.best_rule[rule] = _alone(table, names, facts, result.budget)
    return result


def _alone(table: pa.Table, names: list[str], facts: dict[str, Any], budget: int) -> int:
    """How many of the top accounts of one rule are right, at its best."""
    most: dict[int, int] = {}
    for account, value in zip(
        table["account"].to_pylist(), table["value"].to_pylist(), strict=True
    ):
        most[account] = max(value, most.get(account, value))
    ranked = [(-value, not _guilty(facts.get(names[a]))) for a, value in most.items()]
    return sum(not wrong for _, wrong in sorted(ranked)[:budget])


def measure(count: int, seed: int) -> Score:
    """Make, look and compare one seed."""
    money = make_money(count, seed=seed)
    typologies = default_typologies()
    records = prepare(money.transactions(), money.accounts, typologies.words)
    looked = look(records, typologies)
    return score(
        records, looked, alerts(records, looked.found, typologies), money.truth.to_pylist()
    )


def report(name: str, one: Score) -> list[str]:
    """Say it in lines."""
    rule, right = max(one.best_rule.items(), key=lambda item: item[1])
    share = one.look_alikes / max(1, one.innocents)
    alerted = one.look_alikes_alerted / max(1, one.issued)
    rate = one.look_alikes_alerted / max(1, one.look_alikes)
    usual = one.innocents_alerted / max(1, one.innocents)
    lines = [
        f"## {name}",
        (
            f"precision at {BUDGET:.1%}: {one.right / one.budget:.1%} "
            f"({one.right} of {one.budget}; {one.issued} alerts)"
        ),
        (
            f"best single rule {rule}: {right / one.budget:.1%}; "
            f"ahead by {100 * (one.right - right) / one.budget:.1f} points"
        ),
        f"roles right: {one.role_right / max(1, one.right):.1%}",
        (
            f"look-alikes: {alerted:.1%} of alerts, {share:.1%} of innocents "
            f"({alerted / max(share, 1e-9):.2f} times)"
        ),
        (
            f"alerted of look-alikes {rate:.2%}, of all innocents {usual:.2%} "
            f"({rate / max(usual, 1e-9):.1f} times)"
        ),
        f"accounts in crime: {one.criminal}; found "
        + ", ".join(f"{k} {one.kinds_right[k]}/{n}" for k, n in sorted(one.kinds.items())),
        "wrong: " + ", ".join(f"{what} {n}" for what, n in one.wrong.most_common()),
        "mixed up: " + ", ".join(f"{a} as {b} {n}" for (a, b), n in one.mixed_up.most_common()),
    ]
    top = sorted(one.best_rule.items(), key=lambda item: -item[1])[:6]
    return [*lines, "rules alone: " + ", ".join(f"{r} {n}/{one.budget}" for r, n in top), ""]


def amlsim(path: Path) -> list[str]:
    """Run over AMLSim 20K as it is: no accounts, no channels, one step a day."""
    with tarfile.open(path) as file:
        raw = {
            Path(member.name).name: file.extractfile(member)
            for member in file.getmembers()
            if member.name.endswith(".csv")
        }
        tables = {
            name: pacsv.read_csv(io.BytesIO(part.read())) for name, part in raw.items() if part
        }
    paid, nodes = tables["transactions.csv"], tables["nodes.csv"]
    return _amlsim(paid, nodes)


def _amlsim(paid: pa.Table, nodes: pa.Table) -> list[str]:
    cents = pc.cast(pc.round(pc.multiply(paid["value"].cast(pa.float64()), 100)), pa.int64())
    days = pc.multiply(paid["time"].cast(pa.int64()), 86_400 * 1_000_000)
    table = pa.table(
        {
            "tx_id": [str(at) for at in range(paid.num_rows)],
            "ts": days.cast(pa.timestamp("us", tz="UTC")),
            "src": paid["sourceNodeId"].cast(pa.string()),
            "dst": paid["targetNodeId"].cast(pa.string()),
            "amount_minor": cents,
            "currency": ["USD"] * paid.num_rows,
        },
        schema=TRANSACTIONS,
    )
    typologies = default_typologies()
    records = prepare(table, None, typologies.words)
    looked = look(records, typologies)
    made = alerts(records, looked.found, typologies)
    names = records.people.accounts.values.to_pylist()
    labels = zip(nodes["nodeid"].to_pylist(), nodes["isFraud"].to_pylist(), strict=True)
    fraud = {str(node) for node, label in labels if int(label)}
    lines = ["## AMLSim 20K, cycle200, as it is"]
    share = len(fraud) / max(1, len(names))
    lines.append(f"{len(names)} accounts, {len(fraud)} labelled ({share:.1%}); {len(made)} alerts")
    for rule, found in sorted(looked.found.items()):
        hit = {names[a] for a in found["account"].to_pylist()}
        if hit and not rule.startswith("K"):
            lines.append(f"{rule}: {len(hit)} accounts, {len(hit & fraud) / len(hit):.1%} labelled")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", default="101,102,103")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--each", action="store_true", help="report each seed too")
    parser.add_argument("--amlsim", type=Path, default=AMLSIM)
    chosen = parser.parse_args()
    whole = Score()
    for seed in map(int, chosen.seeds.split(",")):
        one = measure(chosen.count, seed)
        whole.add(one)
        if chosen.each:
            print(*report(f"seed {seed}", one), sep="\n", flush=True)
    print(*report(f"seeds {chosen.seeds}, {chosen.count:,} payments each", whole), sep="\n")
    if chosen.amlsim.is_file():
        print(*amlsim(chosen.amlsim), sep="\n")


if __name__ == "__main__":
    main()
