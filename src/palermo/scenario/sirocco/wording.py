"""The wording of one language, checked when it is read: no figure or sign stands in plain wording.

Every figure, address and amount of an item therefore comes from a slot, which knows what it states;
so the truth is complete by construction. `{slot}` names a slot or a list of words, `[a|b]` chooses.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from palermo.model import Unreadable
from palermo.scenario.sirocco import amounts
from palermo.scenario.sirocco.data import load
from palermo.scenario.sirocco.draft import Draft, Sentence

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")

_MARK = re.compile(r"(\{[a-z_]+\}|\[[^\]]*\])")
_PLAIN_HAS_NO = re.compile(r"[\d@#€$£¥₽/\\{}\[\]|]|www|://", re.UNICODE)
_TRAPS = ("ref", "date", "hours", "postcode", "experience", "licence")


@dataclass(frozen=True, slots=True)
class Text:
    """A template: its key, role and sentences; the first sentence stays first."""

    key: str
    role: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Singles:
    """Sentences for one-off texts of one role: how they begin and go on."""

    role: str
    weight: int
    opening: tuple[Sentence, ...]
    body: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """All one language can say. `contacts` and `hubs` hold phrases split around the value."""

    language: str
    joiners: tuple[str, ...]
    places: tuple[str, ...]
    contacts: dict[str, tuple[tuple[str, str], ...]]
    hubs: dict[str, tuple[tuple[str, str], ...]]
    rings: dict[str, tuple[Text, ...]]
    innocent: tuple[Text, ...]
    singles: tuple[Singles, ...]
    common: tuple[Sentence, ...]
    free: tuple[Sentence, ...]
    padding: tuple[Sentence, ...]
    email_forms: tuple[str, ...]
    ends: tuple[str, ...]


def _place(draft: Draft) -> str:
    return draft.place


def _company(draft: Draft) -> str:
    return draft.company


class _Compiler:
    """Turns the strings of one language file into sentences; errors name the file and the entry."""

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name = name
        self.slots: dict[str, Any] = {"place": _place, "company": _company}
        self.slots |= amounts.price_writers(data["prices"])
        self.slots |= amounts.age_writers(data["ages"], data["age_ranges"], data["years"])
        self.slots |= amounts.trap_writers({slot: data["traps"][slot] for slot in _TRAPS})
        for word, choices in data["words"].items():
            self.slots[word] = self.plain(f"words.{word}", choices)

    def plain(self, where: str, choices: list[str]) -> tuple[str, ...]:
        for text in choices:
            if _PLAIN_HAS_NO.search(str(text)):
                raise Unreadable(
                    f"{self.name}: {where}: '{text}' must be plain words without figures or signs; "
                    "use a slot such as {pay} or {ref}."
                )
        return tuple(choices)

    def sentence(self, where: str, text: str, own: dict[str, tuple[str, ...]]) -> Sentence:
        segments: list[Any] = []
        for part in _MARK.split(text):
            if part.startswith("{"):
                slot = part[1:-1]
                if slot not in own and slot not in self.slots:
                    raise Unreadable(f"{self.name}: {where}: there is no slot '{slot}'.")
                segments.append(own.get(slot) or self.slots[slot])
            elif part.startswith("["):
                segments.append(self.plain(where, part[1:-1].split("|")))
            elif part:
                segments.append(self.plain(where, [part])[0])
        return tuple(segments)

    def sentences(self, where: str, texts: list[str]) -> tuple[Sentence, ...]:
        return tuple(self.sentence(f"{where}[{i}]", text, {}) for i, text in enumerate(texts))

    def text(self, where: str, entry: dict[str, Any]) -> Text:
        where = f"{where}.{entry['key']}"
        own = {slot: self.plain(where, words) for slot, words in entry.get("words", {}).items()}
        sentences = tuple(self.sentence(where, part, own) for part in entry["parts"])
        return Text(entry["key"], entry.get("role", "ring"), sentences)

    def phrases(self, where: str, lists: dict[str, list[str]]) -> dict[str, Any]:
        result = {}
        for channel, choices in lists.items():
            for text in choices:
                if text.count("{v}") != 1:
                    raise Unreadable(f"{self.name}: {where}.{channel}: '{text}' needs one {{v}}.")
            result[channel] = tuple(tuple(text.split("{v}")) for text in choices)
        return result


@cache
def wording(language: str) -> Wording:
    """The checked wording of `language`.

    Raises:
        Unreadable: an entry has a figure in plain wording, an unknown slot, or lacks `{v}`.
    """
    data = load(f"{language}.yaml")
    c = _Compiler(f"{language}.yaml", data)
    return Wording(
        language=language,
        joiners=tuple(data["joiners"]),
        places=c.plain("places", data["places"]),
        contacts=c.phrases("contacts", data["contacts"]),
        hubs=c.phrases("hubs", data["hubs"]),
        rings={
            ring: tuple(c.text(f"rings.{ring}", entry) for entry in entries)
            for ring, entries in data["rings"].items()
        },
        innocent=tuple(c.text("innocent", entry) for entry in data["innocent"]),
        singles=tuple(
            Singles(
                role,
                entry["weight"],
                c.sentences(f"singles.{role}.opening", entry["opening"]),
                c.sentences(f"singles.{role}.body", entry["body"]),
            )
            for role, entry in data["singles"].items()
        ),
        common=c.sentences("common", data["common"]),
        free=c.sentences("free", data["free"]),
        padding=c.sentences("padding", data["padding"]),
        email_forms=tuple(data["email_forms"]),
        ends=tuple(data["ends"]),
    )
