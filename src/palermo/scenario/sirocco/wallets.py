"""Wallet addresses that pass their checksum and that nobody holds a key for.

They are made from the seed's own noise, not from keys. Rules: Bitcoin base58check, BIP 173 and
BIP 350; ERC-55 for Ethereum; Tron is base58check with prefix 0x41; Monero is its block-wise base58
with the first four bytes of a Keccak-256 as checksum (network byte 18).
"""

import hashlib

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_MASK = (1 << 64) - 1


def _round_constants() -> tuple[int, ...]:
    """The 24 round constants of Keccak-f[1600], from its linear feedback shift register."""
    state, constants = 1, []
    for _ in range(24):
        constant = 0
        for power in range(7):
            if state & 1:
                constant ^= 1 << ((1 << power) - 1)
            state = (state << 1) ^ (0x171 if state & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


_CONSTANTS = _round_constants()


def _turn(word: int, by: int) -> int:
    by %= 64
    return ((word << by) | (word >> (64 - by))) & _MASK if by else word


def _permute(lanes: list[int]) -> list[int]:
    """Keccak-f[1600] on 25 lanes, lane x, y at index x + 5y."""
    for constant in _CONSTANTS:
        parity = [
            lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            for x in range(5)
        ]
        lanes = [
            lane ^ parity[(i + 4) % 5] ^ _turn(parity[(i + 1) % 5], 1)
            for i, lane in enumerate(lanes)
        ]
        x, y, carried = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            at = x + 5 * y
            carried, lanes[at] = lanes[at], _turn(carried, (step + 1) * (step + 2) // 2)
        lanes = [
            lanes[i] ^ (~lanes[(i + 1) % 5 + i // 5 * 5] & _MASK & lanes[(i + 2) % 5 + i // 5 * 5])
            for i in range(25)
        ]
        lanes[0] ^= constant
    return lanes


def keccak256(message: bytes) -> bytes:
    """Keccak-256 with its original padding, as Ethereum and Monero use it (not SHA3-256)."""
    rate = 136
    padded = bytearray(message + b"\x01" + bytes(-(len(message) + 1) % rate))
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), rate):
        for i in range(rate // 8):
            lanes[i] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _base58(data: bytes, width: int | None = None) -> str:
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    zeros = width - len(digits) if width else len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + digits


def _base58check(payload: bytes) -> str:
    check = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    return _base58(payload + check)


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            check ^= generator if top >> bit & 1 else 0
    return check


def _segwit(version: int, program: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    data = [version] + [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]
    prefix = [ord(c) >> 5 for c in "bc"] + [0] + [ord(c) & 31 for c in "bc"]
    final = _polymod([*prefix, *data, 0, 0, 0, 0, 0, 0]) ^ (0x2BC830A3 if version else 1)
    data += [final >> 5 * (5 - i) & 31 for i in range(6)]
    return "bc1" + "".join(_BECH32[value] for value in data)


def bitcoin(noise: bytes, form: int) -> str:
    """A Bitcoin address from 32 bytes; `form` 0 to 3: key hash, script hash, bech32, bech32m."""
    if form < 2:
        return _base58check((b"\x00" if form == 0 else b"\x05") + noise[:20])
    return _segwit(0, noise[:20]) if form == 2 else _segwit(1, noise[:32])


def ethereum(noise: bytes) -> str:
    """An Ethereum address from 20 bytes, with the mixed case of ERC-55."""
    plain = noise[:20].hex()
    check = keccak256(plain.encode()).hex()
    return "0x" + "".join(
        c.upper() if int(h, 16) > 7 else c for c, h in zip(plain, check, strict=False)
    )


def tron(noise: bytes) -> str:
    """A Tron address from 20 bytes."""
    return _base58check(b"\x41" + noise[:20])


def monero(noise: bytes) -> str:
    """A Monero standard address from 64 bytes."""
    payload = b"\x12" + noise[:64]
    payload += keccak256(payload)[:4]
    return "".join(
        _base58(payload[i : i + 8], 11 if i + 8 <= len(payload) else 7)
        for i in range(0, len(payload), 8)
    )
