"""Secrets rest encrypted under a passphrase, and open for nobody else and nothing else."""

import json
from pathlib import Path

import pytest

from palermo.evidence.keystore import Keystore, actors, protect, wrapping_key
from palermo.model import Refused, Unreadable

WORDS = b"correct horse battery staple"


def test_a_passphrase_opens_what_it_closed(tmp_path: Path) -> None:
    key = Keystore.open(tmp_path, actor="ada", passphrase=WORDS)
    kek = wrapping_key(tmp_path, passphrase=WORDS)
    assert Keystore.open(tmp_path, actor="ada", passphrase=WORDS).public_key == key.public_key
    assert wrapping_key(tmp_path, passphrase=WORDS) == kek
    for wrong in (None, b"", b"correct horse"):
        with pytest.raises(Refused, match="passphrase"):
            Keystore.open(tmp_path, actor="ada", passphrase=wrong)
        with pytest.raises(Refused, match="passphrase"):
            wrapping_key(tmp_path, passphrase=wrong)


def test_no_secret_stands_in_a_protected_file(tmp_path: Path) -> None:
    kek = wrapping_key(tmp_path, passphrase=WORDS)
    data = (tmp_path / "vault.key").read_bytes()
    assert kek not in data
    assert kek.hex().encode() not in data
    assert "secret" not in json.loads(data)


def test_a_key_for_one_use_or_owner_does_not_open_for_another(tmp_path: Path) -> None:
    Keystore.open(tmp_path, actor="ada", passphrase=WORDS)
    (ada,) = tmp_path.iterdir()
    Keystore.open(tmp_path, actor="ben", passphrase=WORDS)
    (ben,) = set(tmp_path.iterdir()) - {ada}
    ben.write_bytes(ada.read_bytes())
    with pytest.raises(Unreadable, match="another use or owner"):
        Keystore.open(tmp_path, actor="ben", passphrase=WORDS)
    # Renaming the owner in the file does not help: it is bound into the encryption.
    ben.write_text(ada.read_text().replace('"ada"', '"ben"'))
    with pytest.raises(Refused, match="does not open"):
        Keystore.open(tmp_path, actor="ben", passphrase=WORDS)


def test_open_keys_are_protected_later_and_passphrases_changed(tmp_path: Path) -> None:
    before = Keystore.open(tmp_path, actor="ada").public_key
    kek = wrapping_key(tmp_path)
    assert sorted(protect(tmp_path, old=None, new=WORDS)) == ["ada", "node"]
    with pytest.raises(Refused):
        Keystore.open(tmp_path, actor="ada")
    protect(tmp_path, old=WORDS, new=b"another")
    assert Keystore.open(tmp_path, actor="ada", passphrase=b"another").public_key == before
    assert wrapping_key(tmp_path, passphrase=b"another") == kek
    with pytest.raises(Refused):
        protect(tmp_path, old=WORDS, new=b"third")
    assert actors(tmp_path) == ["ada"]


def test_a_key_is_not_made_where_none_may_be(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no key of 'ada'"):
        Keystore.open(tmp_path, actor="ada", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"scrypt": {"n": 1 << 30, "r": 8, "p": 1, "salt": "AAAA"}},
        {"scrypt": {"n": 3, "r": 8, "p": 1, "salt": "AAAA"}},
        {"scrypt": {}},
        {"sealed": "????"},
        {"nonce": ""},
        {"palermo_key": 2},
    ],
)
def test_a_planted_file_neither_opens_nor_makes_us_work_for_ever(
    tmp_path: Path, change: dict[str, object]
) -> None:
    wrapping_key(tmp_path, passphrase=WORDS)
    path = tmp_path / "vault.key"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises((Unreadable, Refused)):
        wrapping_key(tmp_path, passphrase=WORDS)
