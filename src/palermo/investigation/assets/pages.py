"""Pages of the asset ledger: HTML that needs no network and no script, everything in it escaped."""

from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from palermo.model.money import written


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("palermo.investigation.assets", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["money"] = written
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    environment.filters["moment"] = lambda one: (
        one.strftime("%Y-%m-%d %H:%M %Z") if isinstance(one, datetime) else one
    )
    return environment


def page(template: str, **values: object) -> str:
    """Render `template` with `values`."""
    return _environment().get_template(template).render(**values)
