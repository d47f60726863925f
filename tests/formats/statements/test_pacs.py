"""pacs.008: payments between banks, their chain, and the sums of the message."""

from pathlib import Path

from tests.formats.statements.samples import OWN, SHOP, document, read, transfer, written

from palermo.analysis.money.statements import prove

HEAD = (
    "<GrpHdr><MsgId>P1</MsgId><NbOfTxs>{count}</NbOfTxs>"
    '<TtlIntrBkSttlmAmt Ccy="EUR">{total}</TtlIntrBkSttlmAmt>'
    "<IntrBkSttlmDt>2026-03-04</IntrBkSttlmDt></GrpHdr>"
)
CHAIN = "".join(
    f"<{agent}><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></{agent}>"
    for agent, bank in [("InstgAgt", "AAAADEFF"), ("IntrmyAgt1", "CHASUS33")]
)


def test_a_payment_runs_from_debtor_to_creditor(tmp_path: Path) -> None:
    text = document(
        HEAD.format(count=1, total="10"), transfer("10.00", more=CHAIN), message="pacs.008"
    )
    found = read(written(tmp_path, text))
    (row,) = found.rows
    assert (row["src"], row["dst"], row["amount_minor"], row["currency"]) == (
        OWN,
        SHOP,
        1000,
        "EUR",
    )
    assert row["memo"] == "[via COBADEFF > AAAADEFF > CHASUS33 > BNPAFRPP]"
    assert (row["own"], row["effect_minor"], row["end_to_end"]) == (None, None, "E1")
    assert (row["src_name"], row["dst_name"]) == ("Example Ltd", "Shop")
    (one,) = found.statements
    assert prove(one, found.table).state == "proven"


def test_a_message_that_lacks_a_payment_says_so(tmp_path: Path) -> None:
    text = document(HEAD.format(count=2, total="30"), transfer("10.00"), message="pacs.008")
    found = read(written(tmp_path, text))
    gaps = prove(found.statements[0], found.table).gaps
    assert {(gap.kind, gap.expected, gap.found) for gap in gaps} == {
        ("count", 2, 1),
        ("total", 3000, 1000),
    }


def test_a_payment_without_amount_or_ends_is_set_aside(tmp_path: Path) -> None:
    nameless = transfer("1.00").replace(f"<IBAN>{SHOP}</IBAN>", "").replace("<Nm>Shop</Nm>", "")
    parts = [transfer("-1.00"), nameless, transfer("2.00"), transfer("1.00", currency="E")]
    text = document(HEAD.format(count=4, total="2"), *parts, message="pacs.008", version=10)
    found = read(written(tmp_path, text))
    assert found.column("amount_minor") == [200]
    assert [one.field for one in found.aside] == [
        "IntrBkSttlmAmt",
        "Cdtr",
        "IntrBkSttlmAmt Ccy",
    ]
