"""The addresses of pictures in a page, as its elements state them; none is fetched.

Guarantees that what a page loads late or in several sizes is among them.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urljoin

#: Addresses of one page that are kept; a page of results has some hundred.
MOST_IMAGES = 300
_ELEMENTS = frozenset({"img", "source", "image"})
#: Besides the standard's own, what pages use until a picture comes into view.
_ONE = ("src", "data-src", "data-original", "data-lazy-src", "href", "xlink:href")
_SEVERAL = ("srcset", "data-srcset")


def image_addresses(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield the addresses that an opening tag `name` states, as they are written."""
    if name not in _ELEMENTS:
        return
    for part in _ONE:
        if value := attributes.get(part, "").strip():
            yield value
    for part in _SEVERAL:
        # Each candidate is an address and, after a blank, its size.
        for candidate in attributes.get(part, "").split(", "):
            if words := candidate.split():
                yield words[0].rstrip(",")


def absolute(addresses: Iterable[str], base: str | None) -> str | None:
    """Return whole web addresses, one a line; None if there are none."""
    found: dict[str, None] = {}
    for address in addresses:
        try:
            whole = urljoin(base or "", address).partition("#")[0]
        except ValueError:
            continue
        if whole.startswith(("http://", "https://")) and len(whole) <= 2000:
            found[whole] = None
        if len(found) >= MOST_IMAGES:
            break
    return "\n".join(found) or None
