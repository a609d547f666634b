"""Inputs as a user names them (files, folders, globs, URLs, datasets) to the sources that are read."""

from __future__ import annotations

import functools
import glob
import os
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from scenesign.schemas.records import Reject, RejectError, Source, printable
from scenesign.transforms.read.hugging_face import HF_PREFIX, is_saved, parse_dataset
from scenesign.transforms.read.names import unique_names
from scenesign.transforms.read.paths import local_path
from scenesign.transforms.read.refused import SIDE_SUFFIXES, no_book
from scenesign.transforms.read.registry import book_magic, refusal_of, supported_suffixes
from scenesign.transforms.support import storage
from scenesign.transforms.support.extras import MissingExtraError
from scenesign.transforms.support.failures import raise_if_machine_failed

STAGE = "ListInputs"
_GLOB = re.compile(r"[*?\[]")
# Files that speak of a folder of books, not books; taken when named themselves.
_SIDE_NAMES = re.compile(
    r"(?:readme|license|licence|changelog|contributing|copying|notice|authors)(?:\.\w+)?", re.IGNORECASE
)
_PROBE_BYTES = 4096


class InputError(Exception):
    """An input that names nothing; the message says which."""


def list_inputs(inputs: Sequence[str]) -> tuple[list[Source], list[Reject]]:
    """Sources in a fixed order, each once, and a Reject for each file in a folder that is no book's format.

    An input is what lies at a place, by whatever path it is named. A source's name is its path relative to the folder
    (or the fixed part of the glob) it was found under, or the file's own name; where several would have one name, see
    `unique_names`. Raises InputError for an input that names nothing.
    """
    found: dict[str, _Found] = {}
    real_path = functools.cache(os.path.realpath)
    for given in inputs:
        for item in _found(given):
            place = _place(item.uri, real_path)
            known = found.setdefault(place, item)
            if item.chosen and not known.chosen:
                found[place] = replace(known, chosen=True)
    sources, rejects = [], []
    names = unique_names([(item.uri, item.name) for item in found.values()])
    for item, name in zip(found.values(), names, strict=True):
        problem = None if item.uri.startswith(HF_PREFIX) else _problem(item.uri, name, item.chosen)
        if problem:
            rejects.append(Reject(name, STAGE, problem.reason, problem.detail, bytes=item.bytes))
        else:
            sources.append(Source(item.uri, name, item.bytes))
    return sources, rejects


@dataclass(frozen=True)
class _Found:
    """A file or dataset. chosen: whether the user named this very one."""

    uri: str
    name: str
    bytes: int
    chosen: bool


def _found(given: str) -> Iterator[_Found]:
    """What one input names."""
    if given.startswith(HF_PREFIX):
        yield _Found(given, _dataset_name(given), 0, True)
    else:
        yield from (_Found(*file) for file in _files(given))


def _place(uri: str, real_path: Callable[[str], str]) -> str:
    """A source by the one name that its place has, whichever way leads there. A link to a file is a file of its own."""
    path = local_path(uri)
    if not path:
        return uri
    folder, name = os.path.split(path.rstrip("/"))
    return f"{os.path.join(real_path(folder or os.curdir), name)} {uri.removeprefix(HF_PREFIX)[len(path) :]}"


def _dataset_name(given: str) -> str:
    """What a dataset is called; a local one without the folders above it."""
    try:
        name, _, split = parse_dataset(given)
    except ValueError as error:
        raise InputError(str(error)) from error
    if not os.path.isdir(name):
        return given
    return printable(os.path.basename(os.path.abspath(name)) + (f"@{split}" if split else ""))


def _files(given: str) -> Iterator[tuple[str, str, int, bool]]:
    """(uri, name, bytes, whether the user named this very file) of what one input names."""
    if storage.is_local(given):
        given = given.replace(os.sep, "/")  # which every system takes; globs and names have no other
        if os.path.isdir(given):
            if is_saved(given):
                raise InputError(f"{given}: a dataset saved by the library datasets; name it as hf:{given}")
            for path in _walk(given):
                yield path, os.path.relpath(path, given).replace(os.sep, "/"), _size(path), False
            return
        if os.path.exists(given):
            if not os.path.isfile(given):
                raise InputError(f"{given}: neither a file nor a folder")
            yield given, os.path.basename(given), _size(given), True
            return
    folder = given.rstrip("/") + "/" if given.endswith("/") or not _GLOB.search(given) else ""
    standing = _standing(given)
    named = storage.is_local(given) and not _GLOB.search(given)  # a file that isn't there
    found = [] if named else _match(glob.escape(standing) + given[len(standing) :])
    if not found and not storage.is_local(given) and folder:
        found = _match(folder + "**")
    if not found:
        raise InputError(f"{given}: {'no file matches it' if _GLOB.search(given) else 'no such file or folder'}")
    base = standing + _fixed_part(given[len(standing) :]) if _GLOB.search(given) else folder
    for place, size in found:
        uri = place.replace(os.sep, "/") if storage.is_local(given) else place
        if storage.is_local(given) and not os.path.isfile(uri):
            continue
        name = uri[len(base) :] if base and uri.startswith(base) else posixpath.basename(uri)
        if not any(part.startswith(".") for part in name.split("/")):
            yield uri, name, size, uri == given


def _match(pattern: str) -> list[tuple[str, int]]:
    try:
        return storage.match(pattern)
    except (InputError, MissingExtraError):
        raise
    except Exception as error:  # each Beam file system has its own ways to fail
        line = " ".join(str(error).split())[:200]
        raise InputError(f"{pattern}: can't be listed ({line})") from error


def _standing(pattern: str) -> str:
    """The folders at the head of a local glob that are there by that very name: `[old] books/` of `[old] books/*`."""
    slashes = [at + 1 for at, char in enumerate(pattern) if char == "/" and storage.is_local(pattern)]
    return pattern[: next((at for at in reversed(slashes) if os.path.isdir(pattern[:at])), 0)]


def _fixed_part(pattern: str) -> str:
    """The folder before the first wildcard, with its slash."""
    before = pattern[: _GLOB.search(pattern).start()] if _GLOB.search(pattern) else pattern  # type: ignore[union-attr]
    return before[: before.rfind("/") + 1]


def _walk(folder: str) -> Iterator[str]:
    """Files under a local folder, sorted; hidden ones are skipped, and a folder reached twice is read once.

    What is no file comes as well: pipes, dead links, folders that can't be listed.
    """
    seen = {os.path.realpath(folder)}
    stack = [folder]
    while stack:
        here = stack.pop()
        folders = []
        try:
            names = sorted(os.listdir(here))
        except OSError as error:
            raise_if_machine_failed(error)
            if here == folder:
                raise InputError(f"{here}: can't be listed ({error.strerror})") from error
            yield here  # one locked folder must neither stop the run nor vanish from it
            continue
        for name in names:
            path = os.path.join(here, name)
            if name.startswith("."):
                continue
            if os.path.isdir(path):
                real = os.path.realpath(path)
                if real not in seen:
                    seen.add(real)
                    folders.append(path)
            else:
                yield path  # pipes and links that lead nowhere too: what can't be read must not vanish
        stack += reversed(folders)


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _problem(uri: str, name: str, chosen: bool) -> RejectError | None:
    """Why a file is not read, or None."""
    base = posixpath.basename(name).lower()
    if storage.is_local(uri) and not os.path.isfile(uri):
        if os.path.isdir(uri):
            return RejectError("unreadable", "the folder can't be listed; change its mode or owner")
        if os.path.exists(uri):
            # opening a pipe waits for ever, and some devices never end
            return RejectError("unsupported-type", "neither a file nor a folder: a pipe, socket or device")
        return RejectError("unreadable", "a link that leads nowhere, or in a circle")
    if base.endswith(SIDE_SUFFIXES):
        return no_book(base)
    if not chosen and _SIDE_NAMES.fullmatch(base):
        return RejectError(
            "unsupported-type", "looks like a note about the folder; name the file itself to read it as a book"
        )
    if base.endswith(supported_suffixes()):
        return None
    try:
        with storage.open_read(uri) as stream:
            refusal = refusal_of(name, stream)
            stream.seek(0)
            if refusal or _looks_like_book(stream.read(_PROBE_BYTES)):
                return refusal
    except OSError as error:
        raise_if_machine_failed(error)
        return None  # left for its reader to say
    return RejectError(
        "unsupported-type", f"not a format that is read here; these are: {' '.join(supported_suffixes())}"
    )


def _looks_like_book(head: bytes) -> bool:
    """Whether a file without a known suffix may be a text, or holds books without being one."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", *book_magic())):
        return True
    controls = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1a\x1b" for byte in head)
    return controls <= len(head) // 500
