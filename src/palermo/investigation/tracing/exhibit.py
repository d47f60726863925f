"""The court exhibit: one page that shows every rule's answer side by side, and how to check it.

Guarantees that it needs no network and no script, that a number on it stands in the tables beside
it, and that what is cut short says so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from palermo.analysis.money.tracing import Trace, rule_words
from palermo.formats.typed_table import SetAside
from palermo.investigation.tracing.drawing import Drawing, draw
from palermo.investigation.tracing.words import RIGHT_TO_LEFT, Language, texts
from palermo.model.money import written

#: Rows of a list shown on the page; the tables have all of them.
ROWS = 60
#: Lines of the comparison shown on the page.
ANSWERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """What the page is made of."""

    facts: Mapping[str, Any]
    sha256: str
    claims: pa.Table
    transactions: pa.Table
    trace: Trace
    set_aside: Sequence[SetAside]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line of the comparison: what each rule leaves with an account for a claimant."""

    claimant: str
    account: str
    currency: str
    by_rule: Mapping[str, int]
    common: int


def render(exhibit: Exhibit, language: Language = "en") -> str:
    """Return the page as HTML in one of LANGUAGES."""
    rules = [rule_words()[name] for name in exhibit.facts["rules"]]
    compared = answers(exhibit.trace)
    undocumented = exhibit.trace.undocumented
    return (
        _environment()
        .get_template("exhibit.html")
        .render(
            t=texts(language),
            language=language,
            direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
            code=Markup("<code>{}</code>").format,
            facts=exhibit.facts,
            sha256=exhibit.sha256,
            rules=rules,
            claims=exhibit.claims.to_pylist(),
            answers=compared[:ANSWERS],
            answers_all=len(compared),
            totals=_totals(exhibit.trace, rules=[one.name for one in rules]),
            paths=[_path(exhibit, one.name) for one in rules if one.followed],
            undocumented=undocumented.slice(0, ROWS).to_pylist(),
            undocumented_all=undocumented.num_rows,
            set_aside=exhibit.set_aside[:ROWS],
            set_aside_all=len(exhibit.set_aside),
        )
    )


def answers(trace: Trace) -> list[Answer]:
    """Put the rules side by side, the largest sums first; poison alone makes no line.

    Poison reaches millions of accounts, so its rows are looked up and never listed.
    """
    poison = pc.equal(trace.holdings["rule"], "poison")
    found: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for row in trace.holdings.filter(pc.invert(poison)).to_pylist():
        found[_key(row)][row["rule"]] = row["amount_minor"]
    named = pc.is_in(
        trace.holdings["account"], pa.array({account for _, account, _ in found}, pa.string())
    )
    for row in trace.holdings.filter(pc.and_(poison, named)).to_pylist():
        if (key := _key(row)) in found:
            found[key]["poison"] = row["amount_minor"]
    common = {_key(row): row["amount_minor"] for row in trace.common.to_pylist()}
    lines = [
        Answer(
            claimant=key[0],
            account=key[1],
            currency=key[2],
            by_rule=by_rule,
            common=common.get(key, 0),
        )
        for key, by_rule in found.items()
    ]
    lines.sort(key=lambda one: (one.claimant, -max(_sums(one)), one.account))
    return lines


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["claimant"], row["account"], row["currency"]


def _sums(answer: Answer) -> list[int]:
    return [units for rule, units in answer.by_rule.items() if rule != "poison"]


def _totals(trace: Trace, *, rules: Sequence[str]) -> dict[str, int]:
    """Return how many accounts hold something under each rule: how far each one spreads."""
    held = trace.holdings.select(["rule", "account", "currency"]).group_by(
        ["rule", "account", "currency"]
    )
    counts = held.aggregate([]).group_by("rule").aggregate([([], "count_all")])
    found = dict(zip(*(column.to_pylist() for column in counts.columns), strict=True))
    return {rule: found.get(rule, 0) for rule in rules}


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The payments that carried something under one rule: the first ones, and how many in all."""

    rule: str
    rows: Sequence[Mapping[str, Any]]
    total: int
    drawing: Drawing


def _path(exhibit: Exhibit, rule: str) -> Path:
    carried = exhibit.trace.carried
    mine = carried.filter(pc.equal(carried["rule"], rule))
    of = exhibit.transactions.take(mine["row"])
    listed = [
        {**paid, "claimant": moved["claimant"], "carried": moved["amount_minor"]}
        for paid, moved in zip(
            of.slice(0, ROWS).to_pylist(), mine.slice(0, ROWS).to_pylist(), strict=True
        )
    ]
    return Path(
        rule=rule,
        rows=listed,
        total=mine.num_rows,
        drawing=draw(of, mine["amount_minor"], exhibit.claims),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("palermo.investigation.tracing", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["money"] = written
    return environment
