"""Measure the campaigns room: accuracy by noise, texts per CPU-second, and peak memory.

    .venv/bin/python bench/campaigns.py            # accuracy at 20,000; speed at 10,000 and 100,000
    .venv/bin/python bench/campaigns.py 1000000    # speed and memory at one size

The texts are generated here, by seed: 30 % belong to campaigns, each text in one of several
scripts, with token noise, reordered sentences and padding. Every size runs in its own process, so
that its peak memory is its own.
"""

import argparse
import json
import platform
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from palermo.analysis.campaigns import find_campaigns

_SYLLABLES = {
    "latin": [
        "ba",
        "re",
        "ki",
        "no",
        "ta",
        "lu",
        "me",
        "so",
        "di",
        "ga",
        "pe",
        "vo",
        "ri",
        "na",
        "ce",
        "fi",
        "to",
        "mu",
        "la",
        "de",
    ],
    "cyrillic": [
        "ба",
        "ре",
        "ки",
        "но",
        "та",
        "лу",
        "ме",
        "со",
        "ди",
        "га",
        "пе",
        "во",
        "ри",
        "на",
        "це",
        "фи",
        "то",
        "му",
        "ла",
        "де",
    ],
    "thai": [
        before + consonant + after
        for consonant in "กขคงจชตถทนบปพมยรลวสหอ"
        for before, after in (("", "า"), ("", "ี"), ("", "ู"), ("เ", ""), ("แ", "ง"), ("โ", "น"))
    ],
    "arabic": [
        "با",
        "ري",
        "كي",
        "نو",
        "تا",
        "لو",
        "مي",
        "سو",
        "دي",
        "جا",
        "في",
        "رو",
        "نا",
        "سا",
        "فا",
        "طو",
        "مو",
        "لا",
        "دا",
        "ها",
    ],
}
_IDEOGRAPHS = (0x4E00, 2500)
_SCRIPTS = ("latin", "latin", "latin", "cyrillic", "arabic", "chinese", "thai")


class Writer:
    """Writes random texts of one script; a word's chance falls with its rank, as in real text."""

    def __init__(self, script: str, rng: random.Random) -> None:
        self.rng = rng
        self.space = "" if script in {"chinese", "thai"} else " "
        if script == "chinese":
            first, count = _IDEOGRAPHS
            made = {
                "".join(chr(first + rng.randrange(count)) for _ in range(rng.choice((1, 2, 2, 3))))
                for _ in range(9000)
            }
        else:
            made = {
                "".join(rng.choices(_SYLLABLES[script], k=rng.randint(1, 4))) for _ in range(9000)
            }
        self.words = sorted(made)
        rng.shuffle(self.words)
        self.weights = [1 / (k + 8) for k in range(len(self.words))]
        self.total = 0.0
        cumulative = []
        for weight in self.weights:
            self.total += weight
            cumulative.append(self.total)
        self.cumulative = cumulative
        self.stock = [self.some(10) for _ in range(30)]

    def some(self, count: int) -> list[str]:
        """Return `count` random words."""
        return self.rng.choices(self.words, cum_weights=self.cumulative, k=count)

    def sentences(self) -> list[list[str]]:
        """Return a new text of about 86 words as sentences, now and then with stock phrases."""
        text = [self.some(self.rng.randint(6, 14)) for _ in range(self.rng.randint(6, 10))]
        for _ in range(self.rng.randint(0, 2)):
            text.insert(self.rng.randrange(len(text) + 1), list(self.rng.choice(self.stock)))
        return text

    def join(self, sentences: Sequence[Sequence[str]]) -> str:
        """Write the sentences down."""
        return ". ".join(self.space.join(sentence) for sentence in sentences)


def vary(template: list[list[str]], writer: Writer, noise: float) -> list[list[str]]:
    """Return a member: slots filled, tokens replaced, dropped or added, clauses moved, padding."""
    rng = writer.rng
    text: list[list[str]] = []
    for sentence in template:
        words: list[str] = []
        for word in sentence:
            if word == "{}":
                words += [str(rng.randrange(10**6))] if rng.random() < 0.5 else writer.some(2)
            elif rng.random() >= noise:
                words.append(word)
            else:
                words += rng.choice(([], writer.some(1), [word, *writer.some(1)]))
        text.append(words)
    kind = rng.random()
    if kind < 0.15:
        rng.shuffle(text)
    elif kind < 0.3:
        text.append(writer.some(rng.randint(5, 30)))
    elif kind < 0.4:
        text.insert(0, writer.some(rng.randint(5, 30)))
    return text


def generate(
    size: int, noise: float | None = None, seed: int = 1, scripts: Sequence[str] = _SCRIPTS
) -> tuple[pa.Table, list[int]]:
    """Return (`id`, `text`) of `size` texts in random order, and the true campaign of each or -1.

    `noise` is the share of tokens changed; None draws 0–20 % for each campaign.
    """
    rng = random.Random(seed)  # noqa: S311 - test data, repeatable on purpose
    writers = {script: Writer(script, rng) for script in sorted(set(scripts))}
    rows: list[tuple[str, int]] = []
    campaign = 0
    while len(rows) < 0.3 * size:
        writer = writers[rng.choice(scripts)]
        template = writer.sentences()
        for _ in range(rng.randint(1, 4)):
            sentence = rng.choice(template)
            sentence[rng.randrange(len(sentence))] = "{}"
        rate = rng.uniform(0, 0.2) if noise is None else noise
        members = min(int(rng.paretovariate(0.9)) + 2, max(3, size // 50))
        rows += [(writer.join(vary(template, writer, rate)), campaign) for _ in range(members)]
        campaign += 1
    while len(rows) < size:
        writer = writers[rng.choice(scripts)]
        rows.append((writer.join(writer.sentences()), -1))
    rng.shuffle(rows)
    ids = [f"t{k}" for k in range(len(rows))]
    return pa.table({"id": ids, "text": [text for text, _ in rows]}), [truth for _, truth in rows]


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


def accuracy(size: int, seed: int) -> None:
    print(f"accuracy on {size:,} generated texts (seed {seed})")
    for noise in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, None):
        items, truth = generate(size, noise, seed)
        result = find_campaigns(items)
        figures = score(truth, result.assignment["campaign"].to_pylist())
        label = "0-20 %" if noise is None else f"{noise:.0%}"
        print(f"  noise {label:>7}", *(f"{name} {value:.4f}" for name, value in figures.items()))


def speed(size: int) -> None:
    """Print one JSON line: this runs in a process of its own."""
    items, truth = generate(size, None, 5, ("latin",))
    find_campaigns(items.slice(0, 500))  # compile, or load what is compiled
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    result = find_campaigns(items)
    spent = time.process_time() - start
    figures = score(truth, result.assignment["campaign"].to_pylist())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "texts": size,
                "cpu_seconds": round(spent, 2),
                "texts_per_cpu_second": round(size / spent),
                "peak_mib": round(peak / 1024),
                "mib_before": round(before / 1024),
                "ari": round(figures["ari"], 4),
            }
        )
    )


def machine() -> str:
    """Return what this ran on, in one line."""
    model = "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{platform.system()} {platform.machine()}, {model}, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        speed(arguments.sizes[0])
        return
    print(machine())
    if not arguments.sizes:
        accuracy(20_000, arguments.seed)
    for size in arguments.sizes or (10_000, 100_000):
        subprocess.run([sys.executable, __file__, "--alone", str(size)], check=True)


if __name__ == "__main__":
    main()
