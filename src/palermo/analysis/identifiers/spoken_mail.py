"""E-mail addresses hidden from machines: "name (at) host dot org", "name arroba host punto com".

A plain "at" counts only with a spelled "dot" after it, and not behind words like "us" or "look";
"look at example.org" is not an address.
"""

import re
from functools import cache, lru_cache

import numpy as np

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.characters import fold_word, plain
from palermo.analysis.identifiers.chunk import Chunk
from palermo.analysis.identifiers.mention import MEDIUM, Found
from palermo.analysis.identifiers.tables import load, words
from palermo.analysis.identifiers.vocabulary import AT, DOT_WORD, vocabulary
from palermo.analysis.identifiers.web import is_host_end, placed
from palermo.model import IdentifierKind

_BEFORE, _AFTER = 80, 120
_OPEN, _CLOSE = r"[(\[{<«（【]", r"[)\]}>»）】]"


def _words(part: str, style: str) -> str:
    listed = words("web", f"{part}.{style}", load("web")[part][style])
    return "|".join(re.escape(word) for word in sorted(listed, key=lambda word: (-len(word), word)))


def _spelled(part: str) -> str:
    """Return an expression for a spelled part, in brackets or as a word of its own."""
    bracketed = rf"\s*{_OPEN}\s*(?:{_words(part, 'bracketed')})\s*{_CLOSE}\s*"
    return rf"(?:{bracketed}|\s+(?:{_words(part, 'plain')})\s+)"


@cache
def _address() -> re.Pattern[str]:
    """Return the expression: local part, sign, host in labels, with every dot spelled or not."""
    spelled = _spelled("dot")
    dot = rf"(?:{spelled}|(?:\.|\s+\.\s+)(?=\w)|_dot_)"
    bracketed = rf"\s*{_OPEN}\s*(?:{_words('at', 'bracketed')})\s*{_CLOSE}\s*"
    clear, plainly = _words("at", "clear"), _words("at", "plain")
    sign = rf"(?:(?P<bracketed>{bracketed})|(?P<clear>\s+(?:{clear})\s+)"
    sign += rf"|(?P<sign>\s*@\s*)|(?P<plain>\s+(?:{plainly})\s+))"
    local = r"(?P<local>(?<![\w.+-])[a-z0-9][a-z0-9._%+-]{0,40}"
    local += rf"(?:{spelled}[a-z0-9_+-]{{1,30}}){{0,2}})"
    label = "[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?"
    host = rf"(?P<host>{label}(?:{dot}{label}){{1,3}})"
    return re.compile(local + sign + host, re.IGNORECASE)


@cache
def _separators() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """Return expressions for any dot and for a spelled one, and words that are no local part."""
    never = frozenset(fold_word(str(word)) for word in load("web")["not_local"])
    spelled = _spelled("dot")
    any_dot = re.compile(rf"{spelled}|_dot_|\s*\.\s*", re.IGNORECASE)
    return any_dot, re.compile(spelled, re.IGNORECASE), never


@lru_cache(maxsize=1 << 14)
def in_window(text: str) -> tuple[Found, ...]:
    """Return the spelled-out addresses in a plain window, by its characters."""
    any_dot, spelled, never = _separators()
    found = []
    for told in _address().finditer(text):
        labels = any_dot.split(told["host"])
        gaps = any_dot.findall(told["host"])
        # The host ends with the last label that can end one: "host dot org dot Call".
        while len(labels) > 1 and not is_host_end(labels[-1], certain=False):
            labels.pop()
        if len(labels) < 2:
            continue
        said = any(spelled.fullmatch(gap) for gap in gaps[: len(labels) - 1])
        if told["plain"] and (not said or fold_word(told["local"]) in never):
            continue
        if not (said or told["bracketed"] or told["clear"]) and " " not in told["sign"] + "".join(
            gaps[: len(labels) - 1]
        ):
            continue  # written out plainly: not ours
        local = spelled.sub(".", told["local"])
        end = told.start("host")
        for number, label in enumerate(labels):
            end += len(label) + (len(gaps[number - 1]) if number else 0)
        value = f"{local}@{'.'.join(labels)}".lower()
        found.append(
            Found(
                told.start(),
                end,
                IdentifierKind.EMAIL,
                value,
                MEDIUM,
                "e-mail address with at or dot spelled out",
            )
        )
    return tuple(found)


def _worth_a_look(chunk: Chunk) -> np.ndarray:
    """Return the tokens for "at" with a bracket before them or a spelled dot soon after."""
    tokens = chunk.tokens
    at = chunk.has(AT) & ~chunk.taken
    data = np.frombuffer(chunk.data, np.uint8)
    start = tokens[lexer.START]
    lead = data[np.maximum(start - 1, 0)]
    further = data[np.maximum(start - 2, 0)]
    bracket = (
        np.isin(lead, list(b"([{<"))
        | (np.isin(further, list(b"([{<")) & (lead == 0x20))
        | (lead >= 0x80)
    )
    every = np.arange(len(start))
    coming = np.minimum.accumulate(np.where(chunk.has(DOT_WORD), every, len(every))[::-1])[::-1]
    dot = np.minimum(np.append(coming[1:], len(every)), max(len(every) - 1, 0))
    soon = (np.append(coming[1:], len(every)) < len(every)) & (start[dot] - tokens[lexer.END] <= 70)
    soon &= tokens[lexer.TEXT][dot] == tokens[lexer.TEXT]
    clear = [vocabulary().words.index(fold_word(word)) for word in load("web")["at"]["clear"]]
    following = data[np.minimum(tokens[lexer.END], len(data) - 1)]
    bracket |= (following == 0x20) & (lead == 0x20) & (data[start] == 0x40)
    wanted: np.ndarray = np.flatnonzero(at & (bracket | soon | np.isin(tokens[lexer.WORD], clear)))
    return wanted


def find_spoken_mail(chunk: Chunk) -> list[Found]:
    """Return every spelled-out e-mail address of the chunk."""
    if not len(chunk.roles):
        return []
    wanted = _worth_a_look(chunk)
    columns = chunk.tokens[[lexer.START, lexer.END, lexer.TEXT]][:, wanted].tolist()
    found: list[Found] = []
    for start, end, text in zip(*columns, strict=True):
        first = max(start - _BEFORE, int(chunk.offsets[text]))
        window = chunk.data[first : min(end + _AFTER, int(chunk.offsets[text + 1]))]
        while window and window[0] & 0xC0 == 0x80:
            window, first = window[1:], first + 1
        whole = window.decode("utf-8", "ignore")
        flat, places = plain(whole)
        found.extend(
            one
            for one in placed(in_window(flat), whole, places, first)
            if one.start < end and one.end > start
        )
    return found
