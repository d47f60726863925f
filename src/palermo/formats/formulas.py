"""Which texts a spreadsheet would run as a formula, or take apart.

Guarantees that nothing which a spreadsheet may cut off before it looks (space of any kind, control
and format characters) hides the beginning of a formula, also in its full-width forms.
"""

import re

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNSEEN = re.compile(
    r"^[\s\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*"
)


def runs_as_formula(text: str) -> bool:
    """Tell whether `text`, as a cell, needs a quote before it to stay a text."""
    if text[:1].isalnum():
        return False
    return text.startswith(_BEGINNINGS) or _UNSEEN.sub("", text, count=1).startswith(_BEGINNINGS)
