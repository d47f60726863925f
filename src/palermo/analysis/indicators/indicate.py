"""Finds indications in texts.

Guarantees that every row quotes the text (`quote == text[start:end]`, in code points), that the
same text always gives the same rows however the texts are cut into batches, and that rows come
in the order of the texts, then of the rules, then of their place.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from palermo.analysis.indicators.loading import default_rules
from palermo.analysis.indicators.rules import Plan, Rules, Status
from palermo.analysis.indicators.scan import scan
from palermo.model import INDICATIONS


def indicate(
    batches: Iterator[pa.RecordBatch],
    rules: Rules | None = None,
    status: Status = Status.LIVE,
) -> Iterator[pa.RecordBatch]:
    """Read batches with columns `id` and `text`; give one batch of INDICATIONS for each.

    `rules` are the lists to use (default: those that ship with Palermo); only rules of `status`
    run, so that shadow rules can be measured in a run of their own. A rule that fires gives one
    row for each of its lists that was found, with the words that end first. A null text is empty.
    """
    plan = (rules or default_rules()).plan(status)
    for batch in batches:
        yield _indicate(batch, plan)


def _indicate(batch: pa.RecordBatch, plan: Plan) -> pa.RecordBatch:
    texts: list[str] = [text or "" for text in batch.column("text").to_pylist()]
    hits = scan(texts, plan.automaton)
    # Each hit of a list speaks to every rule that uses the list.
    uses = (plan.first[1:] - plan.first[:-1])[hits.owner]
    hit = np.repeat(np.arange(len(hits.owner)), uses)
    offset = np.arange(len(hit)) - np.repeat(np.cumsum(uses) - uses, uses)
    use = plan.first[hits.owner[hit]] + offset
    text, rule = hits.text[hit], plan.use_rule[use]
    # What was found, per text and rule, as the mask that the rule's truth table answers.
    _, group = np.unique(text * max(1, len(plan.rules)) + rule, return_inverse=True)
    masks = np.zeros(len(hit), np.int64)
    np.bitwise_or.at(masks, group, plan.use_bit[use])
    kept = plan.tables[rule, masks[group]] & plan.use_shown[use]
    text, rule = text[kept], rule[kept]
    start, end = hits.start[hit][kept], hits.end[hit][kept]
    rows = np.unique(np.stack([text, rule, start, end]), axis=1).T.tolist()
    return _batch(batch, texts, rows, plan)


def _batch(
    batch: pa.RecordBatch, texts: list[str], rows: list[list[int]], plan: Plan
) -> pa.RecordBatch:
    fired = [plan.rules[rule] for _, rule, _, _ in rows]
    columns = {
        "id": batch.column("id").take(pa.array([text for text, _, _, _ in rows], pa.int64())),
        "rule": [rule.id for rule in fired],
        "version": [rule.version for rule in fired],
        "dimension": [rule.dimension for rule in fired],
        "strength": [rule.strength.value for rule in fired],
        "polarity": [rule.polarity.value for rule in fired],
        "start": [start for _, _, start, _ in rows],
        "end": [end for _, _, _, end in rows],
        "quote": [texts[text][start:end] for text, _, start, end in rows],
    }
    arrays = [
        columns[field.name].cast(field.type)
        if field.name == "id"
        else pa.array(columns[field.name], field.type)
        for field in INDICATIONS
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=INDICATIONS)
