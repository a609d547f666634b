"""A zip file read within limits: bombs, lies about sizes and damage are refused, nothing is unpacked to disk."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from typing import BinaryIO

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.member_names import member_names
from scenesign.transforms.support.failures import raise_if_machine_failed
from scenesign.transforms.support.limits import Limits


class Archive:
    """The files of a zip archive. Nothing is ever unpacked to disk, so names can't lead out of it."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._expanded = 0
        try:
            self._zip = zipfile.ZipFile(stream)
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError) as error:
            raise_if_machine_failed(error)
            raise RejectError("damaged-archive", f"the archive can't be opened ({error}); get it again") from error
        if len(infos) > limits.archive_members:
            raise RejectError("too-large", f"the archive has {len(infos):,} members, over {limits.archive_members:,}")
        # not `is_dir`: a member may be called nothing at all, and that breaks on it
        files = [info for info in infos if not info.filename.endswith("/")]
        self._infos = dict(zip(member_names(files), files, strict=True))

    def names(self) -> list[str]:
        """Names of all files inside."""
        return list(self._infos)

    def read(self, name: str) -> bytes:
        """One file's bytes. Raises RejectError when it is missing, damaged, encrypted or swells beyond the limits."""
        info = self._infos.get(name)
        if info is None:
            raise RejectError("damaged-archive", f"the archive lacks {name!r}")
        if info.flag_bits & 1:
            raise RejectError("encrypted", "the archive is encrypted; remove the protection first")
        # sizes in the directory may lie: count what really comes out
        most = min(
            self._limits.expanded_bytes - self._expanded,
            max(info.compress_size, 1) * self._limits.expansion_ratio + 65_536,
            self._limits.file_bytes,
        )
        try:
            with self._zip.open(info) as stream:
                data = stream.read(most + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
            ValueError,
        ) as error:
            raise_if_machine_failed(error)
            raise RejectError("damaged-archive", f"{name!r} can't be unpacked ({error}); get the file again") from error
        if len(data) > most:
            if most == self._limits.file_bytes:
                raise RejectError("too-large", f"{name!r} is over {most:,} bytes; see --limit file_bytes=NUMBER")
            raise RejectError("archive-bomb", f"{name!r} swells beyond the limits when unpacked; refused")
        self._expanded += len(data)
        return data
