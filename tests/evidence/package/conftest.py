"""One case and one package of it, made once; each attack has its own copy."""

import shutil
from pathlib import Path

import pytest
from tests.evidence.package.making import Made, make_case, pack


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    base = tmp_path_factory.mktemp("package")
    return make_case(base / "case", base / "keys")


@pytest.fixture(scope="session")
def packed_once(made_once: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("packed")
    made = made_once.at(base / "case")
    pack(made, base / "package", outputs=True)
    return base / "package"


@pytest.fixture
def made(made_once: Made, tmp_path: Path) -> Made:
    return made_once.at(tmp_path / "case")


@pytest.fixture
def package(packed_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(packed_once, tmp_path / "package")
    return tmp_path / "package"
