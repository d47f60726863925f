import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.indicators import Status, default_rules
from palermo.analysis.indicators.automaton import compile_lists
from palermo.analysis.indicators.phrases import (
    Choice,
    Gap,
    Node,
    Number,
    Optional,
    Sequence,
    Word,
    parse,
)
from palermo.analysis.indicators.scan import scan


def find(text: str, *phrases: str) -> list[tuple[int, str]]:
    lists = [[parse(phrase, {})] for phrase in phrases]
    hits = scan([text], compile_lists(lists))
    spans = zip(hits.owner.tolist(), hits.start.tolist(), hits.end.tolist(), strict=True)
    return [(owner, text[start:end]) for owner, start, end in spans]


@pytest.mark.parametrize(
    ("phrase", "text", "quote"),
    [
        ("keep your passport*", "We KEEP, your   passports!", "KEEP, your   passports"),
        ("keep [your] passport", "keep passport", "keep passport"),
        ("keep ..2 passport", "keep all your passport", "keep all your passport"),
        ("#12-16 hours", "work 14hours a day", "14hours"),
        ("#1000- €", "2.500 €", "2.500 €"),
        ("#1000- a week", "1,200.50 a week", "1,200.50 a week"),
        ("#5 times", "5.75 times", "5.75 times"),
        ("护照", "你的护照呢", "护照"),
        ("a l etranger", "partez à l’étranger", "à l’étranger"),
        ("passport", "pass\u200bp\u00adort", "pass\u200bp\u00adort"),
        ("passport", "ｐａｓｓｐｏｒｔ", "ｐａｓｓｐｏｒｔ"),
        ("جوازك", "نحتفظ جوازَك", "جوازَك"),
    ],
)
def test_phrases_are_found_as_people_write_them(phrase: str, text: str, quote: str) -> None:
    assert find(text, phrase) == [(0, quote)]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("keep your passport", "keep. your passport"),
        ("keep your passport", "keep your old passport"),
        ("keep ..2 passport", "keep all of your passport"),
        ("pass", "passport"),
        ("#12-16 hours", "120 hours"),
        ("#1000- euros", "10.00 euros"),
        ("护照", "护 理 照"),
    ],
)
def test_and_not_otherwise(phrase: str, text: str) -> None:
    assert find(text, phrase) == []


def test_one_word_is_never_two() -> None:
    assert find("passport", "pass* passport") == []
    assert find("passport passport", "pass* passport") == [(0, "passport passport")]


def test_texts_do_not_run_into_each_other() -> None:
    automaton = compile_lists([[parse("keep passport", {})]])
    assert scan(["keep", "passport", ""], automaton).text.tolist() == []


# A slow and plain reader of the same notation, to hold the compiled one against.


def ends(node: Node, words: list[str], at: int) -> set[int]:
    match node:
        case Word(text, prefix):
            fits = at < len(words) and (words[at].startswith(text) if prefix else words[at] == text)
            return {at + 1} if fits else set()
        case Number(low, high):
            fits = at < len(words) and words[at].isdigit() and low <= int(words[at]) <= high
            return {at + 1} if fits else set()
        case Gap(most):
            return {at + skipped for skipped in range(most + 1) if at + skipped <= len(words)}
        case Optional(part):
            return {at} | ends(part, words, at)
        case Choice(parts):
            return set().union(*(ends(part, words, at) for part in parts))
        case Sequence(parts):
            reached = {at}
            for part in parts:
                reached = set().union(*(ends(part, words, begin) for begin in reached))
            return reached


WORDS = st.sampled_from(["abc", "abcd", "abce", "x", "y", "7", "12"])
TERMS = st.sampled_from(["abc", "abcd", "abc*", "abcd*", "x", "y", "#", "#8-20", "12"])
PARTS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda p: f"({'|'.join(p)})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} [{p[1]}] {p[2]})"),
        st.tuples(inner, st.integers(1, 3), inner).map(lambda p: f"({p[0]} ..{p[1]} {p[2]})"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(phrases=st.lists(PARTS, min_size=1, max_size=3), words=st.lists(WORDS, max_size=10))
def test_the_scanner_agrees_with_a_plain_reader(phrases: list[str], words: list[str]) -> None:
    trees = [parse(phrase, {}) for phrase in phrases]
    text = " ".join(words)
    hits = scan([text], compile_lists([[tree] for tree in trees]))
    spans = zip(hits.start.tolist(), hits.end.tolist(), strict=True)
    found = dict(zip(hits.owner.tolist(), spans, strict=True))
    for owner, tree in enumerate(trees):
        matches = {(at, end) for at in range(len(words)) for end in ends(tree, words, at)}
        if not matches:
            assert owner not in found
            continue
        start, end = found[owner]
        first_end = min(last for _, last in matches)
        assert len(text[:end].split()) == first_end
        assert (len(text[:start].split()), first_end) in matches


EVIL = {
    "one word again and again": "keep " * 200_000,
    "every word opens": "we the agency keep your passport and " * 27_000,
    "no sentence ends": "passport" * 125_000,
    "only sentence ends": "." * 1_000_000,
    "numbers": "1,1.1'1" * 143_000,
    "hidden signs": "p\u200b" * 500_000,
    "signs without spaces": "护照" * 500_000,
}


@pytest.mark.parametrize("kind", EVIL)
def test_no_text_makes_the_scanner_slow(kind: str) -> None:
    automaton = default_rules().plan(Status.LIVE).automaton
    scan(["warm up 12"], automaton)
    begin = time.process_time()
    scan([EVIL[kind]], automaton)
    assert time.process_time() - begin < 2
