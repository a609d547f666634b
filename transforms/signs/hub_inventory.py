"""An inventory by its name on the Hugging Face hub: fetched file by file, none of which can run code.

What is fetched lies in the hub's cache of this machine, and is found there again without a network.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.support.hub import HubName, hub_says
from scenesign.transforms.support.inside import is_inside

INFO = "inventory.json"
# Where an inventory lies: in a repository of its own, or in that of a dataset.
_PLACES = (("model", ""), ("dataset", "inventory/"), ("model", "inventory/"), ("dataset", ""))
_SUFFIXES = (".safetensors", ".parquet", ".json")
_INDEX = "index.faiss"  # copied and compared, never loaded
_INFO_BYTES = 16 << 20
_FILE_BYTES = 2 << 30
_MOST_FILES = 64  # an inventory has a handful
_COMMIT = re.compile("[0-9a-f]{40}")


def fetch_inventory(name: HubName) -> str:
    """The folder of an inventory of the hub, fetched as far as it isn't in the cache.

    All files are of one commit. Raises ValueError for an inventory that is not the one whose SHA-256 is asked for,
    that is too large, or that names files of other kinds; FileNotFoundError when there is none by that name, or neither
    cache nor network has it.
    """
    from huggingface_hub import errors

    if _COMMIT.fullmatch(name.revision) and (folder := _cached(name)):
        return folder
    try:
        return _download(name)
    except Exception as error:
        unreachable = isinstance(error, (errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError))
        if type(error) in (ValueError, FileNotFoundError):  # our own
            raise
        # of the library or of the client under it, which differs by version
        if (unreachable or not isinstance(error, errors.HfHubHTTPError)) and (folder := _cached(name)):
            return folder
        if isinstance(error, errors.OfflineModeIsEnabled):
            error = errors.LocalEntryNotFoundError("offline")
        raise FileNotFoundError(hub_says(error, name)) from error


def _download(name: HubName) -> str:
    from huggingface_hub import hf_hub_download

    kind, prefix = _place_of(name)
    described = Path(hf_hub_download(name.repo, prefix + INFO, repo_type=kind, revision=name.revision))
    commit = described.parents[prefix.count("/")].name
    wanted = [prefix + file for file in _files_of(name, described)]
    for path in _sizes(name, kind, commit, wanted, _FILE_BYTES):
        hf_hub_download(name.repo, path, repo_type=kind, revision=commit)
    return os.fspath(described.parent)


def _place_of(name: HubName) -> tuple[str, str]:
    """Kind of repository and folder in it where the hub has the inventory."""
    from huggingface_hub import errors

    missing: Exception | None = None
    for kind, prefix in _PLACES:
        try:
            if _sizes(name, kind, name.revision, [prefix + INFO], _INFO_BYTES):
                return kind, prefix
        except errors.GatedRepoError:
            raise
        except errors.RevisionNotFoundError as error:
            missing = error
        except errors.RepositoryNotFoundError as error:
            missing = missing or error
        else:
            missing = FileNotFoundError(
                f"{name} holds no inventory: there is no {INFO} in it; `scenesign push DATASET/inventory` makes one"
            )
    raise missing or FileNotFoundError(f"{name} is not there")


def _sizes(name: HubName, kind: str, revision: str, paths: Sequence[str], most: int) -> Mapping[str, int]:
    """Bytes of those of some files that the hub has. Raises ValueError when one is larger than `most`."""
    from huggingface_hub import HfApi

    found = HfApi().get_paths_info(name.repo, list(paths), revision=revision, repo_type=kind)
    sizes = {item.path: int(getattr(item, "size", 0)) for item in found if item.path in paths}
    for path, size in sizes.items():
        if size > most:
            raise ValueError(f"{name}: {path} has {size:,} bytes, more than the {most:,} that are read; not fetched")
    return sizes


def _files_of(name: HubName, described: Path) -> list[str]:
    """The files that `inventory.json` vouches for. Raises ValueError for another inventory than the one asked for."""
    data = described.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if name.sha256 and sha256 != name.sha256:
        raise ValueError(f"{name} is not what was asked for: the SHA-256 of its {INFO} is {sha256}")
    files = InventoryInfo.from_json(data.decode(errors="replace"), f"{name}, {INFO}").files
    if len(files) > _MOST_FILES:
        raise ValueError(f"{name}: {INFO} names {len(files):,} files, more than the {_MOST_FILES} that are fetched")
    for file in files:
        if (
            "/" in file
            or file.startswith(".")
            or not is_inside(file)
            or not (file.endswith(_SUFFIXES) or file == _INDEX)
        ):
            raise ValueError(f"{name}: {INFO} names {file!r}, which is no file of an inventory; nothing was fetched")
    return list(files)


def _cached(name: HubName) -> str | None:
    """The folder where the cache of this machine has it, with all that was fetched of it."""
    from huggingface_hub import errors, hf_hub_download

    for kind, prefix in _PLACES:
        try:
            found = hf_hub_download(
                name.repo, prefix + INFO, repo_type=kind, revision=name.revision, local_files_only=True
            )
        except errors.LocalEntryNotFoundError:
            continue
        folder = Path(found).parent
        # starting embeddings may never have been there: they are made of the codebook
        if all((folder / file).exists() or file.startswith("embeddings") for file in _files_of(name, Path(found))):
            return os.fspath(folder)
    return None
