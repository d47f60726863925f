"""Cells of tables that leave as CSV, so that a spreadsheet shows them and runs none of them."""

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe(value: object) -> str:
    """Return `value` as a cell that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("+33612345678"), safe("plain"), safe(None), safe(-3)
    ("'=1+1", "'+33612345678", 'plain', '', '-3')
    """
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, str) and text.startswith(_STARTS):
        return f"'{text}"
    return text
