"""An attack on the lists: texts made of proxies must not give a single indication."""

import itertools

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.indicators import Polarity, default_rules, indicate, packaged_lists
from palermo.analysis.indicators.conditions import read_condition
from palermo.analysis.indicators.loading import read_yaml
from palermo.analysis.indicators.phrases import parse
from palermo.analysis.indicators.proxies import Proxies, read_proxies, relies_on_proxies
from palermo.analysis.indicators.rules import Rule, Status
from palermo.model import Strength

PROXIES = read_proxies(read_yaml(packaged_lists() / "not_scored.yaml"))
LANGUAGES = ("en", "fr", "es")
FRAMES = {
    "en": ("{}", "I am {}.", "{} girl, {}", "Woman, {}, {}, call me", "{} and {}!", "{} 💋 {} 🍒"),
    "fr": ("{}", "Je suis {}.", "Fille {}, {}", "Femme {}, {}, appelle-moi", "{} et {} !"),
    "es": ("{}", "Soy {}.", "Chica {}, {}", "Mujer, {}, {}, llámame", "¡{} y {}!"),
}


def indications_for(texts: list[str]) -> list[tuple[str, str, str]]:
    batch = pa.record_batch({"id": [str(n) for n in range(len(texts))], "text": texts})
    return [
        (row["rule"], row["quote"], texts[int(row["id"])])
        for answer in indicate(iter([batch]))
        for row in answer.to_pylist()
        if row["polarity"] == Polarity.FOR
    ]


def wordings(language: str) -> list[str]:
    return [said for by_language in PROXIES.phrases.values() for said in by_language[language]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pair_of_proxies_is_an_indication(language: str) -> None:
    said = wordings(language)
    frames = FRAMES[language]
    texts = [
        frames[number % len(frames)].format(*pair)
        for number, pair in enumerate(itertools.product(said, said))
    ]
    assert len(texts) > 3_000
    assert indications_for(texts) == []


@settings(max_examples=60, deadline=None)
@given(data=st.data(), language=st.sampled_from(LANGUAGES))
def test_nor_is_a_long_advertisement_made_of_them(data: st.DataObject, language: str) -> None:
    said = data.draw(st.lists(st.sampled_from(wordings(language)), min_size=3, max_size=25))
    joiner = data.draw(st.sampled_from([" ", ", ", ". ", " ✨ ", "\n"]))
    assert indications_for([joiner.join(said), joiner.join(said).upper()]) == []


@pytest.mark.parametrize(
    "text",
    [
        "New in town, just arrived, leaving soon! 19 years old, petite Asian, tattooed.",
        "Escort, 21, serious gentlemen only, references please, no blocked numbers.",
        "Nigerian refugee, Muslim, speaks no English, looks for friends.",
        "Escort asiatique de 19 ans, de passage, tatouée, sans papiers, hommes sérieux uniquement.",
        "Escort rumana de 20 años, recién llegada, pocos días, tatuajes, pido referencias.",
    ],
)
def test_advertisements_that_used_to_be_called_suspicious(text: str) -> None:
    assert indications_for([text]) == []


def test_every_topic_has_wording_in_three_languages_and_a_reason() -> None:
    document = read_yaml(packaged_lists() / "not_scored.yaml")
    assert {topic["id"] for topic in document["topics"]} == {
        *("movement", "adult_age", "screening", "looks", "tattoos", "origin", "migration"),
        *("sex_work", "belief", "language"),
    }
    for topic in document["topics"]:
        assert set(LANGUAGES) <= set(topic["wording"])
        assert len(topic["reason"]) > 20
        assert topic["source"]["work"]


def test_no_rule_of_the_lists_could_fire_on_proxies() -> None:
    caught = [
        rule.id
        for rule in default_rules().rules
        if rule.polarity == Polarity.FOR and relies_on_proxies(rule, PROXIES)
    ]
    assert caught == []


def rule_of(condition: str, **lists: list[str]) -> Rule:
    return Rule(
        id="X1",
        group="X",
        version=1,
        status=Status.LIVE,
        title="a rule for this test",
        dimension="exploitation",
        strength=Strength.WEAK,
        polarity=Polarity.FOR,
        sources=(),
        rationale="",
        falsepositives=(),
        phrases={name: tuple(parse(p, {}) for p in said) for name, said in lists.items()},
        condition=read_condition(condition),
    )


@pytest.mark.parametrize(
    "rule",
    [
        rule_of("a", a=["new in town"]),
        rule_of("a", a=["(asian|latina) girl*"]),
        rule_of("a", a=["#18-25 years old"]),
        rule_of("a", a=["#12-25 (yo|years old)"]),
        rule_of("a", a=["tattoo* ..5 escort"]),
        rule_of("a and b", a=["sin papeles"], b=["guapa"]),
        rule_of("a and not b", a=["refugee*"], b=["charity"]),
        rule_of("a or b", a=["passport kept"], b=["leaving soon"]),
        rule_of("a", a=["girl* ..3 town"]),
    ],
)
def test_the_check_catches_rules_that_rest_on_proxies(rule: Rule) -> None:
    assert relies_on_proxies(rule, PROXIES)


@pytest.mark.parametrize(
    "rule",
    [
        rule_of("a and b", a=["new in town"], b=["we keep your passport"]),
        rule_of("a", a=["#10-17 years old"]),
        rule_of("a", a=["blocked escort references soon"]),  # fragments never met in this order
    ],
)
def test_and_lets_others_pass(rule: Rule) -> None:
    assert not relies_on_proxies(rule, PROXIES)


def test_the_check_knows_the_end_of_a_wording() -> None:
    lexicon = read_proxies(
        {
            "topics": [{"id": "t", "wording": {"en": ["red green blue"]}}],
            "neutral": {"en": ["the"]},
        }
    )
    assert isinstance(lexicon, Proxies)
    assert relies_on_proxies(rule_of("a", a=["green blue the red"]), lexicon)
    assert not relies_on_proxies(rule_of("a", a=["green red"]), lexicon)
    assert relies_on_proxies(rule_of("a", a=["green ..1 red"]), lexicon)
