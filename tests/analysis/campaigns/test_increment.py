"""New texts find the campaigns a full run would, and names live as long as their campaigns."""

import numpy as np
import pyarrow as pa
import pytest
from bench.noisy_templates import RECIPES, generate
from bench.scores import score

from palermo.analysis.campaigns import CampaignIndex, extend, tokenise
from palermo.analysis.campaigns.index import find, index_of
from palermo.analysis.campaigns.tokens import Tokens


def tokens_of(texts: list[str]) -> Tokens:
    return tokenise(pa.chunked_array([pa.array(texts, pa.string())]))


def indexed(texts: list[str]) -> tuple[CampaignIndex, list[str | None]]:
    tokens = tokens_of(texts)
    found = find(tokens)
    own = found.campaign[found.content_of].tolist()
    return index_of(tokens, found), [found.names[k] if k >= 0 else None for k in own]


def added(index: CampaignIndex, texts: list[str]) -> tuple[CampaignIndex, list[str | None]]:
    extension = extend(index, tokens_of(texts))
    own = extension.index.campaign[extension.content_of].tolist()
    names = extension.index.names
    return extension.index, [names[k] if k >= 0 else None for k in own]


def names_now(index: CampaignIndex, texts: list[str]) -> list[str | None]:
    """Ask an index for the campaigns of texts it knows."""
    tokens = tokens_of(texts)
    at = {content: k for k, content in enumerate(index.tokens.content.tolist())}
    own = [int(index.campaign[at[content]]) for content in tokens.content.tolist()]
    return [index.names[k] if k >= 0 else None for k in own]


@pytest.mark.parametrize("recipe", ["words, 86 tokens", "chain, 25 tokens", "words, all scripts"])
def test_pairs_are_those_of_a_full_run_to_within_one_percent(recipe: str) -> None:
    texts, _ = generate(3000, RECIPES[recipe], 4)
    _, whole = indexed(texts)
    index, _ = indexed(texts[:2700])
    for day in range(3):
        index, _ = added(index, texts[2700 + 100 * day : 2800 + 100 * day])
    figures = score(whole, names_now(index, texts))
    assert sum(name is not None for name in whole) > 500
    assert figures["precision"] >= 0.99
    assert figures["recall"] >= 0.99


def test_a_campaign_that_grows_keeps_its_name() -> None:
    texts, _ = generate(1000, RECIPES["words, 86 tokens"], 6)
    index, before = indexed(texts[:900])
    index, own = added(index, texts[900:])
    after = names_now(index, texts[:900])
    assert [now for was, now in zip(before, after, strict=True) if was is not None] == [
        was for was in before if was is not None
    ]
    assert set(own) & set(before) - {None}


WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in ("ale", "ori", "une") for c in "lmnrstv"]


LETTERS = "abcdefghij"


def halves() -> tuple[list[str], list[str], list[str]]:
    """Texts that share the middle of a template only, and texts that are the whole of it."""
    template, heads, tails = WORDS[:42], WORDS[50:66], WORDS[70:86]
    first = [" ".join([*heads, *template[16:], f"one{c}"]) for c in LETTERS[:4]]
    second = [" ".join([*template[:26], *tails, f"two{c}"]) for c in LETTERS[:3]]
    both = [" ".join([*template, f"all{c}"]) for c in LETTERS[:8]]
    return first, second, both


def test_campaigns_that_merge_keep_the_larger_name() -> None:
    first, second, both = halves()
    index, before = indexed([*first, *second])
    assert len(set(before)) == 2
    assert None not in before
    index, own = added(index, both)
    after = names_now(index, [*first, *second])
    assert set(after) == set(own) == {before[0]}


def test_campaigns_that_split_keep_the_name_for_the_largest_part() -> None:
    texts = [f"{' '.join(WORDS[:30])} a{c}q" for c in LETTERS[:5]]
    others = [f"{' '.join(WORDS[40:70])} b{c}q" for c in LETTERS[:3]]
    index, before = indexed([*texts, *others])
    # As if an earlier run had taken them for one campaign.
    campaign = np.where(index.campaign >= 0, 0, index.campaign).astype(np.int32)
    wrong = CampaignIndex(
        index.tokens, index.posts, campaign, ["c-old"], index.weight, index.counters
    )
    wrong, own = added(wrong, [f"{' '.join(WORDS[40:70])} c{c}q" for c in LETTERS[:1]])
    after = names_now(wrong, [*texts, *others])
    assert set(after[:5]) == {"c-old"}
    assert set(after[5:]) == set(own)
    assert "c-old" not in own
    assert len(set(before)) == 2


def test_a_second_copy_begins_a_campaign() -> None:
    index, before = indexed(["A text that nobody else has written so far", "hello you"])
    assert before == [None, None]
    index, own = added(index, ["a text that nobody else has written so far", "hello  you!"])
    assert None not in own
    assert len(set(own)) == 2
    assert names_now(index, ["hello you"]) == [own[1]]


def test_texts_seen_before_are_not_counted_again() -> None:
    text = "A text that nobody else has written so far"
    index, _ = indexed([text])
    extension = extend(index, tokens_of([text]), counted=np.array([False]))
    assert extension.index.campaign[extension.content_of].tolist() == [-1]


def test_nothing_known_and_nothing_new() -> None:
    index, _ = indexed([])
    index, own = added(index, ["the very same words again"] * 2)
    assert own[0] == own[1] is not None
    assert added(index, [])[1] == []
