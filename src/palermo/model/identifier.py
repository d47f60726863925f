"""An identifier: a phone number, address, handle, wallet or account stated in a text.

`value` is normalised so that equal values mean the same identifier; `raw` is the text's own
wording and `start`/`end` its place, in Unicode code points of the item's text, so that
`text[start:end] == raw`. A candidate that failed its checks is not an identifier.
"""

from enum import StrEnum

import pyarrow as pa


class IdentifierKind(StrEnum):
    """What an identifier is. The value's form follows each kind."""

    PHONE = "phone"  # E.164, "+12025550143"
    EMAIL = "email"  # lower case
    URL = "url"  # scheme and host lower case, no fragment
    DOMAIN = "domain"  # host of a URL or bare domain, lower case, without "www."
    TELEGRAM = "telegram"  # handle in lower case, without "@"
    WHATSAPP = "whatsapp"  # only what is not a phone number (group invitations)
    SIGNAL = "signal"
    WECHAT = "wechat"
    LINE = "line"
    VIBER = "viber"
    INSTAGRAM = "instagram"
    SNAPCHAT = "snapchat"
    TIKTOK = "tiktok"
    FACEBOOK = "facebook"
    VK = "vk"
    BITCOIN = "bitcoin"  # checked base58 or bech32/bech32m address
    ETHEREUM = "ethereum"  # "0x" and lower case hexadecimal
    TRON = "tron"
    MONERO = "monero"
    IBAN = "iban"  # compact, upper case
    PRICE = "price"  # "<amount> <ISO 4217>", "1200 EUR"
    AGE = "age"  # stated age in years, "23"


#: One row a mention. `confidence` is `high` or `medium`; `reason` says why, in plain words.
IDENTIFIERS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("raw", pa.string(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("confidence", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)
