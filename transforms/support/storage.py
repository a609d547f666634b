"""Files wherever Beam can reach them: local disk, gs://, s3://, hdfs://.

Everything a worker reads or writes goes through these few functions, so that one job runs on a laptop and on a fleet.
Local paths use the operating system directly: a rename there is atomic. An object store shows an object only when its
upload is complete, so there a file is uploaded in one go, and only once its writer has come to a good end.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from scenesign.transforms.support.extras import need_store
from scenesign.transforms.support.failures import is_quota, status_of
from scenesign.transforms.support.patience import patient_stream, patiently
from scenesign.transforms.support.s3_clients import share_s3_clients

if TYPE_CHECKING:
    from apache_beam.io.filesystem import FileMetadata
    from apache_beam.io.filesystems import FileSystems
    from apache_beam.options.pipeline_options import PipelineOptions

T = TypeVar("T")

# Zstandard halves our text columns against Beam's default of none; level 3 costs nothing beside embedding.
# Checksums let a reader notice a flipped bit, which zstd alone may hand on as wrong data.
PARQUET_OPTIONS = {"compression": "zstd", "compression_level": 3, "write_statistics": True, "write_page_checksum": True}

_AS_STORED = "uncompressed"  # Beam's word for no decompression by suffix


def is_local(uri: str) -> bool:
    """Whether a path lies on this machine's own disks."""
    return "://" not in uri


def absolute(uri: str) -> str:
    """The same file by a name that holds in any working folder. Links and `..` stay: they are the user's to resolve."""
    return str(Path(uri).absolute()) if is_local(uri) else uri


def bare(uri: str) -> str:
    """A folder without the slashes that its name may end with, in whichever way this system writes them."""
    return uri.rstrip("/" + os.sep) if is_local(uri) else uri.rstrip("/")


def base_name(uri: str) -> str:
    """The last piece of a path."""
    return os.path.basename(bare(uri)) if is_local(uri) else bare(uri).rsplit("/", 1)[-1]


def use_options(options: PipelineOptions) -> None:
    """Beam's options for object stores (endpoints, credentials), for what happens before a pipeline is made."""
    _beam().set_options(options)


def _beam() -> type[FileSystems]:
    """Beam's file systems, whose import takes a second: for paths with a scheme and for globs."""
    from apache_beam.io.filesystems import FileSystems
    from apache_beam.options.pipeline_options import PipelineOptions

    share_s3_clients()
    # a worker has been given options by its runner; a program that only reads an inventory has none, and S3 wants some
    if FileSystems._pipeline_options is None:
        FileSystems.set_options(PipelineOptions(flags=[]))
    return FileSystems


def open_read(uri: str) -> BinaryIO:
    """Opens a file for reading bytes, exactly as stored (no decompression by suffix).

    Raises FileNotFoundError or PermissionError naming the uri, and OutOfReachError, as reading from it does, when a
    store doesn't answer.
    """
    if is_local(uri):
        return open(uri, "rb")

    def reopen() -> BinaryIO:
        with _plain_errors(uri):
            return _beam().open(uri, compression_type=_AS_STORED)

    return patient_stream(uri, reopen)


def size(uri: str) -> int:
    """Bytes of a file.

    Raises FileNotFoundError when it is missing.
    """
    if is_local(uri):
        return os.path.getsize(uri)
    return _ask(uri, lambda: _beam().get_filesystem(uri).size(uri))


def _ask(uri: str, ask: Callable[[], T]) -> T:
    """What an object store answers.

    Raises FileNotFoundError, PermissionError, OutOfReachError, and MissingExtraError without the store's client.
    """

    def plainly() -> T:
        with _plain_errors(uri):
            return ask()

    return patiently(uri, plainly)


@contextmanager
def _plain_errors(uri: str) -> Iterator[None]:
    """Gives the errors of different stores one shape, where they mean what they mean on a disk."""
    need_store(uri)
    try:
        yield
    except Exception as error:
        code = status_of(error)
        if code == 404:
            raise FileNotFoundError(errno.ENOENT, "no such object", uri) from error
        if code in (401, 403) and not is_quota(error):
            raise PermissionError(errno.EACCES, "the object store denies access", uri) from error
        raise


def exists(uri: str) -> bool:
    """Whether a file (or local folder) is there."""
    return os.path.exists(uri) if is_local(uri) else _ask(uri, lambda: _beam().exists(uri))


def match(pattern: str) -> list[tuple[str, int]]:
    """Files that a glob (or plain path) names, as (uri, bytes), sorted by uri; `**` crosses folders."""
    return sorted((item.path, item.size_in_bytes) for item in _matched(pattern))


def _matched(pattern: str) -> Iterator[FileMetadata]:
    for item in _ask(pattern, lambda: _beam().match([pattern]))[0].metadata_list:
        # consoles of object stores stand for an empty folder with an object of that name
        if is_local(pattern) or not item.path.endswith("/"):
            yield item


def last_write(folder: str) -> dict[str, float]:
    """Seconds since 1970 at which anything was last written under each `folder*` of an object store."""
    newest: dict[str, float] = {}
    for item in _matched(glob.escape(folder) + "*/**"):
        name = folder + item.path[len(folder) :].split("/", 1)[0]
        newest[name] = max(newest.get(name, 0.0), item.last_updated_in_seconds or 0.0)
    return newest


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
    return [uri for uri, _ in match(glob.escape(prefix) + "*" + suffix) if "/" not in uri[len(prefix) :]]


def list_tree(folder: str) -> list[str]:
    """Names, relative to a folder of an object store, of everything under it, sorted."""
    prefix = folder.rstrip("/") + "/"
    return [uri[len(prefix) :] for uri, _ in match(glob.escape(prefix) + "**")]


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
        found = _ask(uri, lambda: _beam().match([glob.escape(uri.rstrip("/")) + "/**"]))
        inside = [item.path for item in found[0].metadata_list]
        if inside or exists(uri):
            # Google's store takes what is to be deleted for globs, the others for names
            names = inside or [uri]
            _ask(uri, lambda: _beam().delete([glob.escape(n) for n in names] if uri.startswith("gs://") else names))


def copy(sources: Sequence[str], targets: Sequence[str]) -> None:
    """Copies objects inside an object store, without their bytes passing through this machine.

    Raises OSError naming the first that can't be copied.
    """
    results = patiently(targets[0], lambda: _beam().copy(list(sources), list(targets))) if targets else ()
    for source, target, error in results or ():  # S3 returns what Google's store raises
        if error is not None:
            raise OSError(f"{source} can't be copied to {target}: {error}")


@contextmanager
def open_write(uri: str) -> Iterator[BinaryIO]:
    """Writes a file beside its final name and renames it when the block ends well.

    A reader never sees half a file, and a killed worker leaves at most one `.tmp-*` sibling, which the next
    run removes. An object store takes no empty file (ValueError).
    """
    if is_local(uri):
        folder, name = os.path.split(uri)
        os.makedirs(folder or ".", exist_ok=True)
        # by chance, for threads of one process and processes of two machines may write the same name at once
        temporary = os.path.join(folder, f".tmp-{secrets.token_hex(8)}-{name}")
        try:
            with open(temporary, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, uri)
        except OSError as error:
            if error.filename == temporary:
                error.filename = uri  # the one that the user knows
            raise
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)
    else:
        # not straight into the upload: leaving its block by an exception would complete the half that is there
        with tempfile.TemporaryFile() as waiting:
            yield cast(BinaryIO, waiting)
            if waiting.seek(0, os.SEEK_END) == 0:
                raise ValueError(f"{uri}: an empty file can't be written to an object store")

            def send() -> None:
                waiting.seek(0)
                with _beam().create(uri, compression_type=_AS_STORED) as upload:
                    shutil.copyfileobj(waiting, upload, 1 << 20)

            _ask(uri, send)


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
        yield pq.ParquetFile(stream, page_checksum_verification=True)


def read_table(uri: str) -> pa.Table:
    """A small Parquet file whole.

    From a buffer: Arrow reads ahead in threads of its own, and one that is still inside a Python stream when the
    program ends brings the process down. And not by Arrow's `read_table`, which imports pandas where there is one.
    """
    return pq.ParquetFile(pa.BufferReader(read_bytes(uri))).read()


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
