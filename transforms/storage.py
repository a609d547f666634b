"""Files wherever Beam can reach them: local disk, gs://, s3://, hdfs://.

Everything a worker reads or writes goes through these few functions, so that one job runs on a laptop and on a fleet.
Local paths use the operating system directly: a rename there is atomic.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

# Zstandard halves our text columns against Beam's default of none; level 3 costs nothing beside embedding.
PARQUET_OPTIONS = {"compression": "zstd", "compression_level": 3, "write_statistics": True}


def is_local(uri: str) -> bool:
    """Whether a path lies on this machine's own disks."""
    return "://" not in uri


def open_read(uri: str) -> BinaryIO:
    """Opens a file for reading bytes, exactly as stored (no decompression by suffix)."""
    if is_local(uri):
        return open(uri, "rb")
    return FileSystems.open(uri, compression_type=CompressionTypes.UNCOMPRESSED)


def size(uri: str) -> int:
    """Bytes of a file.

    Raises OSError when it is missing.
    """
    if is_local(uri):
        return os.path.getsize(uri)
    return FileSystems.get_filesystem(uri).size(uri)


def exists(uri: str) -> bool:
    """Whether a file (or local folder) is there."""
    return os.path.exists(uri) if is_local(uri) else FileSystems.exists(uri)


def match(pattern: str) -> list[tuple[str, int]]:
    """Files that a glob (or plain path) names, as (uri, bytes), sorted by uri; `**` crosses folders."""
    found = FileSystems.match([pattern])[0].metadata_list
    return sorted((item.path, item.size_in_bytes) for item in found)


def list_files(folder: str, suffix: str = "") -> list[str]:
    """Files straight under a folder whose names end in `suffix`, sorted; none when there is no such folder."""
    if is_local(folder):
        if not os.path.isdir(folder):
            return []
        return sorted(
            os.path.join(folder, name)
            for name in os.listdir(folder)
            if name.endswith(suffix) and os.path.isfile(os.path.join(folder, name))
        )
    prefix = folder.rstrip("/") + "/"
    return [uri for uri, _ in match(prefix + "*" + suffix) if "/" not in uri[len(prefix) :]]


def join(folder: str, *names: str) -> str:
    """`folder/name/name` on any file system."""
    return os.path.join(folder, *names) if is_local(folder) else "/".join((folder.rstrip("/"), *names))


def make_folder(uri: str) -> None:
    """Makes a local folder and its parents; object stores have none to make."""
    if is_local(uri):
        os.makedirs(uri, exist_ok=True)


def remove(uri: str) -> None:
    """Removes a file or a whole folder; nothing happens when it is not there."""
    if is_local(uri):
        if os.path.isdir(uri):
            shutil.rmtree(uri, ignore_errors=True)
        elif os.path.exists(uri):
            os.unlink(uri)
    else:
        FileSystems.delete([uri for uri, _ in match(uri.rstrip("/") + "/**")] or [uri])


@contextmanager
def open_write(uri: str) -> Iterator[BinaryIO]:
    """Writes a file beside its final name and renames it when the block ends well.

    A reader never sees half a file, and a killed worker leaves at most one `.tmp-*` sibling, which the next
    run removes.
    """
    if is_local(uri):
        folder, name = os.path.split(uri)
        os.makedirs(folder or ".", exist_ok=True)
        # the process id keeps two workers that write the same name from sharing a temporary file
        temporary = os.path.join(folder, f".tmp-{os.getpid()}-{name}")
        try:
            with open(temporary, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, uri)
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)
    else:
        # object stores show an object only when it is complete
        with FileSystems.create(uri, compression_type=CompressionTypes.UNCOMPRESSED) as stream:
            yield stream


def write_bytes(uri: str, data: bytes) -> None:
    """Writes one small file whole."""
    with open_write(uri) as stream:
        stream.write(data)


def read_bytes(uri: str) -> bytes:
    """Reads one small file whole."""
    with open_read(uri) as stream:
        return stream.read()


@contextmanager
def parquet_writer(uri: str, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A Parquet file that appears under its name when the block ends well."""
    with open_write(uri) as stream, pq.ParquetWriter(stream, schema, **PARQUET_OPTIONS) as writer:
        yield writer


@contextmanager
def parquet_reader(uri: str) -> Iterator[pq.ParquetFile]:
    """An open Parquet file, read by row group."""
    with open_read(uri) as stream:
        yield pq.ParquetFile(stream)


def read_table(uri: str) -> pa.Table:
    """A small Parquet file whole.

    From a buffer: Arrow reads ahead in threads of its own, and one that is still inside a Python stream when the
    program ends brings the process down.
    """
    return pq.read_table(pa.BufferReader(read_bytes(uri)))


def digest(uri: str) -> str:
    """SHA-256 of a file, as hex."""
    sha = hashlib.sha256()
    with open_read(uri) as stream:
        while block := stream.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def local_copy(uri: str, folder: str) -> Path:
    """A path on this machine for libraries that open names, not streams; downloads only what is remote."""
    if is_local(uri):
        return Path(uri)
    target = Path(folder) / hashlib.sha256(uri.encode()).hexdigest()[:16] / uri.rsplit("/", 1)[-1]
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_read(uri) as source, open_write(str(target)) as sink:
            shutil.copyfileobj(source, sink)
    return target
