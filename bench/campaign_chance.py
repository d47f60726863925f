"""Measure how often two unrelated texts are taken for one template: false links per million pairs.

    python -m bench.campaign_chance                    # generated texts
    python -m bench.campaign_chance /usr/share/man     # and real sentences of eight languages

Manual pages cannot be compared as they are: most were written from the template of a project or a
tool, and what is found among them are these templates. So the real texts are made of sentences of
manual pages in random order, each used once, none of which has `_RUN` tokens in a row in common
with another: independent texts, with the stock phrases and the word order of their language.
"""

import argparse
import gzip
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from bench.noisy_templates import LANGUAGES, RECIPES, generate

from palermo.analysis.campaigns import Tokens, tokenise
from palermo.analysis.campaigns.background import background
from palermo.analysis.campaigns.clusters import Texts

LENGTHS = (7, 10, 15, 25, 50, 86, 200, 400)
_PAIRS = 2_000_000
_TEXTS = 4_000
_RUN = 6
_END = re.compile(r"(?<=[.!?:;])\s+|(?<=[。！？；：])|\s{2,}")
_LANGUAGES = ("en", "de", "es", "fr", "ja", "pl", "ru", "zh_CN")
_ESCAPE = re.compile(r"\\f\[?\w+\]?|\\[&%|^:c]|\\s[-+]?\d|\\\((\w\w)|\\\[.*?\]|\\.")

Words = npt.NDArray[np.uint32]


def prose(page: str) -> str:
    """Return the running text of a manual page, without its macros."""
    lines = (line for line in page.splitlines() if not line.startswith((".", "'")))
    return " ".join(_ESCAPE.sub(" ", line) for line in lines)


def sentences(folder: Path, language: str, rng: random.Random) -> Iterator[str]:
    """Yield the sentences of the manual pages of one language, a page after the other."""
    place = folder if language == "en" else folder / language
    paths = sorted(path for path in place.glob("man*/*.gz") if not path.is_symlink())
    rng.shuffle(paths)
    for path in paths:
        try:
            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
                yield from _END.split(prose(file.read(200_000)))
        except OSError:
            continue


def independent(texts: Iterable[str], wanted: int, rng: random.Random) -> list[Words]:
    """Return sentences of at least `_RUN` tokens that repeat no run of another, in random order."""
    seen: set[tuple[int, ...]] = set()
    kept: list[Words] = []
    total = 0
    rest = iter(texts)
    while total < wanted and (batch := list(islice(rest, 5_000))):
        tokens = tokenise(pa.chunked_array([pa.array(batch, pa.string())]))
        for text in range(len(batch)):
            own = tokens.token[tokens.start[text] : tokens.start[text + 1]]
            runs = {tuple(own[k : k + _RUN].tolist()) for k in range(len(own) - _RUN + 1)}
            if runs and not runs & seen:
                seen |= runs
                kept.append(own)
                total += len(own)
    rng.shuffle(kept)
    return kept


def measure(name: str, said: Sequence[Words], length: int) -> None:
    """Print one row: pairs compared, taken for one template, and what that says at 95 %.

    The sentences `said` are written one after the other and cut into texts of one length.
    """
    token = np.concatenate(said)
    count = min(_TEXTS, len(token) // length)
    start = np.arange(count + 1, dtype=np.int64) * length
    tokens = Tokens(token[: count * length], start, np.arange(count, dtype=np.uint64))
    rng = np.random.default_rng(length)
    a, b = rng.integers(0, count, (2, _PAIRS))
    # Neighbours may have a sentence between them.
    low, high = np.minimum(a, b)[abs(a - b) > 1], np.maximum(a, b)[abs(a - b) > 1]
    pairs = np.unique((low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64))
    chosen = np.arange(count)
    weight = background(tokens, chosen)
    found = int(np.count_nonzero(Texts(tokens, weight, chosen, None).verified(pairs)))
    print(
        f"| {name} | {length} | {len(pairs):,} | {found} | {1e6 * found / len(pairs):.2f} |"
        f" {1e6 * upper(found, len(pairs)):.2f} |",
        flush=True,
    )


def upper(found: int, of: int) -> float:
    """Return the rate that, at 95 % confidence, is not exceeded (Poisson, by Wilson-Hilferty)."""
    degrees = 2 * (found + 1)
    spread = 2 / (9 * degrees)
    return float(degrees * (1 - spread + 1.645 * spread**0.5) ** 3 / 2 / of)


def generated(kind: str, length: int) -> list[Words]:
    """Return generated texts, each of which was written by itself."""
    recipe = replace(RECIPES[f"{kind}, 86 tokens"], tokens=max(length, 10), in_campaigns=0.0)
    texts, _ = generate(max(1, _TEXTS * length // max(length, 10)), recipe, 3)
    tokens = tokenise(pa.chunked_array([pa.array(texts, pa.string())]))
    return [tokens.token[tokens.start[k] : tokens.start[k + 1]] for k in range(len(texts))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    folder = parser.parse_args().folder
    print("| texts | tokens | pairs | accepted | per million | at most (95 %) |")
    print("|---|---|---|---|---|---|")
    for language in _LANGUAGES if folder is not None else ():
        rng = random.Random(1)  # noqa: S311 - repeatable on purpose
        said = independent(sentences(folder, language, rng), _TEXTS * max(LENGTHS), rng)
        for length in LENGTHS:
            measure(f"sentences, {language}", said, length)
    for kind in LANGUAGES:
        for length in LENGTHS:
            measure(kind, generated(kind, length), length)


if __name__ == "__main__":
    main()
