"""The rules in words, with their authority: data in `rules.yaml`."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: what it says, on whose authority, and what to remember.

    `followed` tells whether it goes on into accounts that received payments; `checked` is the day
    on which the authority was checked, None when it was not.
    """

    name: str
    title: str
    words: str
    authority: str
    remark: str
    followed: bool
    checked: str | None


#: In the order in which they are shown.
RULES = ("fifo", "lifo", "haircut", "libr", "pari_passu", "poison")


@cache
def rule_words() -> dict[str, Rule]:
    """Return the rules by name.

    Raises:
        ValueError: the file names other rules than the code knows.
    """
    raw = yaml.safe_load(files(__package__).joinpath("rules.yaml").read_text("utf-8"))["rules"]
    if tuple(raw) != RULES:
        raise ValueError(f"rules.yaml names {', '.join(raw)}; expected {', '.join(RULES)}")
    return {
        name: Rule(
            name=name,
            title=one["title"],
            words=one["words"],
            authority=one["authority"],
            remark=one["remark"],
            followed=one["followed"],
            checked=str(one["checked"]) if one["checked"] else None,
        )
        for name, one in raw.items()
    }
