"""A file that somebody sent, as services receive it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on disk, for as long as the request lasts; ``digest`` is its SHA-256, ``key`` the Idempotency-Key."""

    file: BinaryIO
    media_type: str
    digest: bytes
    key: str | None

    def chunks(self) -> Iterator[bytes]:
        """The file from its beginning, piece by piece."""
        self.file.seek(0)
        while chunk := self.file.read(_CHUNK_BYTES):
            yield chunk
