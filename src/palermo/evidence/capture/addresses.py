"""Which addresses a capture may reach.

Guarantees that a decision on an address is made on the numeric address a connection will really go
to, never on its name alone: a name can be made to point anywhere, and at any moment.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from palermo.model import Refused, Unreadable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = {"http": 80, "https": 443}
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
#: Names that mean this machine or its own network, whatever they resolve to (RFC 6761, 6762, 8375).
_INSIDE = re.compile(r"(^|\.)(localhost|local|internal|intranet|lan|home\.arpa)\.?$", re.IGNORECASE)
_EMBEDDED = (  # IPv6 ranges that carry an IPv4 address: NAT64 (RFC 6052) and IPv4-compatible
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("::/96"),
)
#: Reserved for protocols (RFC 6890); the library of Python 3.11 takes single ones for public.
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")
#: Public by number, yet answered by the cloud's host itself.
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A web address that was checked: `host` in ASCII, `port` filled in."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def onion(self) -> bool:
        """Whether only Tor can reach it (RFC 7686)."""
        return is_onion(self.host)

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers write an origin."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = PORTS[self.scheme] == self.port
        return f"{self.scheme}://{host}" + ("" if usual else f":{self.port}")


def is_onion(host: str) -> bool:
    """Tell whether `host` is an onion service."""
    return host.rstrip(".").lower().endswith(".onion")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRules:
    """What may be reached: public addresses, those in `also`, or with `private` everything."""

    private: bool = False
    also: tuple[Network, ...] = ()

    def barred(self, address: str) -> str:
        """Return why `address` may not be connected to; empty when it may."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return f"{address!r} is no numeric address"
        if self.private or any(found in network for network in self.also):
            return ""
        for one in (found, *_carried(found)):
            if kind := _kind(one):
                return f"{address} is {kind}"
        return ""

    def barred_name(self, host: str) -> str:
        """Return why the name `host` may not even be asked for; empty when it may."""
        if not self.private and _INSIDE.search(host):
            return f"{host} is a name of this machine or its own network"
        return ""


def _kind(address: Address) -> str:
    kinds = (
        (address.is_loopback, "this machine itself"),
        (address.is_link_local, "link-local, where clouds serve their metadata"),
        (address in _METADATA, "a cloud's metadata service"),
        (address.is_multicast, "multicast"),
        (address.is_unspecified, "unspecified"),
        (not address.is_global or address in _PROTOCOLS, "private or reserved"),
    )
    return next((name for holds, name in kinds if holds), "")


def _carried(address: Address) -> tuple[Address, ...]:
    """Return the IPv4 addresses that an IPv6 address stands for."""
    if not isinstance(address, ipaddress.IPv6Address):
        return ()
    found: list[Address] = [
        one for one in (address.ipv4_mapped, address.sixtofour) if one is not None
    ]
    found += address.teredo or ()
    if any(address in network for network in _EMBEDDED):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(found)


def check_url(url: str, rules: AddressRules, *, proxied: bool) -> Target:
    """Check a web address before anything is asked of anybody.

    Raises:
        Unreadable: when it is no web address.
        Refused: when a capture never goes there.
    """
    if _ODD.search(url.partition("?")[0]):
        raise Unreadable(f"{url!r}: a web address has no spaces, control characters or backslashes")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise Unreadable(f"{url!r}: not a web address ({error}); copy the whole of it") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        what = f"`{scheme}:`" if scheme else "an address without http:// or https://"
        raise Refused(f"{url!r}: {what} is not captured, only http: and https: are")
    if parts.username is not None or parts.password is not None:
        raise Refused(f"{url!r}: carries a user name or password; remove what stands before the @")
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not host or port == 0:
        raise Unreadable(f"{url!r}: names no host; expected for example https://example.org/")
    target = Target(url=url, scheme=scheme, host=host, port=port or PORTS[scheme])
    if target.onion and not proxied:
        raise Refused(
            f"{url}: an onion service is reached through Tor only; "
            "give --proxy socks5h://127.0.0.1:9050 where your Tor listens"
        )
    reason = rules.barred_name(host)
    if not reason and _numeric(host):
        reason = rules.barred(host)
    if reason:
        raise Refused(f"{url}: {reason}; give --allow-private if that is meant")
    return target


def _numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
