"""Writes items: wording in order, contacts, hubs, padding and noise, with the truth of each.

Item `i` depends on the seed, the size and `i` alone, so items can be written in any pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from palermo.scenario.sirocco import chance, contact
from palermo.scenario.sirocco.cast import SINGLE_CODES, Cast, Owner
from palermo.scenario.sirocco.draft import Draft, Sentence
from palermo.scenario.sirocco.noise import disturb
from palermo.scenario.sirocco.phones import HIDDEN, LOCAL, OPEN, Phone
from palermo.scenario.sirocco.plan import SPAN, START, Plan, Source
from palermo.scenario.sirocco.wording import LANGUAGES, Wording, wording

_EMOJI = ("✨", "🌟", "✅", "🔥", "💼", "📩", "👉", "☀️", "🌍", "❗️", "🏠", "🙂")
_ABROAD = {language: i for i, language in enumerate(("es", "ar", "ru", "zh"))}


@dataclass(frozen=True, slots=True)
class Style:
    """How one campaign writes. Chances are in 1/256; `noise` is the share of disturbed words."""

    sentences: tuple[Sentence, ...]
    joiner: str
    channels: tuple[str, ...]
    styles: tuple[str, ...]
    noise: float = 0.0
    reorder: int = 0
    emoji: int = 0
    padding: int = 0
    silent: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One item and its truth."""

    text: str
    place: str
    account: str
    hub: str | None
    found: tuple[tuple[str, str], ...]


class Composer:
    """Writes the items of a plan."""

    def __init__(self, cast: Cast, plan: Plan) -> None:
        self.cast, self.plan = cast, plan
        self.words = {language: wording(language) for language in LANGUAGES}
        self.styles = [self._style(s) if s.text else None for s in plan.sources]
        self.wallets = [(k, round(v * 65536)) for k, v in cast.data["wallets"].items()]
        self.companies = [
            cast.naming.company(s.owner.core + 7 * s.number) if s.owner else ""
            for s in plan.sources
        ]

    def _style(self, source: Source) -> Style:
        draw, words = self.cast.draw, self.words[source.language]
        assert source.text is not None  # noqa: S101  # only called for templates
        sentences = tuple(_preferring(s, draw()) for s in source.text.sentences)
        joiner = words.joiners[draw() % len(words.joiners)]
        if source.ring is None:
            channels = chance.shuffled(self.cast.data["owner_channels"], draw)[:2]
            return Style(
                sentences, joiner, tuple(channels), (), noise=(0.0, 0.0, 0.02)[draw() % 3],
                reorder=(0, 0, 32)[draw() % 3], padding=24, silent=40,
            )  # fmt: skip
        liked = self.cast.data["rings"][source.ring]["channels"]
        channels = [c for c in chance.shuffled(liked, draw) if c == "url" or c in words.contacts]
        hidden = HIDDEN + LOCAL.get(source.language, ()) * 3
        return Style(
            sentences,
            joiner,
            tuple(channels[:3]),
            (hidden[draw() % len(hidden)], hidden[draw() % len(hidden)], OPEN[draw() % len(OPEN)]),
            noise=(0.0, 0.02, 0.05, 0.10)[draw() % 4],
            reorder=(0, 80, 255)[draw() % 3],
            emoji=(0, 60, 140)[draw() % 3],
            padding=(0, 60, 120)[draw() % 3],
            silent=32,
        )

    def write(self, item: int, row: Sequence[int]) -> Item:
        """Item number `item` with the chance in `row`."""
        plan = self.plan
        number = int(plan.source[item])
        source = plan.sources[number]
        words = self.words[source.language]
        draw = chance.source(row)
        draft = Draft(draw, words.places[draw() % len(words.places)], "")
        hub = self.cast.hubs[plan.hub[item]][0] if plan.hub[item] >= 0 else None
        extra = [contact.mention(draft, words, hub, item)] if hub else []
        style = self.styles[number]
        if style is None:
            account = self._single(draft, source, words, int(plan.ordinal[item]), extra)
        else:
            draft.company = self.companies[number]
            account = self._member(draft, source, words=words, style=style, item=item, extra=extra)
        return Item(
            "".join(draft.pieces).strip(),
            draft.place,
            account,
            hub.value if hub else None,
            tuple(draft.found),
        )

    def _member(
        self,
        draft: Draft,
        source: Source,
        *,
        words: Wording,
        style: Style,
        item: int,
        extra: list[str],
    ) -> str:
        """A member of a campaign; returns the account it is posted from."""
        draw, owner = draft.draw, source.owner
        assert owner is not None  # noqa: S101  # templates have owners
        past = (int(self.plan.time[item]) - START) / SPAN
        first = self.plan.ordinal[item] == 0
        blocks: list[Sentence | str] = list(style.sentences)
        if draw() % 256 < style.reorder:
            tail = chance.shuffled(blocks[1:], draw)
            blocks[1:] = tail
        contacts = self._contacts(
            draft, source, words=words, style=style, owner=owner, past=past, first=first
        )
        if contacts and draw() % 256 < style.reorder:
            at = 1 + draw() % len(blocks)
            blocks[at:at] = contacts
        else:
            blocks += contacts
        blocks += extra
        if draw() % 256 < style.padding:
            blocks.insert(1 + draw() % len(blocks), words.padding[draw() % len(words.padding)])
        self._join(draft, blocks, style.joiner, style.emoji)
        if style.noise:
            disturb(draft, style.noise, words.language)
        return owner.accounts[draw() % len(owner.accounts)]

    def _contacts(
        self,
        draft: Draft,
        source: Source,
        *,
        words: Wording,
        style: Style,
        owner: Owner,
        past: float,
        first: bool,
    ) -> list[Sentence | str]:
        """Firm sentences that say how to reach the owner; the first member leads to its core."""
        draw, naming = draft.draw, self.cast.naming
        result: list[Sentence | str] = []
        turn = int(past * len(owner.phones)) + draw() % 2
        phone = owner.phones[turn % len(owner.phones)]
        code = owner.codes[turn % len(owner.codes)]
        if first and source.ring:
            result.append(contact.reach(draft, words, "telegram", naming=naming, code=owner.core))
        elif draw() % 256 < style.silent:
            return result
        channels = [style.channels[draw() % len(style.channels)]]
        if source.ring and draw() % 4 == 0:
            channels.append(style.channels[draw() % len(style.channels)])
        for channel in dict.fromkeys(channels):
            result.append(  # noqa: PERF401  # reads better as a loop
                contact.reach(
                    draft, words, channel, naming=naming, code=code, phone=phone,
                    styles=style.styles,
                )
            )  # fmt: skip
        if source.ring:
            at = draw()
            for kind, share in self.wallets:
                if at < share:
                    addresses = owner.wallets[kind]
                    chosen = addresses[draw() % len(addresses)]
                    result.append(contact.pay_into(draft, words, kind, chosen))
                    break
                at -= share
        return result

    def _single(
        self, draft: Draft, source: Source, words: Wording, ordinal: int, extra: list[str]
    ) -> str:
        """A one-off text; returns its writer's account."""
        draw, singles = draft.draw, source.singles
        assert singles is not None  # noqa: S101  # what has no template is a one-off
        number = source.first + ordinal
        code = SINGLE_CODES + number * len(LANGUAGES) + LANGUAGES.index(source.language)
        draft.company = self.cast.naming.company(code)
        blocks: list[Sentence | str] = [singles.opening[draw() % len(singles.opening)]]
        rest: list[Sentence | str] = []
        rest += _some(singles.body, 1 + draw() % 2 + (source.role == "help_seeking"), draw())
        rest += _some(words.common, draw() % 2, draw())
        rest += _some(words.free, 2 + draw() % 2, draw())
        blocks += chance.shuffled(rest, draw)
        blocks += self._single_contact(draft, source, words, number, code)
        blocks += extra
        self._join(draft, blocks, words.joiners[draw() % len(words.joiners)], 8)
        if draw() % 3 == 0:
            disturb(draft, 0.02, words.language)
        return self.cast.account(code)

    def _single_contact(
        self, draft: Draft, source: Source, words: Wording, number: int, code: int
    ) -> list[str]:
        draw, naming = draft.draw, self.cast.naming
        if source.role in {"help_seeking", "news", "survivor"} and draw() % 4:
            return []
        if number % 8 == 0 and (phone := self._own_phone(source.language, number // 8)):
            channel = "whatsapp" if draw() % 3 == 0 else "phone"
            return [contact.reach(draft, words, channel, naming=naming, code=code, phone=phone)]
        if draw() % 16 < 9:
            channels = self.cast.data["single_channels"][source.language]
            channel = channels[draw() % len(channels)]
            return [contact.reach(draft, words, channel, naming=naming, code=code)]
        return []

    def _own_phone(self, language: str, number: int) -> Phone | None:
        """A number nobody else has, while there are any."""
        pool = language if language in self.cast.pools else "any"
        if pool == "any":
            number = number * len(_ABROAD) + _ABROAD[language]
        number += self.cast.single_phones[pool]
        phones = self.cast.pools[pool]
        return phones[number] if number < len(phones) else None

    @staticmethod
    def _join(draft: Draft, blocks: list[Sentence | str], joiner: str, emoji: int) -> None:
        for i, block in enumerate(blocks):
            if i:
                draft.add(joiner)
            if emoji and draft.draw() % 256 < emoji:
                draft.add(draft.pick(_EMOJI) + " ")
            if type(block) is str:
                draft.add(block)
            else:
                draft.say(block)  # type: ignore[arg-type]  # what is no string is a sentence


def _preferring(sentence: Sentence, draw: int) -> Sentence:
    """`sentence` with one wording of each short choice taken most of the time."""
    result = []
    for segment in sentence:
        if type(segment) is tuple and len(segment) <= 4:
            liked = segment[draw % len(segment)]
            result.append((liked,) * (3 * len(segment)) + segment)
        else:
            result.append(segment)  # type: ignore[arg-type]  # kept as it is
    return tuple(result)


def _some(sentences: tuple[Sentence, ...], count: int, draw: int) -> list[Sentence]:
    """`count` different ones of `sentences`."""
    size = len(sentences)
    at, step = draw % size, 1 + draw // size % (size - 1)
    chosen: dict[int, Sentence] = {}
    for k in range(count):
        index = (at + k * step) % size
        while index in chosen:
            index = (index + 1) % size
        chosen[index] = sentences[index]
    return list(chosen.values())
