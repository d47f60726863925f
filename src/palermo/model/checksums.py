"""Checksums of wallets and bank accounts: an address with one character changed is not an address.

Own implementations of base58check (Bitcoin, Tron), bech32 and bech32m (BIP 173, BIP 350),
Keccak-256 with its original padding (not SHA-3), the mixed-case checksum of Ethereum (EIP-55),
Monero's base58 in blocks, and modulo 97 (ISO 13616).
"""

import hashlib
from collections.abc import Iterable
from functools import cache

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUE = {char: value for value, char in enumerate(_BASE58)}
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_VALUE = {char: value for value, char in enumerate(_BECH32)}
_BECH32_CONSTANT = {0: 1}  # witness version 0 is bech32, all later ones bech32m
_BECH32M = 0x2BC830A3
_LANE = (1 << 64) - 1
# Monero writes blocks of 8 bytes as 11 characters; a shorter last block by this table.
_BLOCK = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
_MONERO_PREFIXES = {95: (18, 42), 106: (19,)}  # standard and subaddress; integrated


def base58check(text: str) -> bytes | None:
    """Return the payload, version byte first, of a base58check text; None if it does not check."""
    number = 0
    for char in text:
        value = _BASE58_VALUE.get(char)
        if value is None:
            return None
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    data = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, check = data[:-4], data[-4:]
    wanted = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    return payload if len(data) > 4 and check == wanted else None


def is_bitcoin_base58(text: str) -> bool:
    """Tell whether `text` is a Bitcoin main-net address of version 0 (P2PKH) or 5 (P2SH)."""
    payload = base58check(text)
    return payload is not None and len(payload) == 21 and payload[0] in (0, 5)


def is_tron(text: str) -> bool:
    """Tell whether `text` is a Tron address: version 0x41 and 20 bytes."""
    payload = base58check(text)
    return payload is not None and len(payload) == 21 and payload[0] == 0x41


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            check ^= generator if top >> bit & 1 else 0
    return check


def is_segwit(text: str, prefix: str = "bc") -> bool:
    """Tell whether `text` is a segregated-witness address with `prefix` (BIP 173 and BIP 350)."""
    if text not in (text.lower(), text.upper()) or len(text) > 90:
        return False
    human, _, data = text.lower().rpartition("1")
    values = [_BECH32_VALUE.get(char, -1) for char in data]
    if human != prefix or len(values) < 7 or -1 in values:
        return False
    expanded = [ord(char) >> 5 for char in human] + [0] + [ord(char) & 31 for char in human]
    version, program = values[0], values[1:-6]
    if _polymod(expanded + values) != _BECH32_CONSTANT.get(version, _BECH32M):
        return False
    size, left = divmod(len(program) * 5, 8)
    padded = left < 5 and (not left or not program[-1] & (1 << left) - 1)
    return padded and version <= 16 and 2 <= size <= 40 and (version > 0 or size in (20, 32))


@cache
def _keccak_constants() -> tuple[tuple[int, ...], tuple[tuple[int, int, int], ...]]:
    """Return the round constants, and for each lane its target place and rotation."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << (1 << power) - 1
            register = register << 1 ^ (0x171 if register >> 7 else 0)
        constants.append(constant)
    x, y, moves = 1, 0, [(0, 0, 0)]
    for step in range(24):
        turned = (x, y)
        x, y = y, (2 * x + 3 * y) % 5
        moves.append((turned[0] + 5 * turned[1], x + 5 * y, (step + 1) * (step + 2) // 2 % 64))
    return tuple(constants), tuple(moves)


def _permute(lanes: list[int]) -> list[int]:
    constants, moves = _keccak_constants()
    for constant in constants:
        columns = [
            lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            for x in range(5)
        ]
        mixed = [
            columns[x - 1] ^ (columns[(x + 1) % 5] << 1 | columns[(x + 1) % 5] >> 63) & _LANE
            for x in range(5)
        ]
        turned = [0] * 25
        for source, target, shift in moves:
            lane = lanes[source] ^ mixed[source % 5]
            turned[target] = (lane << shift | lane >> (64 - shift)) & _LANE if shift else lane
        for row in range(0, 25, 5):
            for x in range(5):
                lanes[row + x] = (
                    turned[row + x] ^ ~turned[row + (x + 1) % 5] & turned[row + (x + 2) % 5]
                )
        lanes[0] ^= constant
    return lanes


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 hash of `data`, with the padding from before SHA-3."""
    rate = 136
    padded = bytearray(data + bytes(rate - len(data) % rate))
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [0] * 25
    for block in range(0, len(padded), rate):
        for lane in range(rate // 8):
            place = block + 8 * lane
            lanes[lane] ^= int.from_bytes(padded[place : place + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def ethereum_checksum(address: str) -> str:
    """Return 40 hexadecimal digits in the mixed case of EIP-55."""
    lower = address.lower()
    digest = keccak256(lower.encode("ascii")).hex()
    return "".join(
        char.upper() if int(nibble, 16) >= 8 else char
        for char, nibble in zip(lower, digest, strict=False)
    )


def is_monero(text: str) -> bool:
    """Tell whether `text` is a Monero main-net address (standard, subaddress or integrated)."""
    prefixes = _MONERO_PREFIXES.get(len(text))
    if prefixes is None:
        return False
    data = b""
    for start in range(0, len(text), 11):
        block = text[start : start + 11]
        number = 0
        for char in block:
            value = _BASE58_VALUE.get(char)
            if value is None:
                return False
            number = number * 58 + value
        size = _BLOCK.get(len(block), 0)
        if number >> 8 * size:
            return False
        data += number.to_bytes(size, "big")
    return data[0] in prefixes and keccak256(data[:-4])[:4] == data[-4:]


def is_iban(text: str) -> bool:
    """Tell whether compact, upper-case `text` meets modulo 97 (ISO 7064)."""
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1
