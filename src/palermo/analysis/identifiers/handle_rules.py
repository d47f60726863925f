"""Whether the words beside a service's name are a handle there: the text side of `handles`.

With "@" a handle needs only the service's shape. Without, it must follow the name with a colon or a
word like "id", or look like no word ("sirocco_88"). Answers are kept; they depend on nothing but
the words.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from palermo.analysis.identifiers.characters import fold_word, plain
from palermo.analysis.identifiers.services import Service, services
from palermo.analysis.identifiers.tables import load, words

_AT_HANDLE = re.compile(r"[ ]?([A-Za-z0-9_][A-Za-z0-9_.-]{0,62})")
_SEPARATORS = re.compile(r"[\s:：=>→\-–—.,()\[\]\"'“”«»「」【】*/|👉]*")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{1,62}|[^\W\d_]+")
_COLONS = frozenset(":：=→")
_LEADING = re.compile(r"(?:[A-Za-z][A-Za-z0-9_.-]{2,40}[A-Za-z0-9_])")
#: Words between "id" or a handle and the service: "ID de LINE", "mei_88 on Telegram".
_LINKING = frozenset(
    [
        "de",
        "di",
        "of",
        "for",
        "do",
        "du",
        "pour",
        "para",
        "on",
        "auf",
        "en",
        "sur",
        "su",
        "no",
        "at",
        "в",
        "على",
        "في",
    ]
)


@cache
def phrases() -> dict[str, tuple[tuple[tuple[str, ...], Service, bool], ...]]:
    """Return by first word: the rest of the name, the service, and whether the name is sure."""
    table: dict[str, list[tuple[tuple[str, ...], Service, bool]]] = {}
    for name, entry in load("services")["services"].items():
        for key in ("words", "unsure"):
            for phrase in words("services", f"{name}.{key}", entry.get(key, [])):
                first, *rest = (fold_word(part) for part in re.split(r"[ -]", phrase))
                table.setdefault(first, []).append((tuple(rest), services()[name], key == "words"))
    return {
        first: tuple(sorted(entries, key=lambda e: -len(e[0]))) for first, entries in table.items()
    }


@cache
def names_of_many_words() -> frozenset[str]:
    """Return the first words of names that have more than one."""
    return frozenset(first for first, entries in phrases().items() if any(e[0] for e in entries))


@cache
def lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return folded fillers, id words, and words that are never handles."""
    table = load("services")
    fillers, ids, never = (
        frozenset(fold_word(str(word)) for word in table[key])
        for key in ("fillers", "id_words", "not_handles")
    )
    return fillers, ids, never


@lru_cache(maxsize=1 << 14)
def named_by(first: str, after: str) -> tuple[Service, bool, int] | None:
    """Return the service whose name starts with the word `first`, if `after` continues it."""
    for rest, service, sure in phrases().get(first, ()):
        at, complete = 0, True
        for part in rest:
            told = re.match(r"[\s-]*([^\W_]+)", after[at:])
            complete = told is not None and fold_word(told.group(1)) == part
            if told is None or not complete:
                break
            at += told.end()
        if complete:
            return service, sure, at
    return None


def shaped(service: Service, handle: str) -> str | None:
    """Return the handle as a value if it has the service's shape, and is no common word."""
    value = handle.rstrip(".-").lower()
    if service.handle is None or value in lists()[2] or not service.handle.fullmatch(value):
        return None
    return value if any(char.isalpha() for char in value) else None


def unlike_a_word(value: str) -> bool:
    """Tell whether a handle has figures or signs in it."""
    return any(char.isdigit() for char in value) or "_" in value or "." in value


def _like_a_handle(value: str) -> bool:
    letters = sum(char.isalpha() for char in value)
    return letters >= 3 and (
        "_" in value or (len(value) >= 6 and any(char.isdigit() for char in value))
    )


class Name(NamedTuple):
    """A service as it is named: for sure, by an abbreviation, with a word like "id" before it."""

    service: Service
    sure: bool
    abbreviation: bool = False
    named: bool = False


def _believed(name: Name, value: str, *, colon: bool, named: bool, skipped: bool) -> bool:
    """Tell whether a word without "@" is a handle, by what stands between it and the name."""
    strange = unlike_a_word(value)
    if skipped:  # other words lie between: "WeChat group of newcomers: name_88"
        return strange and colon
    if name.sure:
        return strange or colon or named
    return named or (colon and (strange or name.abbreviation)) or _like_a_handle(value)


def _gap(text: str, at: int) -> tuple[int, bool, bool]:
    """Return where the next word starts, whether behind a colon, and whether a sentence ends."""
    told = _SEPARATORS.match(text, at)
    gap = told.group() if told else ""
    return at + len(gap), not _COLONS.isdisjoint(gap), gap.startswith((". ", ".\n"))


@lru_cache(maxsize=1 << 16)
def following(name: Name, after: str) -> tuple[int, int, str] | None:
    """Return place and value of a handle without "@" behind a service's name."""
    text, places = plain(after)
    fillers, ids, _ = lists()
    at, colon, _ = _gap(text, 0)
    named, skipped = name.named, False
    for _ in range(7):
        word = _WORD.match(text, at)
        if word is None:
            return None
        folded = fold_word(word.group().rstrip(".-"))
        named = named or folded in ids
        if folded not in fillers and folded not in ids:
            value = shaped(name.service, word.group()) if word.group().isascii() else None
            if value and _believed(name, value, colon=colon, named=named, skipped=skipped):
                if text[word.end() : word.end() + 1] == "@":
                    return None
                end = word.start() + len(value)
                first, last = (
                    (places[word.start()], places[end - 1] + 1) if places else (word.start(), end)
                )
                return first, last, value
            if colon or folded in phrases():
                return None
            skipped = True
        trimmed = word.start() + len(word.group().rstrip(".-"))
        at, more, ended = _gap(text, trimmed)
        colon = colon or more
        if ended:
            return None
    return None


@lru_cache(maxsize=1 << 16)
def after_sign(after: str) -> tuple[int, int, str] | None:
    """Return place and text of the handle right behind an at sign."""
    text, places = plain(after)
    told = _AT_HANDLE.match(text)
    if told is None:
        return None
    handle = told.group(1).rstrip(".-")
    start, end = told.start(1), told.start(1) + len(handle)
    return (places[start], places[end - 1] + 1, handle) if places else (start, end, handle)


class Before(NamedTuple):
    """What stands before a service's name: a word like "id", or a word that may be a handle.

    `handle` is that word (empty if none), `start` its place in the text before, `linked` tells that
    a bracket or a word like "on" joins it to the name.
    """

    named: bool
    handle: str = ""
    start: int = -1
    linked: bool = False


@lru_cache(maxsize=1 << 16)
def preceding(before: str) -> Before:
    """Look at the last words before a service's name."""
    text = before.rstrip()
    bracket = text.endswith("(")
    joined = text.endswith(("(", "-", "–", "—", ":", "：")) or text != before
    text = text.rstrip("(-–—:： ")
    linked = bracket
    words_before = text.rsplit(None, 2)
    if words_before and fold_word(words_before[-1]) in _LINKING:
        linked = True
        text = text[: -len(words_before[-1])].rstrip()
        words_before.pop()
    if not words_before:
        return Before(named=False)
    last = words_before[-1]
    named = fold_word(last.strip("(:：,.")) in lists()[1]
    if not joined or "\n" in before[len(text) :] or not _LEADING.fullmatch(last):
        return Before(named=named)
    return Before(named=named, handle=last, start=len(text) - len(last), linked=linked)
