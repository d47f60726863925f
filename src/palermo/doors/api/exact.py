"""JSON as it is answered.

Guarantees that instants keep their microseconds, which Django's encoder drops, and that text stays
in its own letters.
"""

from datetime import datetime
from typing import Any

from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder


class Encoder(NinjaJSONEncoder):
    """Django's encoder, with instants as pydantic writes them in exports."""

    def default(self, o: Any) -> Any:
        """Return `o` as something that JSON has."""
        if isinstance(o, datetime):
            return o.isoformat().replace("+00:00", "Z")
        return super().default(o)


class Exact(JSONRenderer):
    """Answers by that encoder."""

    encoder_class = Encoder
    json_dumps_params = {"ensure_ascii": False}  # noqa: RUF012  as ninja declares it
