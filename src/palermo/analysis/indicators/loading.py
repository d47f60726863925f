"""Reads the indicator lists and refuses a list that is not what it should be.

Guarantees that every rule that leaves here is complete and readable, that each name in it means
something, and that no rule rests on a proxy alone. Errors say file, rule, field and what was
expected.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from palermo.analysis.indicators.conditions import read_condition
from palermo.analysis.indicators.phrases import Sequence, parse
from palermo.analysis.indicators.proxies import Proxies, read_proxies, relies_on_proxies
from palermo.analysis.indicators.rules import Example, Polarity, Rule, Rules, Source, Status
from palermo.model import Refused, Strength, Unreadable

#: What must be there in every language a live rule claims; more languages are welcome.
REQUIRED_LANGUAGES = ("en", "fr", "es")

#: Files of the folder that are not lists of rules.
_NOT_RULES = frozenset(
    {"words.yaml", "sources.yaml", "not_scored.yaml", "operational_rule.yaml", "behaviour.yaml"}
)

# PyYAML's stubs give the C loader as a variable; it is absent where libyaml is.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Shared = Mapping[str, Mapping[str, tuple[str, ...]]]


def packaged_lists() -> Traversable:
    """Return the folder of the lists that ship with Palermo."""
    return files("palermo.analysis.indicators") / "lists"


@cache
def default_rules() -> Rules:
    """Return the lists that ship with Palermo: every rule, whatever its status."""
    return load_rules(packaged_lists())


def load_rules(folder: Traversable) -> Rules:
    """Read all lists of `folder` (a `pathlib.Path` will do), in order of file name.

    Raises Unreadable for a list that cannot be read and Refused for a rule that rests on a proxy.
    """
    shared = _shared_words(folder)
    sources = frozenset(read_yaml(folder / "sources.yaml"))
    proxies = read_proxies(read_yaml(folder / "not_scored.yaml"))
    schema = Draft202012Validator(json.loads(_text(folder / "rule.schema.json")))
    rules: dict[str, Rule] = {}
    at_least: dict[str, int] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml") or file.name in _NOT_RULES:
            continue
        document = read_yaml(file)
        _validate(schema, file.name, document)
        at_least[document["group"]] = document.get("at_least", 1)
        for rule in _rules_of(file.name, document, shared, sources):
            if rule.id in rules:
                raise _wrong(file.name, rule.id, "id", "an id that no other rule has")
            _refuse_proxies(file.name, rule, proxies)
            rules[rule.id] = rule
    return Rules(rules=tuple(rules.values()), at_least=at_least)


def parsed_lists(
    folder: Traversable, written: Mapping[str, Mapping[str, list[str]]]
) -> dict[str, tuple[Sequence, ...]]:
    """Parse named lists, given by name and language, with the shared words of `folder`."""
    by_language: dict[str, dict[str, list[str]]] = {}
    for name, languages in written.items():
        for language, phrases in languages.items():
            by_language.setdefault(language, {})[name] = phrases
    found = _phrases(by_language, _shared_words(folder))
    return {name: found[name] for name in written}


def read_yaml(file: Traversable) -> Any:
    """Read one YAML file; raise Unreadable with its name when it cannot be read."""
    try:
        # A safe loader: plain data only, no object is ever built.
        return yaml.load(_text(file), _Loader)  # noqa: S506 - _Loader is a SafeLoader
    except yaml.YAMLError as error:
        raise Unreadable(f"{file.name}: not YAML: {' '.join(str(error).split())}") from error


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file.name}: expected a readable UTF-8 file ({error})") from error


def _shared_words(folder: Traversable) -> Shared:
    words = read_yaml(folder / "words.yaml")
    for language, names in words.items() if isinstance(words, dict) else [("(top)", words)]:
        if not isinstance(names, dict) or not all(
            isinstance(said, list) for said in names.values()
        ):
            raise Unreadable(
                f"words.yaml, {language}: expected names, each with a list of phrases in [ ]"
            )
    return {
        language: {name: tuple(map(str, phrases)) for name, phrases in names.items()}
        for language, names in words.items()
    }


def _validate(schema: Draft202012Validator, file: str, document: Any) -> None:
    errors = sorted(schema.iter_errors(document), key=lambda error: list(map(str, error.path)))
    if not errors:
        return
    path = list(errors[0].absolute_path)
    rule, field = "(whole file)", "/".join(map(str, path)) or "(top)"
    if len(path) >= 2 and path[0] == "rules":
        rule = str(document["rules"][path[1]].get("id", f"number {int(path[1]) + 1}"))
        field = "/".join(map(str, path[2:])) or "(rule)"
    raise Unreadable(f"{file}, rule {rule}, field {field}: {errors[0].message}")


def _rules_of(
    file: str, document: Mapping[str, Any], shared: Shared, sources: frozenset[str]
) -> Iterator[Rule]:
    for entry in document["rules"]:
        if not entry["id"].startswith(document["group"]):
            raise _wrong(file, entry["id"], "id", f"it begins with {document['group']}")
        for source in entry["source"]:
            if source["work"] not in sources:
                raise _wrong(file, entry["id"], "source", f"{source['work']} in sources.yaml")
        try:
            yield _rule(file, document["group"], entry, shared)
        except Unreadable as error:
            raise Unreadable(f"{file}, rule {entry['id']}: {error}") from error


def _rule(file: str, group: str, entry: Mapping[str, Any], shared: Shared) -> Rule:
    rule = Rule(
        id=entry["id"],
        group=group,
        version=entry["version"],
        status=Status(entry["status"]),
        title=entry["title"],
        dimension=entry["dimension"],
        strength=Strength(entry["strength"]),
        polarity=Polarity(entry["polarity"]),
        sources=tuple(
            Source(s["work"], s["section"], str(s.get("checked", "unchecked")))
            for s in entry["source"]
        ),
        rationale=entry["rationale"].strip(),
        falsepositives=tuple(entry["falsepositives"]),
        languages=tuple(entry.get("languages", ())),
        phrases=_phrases(entry.get("languages", {}), shared),
        condition=read_condition(entry["condition"]) if "condition" in entry else None,
        examples=tuple(_examples(entry.get("examples", {}))),
        needs=tuple(entry.get("needs", ())),
        behaviour=entry.get("behaviour", False),
    )
    _check_names(file, rule, entry.get("languages", {}))
    return rule


def _phrases(
    languages: Mapping[str, Mapping[str, list[str]]], shared: Shared
) -> dict[str, tuple[Sequence, ...]]:
    phrases: dict[str, dict[Sequence, None]] = {}
    for language, lists in languages.items():
        for name, written in lists.items():
            parsed = (parse(str(phrase), shared.get(language, {})) for phrase in written)
            phrases.setdefault(name, {}).update(dict.fromkeys(parsed))
    return {name: tuple(parsed) for name, parsed in phrases.items()}


def _examples(entry: Mapping[str, Mapping[str, list[str]]]) -> Iterator[Example]:
    for language, both in entry.items():
        for match, key in ((True, "should_match"), (False, "should_not_match")):
            for text in both.get(key, ()):
                yield Example(language, text, match)


def _check_names(file: str, rule: Rule, languages: Mapping[str, Mapping[str, list[str]]]) -> None:
    """Hold a rule that runs to its promise: every name defined and used, every language whole."""
    if rule.condition is None:
        if rule.status != Status.DRAFT and not rule.behaviour:
            raise _wrong(file, rule.id, "condition", "a rule that is not a draft has a condition")
        return
    names = set(rule.condition.names)
    if names != set(rule.phrases):
        odd = ", ".join(sorted(names ^ set(rule.phrases)))
        raise _wrong(file, rule.id, "condition", f"names and lists agree; they differ in {odd}")
    for language in REQUIRED_LANGUAGES if rule.status == Status.LIVE else ():
        missing = rule.condition.required - set(languages.get(language, {}))
        if missing:
            field = f"languages/{language}"
            raise _wrong(file, rule.id, field, f"the lists {', '.join(sorted(missing))}")
        for match in (True, False):
            if not any(e.language == language and e.match == match for e in rule.examples):
                kind = "should_match" if match else "should_not_match"
                raise _wrong(file, rule.id, f"examples/{language}", f"a sentence under {kind}")


def _refuse_proxies(file: str, rule: Rule, proxies: Proxies) -> None:
    if rule.polarity == Polarity.FOR and relies_on_proxies(rule, proxies):
        raise Refused(
            f"{file}, rule {rule.id}: it would fire on words that say nothing but age, origin, "
            "looks, movement, belief or legal sex work (not_scored.yaml); add what the harm is"
        )


def _wrong(file: str, rule: str, field: str, expected: str) -> Unreadable:
    return Unreadable(f"{file}, rule {rule}, field {field}: expected {expected}")
