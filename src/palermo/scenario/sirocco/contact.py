"""How an item says where to reach somebody: the phrase, the value in some writing, and the truth.

A phrase is one firm piece that names its service, so a reader knows what the value is.
"""

from collections.abc import Callable

from palermo.scenario.sirocco.cast import PHONE_CHANNELS, Hub
from palermo.scenario.sirocco.draft import Draft
from palermo.scenario.sirocco.names import Naming
from palermo.scenario.sirocco.phones import HIDDEN, LOCAL, OPEN, Phone, at_home, write_phone
from palermo.scenario.sirocco.wording import Wording

#: How a code is written in each channel that carries a name.
_NAMES: dict[str, Callable[[Naming, int], str]] = {
    **dict.fromkeys(("telegram", "wechat", "snapchat", "tiktok", "vk"), Naming.handle),
    **dict.fromkeys(("instagram", "line"), Naming.dotted),
    "signal": Naming.signal,
    "email": Naming.email,
    "domain": Naming.host,
}
_PATHS = ("/apply", "/jobs/{n}", "/offers?id={n}", "/team/form-{n}", "/contact")


def phone_text(phone: Phone, language: str, draft: Draft, styles: tuple[str, ...] = ()) -> str:
    """`phone` in one of `styles`, or in the manner of an ordinary person of that language."""
    if not styles:
        manner = draft.draw() % 16
        if manner < 9 and at_home(phone, language):
            styles = ("home",)
        elif manner == 15:
            styles = HIDDEN + LOCAL.get(language, ())
        else:
            styles = OPEN
    return write_phone(phone, draft.pick(styles), draft.draw)


def _phrase(draft: Draft, words: Wording, phrases: tuple[tuple[str, str], ...], value: str) -> str:
    before, after = phrases[draft.draw() % len(phrases)]
    return before + value + (after or draft.pick(words.ends))


def reach(
    draft: Draft,
    words: Wording,
    channel: str,
    *,
    naming: Naming,
    code: int,
    phone: Phone | None = None,
    styles: tuple[str, ...] = (),
) -> str:
    """A firm sentence that gives `phone`, or what `code` is called in `channel`; states it."""
    if channel in PHONE_CHANNELS:
        if phone is None:
            raise ValueError(f"{channel} needs a number")
        draft.state("phone", phone.e164)
        written = phone_text(phone, words.language, draft, styles)
        return _phrase(draft, words, words.contacts[channel], written)
    if channel == "url":
        return _phrase(draft, words, words.contacts["url"], _url(draft, naming.host(code)))
    value = _NAMES[channel](naming, code)
    draft.state(channel, value)
    return _phrase(draft, words, words.contacts[channel], _shown(draft, words, channel, value))


def _url(draft: Draft, host: str, path: str = "") -> str:
    path = path or draft.pick(_PATHS).format(n=100 + draft.draw() % 900)
    url = f"https://{host}{path}"
    draft.state("url", url)
    draft.state("domain", host)
    return url


def _shown(draft: Draft, words: Wording, channel: str, value: str) -> str:
    if channel == "email":
        local, host = value.split("@")
        name, ending = host.split(".")
        form = words.email_forms[draft.draw() % len(words.email_forms)]
        return form.format(local=local, name=name, ending=ending)
    if channel in {"telegram", "instagram", "tiktok"} and draft.draw() % 8 == 0:
        return value.capitalize()
    return value


def pay_into(draft: Draft, words: Wording, kind: str, address: str) -> str:
    """A firm sentence that asks for money to `address`; states it."""
    # The mixed case of an Ethereum address is only its checksum; the identifier is without it.
    draft.state(kind, address.lower() if kind == "ethereum" else address)
    return _phrase(draft, words, words.contacts[kind], address)


def mention(draft: Draft, words: Wording, hub: Hub, item: int) -> str:
    """A firm sentence that carries a hub's identifier; states it."""
    if hub.channel == "url":
        shown = _url(draft, hub.value, f"/ad/{item}")
    else:
        draft.state(hub.kind, hub.value)
        shown = hub.value
        if hub.phone is not None:
            shown = phone_text(hub.phone, words.language, draft, OPEN)
    return _phrase(draft, words, words.hubs[hub.theme], shown)
