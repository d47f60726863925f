"""Wallets and bank accounts: only what passes its checksum.

An Ethereum address in one case carries no checksum; it is believed for its shape, with medium
confidence. A run of letters and digits that fails stays untouched by the other detectors: its
digits are not a telephone.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.chunk import Chunk
from palermo.analysis.identifiers.lexer import IBAN_RUN, LONG_RUN
from palermo.analysis.identifiers.mention import HIGH, MEDIUM, Found
from palermo.analysis.identifiers.tables import load
from palermo.model import IdentifierKind, Unreadable, checksums

_KIND = IdentifierKind
_BASE58, _BECH32 = "base58check checksum holds", "bech32 checksum holds"
_KECCAK = "Keccak checksum holds"
#: Kind, shape, check, and the reason for believing it. First shape that fits and checks wins.
_WALLETS: tuple[tuple[IdentifierKind, re.Pattern[str], Callable[[str], bool], str], ...] = (
    (_KIND.BITCOIN, re.compile(r"[13][A-Za-z0-9]{24,34}"), checksums.is_bitcoin_base58, _BASE58),
    (_KIND.BITCOIN, re.compile(r"(?i:bc1[a-z0-9]{11,87})"), checksums.is_segwit, _BECH32),
    (_KIND.TRON, re.compile(r"T[A-Za-z0-9]{33}"), checksums.is_tron, _BASE58),
    (
        _KIND.MONERO,
        re.compile(r"[48][A-Za-z0-9]{94}(?:[A-Za-z0-9]{11})?"),
        checksums.is_monero,
        _KECCAK,
    ),
)
_ETHEREUM = re.compile(r"0[xX]([0-9a-fA-F]{40})")
_GROUPS = re.compile(r"[0-9A-Za-z]+")
_IBAN_WINDOW = 46  # 34 characters and as many separators as groups of four need, with room


@lru_cache(maxsize=1 << 16)
def wallet(run: str) -> tuple[str, str, str, str] | None:
    """Return kind, value, confidence and reason if the whole `run` is a wallet's address."""
    for kind, shape, holds, reason in _WALLETS:
        if shape.fullmatch(run) and holds(run):
            value = run.lower() if run[:3].lower() == "bc1" else run
            return kind, value, HIGH, reason
    found = _ETHEREUM.fullmatch(run)
    if not found:
        return None
    digits = found.group(1)
    if digits in (digits.lower(), digits.upper()):
        reason = "shape of an address; written in one case, so without a checksum"
        return IdentifierKind.ETHEREUM, "0x" + digits.lower(), MEDIUM, reason
    if digits != checksums.ethereum_checksum(digits):
        return None
    return IdentifierKind.ETHEREUM, "0x" + digits.lower(), HIGH, "EIP-55 checksum holds"


@cache
def _ibans() -> dict[str, tuple[int, re.Pattern[str]]]:
    """Return the length and shape of an IBAN by country.

    Raises:
        Unreadable: a structure is not made of counts and the letters n, a and c.
    """
    classes = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
    shapes = {}
    for country, structure in load("ibans")["structures"].items():
        if not re.fullmatch(r"(?:\d+[nac])+", structure):
            raise Unreadable(f"ibans.yaml, {country}: expected counts with n, a or c, such as 18n")
        parts = re.findall(r"(\d+)([nac])", structure)
        shape = "".join(f"{classes[kind]}{{{count}}}" for count, kind in parts)
        length = 4 + sum(int(count) for count, _ in parts)
        shapes[country] = (length, re.compile(rf"{country}[0-9]{{2}}{shape}"))
    return shapes


@cache
def _countries() -> frozenset[bytes]:
    return frozenset(country.encode() for country in _ibans())


@lru_cache(maxsize=1 << 16)
def iban(window: str) -> tuple[str, int] | None:
    """Return the account number at the start of `window`, compact, and where it ends; or None.

    Groups may be separated by single spaces, no-break spaces, hyphens or full stops. A group of
    letters alone must be four long and in the case of the country code: of the words that follow a
    number, one in 97 would make its check hold.
    """
    known = _ibans().get(window[:2].upper())
    if known is None:
        return None
    wanted, shape = known
    compact, at = "", 0
    for char in window:
        if char.isascii() and char.isalnum():
            compact += char
        elif char not in " \u00a0\u202f-." or not compact or not window[at - 1].isalnum():
            return None
        at += 1
        if len(compact) == wanted:
            break
    ended = at == len(window) or not (window[at].isascii() and window[at].isalnum())
    if not ended or any(_is_word(group, window[:2]) for group in _GROUPS.findall(window[2:at])):
        return None
    compact = compact.upper()
    return (compact, at) if shape.fullmatch(compact) and checksums.is_iban(compact) else None


def _is_word(group: str, country: str) -> bool:
    """Tell whether a group between separators is a word of the sentence rather than of an IBAN."""
    return group.isalpha() and (len(group) != 4 or group.isupper() != country.isupper())


def _iban_at(chunk: Chunk, start: int, end: int) -> Found | None:
    if chunk.data[start : start + 2].upper() not in _countries():
        return None
    window = chunk.data[start : min(end, start + _IBAN_WINDOW)].decode("utf-8", "ignore")
    checked = iban(window)
    if checked is None:
        return None
    value, length = checked
    stop = start + len(window[:length].encode())
    return Found(
        start, stop, IdentifierKind.IBAN, value, HIGH, "structure of its country and modulo 97 hold"
    )


def find_accounts(chunk: Chunk) -> tuple[list[Found], list[tuple[int, int]]]:
    """Return wallets and IBANs, and the places of long runs that are neither."""
    found: list[Found] = []
    rejected: list[tuple[int, int]] = []
    kinds = chunk.runs[lexer.WORD]
    runs = chunk.runs[:, (kinds == LONG_RUN) | (kinds == IBAN_RUN)]
    ends = chunk.offsets[runs[lexer.TEXT] + 1].tolist()
    columns = runs[[lexer.START, lexer.END, lexer.WORD]].tolist()
    for start, end, kind, text_end in zip(*columns, ends, strict=True):
        if kind == LONG_RUN:
            checked = wallet(chunk.data[start:end].decode("ascii"))
            if checked:
                found.append(Found(start, end, *checked))
                continue
        account = _iban_at(chunk, start, text_end)
        if account:
            found.append(account)
        elif kind == LONG_RUN:
            rejected.append((start, end))
    return found, rejected
