"""Shared by the tests of the capture: a site, names, and orders that fit them."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.capture.site import RULES, Names, Site, serving

from palermo.evidence.capture import Limits, Order
from palermo.evidence.capture.rendered import find_browser

#: Short enough for a test of a page that never ends.
BRIEF = Limits(
    seconds=40,
    load_seconds=4,
    quiet_seconds=0.4,
    connect_seconds=3,
    body_bytes=2 << 20,
    total_bytes=8 << 20,
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as opened:
        yield opened


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def order(names: Names) -> Callable[..., Order]:
    def make(url: str, **more: Any) -> Order:
        usual = Order(url=url, rules=RULES, resolver=names, limits=BRIEF)
        return replace(usual, **more)

    return make


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which captures make their temporary one; a browser wants a short path."""
    parent = Path(tempfile.mkdtemp(prefix="pt-"))
    monkeypatch.setattr("palermo.evidence.capture.taking.MEMORY", parent)
    yield parent
    shutil.rmtree(parent)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's browser; tests that need it are skipped without."""
    path = find_browser()
    if not path:
        pytest.skip("no Chromium on PATH")
    return path
