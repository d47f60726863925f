"""Threads share out the work and change nothing."""

import pyarrow as pa
import pytest
from bench.noisy_templates import RECIPES, generate

from palermo.analysis.campaigns import find_campaigns
from palermo.analysis.campaigns.parallel import in_ranges


@pytest.mark.parametrize("count", [0, 1, 2_000, 2_001, 12_345])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_ranges_cover_everything_once_in_order(count: int, threads: int) -> None:
    parts = in_ranges(count, lambda first, end: list(range(first, end)), threads)
    assert [k for part in parts for k in part] == list(range(count))


def test_what_goes_wrong_in_a_thread_is_raised() -> None:
    def work(first: int, _: int) -> None:
        if first:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_ranges(10_000, work, 2)


def test_any_number_of_threads_gives_the_same_campaigns_and_edges() -> None:
    texts, _ = generate(6000, RECIPES["chain, 25 tokens"], 8)
    items = pa.table({"id": [str(k) for k in range(len(texts))], "text": texts})
    one = find_campaigns(items, threads=1)
    for threads in (2, 5):
        several = find_campaigns(items, threads=threads)
        assert several.assignment == one.assignment
        assert several.edges == one.edges
