"""Texts of known campaigns, made by seed: noisy templates among texts of their own.

    python -m bench.noisy_templates 1000000 texts.csv      # a CSV file of id and text

Three kinds of language, because a generator that is too simple flatters any method: `words`
(independent words of Zipfian rank, now and then a stock phrase), `chain` (each word is followed
by one of a few, as in speech, so unrelated texts share many neighbouring words) and `phrases`
(sentences filled from a common stock of clauses, as advertisements are). 30 % of the texts are in
campaigns. A member has its 1-4 slots filled, tokens replaced, dropped and added (0-20 %, drawn
for each campaign), and in some its sentences shuffled or padding before or after it.
"""

import argparse
import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

_WRITTEN = {
    "latin": "ba re ki no ta lu me so di ga pe vo ri na ce fi to mu la de",
    "cyrillic": "ба ре ки но та лу ме со ди га пе во ри на це фи то му ла де",
    "arabic": "با ري كي نو تا لو مي سو دي جا في رو نا سا فا طو مو لا دا ها",
}
_SYLLABLES = {script: syllables.split() for script, syllables in _WRITTEN.items()} | {
    "thai": [
        before + consonant + after
        for consonant in "กขคงจชตถทนบปพมยรลวสหอ"
        for before, after in (("", "า"), ("", "ี"), ("", "ู"), ("เ", ""), ("แ", "ง"), ("โ", "น"))
    ],
}
_IDEOGRAPHS = (0x4E00, 2500)
SCRIPTS = ("latin", "cyrillic", "arabic", "chinese", "thai")
LANGUAGES = ("words", "chain", "phrases")
_MIXTURE = ("latin", "latin", "latin", "cyrillic", "arabic", "chinese", "thai")

_VOCABULARY = 9000
#: Words that may follow a word in a `chain`; most of speech moves among few.
_FOLLOWERS = 12
#: Clauses that all `phrases` texts draw from.
_CLAUSES = 4000
#: Stock tails of one script.
_TAILS = 20

Sentences = list[list[str]]
_SLOT = "{}"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to generate. `noise` None draws 0-20 % for each campaign; `tokens` is a text's length.

    `disguise` is the share of members written with look-alike letters, invisible characters,
    emoji and digits for letters. Every text, in a campaign or not, ends in one of a few stock
    tails that make up the share `tail` of it.
    """

    language: str = "words"
    scripts: Sequence[str] = ("latin",)
    tokens: int = 86
    noise: float | None = None
    disguise: float = 0.0
    tail: float = 0.0
    in_campaigns: float = 0.3


class Writer:
    """Writes random texts of one script and language; equal seeds give equal texts."""

    def __init__(self, script: str, language: str, rng: random.Random) -> None:
        self.rng = rng
        self.space = "" if script in {"chinese", "thai"} else " "
        self.words = _vocabulary(script, rng)
        self._cumulative = list(accumulate(1 / (rank + 8) for rank in range(len(self.words))))
        self._follow = (
            {word: self._drawn(_FOLLOWERS) for word in self.words} if language == "chain" else {}
        )
        self._stock = [self.some(10) for _ in range(30)]
        self._tails: list[list[str]] = []
        self._clauses = (
            [self.some(rng.randint(3, 7)) for _ in range(_CLAUSES)] if language == "phrases" else []
        )

    def _drawn(self, count: int) -> list[str]:
        return self.rng.choices(self.words, cum_weights=self._cumulative, k=count)

    def some(self, count: int) -> list[str]:
        """Return `count` random words."""
        if not self._follow:
            return self._drawn(count)
        words = self._drawn(1)
        while len(words) < count:
            # The first followers are the likeliest.
            at = int(_FOLLOWERS * self.rng.random() ** 2)
            fresh = self.rng.random() < 0.15
            words.append(self._drawn(1)[0] if fresh else self._follow[words[-1]][at])
        return words

    def tailed(self, tokens: int, tail: float) -> Sentences:
        """Return a new text whose last sentence is a stock tail, the share `tail` of it."""
        if not self._tails:
            self._tails = [self.some(round(tokens * tail)) for _ in range(_TAILS)]
        return [*self.text(round(tokens * (1 - tail))), list(self.rng.choice(self._tails))]

    def text(self, tokens: int) -> Sentences:
        """Return a new text of about `tokens` words, as sentences."""
        rng = self.rng
        wanted = max(5, round(tokens * rng.uniform(0.75, 1.25)))
        sentences: Sentences = []
        while wanted > 0:
            length = min(wanted, rng.randint(6, 14))
            if self._clauses:
                sentence: list[str] = []
                while len(sentence) < length:
                    # A third is the writer's own; the rest are clauses everyone uses.
                    own = rng.random() < 0.35
                    sentence += self.some(3) if own else rng.choice(self._clauses)
            else:
                sentence = self.some(length)
            sentences.append(sentence)
            wanted -= len(sentence)
        if tokens >= 40 and not self._clauses:
            for _ in range(rng.randint(0, 2)):
                sentences.insert(rng.randrange(len(sentences) + 1), list(rng.choice(self._stock)))
        return sentences

    def join(self, sentences: Sentences) -> str:
        """Write the sentences down."""
        return ". ".join(self.space.join(sentence) for sentence in sentences)


def _vocabulary(script: str, rng: random.Random) -> list[str]:
    if script == "chinese":
        first, count = _IDEOGRAPHS
        made = {
            "".join(chr(first + rng.randrange(count)) for _ in range(rng.choice((1, 2, 2, 3))))
            for _ in range(_VOCABULARY)
        }
    else:
        syllables = _SYLLABLES[script]
        made = {"".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(_VOCABULARY)}
    words = sorted(made)
    rng.shuffle(words)
    return words


def vary(template: Sentences, writer: Writer, noise: float) -> Sentences:
    """Return a member: slots filled, tokens replaced, dropped or added, clauses moved, padding."""
    rng = writer.rng
    text: Sentences = []
    for sentence in template:
        words: list[str] = []
        for word in sentence:
            if word == _SLOT:
                words += [str(rng.randrange(10**6))] if rng.random() < 0.5 else writer.some(2)
            elif rng.random() >= noise:
                words.append(word)
            else:
                words += rng.choice(([], writer.some(1), [word, *writer.some(1)]))
        text.append(words)
    length = sum(map(len, template))
    padding = rng.randint(min(5, length // 6), max(1, min(30, length // 3)))
    kind = rng.random()
    if kind < 0.15:
        rng.shuffle(text)
    elif kind < 0.3:
        text.append(writer.some(padding))
    elif kind < 0.4:
        text.insert(0, writer.some(padding))
    return text


_LEET = str.maketrans("aeiost", "431057")
_TWINS = str.maketrans("aceopxyi", "асеорхуі")


def disguised(text: str, rng: random.Random) -> str:
    """Write `text` so that a reader still reads it and a program compares other letters."""
    kind = rng.randrange(4)
    if kind == 0:
        return text.translate(_TWINS)
    if kind == 1:
        return "".join(c + "\u200b" if rng.random() < 0.1 else c for c in text)
    words = text.split(" ")
    if kind == 2:
        return " ".join(w + " 🔥" if rng.random() < 0.2 else w for w in words)
    return " ".join(w.translate(_LEET) if rng.random() < 0.3 else w for w in words)


def _new(writer: Writer, recipe: Recipe) -> Sentences:
    if recipe.tail:
        return writer.tailed(recipe.tokens, recipe.tail)
    return writer.text(recipe.tokens)


def rows(size: int, recipe: Recipe, seed: int) -> Iterator[tuple[str, int]]:
    """Yield `size` (text, campaign or -1), a campaign's members together, campaigns first."""
    rng = random.Random(seed)  # noqa: S311 - test data, repeatable on purpose
    writers = {
        script: Writer(script, recipe.language, rng) for script in sorted(set(recipe.scripts))
    }
    made = campaign = 0
    while made < recipe.in_campaigns * size:
        writer = writers[rng.choice(recipe.scripts)]
        template = _new(writer, recipe)
        for _ in range(rng.randint(1, 4) if recipe.tokens >= 20 else 1):
            sentence = rng.choice(template)
            sentence[rng.randrange(len(sentence))] = _SLOT
        noise = rng.uniform(0, 0.2) if recipe.noise is None else recipe.noise
        for _ in range(min(int(rng.paretovariate(0.9)) + 2, max(3, size // 50))):
            text = writer.join(vary(template, writer, noise))
            hidden = recipe.disguise and rng.random() < recipe.disguise
            yield (disguised(text, rng) if hidden else text), campaign
            made += 1
        campaign += 1
    while made < size:
        writer = writers[rng.choice(recipe.scripts)]
        yield writer.join(_new(writer, recipe)), -1
        made += 1


def generate(size: int, recipe: Recipe, seed: int = 1) -> tuple[list[str], list[int]]:
    """Return the texts of `rows` in random order, and the campaign of each."""
    made = list(rows(size, recipe, seed))
    random.Random(seed).shuffle(made)  # noqa: S311 - test data, repeatable on purpose
    return [text for text, _ in made], [truth for _, truth in made]


#: Recipes by name: what the accuracy table is made of.
RECIPES: dict[str, Recipe] = {
    **{
        f"{language}, {tokens} tokens": Recipe(language=language, tokens=tokens)
        for language in LANGUAGES
        for tokens in (10, 25, 86, 300)
    },
    **{f"words, {script}": Recipe(scripts=(script,)) for script in SCRIPTS[1:]},
    **{f"words, {script}, 25 tokens": Recipe(scripts=(script,), tokens=25) for script in SCRIPTS},
    **{f"chain, {script}": Recipe(language="chain", scripts=(script,)) for script in SCRIPTS[1:]},
    **{
        f"stock tail of {tail:.0%}, {tokens} tokens": Recipe(tail=tail, tokens=tokens, noise=0.05)
        for tail in (0.3, 0.45)
        for tokens in (25, 86)
    },
    "words, all scripts": Recipe(scripts=_MIXTURE),
    "words, disguised": Recipe(disguise=0.5),
    "words, disguised, 25 tokens": Recipe(disguise=0.5, tokens=25),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--recipe", default="words, 86 tokens", choices=sorted(RECIPES))
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with arguments.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "truth"])
        made = generate(arguments.size, RECIPES[arguments.recipe], arguments.seed)
        for number, (text, truth) in enumerate(zip(*made, strict=True)):
            writer.writerow([f"t{number}", text, truth])


if __name__ == "__main__":
    main()
