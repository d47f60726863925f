"""The secrets of a node: the signing key of each actor, and the key that wraps the vault's keys.

Guarantees that a secret is written once, readable by its owner alone, never replaced silently, and,
when a passphrase is given, rests encrypted: AES-256-GCM under a key that scrypt (RFC 7914) derives
from the passphrase. A key file that was meant for another actor or another use does not open.
"""

import base64
import binascii
import contextlib
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from palermo.evidence.durable import fsync_directory, write_whole
from palermo.model import Refused, Unreadable

#: scrypt's cost: 64 MiB of memory a guess.
COST = {"n": 1 << 16, "r": 8, "p": 1}
_LARGEST = {"n": 1 << 20, "r": 32, "p": 16}  # a planted file must not make us work for hours
_SIGNING, _WRAPPING = "ed25519-signing", "aes-256-wrapping"


class Keystore:
    """The signing key of one actor, in a directory that only its owner can read."""

    def __init__(self, actor: str, private: Ed25519PrivateKey) -> None:
        self.actor = actor
        self._private = private
        self._public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @classmethod
    def open(
        cls, directory: Path, *, actor: str, passphrase: bytes | None = None, create: bool = True
    ) -> Self:
        """Open the key of `actor` below `directory`; make it on first use.

        Args:
            directory: the node's folder of keys.
            actor: whose key; the file is named after a hash of it.
            passphrase: opens an encrypted file; a new one is encrypted with it.
            create: make the key when there is none.

        Raises:
            Refused: when others may read the file, or the passphrase is missing or wrong.
            Unreadable: when the file is no key of this actor or cannot be read.
        """
        if not actor.strip():
            raise Unreadable("keystore: no actor is named; say who signs")
        path = directory / f"{hashlib.sha256(actor.encode()).hexdigest()[:24]}.key"
        if not create and not path.exists():
            raise Unreadable(
                f"{directory}: there is no key of {actor!r}; make it with palermo keys"
            )
        secret = _secret(path, use=_SIGNING, owner=actor, passphrase=passphrase)
        return cls(actor, Ed25519PrivateKey.from_private_bytes(secret))

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes of the public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._private.sign(message)


#: The files of wrapping keys: the one in force, one that is being changed to, one changed from.
CURRENT, NEXT, OLD = "vault.key", "vault.next.key", "vault.old.key"


def wrapping_key(
    directory: Path, *, passphrase: bytes | None = None, which: str = CURRENT
) -> bytes:
    """Return the 32 bytes that wrap the keys of the vaults of this node; make them on first use.

    Raises:
        Refused: when others may read the file, or the passphrase is missing or wrong.
        Unreadable: when the file is no such key or cannot be read.
    """
    return _secret(directory / which, use=_WRAPPING, owner="node", passphrase=passphrase)


def wrapping_keys(directory: Path, *, passphrase: bytes | None = None) -> list[bytes]:
    """Return the wrapping keys under which a vault may be: nearly always one."""
    others = [name for name in (NEXT, OLD) if (directory / name).exists()]
    return [
        wrapping_key(directory, passphrase=passphrase, which=name) for name in (CURRENT, *others)
    ]


def change_wrapping_key(directory: Path, *, destroy_old: bool) -> None:
    """Put the next wrapping key in force; the old one is kept aside, or destroyed.

    Each step is one rename, so that an interruption leaves every key under one of its names.
    """
    current, following, old = directory / CURRENT, directory / NEXT, directory / OLD
    if current.exists() and not destroy_old:
        current.replace(old)
    following.replace(current)
    fsync_directory(directory)
    if destroy_old and old.exists():
        old.write_bytes(secrets.token_bytes(old.stat().st_size))
        with old.open("rb") as file:
            os.fsync(file.fileno())
        old.unlink()
        fsync_directory(directory)


def protect(directory: Path, *, old: bytes | None, new: bytes) -> list[str]:
    """Encrypt every key of `directory` with the passphrase `new`; return the names of their owners.

    Raises:
        Refused: when `old` does not open one of them; the keys before it are changed by then, and
            calling again with the same passphrases goes on with the rest.
    """
    owners = []
    for path in _key_files(directory):
        raw = _load(path)
        use, owner = str(raw.get("use")), str(raw.get("owner"))
        try:
            secret = _opened(path, raw, use, owner, old)
        except Refused:
            secret = _opened(path, raw, use, owner, new)
        write_whole(path, _written(secret, use, owner, new), mode=0o600)
        owners.append(owner)
    return owners


def actors(directory: Path) -> list[str]:
    """Return the actors who have a signing key here, sorted."""
    found = (_load(path) for path in _key_files(directory))
    return sorted(str(raw["owner"]) for raw in found if raw.get("use") == _SIGNING)


def _key_files(directory: Path) -> Iterator[Path]:
    yield from sorted(directory.glob("*.key"))


def _secret(path: Path, *, use: str, owner: str, passphrase: bytes | None) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create(path, _written(secrets.token_bytes(32), use, owner, passphrase))
        return _opened(path, _load(path), use, owner, passphrase)
    except OSError as error:
        raise Unreadable(
            f"{path}: cannot use the key ({error.strerror}); check the folder's permissions"
        ) from None


def _create(path: Path, data: bytes) -> None:
    """Write a new key. Of two processes that try at once, one wins and both use its key."""
    draft = path.with_name(f".{secrets.token_hex(8)}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    fsync_directory(path.parent)


def _written(secret: bytes, use: str, owner: str, passphrase: bytes | None) -> bytes:
    written: dict[str, Any] = {"palermo_key": 1, "use": use, "owner": owner}
    if passphrase is None:
        written["secret"] = base64.b64encode(secret).decode()
    else:
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        sealed = AESGCM(derived_key(passphrase, salt, COST)).encrypt(
            nonce, secret, _bound_to(use, owner)
        )
        written["scrypt"] = {**COST, "salt": base64.b64encode(salt).decode()}
        written["nonce"] = base64.b64encode(nonce).decode()
        written["sealed"] = base64.b64encode(sealed).decode()
    return (json.dumps(written, indent=1) + "\n").encode()


def _load(path: Path) -> dict[str, Any]:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise Refused(f"{path}: others may read this key; run chmod 600 on it, or replace it")
        data = file.read(1 << 16)
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict) or raw.get("palermo_key") != 1:
        raise Unreadable(f"{path}: expected a key file of Palermo; restore it from a backup")
    return raw


def _opened(
    path: Path, raw: dict[str, Any], use: str, owner: str, passphrase: bytes | None
) -> bytes:
    if (raw.get("use"), raw.get("owner")) != (use, owner):
        raise Unreadable(f"{path}: this key is for another use or owner; restore the right file")
    try:
        if "sealed" not in raw:
            secret = base64.b64decode(raw["secret"], validate=True)
        elif passphrase is None:
            raise Refused(
                f"{path}: the key is protected; give its passphrase (PALERMO_PASSPHRASE_FILE)"
            )
        else:
            cost = {name: int(raw["scrypt"][name]) for name in COST}
            key = derived_key(passphrase, base64.b64decode(raw["scrypt"]["salt"]), cost)
            secret = AESGCM(key).decrypt(
                base64.b64decode(raw["nonce"]),
                base64.b64decode(raw["sealed"]),
                _bound_to(use, owner),
            )
    except InvalidTag:
        raise Refused(f"{path}: the passphrase does not open this key; type it again") from None
    except (KeyError, ValueError, TypeError, binascii.Error):
        secret = b""
    if len(secret) != 32:
        raise Unreadable(f"{path}: the key file is damaged; restore it from a backup")
    return secret


def derived_key(passphrase: bytes, salt: bytes, cost: dict[str, int]) -> bytes:
    """Return the 32 bytes that scrypt makes of a passphrase.

    Raises:
        ValueError: a cost is below 1, or so high that a planted file would keep us for hours.
    """
    if any(not 1 <= cost[name] <= most for name, most in _LARGEST.items()):
        raise ValueError("scrypt's cost is out of bounds")
    return Scrypt(salt=salt, length=32, n=cost["n"], r=cost["r"], p=cost["p"]).derive(passphrase)


def _bound_to(use: str, owner: str) -> bytes:
    return f"palermo key\0{use}\0{owner}".encode()
