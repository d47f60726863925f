"""Screening at the size of a bank's branch network: 100,000 accounts against 50,000 entries.

Names are made of syllables with a skewed frequency, so that some are common and most are rare; one
account in a thousand is an entry under another spelling, and the report says how many were found.
"""

import argparse
import resource
import time

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from palermo.analysis.money.screening import screen
from palermo.model.screening import LISTED, SUBJECTS

FloatArray = npt.NDArray[np.float64]
_ONSETS = [*"bdfghklmnprstvz", "br", "ch", "dr", "gr", "kr", "sh", "st", "tr", "kh", ""]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ia", "ou"]
_TAILS = ["", "", "n", "s", "r", "v", "ev", "in", "ova", "ez", "ski", "mann", "oglu", "wicz", "ian"]


def words(rng: np.random.Generator, count: int) -> list[str]:
    """Make words of two to three syllables and an ending."""
    made: dict[str, None] = {}
    while len(made) < count:
        syllables = int(rng.integers(2, 4))
        onsets, vowels = rng.choice(_ONSETS, syllables), rng.choice(_VOWELS, syllables)
        middle = "".join(a + b for a, b in zip(onsets, vowels, strict=True))
        made[middle + str(rng.choice(_TAILS))] = None
    return list(made)


def _shares(count: int, flat: int) -> FloatArray:
    """Shares that fall with the rank, the first `flat` nearly alike: the first has 1 to 2 %."""
    weight = 1 / (np.arange(count) + flat)
    shares: FloatArray = weight / weight.sum()
    return shares


def names(rng: np.random.Generator, count: int, first: list[str], last: list[str]) -> list[str]:
    """Draw names: the commonest have one or two in a hundred bearers."""
    given = rng.choice(len(first), size=(count, 2), p=_shares(len(first), 30))
    family = rng.choice(len(last), size=count, p=_shares(len(last), 60))
    return [
        f"{first[a]} {first[b]} {last[c]}" if two else f"{first[a]} {last[c]}"
        for (a, b), c, two in zip(given, family, rng.random(count) < 0.3, strict=True)
    ]


def main() -> None:
    """Measure one run after the kernels are compiled."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=50_000)
    size = parser.parse_args()
    rng = np.random.default_rng(6)
    first, last = words(rng, 3_000), words(rng, 60_000)
    listed = names(rng, 2 * size.entries, first, last)
    own = names(rng, size.accounts, first, last)
    planted = range(0, size.accounts, 1000)
    for at in planted:  # the same name the other way round, with one letter changed
        parts = listed[2 * (at % size.entries)].split()
        parts[-1] = parts[-1].replace("k", "q", 1).replace("sh", "sch", 1)
        own[at] = " ".join(reversed(parts))
    years = rng.integers(1950, 2005, size=size.entries)
    entries = pa.Table.from_pylist(
        [
            {
                **{field.name: [] for field in LISTED if pa.types.is_list(field.type)},
                "entity": f"e{at}",
                "list": "bench",
                "caption": listed[2 * at],
                "kind": "person",
                "names": listed[2 * at : 2 * at + 2],
                "birth": [f"{years[at]}-01-01"],
                "line": at,
            }
            for at in range(size.entries)
        ],
        schema=LISTED,
    )
    born = rng.integers(1950, 2005, size=size.accounts)
    for at in planted:
        born[at] = years[at % size.entries]
    subjects = pa.Table.from_pylist(
        [
            {"subject": f"a{at}", "name": own[at], "birth": str(born[at]), "kind": "person"}
            for at in range(size.accounts)
        ],
        schema=SUBJECTS,
    )
    screen(subjects.slice(0, 100), entries.slice(0, 100))
    began = time.perf_counter()
    found = screen(subjects, entries)
    seconds = time.perf_counter() - began
    pairs = set(
        zip(found.matches["subject"].to_pylist(), found.matches["entity"].to_pylist(), strict=True)
    )
    hit = sum((f"a{at}", f"e{at % size.entries}") in pairs for at in planted)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{size.accounts:,} accounts, {size.entries:,} entries of two names: {seconds:.1f} s, "
        f"{memory:,.0f} MiB; planted found {hit} of {len(planted)}; {dict(found.by_grade)}"
    )


if __name__ == "__main__":
    main()
