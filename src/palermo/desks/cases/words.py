"""What the laboratory's words are called on a page.

Guarantees that a word without an entry is shown as it is rather than not at all.
"""

from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from palermo.analysis.indicators import default_rules

Words = str | Promise

#: Identifiers, and what else ties items.
KINDS: dict[str, Words] = {
    "phone": _("telephone number"),
    "email": _("e-mail address"),
    "url": _("web address"),
    "domain": _("domain"),
    "telegram": _("Telegram handle"),
    "whatsapp": _("WhatsApp invitation"),
    "signal": _("Signal handle"),
    "wechat": _("WeChat id"),
    "line": _("Line id"),
    "viber": _("Viber handle"),
    "instagram": _("Instagram handle"),
    "snapchat": _("Snapchat handle"),
    "tiktok": _("TikTok handle"),
    "facebook": _("Facebook page"),
    "vk": _("VK page"),
    "bitcoin": _("Bitcoin address"),
    "ethereum": _("Ethereum address"),
    "tron": _("Tron address"),
    "monero": _("Monero address"),
    "iban": _("bank account (IBAN)"),
    "price": _("price"),
    "age": _("stated age"),
    "account": _("account"),
    "campaign": _("campaign"),
    "photo": _("photo"),
    "item": _("item"),
}

#: What a slot of a template takes, where it is no identifier.
SLOTS: dict[str, Words] = {
    "free": _("free text"),
    "number": _("number"),
    "date": _("date"),
    "name": _("name"),
    "place": _("place"),
    "emoji": _("pictograms"),
}

DIMENSIONS: dict[str, Words] = {
    "deceptive_recruitment": _("deceptive recruitment"),
    "coercive_recruitment": _("coercive recruitment"),
    "recruitment_by_abuse_of_vulnerability": _("recruitment by abuse of vulnerability"),
    "exploitation": _("exploitation"),
    "coercion_at_destination": _("coercion at destination"),
    "abuse_of_vulnerability_at_destination": _("abuse of vulnerability at destination"),
    "child": _("a child may be concerned"),
    "support": _("asking for help"),
    "counter": _("counter-evidence"),
}

STRENGTHS: dict[str, Words] = {
    "strong": pgettext_lazy("indicator", "strong"),
    "medium": pgettext_lazy("indicator", "medium"),
    "weak": pgettext_lazy("indicator", "weak"),
}

#: What an indication says, by its polarity.
POLARITIES: dict[str, Words] = {
    "for": _("speaks for"),
    "against": _("speaks against"),
    "support": _("somebody asks for help"),
}

_GROUPS = {
    "kind": KINDS,
    "slot": {**KINDS, **SLOTS},
    "dimension": DIMENSIONS,
    "strength": STRENGTHS,
    "polarity": POLARITIES,
}


def called(group: str, word: str) -> Words:
    """Return what `word` of `group` is called."""
    return _GROUPS[group].get(word, word)


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a page says of a published indicator."""

    id: str
    title: str
    dimension: str = ""
    strength: str = ""
    polarity: str = ""
    rationale: str = ""
    falsepositives: tuple[str, ...] = ()


@cache
def indicators() -> dict[str, Indicator]:
    """Return the indicators by id; reading the lists takes half a second, once."""
    return {
        rule.id: Indicator(
            id=rule.id,
            title=rule.title,
            dimension=rule.dimension,
            strength=rule.strength.value,
            polarity=rule.polarity.value,
            rationale=rule.rationale,
            falsepositives=rule.falsepositives,
        )
        for rule in default_rules().rules
    }


def indicator(rule: str) -> Indicator:
    """Return an indicator; of one that the lists no longer have, its id is all there is."""
    return indicators().get(rule) or Indicator(id=rule, title=rule)
