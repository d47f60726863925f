"""Checksums against published vectors, and against every single changed character."""

import string

import pyarrow as pa
import pytest

from palermo.analysis.identifiers import extract, extract_text
from palermo.model import IDENTIFIERS, checksums

BITCOIN = ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"]
# Vectors of BIP 173 and BIP 350.
SEGWIT = [
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
]
NOT_SEGWIT = [
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  # bech32 for version 1
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",  # bech32m for version 0
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",  # version 17
    "bc1pw5dgrnzv",
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "bc1gmk9yu",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kV8f3t4",
]
# The addresses of EIP-55.
ETHEREUM = [
    "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "dbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "D1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "52908400098527886E0F7030069857D2E4169EE7",
    "de709f2102306220921060314715629080e2fb77",
]
TRON = ["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"]
MONERO = [
    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
]
IBANS = ["DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606"]


def test_keccak_is_not_sha3() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    abc = "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert checksums.keccak256(b"").hex() == empty
    assert checksums.keccak256(b"abc").hex() == abc
    # One byte before, at and after the block size, where padding goes wrong.
    digests = {checksums.keccak256(b"a" * size) for size in (134, 135, 136, 137)}
    assert len(digests) == 4


def test_published_addresses_hold() -> None:
    assert all(checksums.is_bitcoin_base58(address) for address in BITCOIN)
    assert all(checksums.is_segwit(address) for address in SEGWIT)
    assert not any(checksums.is_segwit(address) for address in NOT_SEGWIT)
    assert all(checksums.ethereum_checksum(address) == address for address in ETHEREUM)
    assert all(checksums.is_tron(address) for address in TRON)
    assert all(checksums.is_monero(address) for address in MONERO)
    assert all(checksums.is_iban(account) for account in IBANS)
    assert not checksums.is_bitcoin_base58(TRON[0])
    assert not checksums.is_tron(BITCOIN[0])


MIXED = ["0x" + address for address in ETHEREUM[:4]]
ALL = [
    (kind, one)
    for kind, some in {
        "bitcoin": BITCOIN + SEGWIT[1:3],
        "tron": TRON,
        "monero": MONERO,
        "iban": IBANS,
        "ethereum": MIXED,
    }.items()
    for one in some
]


@pytest.mark.parametrize(("kind", "address"), ALL)
def test_an_address_in_a_sentence(kind: str, address: str) -> None:
    for text in (
        f"Send to {address}.",
        f"钱包：{address}。",
        f"({address})",
        f"wallet:{address} now",
    ):
        found = [(m.kind, m.raw) for m in extract_text(text)]
        assert (kind, address) in found


def _respelled(kind: str, address: str, place: int, char: str) -> bool:
    """Tell whether the change spells the same address, or another that is as well formed."""
    changed = address[:place] + char + address[place + 1 :]
    if changed == address:
        return True
    match kind:
        case "bitcoin":  # the prefix of bech32 is believed in either case
            return address.startswith("bc1") and changed.lower() == address
        case "ethereum":
            return changed.lower()[:2] == "0x" and place == 1
        case "iban":  # a letter for a figure shifts the number, so that its check may hold
            return changed.upper() in IBANS or char.isdigit() != address[place].isdigit()
    return False


@pytest.mark.parametrize(("kind", "address"), ALL)
def test_no_changed_character_leaves_an_address(kind: str, address: str) -> None:
    """All of them, not a sample: which changes slip through must not depend on chance."""
    changes = [
        (place, char)
        for place in range(len(address))
        for char in string.ascii_letters + string.digits
        if not _respelled(kind, address, place, char)
    ]
    texts = [f"Send to {address[:at]}{char}{address[at + 1 :]} please" for at, char in changes]
    table = pa.table({"id": [str(at) for at in range(len(texts))], "text": texts}).append_column(
        "lang", pa.nulls(len(texts), pa.string())
    )
    found = pa.Table.from_batches(extract(iter(table.to_batches())), schema=IDENTIFIERS)
    wrong = {"bitcoin", "ethereum", "tron", "monero", "iban", "phone", "price"}
    slipped = [
        (texts[int(row["id"])], row["kind"]) for row in found.to_pylist() if row["kind"] in wrong
    ]
    assert slipped == []


def test_ethereum_without_checksum_is_less_sure() -> None:
    sure, unsure = extract_text(f"{MIXED[0]} {MIXED[1].lower()}")
    assert (sure.confidence, unsure.confidence) == ("high", "medium")
    assert sure.value == MIXED[0].lower()


def test_long_hexadecimal_is_nothing() -> None:
    assert extract_text("tx 0x" + "ab12" * 16 + " and " + "0123456789abcdef" * 2) == []


def test_spaced_iban() -> None:
    text = "IBAN DE89 3704 0044 0532 0130 00 BIC ABCDEFGH"
    (found,) = extract_text(text)
    assert (found.value, found.raw) == ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00")
    assert extract_text("IBAN DE89 3704 0044 0532 0130 01, call me") == []
    # With the six letters of "please" this would be a well-formed account in Guatemala.
    assert extract_text("Send to Gt29NWBK60161331926819 please") == []
    (malta,) = extract_text("MT84 MALT 0110 0001 2345 MTLC AST0 01S")
    assert malta.value == "MT84MALT011000012345MTLCAST001S"


def test_an_iban_has_the_structure_of_its_country() -> None:
    assert {m.kind for m in extract_text("NL91ABNA0417164300")} == {"iban"}
    # Right check digits, wrong structure: figures where the Netherlands have a bank's letters.
    body = "1234041716430" + "0"
    digits = 98 - int(body + "2321" + "00") % 97
    assert checksums.is_iban(f"NL{digits:02d}{body}")
    assert extract_text(f"NL{digits:02d}{body}") == []
