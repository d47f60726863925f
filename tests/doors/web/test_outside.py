"""The part `oidc` of node.yaml: what a provider needs, and what is refused with its place."""

from pathlib import Path
from typing import Any

import pytest

from palermo.doors.web.outside import outside_origins, read_providers
from palermo.model import Unreadable

GOOD = {"id": "ministry", "name": "M", "server": "https://idp.example/r", "client": "palermo"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"server": "http://idp.example"}, "server: expected an address with https://"),
        ({"server": 5}, "server: expected an address"),
        ({"id": "a/b"}, "id: expected letters"),
        ({"client": ""}, "client: expected a text"),
        ({"secret": "x"}, "unknown settings secret"),
        ({"secret_file": "../desks.secret"}, "expected the name of a file in"),
        ({"secret_file": "none"}, "expected the name of a file in"),
    ],
)
def test_a_wrong_provider_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(Unreadable, match=r"node\.yaml: desks: oidc: provider 2") as found:
        read_providers([GOOD, {**GOOD, **change}], "node.yaml", tmp_path)
    assert problem in str(found.value)


def test_forms_may_lead_to_the_providers_and_nowhere_else(tmp_path: Path) -> None:
    providers = read_providers([GOOD], "node.yaml", tmp_path)
    assert outside_origins(providers) == ("https://idp.example",)
    loose = tmp_path / "loose.secret"
    loose.write_text("x")
    loose.chmod(0o644)
    with pytest.raises(Unreadable, match="others may read it"):
        read_providers([{**GOOD, "secret_file": "loose.secret"}], "node.yaml", tmp_path)
