"""What field 86 of a SWIFT statement tells: who, which account, and for what.

Three ways of writing it are known: the German one (three digits, then `?20` to `?63`), the one of
words between slashes (`/NAME/.../IBAN/...`), and free text. Only what is marked as an account is
taken for one; free text is a memo.
"""

import re
from typing import NamedTuple

from palermo.formats.statements.parties import account_key
from palermo.formats.statements.parts import clean


class Purpose(NamedTuple):
    """Name and account of the other side, as far as told."""

    memo: str | None = None
    name: str | None = None
    account: str | None = None
    end_to_end: str | None = None
    code: str | None = None


_GERMAN = re.compile(r"([0-9]{3})([?<>'!+@])(?=[0-9]{2})")
#: Words that begin a part of the purpose in the German way.
_PARTS = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|COAM|OAMT|PURP)\+")
_WORDS = frozenset(
    {
        "TRTP", "TYPE", "CSID", "NAME", "IBAN", "BIC", "REMI", "EREF", "MARF", "PREF", "PURP",
        "ISDT", "CNTP", "ULTC", "ULTD", "ULTB", "RTRN", "ORDP", "BENM", "ADDR", "SVCL", "CREF",
        "PARTNERREF", "KREF",
    }
)  # fmt: skip
_SLASHED = re.compile(r"/([A-Z]{3,10})/")
_LONGEST = 10_000


def purpose(text: str) -> Purpose:
    """Read the text of field 86, lines and all.

    >>> purpose("166?00SEPA?20SVWZ+rent?31DE89370400440532013000?32Jane Doe").account
    'DE89370400440532013000'
    """
    text = text[:_LONGEST]
    start = _GERMAN.match(text)
    if start is not None:
        return _german(text.replace("\n", ""), start[1], start[2])
    slashed = text.replace("\n", "")
    if text.startswith("/") and len(_words(slashed)) > 1:
        return _slashes(slashed)
    return Purpose(memo=clean(" ".join(text.split())))


def _german(text: str, code: str, sign: str) -> Purpose:
    fields: dict[str, list[str]] = {}
    for piece in text[4:].split(sign):
        if piece[:2].isdigit():
            fields.setdefault(piece[:2], []).append(piece[2:])
    told = "".join(
        value
        for key, values in sorted(fields.items())
        if "20" <= key <= "29" or "60" <= key <= "63"
        for value in values
    )
    parts = _parts(told)
    account = clean("".join(fields.get("31", []))) or parts.get("IBAN")
    bank = clean("".join(fields.get("30", []))) or parts.get("BIC")
    name = clean("".join(fields.get("32", []) + fields.get("33", []))) or parts.get("ABWA")
    memo = [*fields.get("00", []), parts.get("SVWZ") or told]
    return Purpose(
        memo=clean(" ".join(piece for piece in memo if piece)),
        name=name,
        account=account_key(account, bank) if account else None,
        end_to_end=_given(parts.get("EREF")),
        code=code,
    )


def _parts(told: str) -> dict[str, str]:
    """Divide the purpose at its words: `EREF+...SVWZ+...`."""
    found = list(_PARTS.finditer(told))
    ends = [*(one.start() for one in found[1:]), len(told)][: len(found)]
    pairs = ((one[1], clean(told[one.end() : end])) for one, end in zip(found, ends, strict=True))
    return {word: text for word, text in pairs if text}


def _words(text: str) -> list[tuple[str, str]]:
    """Divide `/WORD/text/WORD/text` at the words that are known."""
    found = []
    at = 0
    while (one := _SLASHED.search(text, at)) is not None:
        # A slash may end one word's text and begin the next word.
        at = one.end() - 1
        if one[1] in _WORDS:
            found.append((one[1], one.start(), one.end()))
    ends = [*(start for _, start, _ in found[1:]), len(text)][: len(found)]
    return [
        (word, text[begin:end].strip("/ "))
        for (word, _, begin), end in zip(found, ends, strict=True)
    ]


def _slashes(text: str) -> Purpose:
    told: dict[str, str] = {}
    for word, value in _words(text):
        told.setdefault(word, value)
    name, account, bank = told.get("NAME"), told.get("IBAN"), told.get("BIC")
    if "CNTP" in told:  # account/bank/name/city
        pieces = [*told["CNTP"].split("/"), "", "", ""]
        account, bank, name = account or pieces[0], bank or pieces[1], name or pieces[2]
    memo = told.get("REMI", "").removeprefix("USTD//").removeprefix("STRD/")
    return Purpose(
        memo=clean(memo) or clean(text),
        name=clean(name),
        account=account_key(account, bank) if account else None,
        end_to_end=_given(told.get("EREF")),
    )


def _given(reference: str | None) -> str | None:
    return None if reference in {"NOTPROVIDED", "NONREF", "NICHT ANGEGEBEN"} else clean(reference)
