"""Ciphertexts in a bucket, or in anything else that fsspec can reach.

Guarantees that the local draft of a ciphertext is removed only after the stored one was read back
and has its hash. Until then readers use the draft, so that a half-made upload is never read.
Credentials come from the environment (for S3: AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL and so on),
never from a file of the case. fsspec is imported when it is needed: the optional `palermo[s3]`.
"""

import errno
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from palermo.evidence.vault.records import checked_id
from palermo.evidence.vault.store import Draft, LocalStore, Store
from palermo.evidence.vault.stream import sha256_of
from palermo.model import Unreadable

LOCATION_FILE = "location.json"
_BLOCK = 4 << 20  # bytes asked for at once


def store_of(path: Path) -> Store:
    """Return the store that the vault at `path` is set to use; without a setting, its folder.

    Raises:
        Unreadable: when location.json is not `{"url": "…"}`, or the URL cannot be used.
    """
    setting = path / LOCATION_FILE
    try:
        content = json.loads(setting.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return LocalStore(path)
    except (OSError, ValueError) as error:
        raise Unreadable(f'{setting}: expected {{"url": "…"}} in JSON ({error})') from None
    if not isinstance(content, dict) or list(content) != ["url"]:
        raise Unreadable(f'{setting}: expected {{"url": "…"}} and nothing else')
    if not isinstance(content["url"], str):
        raise Unreadable(f"{setting}: the url is to be a text")
    return FsspecStore(content["url"])


class FsspecStore:
    """Ciphertexts as `<url>/aa/<id>`.

    Raises:
        Unreadable: when the URL holds credentials, is of an unknown kind, or needs a package that
            is not installed.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.scheme or parts.password or parts.query:
            raise Unreadable(
                "vault location: expected a plain URL such as s3://bucket/folder; credentials "
                "belong into the environment"
            )
        self.url = url.rstrip("/")
        try:
            from fsspec.core import url_to_fs  # noqa: PLC0415  # optional

            found: tuple[Any, str] = url_to_fs(
                self.url, use_listings_cache=False, skip_instance_cache=True
            )
        except ImportError as error:
            raise Unreadable(
                f"{url}: needs a package that is not installed ({error}); "
                "install palermo[s3], or the one that fsspec names"
            ) from None
        except Exception as error:  # noqa: BLE001  # every backend has its own
            raise Unreadable(f"{url}: cannot be used as the vault's location ({error})") from None
        self._system, self._root = found

    def put(self, drafts: Sequence[Draft]) -> None:
        """Upload each draft, read it back, compare, and only then remove the local file."""
        for draft in drafts:
            if not draft.path.exists() and self.exists(draft.id):
                continue
            with _as_os_errors():
                place = self._place(draft.id)
                self._system.makedirs(place.rsplit("/", 1)[0], exist_ok=True)
                self._system.put_file(str(draft.path), place)
            with self.open(draft.id) as stored:
                found = sha256_of(stored)
            if found != draft.sealed_sha256:
                raise OSError(errno.EIO, "what was stored is not what was sent", draft.id)
            draft.path.unlink(missing_ok=True)

    def open(self, id: str) -> BinaryIO:  # noqa: A002  # the field's name
        """Open an object; it is fetched in blocks as it is read."""
        with _as_os_errors():
            file = self._system.open(
                self._place(id), "rb", block_size=_BLOCK, cache_type="readahead"
            )
        return io.BufferedReader(_Remote(file), _BLOCK)

    def exists(self, id: str) -> bool:  # noqa: A002
        """Tell whether there is an object under this id."""
        with _as_os_errors():
            return bool(self._system.exists(self._place(id)))

    def delete(self, id: str) -> None:  # noqa: A002
        """Remove an object. A bucket with versions keeps the old ones: they stay unreadable."""
        try:
            with _as_os_errors():
                self._system.rm_file(self._place(id))
        except FileNotFoundError:
            return

    def list(self) -> Iterator[str]:
        """Yield the ids of all objects that could be ciphertexts."""
        with _as_os_errors():
            found = sorted(self._system.find(self._root))
        for place in found:
            folder, _, name = place.removeprefix(self._root).strip("/").partition("/")
            if len(name) == 64 and len(folder) == 2 and name.startswith(folder):
                yield name

    def size(self, id: str) -> int:  # noqa: A002
        """Return the length of an object."""
        with _as_os_errors():
            return int(self._system.info(self._place(id))["size"])

    def _place(self, id: str) -> str:  # noqa: A002
        return f"{self._root}/{checked_id(id)[:2]}/{id}"


class _Remote(io.RawIOBase):
    """A file of fsspec whose troubles are OSErrors, like those of a disk."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any, /) -> int:
        with _as_os_errors():
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Turn whatever a backend raises into an OSError that says it."""
    try:
        yield
    except (OSError, Unreadable):
        raise
    except Exception as error:  # every backend has its own
        raise OSError(errno.EIO, f"{type(error).__name__}: {error}") from error
