"""How well groups that were found agree with the true ones."""

from collections import Counter
from collections.abc import Sequence


def pairs(count: int) -> float:
    """Return how many pairs `count` things make."""
    return count * (count - 1) / 2


def score(truth: Sequence[object], found: Sequence[object]) -> dict[str, float]:
    """Return pair precision, recall, F1 and the adjusted Rand index. None and -1 stand alone."""
    alone = {None, -1}
    true = [t if t not in alone else ("alone", k) for k, t in enumerate(truth)]
    made = [f if f not in alone else ("alone", k) for k, f in enumerate(found)]
    both = sum(map(pairs, Counter(zip(true, made, strict=True)).values()))
    in_truth = sum(map(pairs, Counter(true).values()))
    in_found = sum(map(pairs, Counter(made).values()))
    precision = both / in_found if in_found else 1.0
    recall = both / in_truth if in_truth else 1.0
    expected = in_truth * in_found / pairs(len(true))
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / ((precision + recall) or 1),
        "ari": (both - expected) / (((in_truth + in_found) / 2 - expected) or 1),
    }
