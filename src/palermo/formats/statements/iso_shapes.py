"""Where the fields of ISO 20022 messages stand, whatever their version.

Sources: message definitions camt.052, camt.053, camt.054 and pacs.008, versions 1 to 13. From
version 8 on parties stand in `Pty` and the status in `Cd`; from version 3 on a detail has an amount
of its own; BIC became BICFI.
"""

from palermo.formats.statements.xml_records import Record


def _party(who: str, field: str) -> dict[str, str]:
    return {f"{who}/Nm": field, f"{who}/Pty/Nm": field}


def _side(who: str, field: str, *, parties: str = "", agents: str = "") -> dict[str, str]:
    """Return the ways to a party's name, its account, and the bank that holds it."""
    account, bank = f"{parties}{who}Acct/Id", f"{agents}{who}Agt/FinInstnId"
    return {
        **_party(f"{parties}{who}", f"{field}_name"),
        f"{account}/IBAN": f"{field}_iban",
        f"{account}/Othr/Id": f"{field}_number",
        f"{bank}/BICFI": f"{field}_bank",
        f"{bank}/BIC": f"{field}_bank",
    }


def _day(way: str, field: str) -> dict[str, str]:
    return {f"{way}/DtTm": field, f"{way}/Dt": field}


def _code(way: str) -> dict[str, str]:
    return {
        f"{way}/Domn/Cd": "domain",
        f"{way}/Domn/Fmly/Cd": "family",
        f"{way}/Domn/Fmly/SubFmlyCd": "sub_family",
    }


_MEMO = {
    "RmtInf/Ustrd": "memo*",
    "RmtInf/Strd/CdtrRefInf/Ref": "memo*",
    "RmtInf/Strd/RfrdDocInf/Nb": "memo*",
    "RmtInf/Strd/AddtlRmtInf": "memo*",
}
_DETAIL = Record(
    "detail",
    fields={
        "Amt": "amount",
        "Amt@Ccy": "currency",
        "AmtDtls/TxAmt/Amt": "told_amount",
        "AmtDtls/TxAmt/Amt@Ccy": "told_currency",
        "CdtDbtInd": "mark",
        "Refs/AcctSvcrRef": "bank_ref",
        "Refs/EndToEndId": "end_to_end",
        "Refs/UETR": "uetr",
        "Refs/TxId": "tx_id",
        **_side("Dbtr", "debtor", parties="RltdPties/", agents="RltdAgts/"),
        **_side("Cdtr", "creditor", parties="RltdPties/", agents="RltdAgts/"),
        **_party("RltdPties/UltmtDbtr", "ultimate_debtor"),
        **_party("RltdPties/UltmtCdtr", "ultimate_creditor"),
        **_code("BkTxCd"),
        **_MEMO,
        "AddtlTxInf": "memo*",
        "RltdDts/TxDtTm": "told_at",
        "RltdDts/AccptncDtTm": "accepted_at",
        "RtrInf/Rsn/Cd": "returned",
        "RtrInf/OrgnlBkTxCd/Domn/Cd": "returned",
    },
)
_ENTRY = Record(
    "entry",
    fields={
        "Amt": "amount",
        "Amt@Ccy": "currency",
        "CdtDbtInd": "mark",
        "RvslInd": "reversal",
        "Sts": "status",
        "Sts/Cd": "status_code",
        **_day("BookgDt", "booked_at"),
        **_day("ValDt", "value_date"),
        "AcctSvcrRef": "bank_ref",
        **_code("BkTxCd"),
        "AddtlNtryInf": "memo*",
    },
    within={"NtryDtls/TxDtls": _DETAIL},
)
_BALANCE = Record(
    "balance",
    fields={
        "Tp/CdOrPrtry/Cd": "code",
        "Amt": "amount",
        "Amt@Ccy": "currency",
        "CdtDbtInd": "mark",
        **_day("Dt", "day"),
    },
)
_ACCOUNT = Record(
    "account",
    fields={
        "Id/IBAN": "iban",
        "Id/Othr/Id": "number",
        "Ccy": "currency",
        **_party("Ownr", "holder"),
        "Svcr/FinInstnId/BICFI": "bank",
        "Svcr/FinInstnId/BIC": "bank",
    },
)
_PERIOD = Record(
    "period",
    fields={"FrDtTm": "first", "FrDt": "first", "ToDtTm": "last", "ToDt": "last"},
)


def _holder(element: str) -> Record:
    """Return the record that holds one statement, in element `element`."""
    inside = {
        "Id": Record("id", fields={"": "text"}),
        "ElctrncSeqNb": Record("sequence", fields={"": "text"}),
        "LglSeqNb": Record("legal_sequence", fields={"": "text"}),
        f"{element}Pgntn": Record("page", fields={"PgNb": "text"}),
        "Acct": _ACCOUNT,
        "FrToDt": _PERIOD,
        "Bal": _BALANCE,
        "TxsSummry": Record("summary", fields={"TtlNtries/NbOfNtries": "text"}),
        "Ntry": _ENTRY,
    }
    return Record("file", within={element: Record("statement", within=inside, announced=True)})


#: By message: where a statement stands, and what kind of document it is.
HOLDERS = {
    "camt.052": (_holder("Rpt"), "interim"),
    "camt.053": (_holder("Stmt"), "statement"),
    "camt.054": (_holder("Ntfctn"), "notice"),
}

#: Banks that a payment passes, in the order of passing.
CHAIN = (
    "DbtrAgt", "PrvsInstgAgt1", "PrvsInstgAgt2", "PrvsInstgAgt3", "PrvsInstgAgt", "InstgAgt",
    "InstdAgt", "IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3", "CdtrAgt",
)  # fmt: skip
_BANKS = {
    f"{agent}/FinInstnId/{name}": f"via_{agent}"
    for agent in CHAIN
    for name in ("BICFI", "BIC", "ClrSysMmbId/MmbId", "Nm")
    if agent not in {"DbtrAgt", "CdtrAgt"}
}
_PAYMENT = Record(
    "payment",
    fields={
        "IntrBkSttlmAmt": "amount",
        "IntrBkSttlmAmt@Ccy": "currency",
        "IntrBkSttlmDt": "day",
        "AccptncDtTm": "accepted_at",
        "PmtId/EndToEndId": "end_to_end",
        "PmtId/TxId": "tx_id",
        "PmtId/UETR": "uetr",
        **_side("Dbtr", "debtor"),
        **_side("Cdtr", "creditor"),
        **_party("UltmtDbtr", "ultimate_debtor"),
        **_party("UltmtCdtr", "ultimate_creditor"),
        **_MEMO,
        **_BANKS,
    },
)
PAYMENTS = Record(
    "file",
    within={
        "FIToFICstmrCdtTrf": Record(
            "message",
            within={
                "GrpHdr": Record(
                    "group",
                    fields={
                        "MsgId": "id",
                        "NbOfTxs": "count",
                        "TtlIntrBkSttlmAmt": "amount",
                        "TtlIntrBkSttlmAmt@Ccy": "currency",
                        "IntrBkSttlmDt": "day",
                    },
                ),
                "CdtTrfTxInf": _PAYMENT,
            },
        )
    },
)
