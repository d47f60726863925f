"""Which identifiers a text states, and where: numbers, addresses, handles, wallets, prices, ages.

Everything reported lies in the text at the place given and has passed the checks of its kind; a
candidate that failed is not reported.
"""

from palermo.analysis.identifiers.extraction import extract, extract_text
from palermo.analysis.identifiers.mention import Mention

__all__ = ["Mention", "extract", "extract_text"]
