"""Uploads go to the node's own disk, piece by piece, hashed on the way.

Guarantees that nothing is written for somebody who is not signed in, that more than the limit is
never written, and that a file lies where only the node can read it, on the disk on which it stays.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler


class ToDisk(TemporaryFileUploadHandler):
    """Writes an upload to `FILE_UPLOAD_TEMP_DIR`; the file has its SHA-256 as `sha256`.

    What is refused is read and thrown away, so that the answer arrives; the request then carries
    `upload_too_large`, for the page to say so.
    """

    _shut = False

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any) -> None:  # noqa: ARG002, N803
        """Decide on the whole request before a byte of it is written."""
        user = getattr(self.request, "user", None)
        anonymous = user is None or not user.is_authenticated
        too_large = content_length > settings.PALERMO_UPLOAD_BYTES
        self._shut = anonymous or too_large
        if too_large:
            self._say()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        if self._shut:
            raise SkipFile
        self._digest, self._size = hashlib.sha256(), 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece of the file."""
        self._size += len(raw_data)
        if self._size > settings.PALERMO_UPLOAD_BYTES:
            self._say()
            raise SkipFile
        self._digest.update(raw_data)
        super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        """Hand the file over with its hash."""
        file = super().file_complete(file_size)
        assert file is not None  # noqa: S101  this handler takes every file
        file.sha256 = self._digest.hexdigest()  # type: ignore[attr-defined]
        return file

    def _say(self) -> None:
        self.request.upload_too_large = True  # type: ignore[union-attr]
