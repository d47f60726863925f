"""Money as whole minor units of a currency: how many digits a currency has, and how it is written.

Source: ISO 4217, table A.1, for currencies of States; the protocols themselves for virtual assets
(satoshi, gwei, sun). A currency that is not listed has two digits.
"""

from decimal import Decimal
from types import MappingProxyType

_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG")
_NONE_EITHER = ("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MORE = {"CLF": 4, "UYW": 4, "BTC": 8, "TRX": 6, "USDT": 6, "USDC": 6}
#: These have 18 digits, of which 64 bits hold nine coins; they are counted in units of 10^-9.
_CUT = {"ETH": 9, "WETH": 9, "DAI": 9}
#: Digits behind the point, where they are not two.
DIGITS = MappingProxyType(
    dict.fromkeys(_NONE + _NONE_EITHER, 0) | dict.fromkeys(_THREE, 3) | _MORE | _CUT
)


def digits(currency: str) -> int:
    """Return how many digits `currency` has behind the point."""
    return DIGITS.get(currency, 2)


def written(units: int, currency: str) -> str:
    """Write minor units as a person does.

    >>> written(1234567, "EUR"), written(-5, "JPY"), written(1, "BTC")
    ('12,345.67 EUR', '-5 JPY', '0.00000001 BTC')
    """
    places = digits(currency)
    return f"{Decimal(units).scaleb(-places):,.{places}f} {currency}"
