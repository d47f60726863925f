"""Shared by all tests: where outside test data lies, and no silent skips in CI."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data beside the repository; the test is skipped without it."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip(f"no test data beside the repository ({data})")
    return data


@pytest.fixture(autouse=True, scope="session")
def _own_node(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests' keys away from the user's node."""
    os.environ["PALERMO_HOME"] = str(tmp_path_factory.mktemp("node"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: a skip there is a missing install step."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
