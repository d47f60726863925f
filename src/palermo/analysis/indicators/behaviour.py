"""Finds what only tables show: one contact with many offers, one text under many names, bursts.

Guarantees that each row can be traced to a contact written in the item (quoted), or to the
campaign it belongs to (empty quote), and that bursts of places never count for advertisements of
sex, where travelling speaks against trafficking. Rules that need data a table of items does not
hold stay drafts in the lists and are not pretended here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.indicators.automaton import Automaton, compile_lists
from palermo.analysis.indicators.loading import (
    default_rules,
    packaged_lists,
    parsed_lists,
    read_yaml,
)
from palermo.analysis.indicators.rules import Rule, Rules, Status
from palermo.analysis.indicators.scan import scan
from palermo.model import INDICATIONS, IdentifierKind

_HOUR = 3_600_000_000  # microseconds
_MENTION = ("id", "kind", "value", "start", "end", "raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What the rules look at in one item. `contacts` maps each contact to (start, end, raw)."""

    id: str
    titles: frozenset[str]
    offer: bool
    sex: bool
    posted_at: int | None
    place: str | None
    account: str | None
    campaign: str | None
    ages: frozenset[str]
    contacts: Mapping[str, tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class _Settings:
    automaton: Automaton
    names: tuple[str, ...]
    contact_kinds: frozenset[str]
    thresholds: Mapping[str, Mapping[str, int]]


def behaviour(
    items: pa.Table, identifiers: pa.Table, campaigns: pa.Table, rules: Rules | None = None
) -> pa.Table:
    """Return INDICATIONS of the live behaviour rules, by rule, then in order of the items.

    `items` has at least `id` and `text`; `posted_at`, `place` and `account` are used when there.
    `identifiers` are rows of IDENTIFIERS, `campaigns` of CAMPAIGNS.
    """
    settings = _settings()
    posts = _posts(items, identifiers, campaigns, settings)
    rows: list[tuple[Rule, Post, tuple[int, int, str]]] = []
    for rule in (rules or default_rules()).with_status(Status.LIVE):
        if rule.id not in _FINDERS:
            continue
        find, at_least = _FINDERS[rule.id], settings.thresholds[rule.id]
        found: dict[str, tuple[int, int, str]] = {}
        for contact, group in _groups(posts, find.by):
            for post in find.posts(group, at_least):
                found.setdefault(post.id, post.contacts.get(contact, (0, 0, "")))
        rows += [(rule, post, found[post.id]) for post in posts if post.id in found]
    return _table(rows)


def _contacts(post: Post) -> Iterable[str]:
    return post.contacts


def _campaign(post: Post) -> Iterable[str]:
    return () if post.campaign is None else (post.campaign,)


def _groups(
    posts: list[Post], by: Callable[[Post], Iterable[str]]
) -> Iterator[tuple[str, list[Post]]]:
    groups: dict[str, list[Post]] = {}
    for post in posts:
        for key in by(post):
            groups.setdefault(key, []).append(post)
    yield from groups.items()


def _bait(group: list[Post], at_least: Mapping[str, int]) -> list[Post]:
    """A4.1: near-copies (one campaign) under one contact that name different jobs."""
    found: list[Post] = []
    named = [post for post in group if len(post.titles) == 1 and post.offer]
    for _, copies in _groups(named, _campaign):
        titles = {title for post in copies for title in post.titles}
        if len(copies) >= at_least["items"] and len(titles) >= at_least["titles"]:
            found += copies
    return found


def _many_persons(group: list[Post], at_least: Mapping[str, int]) -> list[Post]:
    """F1.1: advertisements of sex under one contact with several stated ages."""
    ads = [post for post in group if post.sex]
    ages = {age for post in ads for age in post.ages}
    return ads if len(ads) >= at_least["items"] and len(ages) >= at_least["ages"] else []


def _many_accounts(group: list[Post], at_least: Mapping[str, int]) -> list[Post]:
    """F3.1: near-copies of an advertisement of sex under several accounts and ages."""
    ads = [post for post in group if post.sex]
    accounts = {post.account for post in ads if post.account}
    ages = {age for post in ads for age in post.ages}
    enough = (
        len(ads) >= at_least["items"]
        and len(accounts) >= at_least["accounts"]
        and len(ages) >= at_least["ages"]
    )
    return ads if enough else []


def _burst(group: list[Post], at_least: Mapping[str, int]) -> list[Post]:
    """H2.1: offers of work in many places within a day. Advertisements of sex are left out."""
    window = at_least["hours"] * _HOUR
    posts = [
        (post.posted_at, post.place, post)
        for post in group
        if post.offer and not post.sex and post.posted_at is not None and post.place
    ]
    posts.sort(key=lambda entry: (entry[0], entry[2].id))
    found: dict[str, Post] = {}
    begin = 0
    places: dict[str, int] = {}
    for last, (now, place, _) in enumerate(posts):
        places[place] = places.get(place, 0) + 1
        end = begin
        while now - posts[end][0] > window:
            gone = posts[end][1]
            places[gone] -= 1
            if not places[gone]:
                del places[gone]
            end += 1
        begin = end
        if len(places) >= at_least["places"]:
            found |= {post.id: post for _, _, post in posts[begin : last + 1]}
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Finder:
    by: Callable[[Post], Iterable[str]]
    posts: Callable[[list[Post], Mapping[str, int]], list[Post]]


def _contacts_and_campaign(post: Post) -> Iterable[str]:
    yield from post.contacts
    yield from _campaign(post)


_FINDERS = {
    "A4.1": _Finder(_contacts, _bait),
    "F1.1": _Finder(_contacts, _many_persons),
    "F3.1": _Finder(_campaign, _many_accounts),
    "H2.1": _Finder(_contacts_and_campaign, _burst),
}


@cache
def _settings() -> _Settings:
    folder = packaged_lists()
    data = read_yaml(folder / "behaviour.yaml")
    written = {f"title:{name}": lists for name, lists in data["titles"].items()}
    written |= {"offer": data["offer"], "sex": data["commercial_sex"]}
    lists = parsed_lists(folder, written)
    return _Settings(
        compile_lists(list(lists.values())),
        tuple(lists),
        frozenset(data["contact_kinds"]),
        data["thresholds"],
    )


def _posts(
    items: pa.Table, identifiers: pa.Table, campaigns: pa.Table, settings: _Settings
) -> list[Post]:
    texts = [text or "" for text in items["text"].to_pylist()]
    hits = scan(texts, settings.automaton)
    named: list[set[str]] = [set() for _ in texts]
    for text, owner in zip(hits.text.tolist(), hits.owner.tolist(), strict=True):
        named[text].add(settings.names[owner])
    campaign = dict(
        zip(campaigns["id"].to_pylist(), campaigns["campaign"].to_pylist(), strict=True)
    )
    contacts: dict[str, dict[str, tuple[int, int, str]]] = {}
    ages: dict[str, set[str]] = {}
    wanted = pa.array([*sorted(settings.contact_kinds), IdentifierKind.AGE.value])
    needed = identifiers.filter(pc.is_in(identifiers["kind"], wanted))
    columns = (needed[name].to_pylist() for name in _MENTION)
    for item, kind, value, start, end, raw in zip(*columns, strict=True):
        if kind == IdentifierKind.AGE:
            ages.setdefault(item, set()).add(value)
        else:
            contacts.setdefault(item, {}).setdefault(f"{kind}:{value}", (start, end, raw))
    posted = _optional(items, "posted_at")
    return [
        Post(
            id=item,
            titles=frozenset(name for name in said if name.startswith("title:")),
            offer="offer" in said,
            sex="sex" in said,
            posted_at=when,
            place=place,
            account=account,
            campaign=campaign.get(item),
            ages=frozenset(ages.get(item, ())),
            contacts=contacts.get(item, {}),
        )
        for item, said, when, place, account in zip(
            items["id"].to_pylist(),
            named,
            posted,
            _optional(items, "place"),
            _optional(items, "account"),
            strict=True,
        )
    ]


def _optional(items: pa.Table, name: str) -> list[Any]:
    """Return a column's values, times as microseconds; None for all when it is not there."""
    if name not in items.schema.names:
        return [None] * items.num_rows
    column = items[name]
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    values: list[Any] = column.to_pylist()
    return values


def _table(rows: list[tuple[Rule, Post, tuple[int, int, str]]]) -> pa.Table:
    columns = {
        "id": [post.id for _, post, _ in rows],
        "rule": [rule.id for rule, _, _ in rows],
        "version": [rule.version for rule, _, _ in rows],
        "dimension": [rule.dimension for rule, _, _ in rows],
        "strength": [rule.strength.value for rule, _, _ in rows],
        "polarity": [rule.polarity.value for rule, _, _ in rows],
        "start": [start for _, _, (start, _, _) in rows],
        "end": [end for _, _, (_, end, _) in rows],
        "quote": [raw for _, _, (_, _, raw) in rows],
    }
    return pa.table(columns, schema=INDICATIONS)
