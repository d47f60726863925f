"""`{{ role|said:"role" }}`: a word of `duties.yaml` in the reader's language."""

from django import template

from palermo.desks.access.words import meaning, said

register = template.Library()


@register.filter(name="said")
def said_filter(word: str, kind: str) -> str:
    """Return `word`, a purpose, role, duty or action (`kind`), in the reader's language."""
    return said(kind, word)


@register.filter(name="meaning")
def meaning_filter(word: str, kind: str) -> str:
    """Return what the word means, in the reader's language."""
    return meaning(kind, word)
