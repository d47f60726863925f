"""Every identifier of the truth stands in the text in some writing, and is reserved."""

import re
import unicodedata
from pathlib import Path

import phonenumbers
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.scenario import write_sirocco
from palermo.scenario.sirocco import chance, wallets
from palermo.scenario.sirocco.phones import HIDDEN, LOCAL, OPEN, french_pair, pools, write_phone

DIGIT_WORDS = {
    word: str(n)
    for words in (
        "zero one two three four five six seven eight nine",
        "zéro un deux trois quatre cinq six sept huit neuf",
        "cero uno dos tres cuatro cinco seis siete ocho nueve",
    )
    for n, word in enumerate(words.split())
}
PAIRS = {french_pair(f"{n:02d}"): f"{n:02d}" for n in range(100)}
PAIR = re.compile("|".join(sorted(map(re.escape, PAIRS), key=len, reverse=True)))
#: Written from the authorities' lists, apart from the scenario's own data.
RESERVED = re.compile(
    r"\+1[2-9]\d\d55501\d\d"
    r"|\+44(7700900|2079460|1614960|1134960|8081570)\d{3}"
    r"|\+33(19900|26191|35301|46571|53649|63998)\d{4}"
    r"|\+61[2378]5550\d{4}"
)


def plain(text: str) -> str:
    """Undo width, keycaps, eastern figures and unseen marks."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub("[\ufe0f\u20e3\u200b]", "", text)
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)


def figures(text: str) -> set[str]:
    """All that could be a number in `text`, once words and letters are read as figures."""
    text = plain(text)
    lower = text.lower()
    spoken = re.sub(r"\w+", lambda m: DIGIT_WORDS.get(m[0], m[0]), lower)
    paired = PAIR.sub(lambda m: PAIRS[m[0]], lower)
    leet = re.sub(
        r"[\dOoIl][\dOoIl \-]{5,}",
        lambda m: m[0].replace("O", "0").replace("o", "0").replace("l", "1").replace("I", "1"),
        text,
    )
    return {
        re.sub(r"[^\d]", "", t.replace("(0)", "")) for t in (text, spoken, paired, leet)
    }  # fmt: skip


def stands(kind: str, value: str, text: str) -> bool:
    """Whether `text` states `value` in some way a reader can undo."""
    if kind == "phone":
        home = "0" + value[3:] if value[1:3] in {"33", "44"} else value[2:]
        return any(value[1:] in run or home in run for run in figures(text))
    if kind == "email":
        undone = re.sub(
            r"\s*[(\[]?\b(at|arobase|arroba|собака)\b[)\]]?\s*", "@", plain(text).lower()
        )
        undone = re.sub(r"\s*[(\[]?\b(dot|point|punto|точка)\b[)\]]?\s*", ".", undone)
        return value in undone
    if kind in {"price", "age"}:
        amount = value.partition(" ")[0]
        bare = re.sub(r"(?<=\d)[,. \u00a0](?=\d{3}(\D|$))", "", plain(text)).replace(",", ".")
        return re.search(rf"(?<!\d){re.escape(amount)}(?!\d)", bare) is not None
    if kind in {"bitcoin", "tron", "monero", "iban"}:
        return value in text
    return value in text.lower()


@pytest.mark.parametrize("seed", [1, 11])
def test_the_text_states_what_the_truth_says(seed: int, tmp_path: Path) -> None:
    write_sirocco(tmp_path, size=3000, seed=seed)
    items = pq.read_table(tmp_path / "items.parquet")
    texts = dict(zip(items["id"].to_pylist(), items["text"].to_pylist(), strict=True))
    rows = pq.read_table(tmp_path / "truth" / "identifiers.parquet").to_pylist()
    missing = [
        (row["kind"], row["value"], texts[row["id"]])
        for row in rows
        if not stands(row["kind"], row["value"], texts[row["id"]])
    ]
    assert not missing
    kinds = {row["kind"] for row in rows}
    wanted = "phone email url domain telegram wechat line instagram snapchat tiktok signal vk"
    assert {*wanted.split(), "bitcoin", "tron", "iban", "price", "age"} <= kinds


@pytest.mark.parametrize("seed", [2, 9])
def test_every_at_sign_and_link_is_in_the_truth(seed: int, tmp_path: Path) -> None:
    """Nothing that looks like an address or handle stands in a text without being stated."""
    write_sirocco(tmp_path, size=2000, seed=seed)
    items = pq.read_table(tmp_path / "items.parquet").to_pylist()
    stated: dict[str, set[str]] = {}
    for row in pq.read_table(tmp_path / "truth" / "identifiers.parquet").to_pylist():
        stated.setdefault(row["id"], set()).add(row["value"])
    for item in items:
        text, values = item["text"], stated.get(item["id"], set())
        for handle in re.findall(r"(?<![\w.])@([\w.]*\w)", text):
            assert handle.lower() in values, text
        for host in re.findall(r"[\w-]+\.example\b", text):
            assert host in values, text
        for signed in re.findall(r"\+\d[\d ()-]{6,}\d", text):
            assert any(v.startswith("+") for v in values), (signed, text)


def test_all_numbers_are_reserved_for_fiction() -> None:
    everyone: set[str] = set()
    for pool in pools(1).values():
        numbers = [phone.e164 for phone in pool]
        assert not everyone & set(numbers)
        assert len(set(numbers)) == len(numbers)
        everyone |= set(numbers)
    assert all(RESERVED.fullmatch(number) for number in everyone)
    assert all(
        phonenumbers.is_possible_number(phonenumbers.parse(number))
        for number in sorted(everyone)[::97]
    )


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_written_scenarios_use_reserved_identifiers_only(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("reserved")
    write_sirocco(folder, size=150, seed=seed)
    for row in pq.read_table(folder / "truth" / "identifiers.parquet").to_pylist():
        kind, value = row["kind"], row["value"]
        if kind == "phone":
            assert RESERVED.fullmatch(value)
        if kind == "domain":
            assert value.endswith(".example")
        if kind == "email":
            assert value.split("@")[1] in {"example.org", "example.com", "example.net"}


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    at=st.integers(0, 12_000),
    pool=st.sampled_from(["en", "fr", "any"]),
    style=st.sampled_from([*OPEN, *HIDDEN, *(s for local in LOCAL.values() for s in local)]),
)
def test_every_way_of_writing_a_number_can_be_undone(
    seed: int, at: int, pool: str, style: str
) -> None:
    phone = pools(3)[pool][at]
    written = write_phone(phone, style, chance.drawer(seed, "test"))
    assert stands("phone", phone.e164, written), (style, written)


@pytest.mark.parametrize(
    ("pair", "spoken"),
    [
        ("00", "zéro zéro"), ("07", "zéro sept"), ("16", "seize"), ("21", "vingt et un"),
        ("70", "soixante-dix"), ("71", "soixante et onze"), ("80", "quatre-vingts"),
        ("81", "quatre-vingt-un"), ("99", "quatre-vingt-dix-neuf"),
    ],
)  # fmt: skip
def test_french_pairs(pair: str, spoken: str) -> None:
    assert french_pair(pair) == spoken
    assert len(PAIRS) == 100


def test_wallets_agree_with_published_vectors() -> None:
    assert wallets.keccak256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
    # BIP 173 and BIP 350 examples, the public key of the generator point, and ERC-55's first.
    key_hash = bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    assert wallets.bitcoin(key_hash, 0) == "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"
    assert wallets.bitcoin(key_hash, 2) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    output = bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    assert wallets.bitcoin(output, 3) == (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
    )
    address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert wallets.ethereum(bytes.fromhex(address[2:])) == address
    assert wallets.tron(key_hash)[0] == "T"
    assert len(wallets.monero(bytes(range(64)))) == 95
