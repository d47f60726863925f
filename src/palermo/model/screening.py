"""Screening: what is compared with lists, what the lists say, and what agreed.

A match is a lead for a person: it says what agreed, what disagreed and what nobody knew. Its grade
is no verdict, and a name that many people bear weighs little.
"""

import pyarrow as pa

_TEXTS = pa.list_(pa.string())

#: One row an entry of a list. `kind`: person, organisation, wallet, other. `names` are in full,
#: `weak_names` the ones that the list itself calls weak. `birth` are dates, also of a year alone.
#: `countries` are ISO 3166-1, two letters, upper case; `phones` E.164. `accounts` are IBANs and
#: account numbers, `wallets` addresses. `topics` are the list's own words; `line` is the place.
LISTED = pa.schema(
    [
        pa.field("entity", pa.string(), nullable=False),
        pa.field("list", pa.string(), nullable=False),
        pa.field("caption", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("names", _TEXTS, nullable=False),
        pa.field("weak_names", _TEXTS, nullable=False),
        pa.field("birth", _TEXTS, nullable=False),
        pa.field("countries", _TEXTS, nullable=False),
        pa.field("phones", _TEXTS, nullable=False),
        pa.field("emails", _TEXTS, nullable=False),
        pa.field("accounts", _TEXTS, nullable=False),
        pa.field("wallets", _TEXTS, nullable=False),
        pa.field("topics", _TEXTS, nullable=False),
        pa.field("source", pa.string()),
        pa.field("line", pa.int64(), nullable=False),
    ]
)

#: One row somebody to be looked up. `kind`: person, organisation, or null where unknown.
SUBJECTS = pa.schema(
    [
        pa.field("subject", pa.string(), nullable=False),
        pa.field("kind", pa.string()),
        pa.field("name", pa.string()),
        pa.field("birth", pa.string()),
        pa.field("country", pa.string()),
        pa.field("phone", pa.string()),
        pa.field("email", pa.string()),
        pa.field("account", pa.string()),
    ]
)

#: One row a match. `millibits` orders matches and has no upper end: thousandths of the bits by
#: which what agreed is rarer than chance, less what disagreed. `grade`: strong, probable, possible,
#: weak. `agreed`, `disagreed` and `missing` name fields; `why` says it in words.
MATCHES = pa.schema(
    [
        pa.field("subject", pa.string(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("list", pa.string(), nullable=False),
        pa.field("caption", pa.string(), nullable=False),
        pa.field("grade", pa.string(), nullable=False),
        pa.field("millibits", pa.int64(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("listed_name", pa.string()),
        pa.field("agreed", _TEXTS, nullable=False),
        pa.field("disagreed", _TEXTS, nullable=False),
        pa.field("missing", _TEXTS, nullable=False),
        pa.field("topics", _TEXTS, nullable=False),
        pa.field("why", pa.string(), nullable=False),
    ]
)
