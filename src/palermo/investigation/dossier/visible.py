"""Characters that a reader cannot see, but that change what is seen, are shown by their code point.

Quoted material may hold bidirectional overrides that turn a sentence around, characters without
width that split a word, or control codes. They are evidence, so they are never dropped: each is
written as ⟨U+202E⟩. Joiners that a script or an emoji needs stay as they are.
"""

import re

from markupsafe import Markup, escape

#: C0 and C1 controls (but tab and line feed), soft hyphen, Arabic letter mark, Mongolian vowel
#: separator, zero-width space, direction marks, line and paragraph separators, embeddings,
#: overrides, isolates, invisible operators, byte order mark, annotation and tag characters, lone
#: surrogates, non-characters; and a joiner next to an ASCII letter or digit, where no script
#: needs one.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff]"
    "|(?<=[0-9A-Za-z])[\u200c\u200d]|[\u200c\u200d](?=[0-9A-Za-z])"
)


def _name(match: re.Match[str]) -> str:
    return f"\u27e8U+{ord(match[0]):04X}\u27e9"


def visible(text: str) -> str:
    r"""Write every unseen character of `text` as its code point; line breaks become "\n".

    >>> visible("pay\u202edrow")
    'pay⟨U+202E⟩drow'
    """
    return _UNSEEN.sub(_name, text.replace("\r\n", "\n").replace("\r", "\n"))


def marked(text: str) -> Markup:
    """Escape `text` for HTML and set its unseen characters apart as inserted codes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces: list[str] = []
    done = 0
    for match in _UNSEEN.finditer(text):
        pieces += (escape(text[done : match.start()]), f'<span class="code">{_name(match)}</span>')
        done = match.end()
    pieces.append(escape(text[done:]))
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped or written here


def excerpt(text: str, limit: int) -> tuple[str, bool]:
    """Return `text` in one line of at most `limit` characters, and whether it was cut."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line, False
    space = line.rfind(" ", limit * 3 // 4, limit)
    return line[: space if space > 0 else limit].rstrip(), True
