"""Explorers' lists: addresses, tokens that are not what they say, digits beneath the unit."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.statements.samples import read, written

from palermo.formats.statements.addresses import address
from palermo.formats.statements.layouts import chains, layouts
from palermo.formats.statements.parts import Wrong

# The addresses of EIP-55, BIP 173, BIP 350 and of public documentation.
ETH = ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"]
BTC = ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
       "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"]  # fmt: skip
TRX = ["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"]
USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"

ETHERSCAN = (
    '"Transaction Hash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","ContractAddress",'
    '"Value_IN(ETH)","Value_OUT(ETH)","CurrentValue @ $3000/Eth","TxnFee(ETH)","TxnFee(USD)",'
    '"Historical $Price/Eth","Status","ErrCode","Method"\n'
)
TOKENS = (
    '"Transaction Hash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","TokenValue",'
    '"USDValueDayOfTx","ContractAddress","TokenName","TokenSymbol"\n'
)
PLAIN = "hash,time,from,to,value,chain,token,contract,fee,status\n"


def line(value_in: str, value_out: str = "0", *, fee: str = "0.001", failed: str = "",
         src: str = ETH[0], dst: str = ETH[1]) -> str:  # fmt: skip
    cells = ["0xaa", "1", "1772000000", "2026-02-25 06:13:20", src, dst, "", value_in, value_out,
             "1", fee, "1", "1", "Error(0)" if failed else "", failed, "Transfer"]  # fmt: skip
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


def test_ether_and_its_fee(tmp_path: Path) -> None:
    found = read(written(tmp_path, ETHERSCAN + line("1.5")), zone="Europe/Paris")
    moved, fee = found.rows
    assert (moved["src"], moved["dst"]) == (ETH[0].lower(), ETH[1].lower())
    assert (moved["amount_minor"], moved["currency"]) == (1_500_000_000, "ETH")
    assert (fee["dst"], fee["amount_minor"], fee["channel"]) == (
        "network:ethereum",
        1_000_000,
        "fee",
    )
    assert moved["ts"] == datetime(2026, 2, 25, 6, 13, 20, tzinfo=UTC)
    assert (moved["zone"], moved["day_only"], moved["bank_ref"]) == ("UTC", False, "0xaa")
    assert moved["tx_id"] != fee["tx_id"]


@given(st.integers(1, 10**26))
def test_wei_are_units_of_gwei_and_what_lies_beneath(wei: int) -> None:
    """What the row and its memo tell is the amount of the chain, to the last wei."""
    import re
    import tempfile

    whole, beneath = divmod(wei, 10**18)
    text = f"{whole}.{beneath:018}"
    with tempfile.TemporaryDirectory() as folder:
        found = read(written(Path(folder), ETHERSCAN + line(text, fee="0")))
    (row,) = found.rows
    told = re.search(r"and (\d+) units of 10\^-(\d+) ETH", row["memo"] or "")
    rest = int(told[1]) * 10 ** (18 - int(told[2])) if told else 0
    assert row["amount_minor"] * 10**9 + rest == wei
    assert len(found.remarks) == (rest > 0)


def test_more_than_can_be_counted_is_set_aside(tmp_path: Path) -> None:
    found = read(written(tmp_path, ETHERSCAN + line("1000000000.0", fee="0") + line("1", fee="0")))
    assert found.column("amount_minor") == [10**9]
    assert "larger than any amount" in found.aside[0].reason


def test_what_failed_moved_nothing_but_its_fee(tmp_path: Path) -> None:
    found = read(written(tmp_path, ETHERSCAN + line("1", failed="out of gas")))
    assert found.column("channel") == ["fee"]
    assert "moved no value" in found.aside[0].reason


@pytest.mark.parametrize(
    "bad", [ETH[0][:-1] + "e", ETH[0][:-1], TRX[0], BTC[0], "", "0x" + "g" * 40]
)
def test_an_address_that_does_not_check_costs_its_row(bad: str, tmp_path: Path) -> None:
    found = read(written(tmp_path, ETHERSCAN + line("1", src=bad) + line("2", fee="0")))
    assert found.column("amount_minor") == [2 * 10**9]
    assert [(one.row, one.field) for one in found.aside] == [(1, "from")]


@pytest.mark.parametrize(
    ("symbol", "contract", "currency"),
    [("USDT", USDT, "USDT"), ("Tether", USDT, "USDT"), ("USDT", ETH[1], None), ("USDT", "", None),
     ("ETH", ETH[1], None)],
)  # fmt: skip
def test_a_token_is_what_its_contract_is(
    symbol: str, contract: str, currency: str | None, tmp_path: Path
) -> None:
    cells = ["0xaa", "1", "1772000000", "x", ETH[0], ETH[1], "1,250.5", "1", contract, "n", symbol]
    text = TOKENS + ",".join(f'"{cell}"' for cell in cells) + "\n"
    found = read(written(tmp_path, text))
    if currency is None:
        assert not found.rows
        assert found.aside[0].field == "token"
    else:
        assert (found.rows[0]["currency"], found.rows[0]["amount_minor"]) == (
            currency,
            1_250_500_000,
        )


def test_plain_transfers_of_every_chain(tmp_path: Path) -> None:
    rows = [
        f"h1,2026-03-01T10:00:00Z,{BTC[0]},{BTC[1]},0.00000001,bitcoin,,,0.0002,",
        f"h2,2026-03-01 10:00:00,{TRX[0]},{TRX[1]},2.5,tron,,,,SUCCESS",
        f"h3,1772359200,{TRX[0]},{TRX[1]},3,trx,USDT,{TRX[0]},,",
        f"h4,1772359200,{TRX[0]},{TRX[1]},3,dogecoin,,,,",
    ]
    found = read(written(tmp_path, PLAIN + "\n".join(rows)))
    assert list(zip(found.column("currency"), found.column("amount_minor"), strict=True)) == [
        ("BTC", 1),
        ("BTC", 20_000),
        ("TRX", 2_500_000),
        ("USDT", 3_000_000),
    ]
    assert {ts.isoformat() for ts in found.column("ts")} == {"2026-03-01T10:00:00+00:00"}
    assert [(one.row, one.field) for one in found.aside] == [(4, "chain")]


def test_raw_units_of_tokens(tmp_path: Path) -> None:
    head = "transaction_id,block,block_ts,from_address,to_address,confirmed,contractRet,quant,symbol,contract_address\n"  # noqa: E501
    rows = [f"t1,1,1772359200000,{TRX[0]},{TRX[1]},true,SUCCESS,1500000,USDT,{TRX[0]}",
            f"t2,1,1772359200000,{TRX[0]},{TRX[1]},true,REVERT,1500000,USDT,{TRX[0]}",
            f"t3,1,1772359200000,{TRX[0]},{TRX[1]},true,SUCCESS,1.5,USDT,{TRX[0]}"]  # fmt: skip
    found = read(written(tmp_path, head + "\n".join(rows)))
    assert found.column("amount_minor") == [1_500_000]
    assert [(one.row, one.field) for one in found.aside] == [(2, "status"), (3, "value")]


def test_wallets_lists_are_of_one_wallet(tmp_path: Path) -> None:
    core = "Confirmed,Date,Type,Label,Address,Amount (BTC),ID\n"
    rows = [f"true,2026-03-01T12:00:00,Received with,x,{BTC[0]},0.5,id1",
            f"true,2026-03-02T12:00:00,Sent to,y,{BTC[1]},-0.25,id2",
            f"false,2026-03-02T12:00:00,Sent to,y,{BTC[1]},-0.25,id3"]  # fmt: skip
    found = read(written(tmp_path, core + "\n".join(rows)), zone="Europe/Berlin")
    came, went = found.rows
    own = found.statements[0].account
    assert own is not None
    assert own.startswith("wallet:")
    assert (came["src"].startswith("unnamed:"), came["dst"], came["effect_minor"]) == (
        True,
        own,
        50_000_000,
    )
    assert (went["src"], went["dst"], went["effect_minor"]) == (own, BTC[1], -25_000_000)
    assert came["ts"] == datetime(2026, 3, 1, 11, tzinfo=UTC)
    electrum = "transaction_hash,label,confirmations,value,fiat_value,fee,fiat_fee,timestamp\n"
    text = electrum + "id1,,10,-1.,,0.1,,2026-03-01 12:00\n"
    assert read(written(tmp_path, text, "e")).column("effect_minor") == [-100_000_000]


@pytest.mark.parametrize(
    ("chain", "good"),
    [
        (chain, one)
        for chain, some in (("ethereum", ETH), ("bitcoin", BTC), ("tron", TRX))
        for one in some
    ],
)  # fmt: skip
def test_every_single_changed_letter_is_noticed(chain: str, good: str) -> None:
    assert address(good, chain, "from")
    noticed = total = 0
    for at in range(2, len(good)):
        for letter in "23456789abcdefABCDEF":
            changed = good[:at] + letter + good[at + 1 :]
            if changed.lower() == good.lower():
                continue
            total += 1
            try:
                address(changed, chain, "from")
            except Wrong:
                noticed += 1
    # EIP-55 has fifteen bits on average; the other checksums have thirty and more.
    assert noticed / total > (0.9 if chain == "ethereum" else 0.9999)


def test_the_contracts_of_tokens_are_addresses() -> None:
    for chain, one in chains().items():
        for contract in one.tokens.values():
            assert address(contract, chain, "contract")
    assert len({one.name for one in layouts()}) == len(layouts())
