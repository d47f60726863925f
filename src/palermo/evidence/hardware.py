"""A signing key that never leaves its hardware: a smart card or module behind PKCS #11.

Guarantees that what signs is an Ed25519 key held as not extractable by the token, that the PIN
comes from a file or the environment and never from a command line, and that a signature is checked
before it is returned, so that a failing token does not write a wrong one into the log.

The log has one signature suite, Ed25519. A token that has only ECDSA is refused: it would need a
second suite in every form that carries a signature (log, checkpoint, envelope) and in the verifier.
"""

import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from palermo.evidence.keys import verifies
from palermo.model import Refused, Unreadable

#: The settings, as environment variables.
MODULE, TOKEN, KEY = "PALERMO_PKCS11_MODULE", "PALERMO_PKCS11_TOKEN", "PALERMO_PKCS11_KEY"
PIN, PIN_FILE = "PALERMO_PKCS11_PIN", "PALERMO_PKCS11_PIN_FILE"

# CKA_EC_PARAMS of Ed25519: by object identifier (RFC 8410), or by name as PKCS #11 3.0 has it.
_CURVE = (b"\x06\x03\x2b\x65\x70", b"\x13\x0cedwards25519")
#: What may stand before the 32 bytes of CKA_EC_POINT: nothing, OCTET STRING or BIT STRING.
_POINT = {b"", b"\x04\x20", b"\x03\x21\x00"}

#: Exceptions of python-pkcs11, by name, in words for the person at the token.
_TROUBLE = {
    "NoSuchToken": "there is no token of that label; is it plugged in?",
    "MultipleTokensReturned": "several tokens have that label; unplug the others",
    "PinIncorrect": "the PIN is wrong; a token locks itself after a few tries",
    "PinLenRange": "the PIN is too short or too long",
    "PinLocked": "the PIN is locked; unlock it with the token's own tool",
    "PinExpired": "the PIN has expired; set a new one with the token's own tool",
    "NoSuchKey": "there is no Ed25519 key of that label on the token",
    "MultipleObjectsReturned": "several keys have that label; give each its own",
    "UserAlreadyLoggedIn": "this process has the token open already; use that signer or close it",
    "TokenWriteProtected": "the token cannot be written",
    "UserPinNotInitialized": "no PIN was set yet; set one with the token's own tool",
}
_LOST = "the token was removed or its session ended; put it back and run the command again"


class TokenSigner:
    """A `Signer` over the Ed25519 key labelled `key` on the token labelled `token`.

    `module` is the PKCS #11 library of the token's maker. The session stays open until `close` or
    the end of the `with` block. A process opens a token once; threads may share the signer, and a
    process that forks opens its own.

    Raises:
        Unreadable: the module cannot be used, or token, PIN or key are not there.
        Refused: the key may leave the token, or the token cannot sign with Ed25519.
    """

    def __init__(self, module: Path, *, token: str, key: str, pin: str) -> None:
        self._where = f"{module}, token {token!r}, key {key!r}"
        self._lock = threading.Lock()
        with _plainly(self._where):
            self._session = _open(module, token, pin)
            try:
                self._private, self._public = _find(self._session, key)
            except BaseException:
                self._session.close()
                raise

    @classmethod
    def create(cls, module: Path, *, token: str, key: str, pin: str) -> Self:
        """Make a new key on the token, which will not give it out, and open it.

        Raises:
            Refused: there is a key of that label already.
            Unreadable: as when opening.
        """
        where = f"{module}, token {token!r}, key {key!r}"
        with _plainly(where):
            session = _open(module, token, pin, writing=True)
            try:
                _generate(session, key, where)
            finally:
                session.close()
        return cls(module, token=token, key=key, pin=pin)

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes of the public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`.

        Raises:
            Unreadable: the token was removed, or its session ended.
            Refused: the token returned a wrong signature.
        """
        from pkcs11 import Mechanism  # noqa: PLC0415 - optional

        with self._lock, _plainly(self._where, otherwise=_LOST):
            signature = bytes(self._private.sign(message, mechanism=Mechanism.EDDSA))
        if not verifies(self._public, signature, message):
            raise Refused(f"{self._where}: the token returned a wrong signature; do not use it")
        return signature

    def close(self) -> None:
        """End the session. A second call does nothing."""
        with self._lock, _plainly(self._where):
            if self._session is not None:
                self._session.close()
                self._session = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def token_signer(environment: Mapping[str, str], *, create: bool = False) -> TokenSigner | None:
    """Open the token that `environment` names, or make its key; None when it names none.

    `PALERMO_PKCS11_MODULE`, `_TOKEN` and `_KEY` say what is used, `_PIN_FILE` or `_PIN` its PIN.

    Raises:
        Unreadable, Refused: as `TokenSigner`, or when a setting is missing.
    """
    if MODULE not in environment:
        return None
    missing = [name for name in (TOKEN, KEY) if not environment.get(name)]
    if missing:
        raise Unreadable(f"{MODULE} is set; set {' and '.join(missing)} as well")
    opened = TokenSigner.create if create else TokenSigner
    return opened(
        Path(environment[MODULE]),
        token=environment[TOKEN],
        key=environment[KEY],
        pin=read_pin(environment),
    )


def read_pin(environment: Mapping[str, str]) -> str:
    """Read the PIN from the file that `PALERMO_PKCS11_PIN_FILE` names, else `PALERMO_PKCS11_PIN`.

    Raises:
        Refused: others may read the file.
        Unreadable: neither is set, the file cannot be read, or the PIN is empty.
    """
    named = environment.get(PIN_FILE)
    if not named:
        pin = environment.get(PIN, "")
    else:
        path = Path(named)
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise Refused(f"{path}: others may read this PIN; run chmod 600 on it")
            pin = path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Unreadable(
                f"{path}: the PIN cannot be read ({error}); check {PIN_FILE}"
            ) from None
    if not pin:
        raise Unreadable(f"no PIN for the token: set {PIN_FILE} to a file that holds it, or {PIN}")
    return pin


@contextmanager
def _plainly(where: str, *, otherwise: str = "") -> Iterator[None]:
    """Put what the token's library raises into words."""
    try:
        from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - optional
    except ImportError:
        raise Unreadable(
            "a hardware key needs the optional part palermo[pkcs11]; install it with pip"
        ) from None
    try:
        yield
    except PKCS11Error as error:
        name = type(error).__name__
        why = _TROUBLE.get(name) or otherwise or f"the token answers {name} {error}".strip()
        raise Unreadable(f"{where}: {why}") from None


def _open(module: Path, token: str, pin: str, *, writing: bool = False) -> Any:
    """Log in and return the session of python-pkcs11, whose types its stubs leave open."""
    import pkcs11  # noqa: PLC0415 - optional

    if not module.is_file():
        raise Unreadable(f"{module}: expected the PKCS #11 library of the token's maker")
    try:
        library = pkcs11.lib(str(module.resolve()))
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise Unreadable(
            f"{module}: cannot be loaded ({error}); expected the token maker's PKCS #11 library"
        ) from None
    found = library.get_token(token_label=token)
    if pkcs11.Mechanism.EDDSA not in found.slot.get_mechanisms():
        raise Refused(
            f"{module}, token {token!r}: cannot sign with Ed25519 (CKM_EDDSA), the one suite of "
            "the log; use a token that can, or a key file"
        )
    return found.open(user_pin=pin, rw=writing)


def _find(session: Any, key: str) -> tuple[Any, bytes]:
    from pkcs11 import Attribute, KeyType, ObjectClass  # noqa: PLC0415 - optional

    private, public = (
        session.get_key(object_class=kind, key_type=KeyType.EC_EDWARDS, label=key)
        for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)
    )
    if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]:
        raise Refused(f"key {key!r}: it may leave the token; make one on it that may not")
    if bytes(public[Attribute.EC_PARAMS]) not in _CURVE:
        raise Unreadable(f"key {key!r}: expected an Ed25519 key, it is of another Edwards curve")
    point = bytes(public[Attribute.EC_POINT])
    if len(point) < 32 or point[:-32] not in _POINT:
        raise Unreadable(f"key {key!r}: the token gives its public key in an unknown form")
    return private, point[-32:]


def _generate(session: Any, key: str, where: str) -> None:
    """Make a key pair; tokens differ in how the curve is to be named."""
    import pkcs11  # noqa: PLC0415 - optional
    from pkcs11 import Attribute, KeyType, Mechanism  # noqa: PLC0415 - optional

    if any(True for _ in session.get_objects({Attribute.LABEL: key})):
        raise Refused(f"{where}: there is an object of that label already")
    kept = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True}
    for curve in _CURVE:
        parameters = session.create_domain_parameters(
            KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: curve}, local=True
        )
        try:
            parameters.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=key,
                private_template=kept,
            )
        except pkcs11.PKCS11Error:
            if curve == _CURVE[-1]:
                raise
        else:
            return
