"""Which character set a document of the web is in, by the rules that browsers follow.

Guarantees that every document becomes text: what the stated character set cannot read is replaced
by U+FFFD and said so, never dropped. Order: byte order mark, transport header, `meta` in the first
1,024 bytes, then UTF-8, then Windows-1252 (WHATWG Encoding and HTML standards).
"""

import codecs
import re
from typing import NamedTuple

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
          (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip

#: Python codec -> labels of the WHATWG Encoding standard. Python's own list would be no guide:
#: it knows `rot13` and `unicode_escape`, and reads `iso-8859-1` otherwise than browsers do.
_LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "utf-16-le": "utf-16 utf-16le csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff",
    "utf-16-be": "utf-16be unicodefffe",
    "cp1252": "windows-1252 cp1252 x-cp1252 iso-8859-1 iso8859-1 iso88591 iso_8859-1 latin1 l1 "
    "ascii us-ascii ansi_x3.4-1968 cp819 ibm819 csisolatin1 iso-ir-100",
    "iso8859-2": "iso-8859-2 iso8859-2 iso_8859-2 latin2 l2 csisolatin2",
    "iso8859-3": "iso-8859-3 iso8859-3 latin3 l3",
    "iso8859-4": "iso-8859-4 iso8859-4 latin4 l4",
    "iso8859-5": "iso-8859-5 iso8859-5 cyrillic csisolatincyrillic",
    "iso8859-6": "iso-8859-6 iso8859-6 arabic asmo-708 ecma-114 iso-8859-6-e iso-8859-6-i",
    "iso8859-7": "iso-8859-7 iso8859-7 greek greek8 ecma-118",
    "iso8859-8": "iso-8859-8 iso8859-8 hebrew visual iso-8859-8-e iso-8859-8-i logical",
    "iso8859-10": "iso-8859-10 iso8859-10 latin6 l6",
    "iso8859-13": "iso-8859-13 iso8859-13",
    "iso8859-14": "iso-8859-14 iso8859-14",
    "iso8859-15": "iso-8859-15 iso8859-15 l9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "koi8-r koi8 koi koi8_r cskoi8r",
    "koi8-u": "koi8-u koi8-ru",
    "cp866": "ibm866 866 cp866 csibm866",
    "mac-roman": "macintosh mac x-mac-roman csmacintosh",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "windows-874 dos-874 tis-620 iso-8859-11 iso8859-11",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 latin5 l5",
    "cp1255": "windows-1255 cp1255 x-cp1255",
    "cp1256": "windows-1256 cp1256 x-cp1256",
    "cp1257": "windows-1257 cp1257 x-cp1257",
    "cp1258": "windows-1258 cp1258 x-cp1258",
    "gb18030": "gb18030 gbk gb2312 gb_2312-80 chinese x-gbk csgb2312 iso-ir-58",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5 csbig5",
    "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji ms932 windows-31j csshiftjis",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949 cseuckr",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

_META = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:+-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9_.:+-]{1,40})")
_PARAMETER = re.compile(r";\s*charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:+-]{1,40})", re.IGNORECASE)


def codec_of(label: str) -> str | None:
    """Return the codec that a label of the WHATWG Encoding standard means; None if it is none."""
    return _CODECS.get(label.lower())


class Decoded(NamedTuple):
    """Text, the codec that read it, who named that codec, and what is to be said about it."""

    text: str
    codec: str
    stated_by: str
    note: str | None = None


def decoded(data: bytes, content_type: str | None = None, *, markup: bool = True) -> Decoded:
    """Decode `data`, sent as `content_type`; `markup` says whether `meta` elements count."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _read(data[len(mark) :], codec, "byte order mark", None)
    unknown = None
    for label, stated_by in _stated(data, content_type, markup=markup):
        named = _CODECS.get(label.lower())
        if named is not None:
            # A document whose `meta` could be read as ASCII is not UTF-16, whatever it says.
            if stated_by == "document" and named.startswith("utf-16"):
                named = "utf-8"
            return _read(data, named, stated_by, unknown)
        unknown = unknown or f"the {stated_by} names an unknown character set: {label}"
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "nobody", unknown)
    except UnicodeDecodeError:
        said = "no known character set is stated and it is not UTF-8; read as Windows-1252"
        note = said if unknown is None else f"{unknown}; {said}"
        return Decoded(_windows_1252(data), "cp1252", "nobody", note)


def _stated(data: bytes, content_type: str | None, *, markup: bool) -> list[tuple[str, str]]:
    found = []
    if content_type and (match := _PARAMETER.search(content_type)):
        found.append((match[1], "header"))
    if markup:
        inside = (pattern.search(data[:1024]) for pattern in (_XML, _META))
        found += [(match[1].decode("ascii"), "document") for match in inside if match]
    return found


def _read(data: bytes, codec: str, stated_by: str, note: str | None) -> Decoded:
    if codec == "cp1252":
        return Decoded(_windows_1252(data), codec, stated_by, note)
    try:
        return Decoded(data.decode(codec), codec, stated_by, note)
    except UnicodeDecodeError as error:
        said = f"not all of it is {codec}: bytes from {error.start} on were replaced by U+FFFD"
        text = data.decode(codec, "replace")
        return Decoded(text, codec, stated_by, said if note is None else f"{note}; {said}")


def _windows_1252(data: bytes) -> str:
    """Decode Windows-1252 as browsers do: its five free places are the C1 controls."""
    return data.decode("cp1252", _FREE)


def _free_place(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_FREE = "palermo.windows-1252"
codecs.register_error(_FREE, _free_place)
