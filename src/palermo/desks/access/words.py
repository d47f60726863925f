"""The words of `duties.yaml` in the reader's language.

A word is stored and logged as the file has it, and translated only where it is shown: in the
context of its kind, since "lead" the role and "lead" the verb are two words elsewhere. The
catalogues get them from the file (`tools/messages.py`).
"""

from django.utils.translation import gettext, pgettext

from palermo.desks.access.duties import duties


def said(kind: str, word: str) -> str:
    """Return `word`, a purpose, role, duty or action (`kind`), in the reader's language."""
    return pgettext(kind, word) if word else ""


def meaning(kind: str, word: str) -> str:
    """Return what the word means, in the reader's language; empty for one without a meaning."""
    known = {
        "action": duties().actions,
        "duty": duties().duties,
        "purpose": duties().purposes,
    }
    text = known.get(kind, {}).get(word, "")
    return gettext(text) if text else ""
