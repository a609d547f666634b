"""Files inside gzip and Zstandard streams: they unpack as they are read, and no further than the limits allow."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import zstandard

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.reader import PACKED_SUFFIXES, Holds, InputFile, Reader
from scenesign.transforms.support.failures import one_line, raise_if_machine_failed
from scenesign.transforms.support.limits import Limits

_GZIP, _ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def read_packed(file: InputFile) -> Iterator[RawDocument]:
    """The documents of what is inside."""
    with _unpacked(file.stream, file.head, file.limits) as inner:
        yield from file.inside(file.name, cast(BinaryIO, inner), 0)


READER = Reader("gzip, Zstandard", PACKED_SUFFIXES, Holds.FILES, read_packed, magic=(_GZIP, _ZSTANDARD))


class _Capped(io.RawIOBase):
    """What comes out of a compressed stream, until it is more than the limits let a file of that size hold."""

    def __init__(self, inner: Any, packed: BinaryIO, limits: Limits) -> None:
        self._inner, self._packed, self._limits = inner, packed, limits
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer. Raises RejectError on damage, and when the file swells too much."""
        try:
            data = self._inner.read(len(buffer))
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise_if_machine_failed(error)
            raise RejectError(
                "damaged-archive", f"the compressed file is damaged ({one_line(error)}); get it again"
            ) from error
        self._total += len(data)
        packed = max(self._packed.tell(), 65_536)
        if self._total > min(self._limits.expanded_bytes, packed * self._limits.expansion_ratio):
            raise RejectError("archive-bomb", "the compressed file swells beyond the limits; refused")
        buffer[: len(data)] = data
        return len(data)


class _Frames:
    """What Zstandard frames hold. Its own stream reader takes a file that was cut off for a whole one."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._frame: Any = None
        self._rest = b""
        self._ready = io.BytesIO()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end. Raises EOFError when the last frame is cut off."""
        data = self._ready.read(size)
        while not data:
            # few bytes at a time: four can unpack to 128 kB
            packed = self._rest or self._packed.read(256)
            if not packed:
                if self._frame is not None:
                    raise EOFError("the file ends inside a frame")
                return b""
            if self._frame is None:
                # a window of 128 MB is what zstd itself accepts without being told
                self._frame = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
            self._ready = io.BytesIO(self._frame.decompress(packed))
            self._rest = self._frame.unused_data
            if self._frame.eof:
                self._frame = None
            data = self._ready.read(size)
        return data


@contextmanager
def _unpacked(stream: BinaryIO, head: bytes, limits: Limits) -> Iterator[io.BufferedReader[Any]]:
    """The bytes inside a gzip or Zstandard stream, told apart by its first bytes."""
    if head.startswith(_GZIP):
        inner: Any = gzip.GzipFile(fileobj=stream)
    else:
        inner = _Frames(stream)
    with io.BufferedReader(_Capped(inner, stream, limits), 1 << 16) as reader:
        yield reader
