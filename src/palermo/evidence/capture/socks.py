"""SOCKS version 5 (RFC 1928), as far as a capture needs it: CONNECT, by name or by address.

Guarantees that as a client a name is handed to the proxy as it is and never resolved here.
"""

import ipaddress
import secrets
import socket
import struct
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from palermo.model import Unreadable

_VERSION, _CONNECT, _NO_AUTH, _PASSWORD = 5, 1, 0, 2
_IPV4, _NAME, _IPV6 = 1, 3, 4
#: Replies of RFC 1928 section 6, and those that Tor adds for onion services (Tor proposal 304).
REPLIES = {
    1: "general failure",
    2: "not allowed",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "took too long",
    7: "command not supported",
    8: "kind of address not supported",
    0xF0: "the onion service has no descriptor",
    0xF1: "the descriptor of the onion service is invalid",
    0xF2: "the introduction to the onion service failed",
    0xF3: "the rendezvous with the onion service failed",
    0xF4: "the onion service wants client authorisation",
    0xF6: "the onion address is invalid",
    0xF7: "the introduction to the onion service took too long",
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """A SOCKS5 proxy that resolves names itself.

    Tor keeps streams with different credentials on different circuits, so every capture draws its
    own: two captures cannot be linked by their circuit.
    """

    address: str
    port: int
    isolation: str = field(default_factory=lambda: secrets.token_hex(16), compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `socks5h://address:port`.

        Raises:
            Unreadable: for any other form, above all one that would resolve names here.
        """
        try:
            parts = urlsplit(text)
            address, port = parts.hostname or "", parts.port
        except ValueError:
            address, port, parts = "", None, urlsplit("")
        if parts.scheme != "socks5h" or not port or parts.username is not None:
            raise Unreadable(
                f"{text!r}: expected socks5h://ADDRESS:PORT, such as socks5h://127.0.0.1:9050; "
                "the h means that the proxy resolves names, other kinds would tell them to others"
            )
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise Unreadable(
                f"{text!r}: give the proxy's numeric address, so that nothing is resolved for it"
            ) from None
        return cls(address, port)

    def __str__(self) -> str:
        """Write it as it is given."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"socks5h://{host}:{self.port}"


def socks_connect(opened: socket.socket, host: str, port: int, upstream: Upstream) -> None:
    """Ask the proxy at the other end of `opened` to connect to `host`.

    Raises:
        OSError: when it refuses or does not speak SOCKS5.
    """
    opened.sendall(bytes([_VERSION, 2, _NO_AUTH, _PASSWORD]))
    version, method = receive(opened, 2)
    if version != _VERSION or method not in {_NO_AUTH, _PASSWORD}:
        raise OSError(f"{upstream} does not speak SOCKS5 without a password of its own")
    if method == _PASSWORD:
        word = upstream.isolation.encode()
        opened.sendall(b"\x01" + bytes([len(word)]) + word + bytes([len(word)]) + word)
        if receive(opened, 2)[1]:
            raise OSError(f"{upstream} wants a user name and password")
    opened.sendall(bytes([_VERSION, _CONNECT, 0]) + _written(host) + struct.pack("!H", port))
    version, reply, _, kind = receive(opened, 4)
    if version != _VERSION:
        raise OSError(f"{upstream} does not speak SOCKS5")
    if reply:
        raise OSError(f"{upstream}: {REPLIES.get(reply, f'reply {reply}')}")
    _address(opened, kind)
    receive(opened, 2)


def socks_accept(opened: socket.socket) -> tuple[str, int]:
    """Take a client's CONNECT and return host and port; answer it with `socks_reply`.

    Raises:
        OSError: when the client asks for anything else.
    """
    version, count = receive(opened, 2)
    methods = receive(opened, count)
    if version != _VERSION or _NO_AUTH not in methods:
        opened.sendall(bytes([_VERSION, 0xFF]))
        raise OSError("not a SOCKS5 client without a password")
    opened.sendall(bytes([_VERSION, _NO_AUTH]))
    version, command, _, kind = receive(opened, 4)
    if version != _VERSION or command != _CONNECT:
        socks_reply(opened, 7)
        raise OSError("only CONNECT is served")
    host = _address(opened, kind)
    (port,) = struct.unpack("!H", receive(opened, 2))
    return host, port


def socks_reply(opened: socket.socket, code: int) -> None:
    """Answer a client's CONNECT; code 0 means that it is connected."""
    opened.sendall(bytes([_VERSION, code, 0, _IPV4]) + bytes(6))


def receive(opened: socket.socket, size: int) -> bytes:
    """Read exactly `size` bytes; OSError when the other end closes before."""
    data = b""
    while len(data) < size:
        piece = opened.recv(size - len(data))
        if not piece:
            raise OSError("the other end closed the connection")
        data += piece
    return data


def _written(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("ascii")
        if not 0 < len(name) < 256:
            raise OSError(f"{host!r} is no name of a host") from None
        return bytes([_NAME, len(name)]) + name
    return bytes([_IPV4 if address.version == 4 else _IPV6]) + address.packed


def _address(opened: socket.socket, kind: int) -> str:
    if kind == _NAME:
        (length,) = receive(opened, 1)
        return receive(opened, length).decode("ascii", "replace")
    if kind in {_IPV4, _IPV6}:
        return str(ipaddress.ip_address(receive(opened, 4 if kind == _IPV4 else 16)))
    raise OSError("unknown kind of address")
