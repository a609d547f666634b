"""Files of a dataset, which may be anybody's: none is opened that lies outside its folder, or is no plain file."""

from __future__ import annotations

import os
import re
from pathlib import Path

from scenesign.transforms.support import storage


class OutsideError(OSError):
    """A path in a dataset that leads out of it."""


def is_inside(path: str) -> bool:
    """Whether a listed path can only name something inside the dataset's folder, as long as no link is on its way."""
    parts = path.split("/")
    return bool(path) and not re.search(r"[\\:\x00-\x1f]", path) and all(p not in ("", ".", "..") for p in parts)


def file_inside(folder: str, *path: str) -> str:
    """The uri of a file of a dataset or of its inventory, to be read or written.

    path: as its manifest lists it, `/`-separated, in one piece or several. Raises OutsideError for a path that leads
    out of the dataset, also by a link, OSError for what is neither a file nor missing: a pipe would be read for ever.
    """
    listed = "/".join(path)
    if not is_inside(listed):
        raise OutsideError(f"{listed!r} is not a relative path inside {folder}; it was not opened")
    uri = storage.join(folder, *listed.split("/"))
    if storage.is_local(folder):
        real = Path(os.path.realpath(uri))
        if not any(real.is_relative_to(root) for root in _roots(folder)):
            raise OutsideError(f"{uri} is a link that leads out of the dataset; it was not opened")
        if real.exists() and not real.is_file():
            raise OSError(f"{uri} is not a plain file; it was not opened")
    return uri


def _roots(folder: str) -> list[Path]:
    """Where the files of a dataset may lie."""
    given = Path(folder).absolute()
    if given.name == "inventory" and (given.parent / "manifest.json").exists():
        given = given.parent
    root = Path(os.path.realpath(given))
    # what the hub's cache shows as a dataset are links to files beside it
    caches = [above.parent / "blobs" for above in root.parents if above.name == "snapshots"]
    return [root, *caches[:1]]
