"""Takes the words out of `attributedBody`, where Apple's Messages keeps styled text.

The column holds an NSAttributedString in the typedstream format of NSArchiver. Its first byte
string is the text; the rest is style. Anything else gives None, never an error.
"""

_HEADERS = {b"\x04\x0bstreamtyped": "little", b"\x04\x0btypedstream": "big"}
#: What stands before a byte string: a new type description of one character, `+`.
_BYTES = b"\x84\x01+"
#: The class name before it, and how far behind that the string begins at most.
_CLASS, _REACH = b"NSString", 16
#: Lengths that do not fit in a byte follow in two or four of them.
_WIDTHS = {0x81: 2, 0x82: 4}


def words(stream: object) -> str | None:
    """Return the text of an archived string, None if `stream` is no such archive."""
    if not isinstance(stream, bytes) or stream[:13] not in _HEADERS:
        return None
    named = stream.find(_CLASS)
    start = stream.find(_BYTES, named, named + len(_CLASS) + _REACH) if named >= 0 else -1
    if start < 0:
        return None
    start += len(_BYTES)
    tag = stream[start] if start < len(stream) else 0
    width = _WIDTHS.get(tag, 0)
    if not width and tag >= 0x80:
        return None
    begin = start + 1 + width
    little = _HEADERS[stream[:13]] == "little"
    length = (
        int.from_bytes(stream[start + 1 : begin], "little" if little else "big") if width else tag
    )
    text = stream[begin : begin + length]
    return text.decode("utf-8", "replace") if len(text) == length and length else None
