"""Addresses of block chains: checked offline by their own checksums, and written in one way.

An Ethereum address in one case carries no checksum and is taken for its shape. Sources: base58check
(Bitcoin, TRON), BIP 173 and BIP 350 (bech32, bech32m), EIP-55 (mixed case).
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from palermo.formats.statements.parts import Wrong
from palermo.model import checksums

_HEX = re.compile(r"0[xX]([0-9a-fA-F]{40})")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{25,36}")
_TRON_HEX = re.compile(r"41[0-9a-fA-F]{40}")


def _ethereum(text: str) -> str | None:
    found = _HEX.fullmatch(text)
    if found is None:
        return None
    digits = found[1]
    one_case = digits in (digits.lower(), digits.upper())
    return f"0x{digits.lower()}" if one_case or _mixed_holds(digits) else None


@lru_cache(maxsize=1 << 16)
def _mixed_holds(digits: str) -> bool:
    return digits == checksums.ethereum_checksum(digits)


def _tron(text: str) -> str | None:
    return text if _BASE58.fullmatch(text) and checksums.is_tron(text) else None


def _bitcoin(text: str) -> str | None:
    if len(text) <= 90 and text[:3].lower() == "bc1":
        return text.lower() if text.isascii() and checksums.is_segwit(text) else None
    return text if _BASE58.fullmatch(text) and checksums.is_bitcoin_base58(text) else None


CHAINS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {"bitcoin": _bitcoin, "ethereum": _ethereum, "tron": _tron}
)


@lru_cache(maxsize=1 << 16)
def address(text: str, chain: str, field: str) -> str:
    """Return an address as it is called everywhere.

    Raises:
        Wrong: it is none of this chain, or a character of it was changed.
    """
    bare = text.strip()
    found = CHAINS[chain](bare) if len(bare) <= 100 else None
    if found is None:
        raise Wrong(field, text, f"is no address of {chain}: shape or checksum do not hold")
    return found
