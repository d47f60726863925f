"""Links between items, and the networks they propose.

A link always says why it exists. A network is a proposal that these items come from the same
hands; it is never a merge, and people confirm or refuse each link.
"""

import pyarrow as pa

#: One row a link. `reason` is `kind:value` of what both items share, `strength` lies in (0, 1].
#: k items sharing one value give k - 1 links, each to the first of them, not k(k-1)/2.
LINKS = pa.schema(
    [
        pa.field("a", pa.string(), nullable=False),
        pa.field("b", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("strength", pa.float64(), nullable=False),
    ]
)

#: One row an item that belongs to a network.
NETWORKS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("network", pa.string(), nullable=False),
    ]
)

#: One row an identifier value (or campaign) that could link: its quality, and whether it was used.
QUALITY = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("items", pa.int64(), nullable=False),
        pa.field("accounts", pa.int64(), nullable=False),
        pa.field("campaigns", pa.int64(), nullable=False),
        pa.field("first_seen", pa.timestamp("us", tz="UTC")),
        pa.field("last_seen", pa.timestamp("us", tz="UTC")),
        pa.field("used", pa.bool_(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)
