"""How unlikely it is that unrelated texts are taken for one template, as it was measured.

The measure is the false-link rate of `similarity`: of random pairs of independent texts of equal
length in one language, how many are accepted. It does not say how many links of a run are false,
since the pairs that a run compares are no random ones, nor that one person wrote the texts.

Measured with `python -m bench.campaign_chance` in 54 million pairs of texts of eight languages;
docs/explanation/campaigns.md has the table, and says where the rate is higher.
"""

from palermo.analysis.campaigns.tokens import SHORT

#: Texts of at least so many words: fewer than so many of a million pairs are accepted (95 %
#: confidence, all languages together). Measured 2026-11-25.
RATES = ((SHORT, 30), (10, 15), (15, 10), (25, 4), (50, 3))


def false_links(length: int) -> int:
    """Return of how many in a million pairs of unrelated texts fewer are accepted; 0 for none.

    Texts of fewer than `SHORT` words are never compared: they belong together when they are equal.

    >>> false_links(3), false_links(12), false_links(400)
    (0, 15, 3)
    """
    return next((rate for least, rate in reversed(RATES) if length >= least), 0)


def chance(length: int) -> str:
    """Say how unlikely a link between texts of `length` words is by chance.

    >>> chance(20)
    'fewer than 10 in a million pairs of unrelated texts of this length are taken for one template'
    """
    rate = false_links(length)
    if not rate:
        return "texts this short belong together only when they say the same"
    return (
        f"fewer than {rate} in a million pairs of unrelated texts of this length are taken for one "
        "template"
    )
