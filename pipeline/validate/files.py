"""Checks of a dataset's manifest and files: listed, present, whole, and called what the protocol calls them.

The dataset may be anybody's. Nothing outside its folder is opened, and no file is read before its size is known.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.rules import Findings
from scenesign.schemas.version import PROTOCOL, PROTOCOL_VERSION, major_version
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import OutsideError, file_inside, is_inside

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MANIFEST = "manifest.json"
CARD = "README.md"
# A manifest has some 300 bytes per book: this is room for 400,000 of them.
MANIFEST_BYTES = 128 << 20
# Embeddings in use have up to some 8,000.
MOST_DIMENSIONS = 1 << 16
# Levels of lists and objects in JSON; ours has six.
_DEEPEST = 64
TABLES = ("sequences", "scenes", "cast", "concepts", "atlas", "rejects")


def read_capped(folder: str, path: str, limit: int) -> bytes:
    """A whole file of the dataset. Raises OSError when it is missing, no plain file, or longer than `limit` bytes."""
    uri = file_inside(folder, path)
    length = storage.size(uri)
    if length > limit:
        raise OSError(f"{path} has {length:,} bytes; at most {limit:,} are read")
    return storage.read_bytes(uri)


def parse_json(data: bytes) -> dict[str, Any]:
    """A JSON object. Raises ValueError for anything else, nesting that exhausts the stack included."""
    try:
        found = json.loads(data.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    layer: list[Any] = [found]
    for _ in range(_DEEPEST):
        children = (child for each in layer for child in (each.values() if isinstance(each, dict) else each))
        layer = [child for child in children if isinstance(child, dict | list)]
        if not layer:
            return found
    raise ValueError("nested too deeply")


def mistyped(record: DataclassInstance) -> str | None:
    """The name of the first field of a dataclass that is not of its declared type, one level deep in collections."""
    hints = get_type_hints(type(record))
    for item in fields(record):
        value, kind = getattr(record, item.name), hints[item.name]
        origin = get_origin(kind) or kind
        arguments = get_args(kind)
        if is_dataclass(value) and not isinstance(value, type):
            inner = mistyped(value)
            if inner:
                return f"{item.name}.{inner}"
            continue
        inside_kind = arguments[1] if origin is Mapping else arguments[0] if arguments else Any
        inner_values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
        if not _is(value, origin) or not all(_is(each, inside_kind) for each in inner_values):
            return item.name
    return None


def _is(value: object, kind: Any) -> bool:
    """Whether a value from JSON is of a type; anything passes for `Any` and dataclasses, which are checked apart."""
    if kind in (int, float):
        numbers = (int,) if kind is int else (int, float)
        return isinstance(value, numbers) and not isinstance(value, bool) and abs(value) < 1 << 62
    return isinstance(value, {str: str, tuple: tuple, Mapping: dict}.get(kind, object))


def load_manifest(folder: str, findings: Findings) -> Manifest | None:
    """The manifest, or None when it can't be used."""
    try:
        raw = parse_json(read_capped(folder, MANIFEST, MANIFEST_BYTES))
        if not check_version(str(raw.get("protocol")), findings):
            return None
        try:
            manifest = Manifest.from_json(json.dumps(raw))
        except RuntimeError as error:  # the accounts
            findings.add("manifest.accounts", MANIFEST, str(error).split(";")[0])
            return None
        records: list[DataclassInstance] = [
            manifest,
            manifest.counts,
            *manifest.books,
            *manifest.files,
            *manifest.counts.by_language.values(),
            *manifest.stages,
            *(spread for stage in manifest.stages for spread in stage.sizes.values()),
        ]
        wrong = next((f"{type(r).__name__}.{name}" for r in records if (name := mistyped(r))), None)
        if wrong:
            raise ValueError(f"{wrong} is of the wrong type")
        dimensions = manifest.inventory.get("dimensions")
        if not isinstance(dimensions, int) or not 1 <= dimensions <= MOST_DIMENSIONS:
            raise ValueError(f"inventory.dimensions is {str(dimensions)[:40]}")
    except (OSError, ValueError) as error:
        findings.add("manifest.form", MANIFEST, str(error))
        return None
    return manifest


def check_version(protocol: str, findings: Findings, file: str = MANIFEST) -> bool:
    """Whether a dataset's protocol is the one that this program checks."""
    name, _, version = protocol.rpartition("/")
    major = PROTOCOL_VERSION.split(".")[0]
    if name == PROTOCOL and re.fullmatch(rf"{major}\.\d+\.\d+", version):
        return True
    if name == PROTOCOL and 0 < major_version(protocol) < int(major):
        detail = f"'{protocol}' is read and not checked any more; build the dataset again from its books"
    else:
        detail = f"'{protocol}'; this program checks {PROTOCOL}/{major}.x"
    findings.add("manifest.version", file, detail)
    return False


def check_files(folder: str, manifest: Manifest, findings: Findings) -> list[FileEntry]:
    """The listed files that are there and whole."""
    whole = []
    listed = Counter(entry.path for entry in manifest.files)
    for entry in manifest.files:
        if not is_inside(entry.path):
            findings.add("files.path", entry.path, "not a relative path inside the dataset; it was not opened")
            continue
        if listed[entry.path] > 1:
            findings.add("files.path", entry.path, f"listed {listed[entry.path]} times")
            continue
        try:
            uri = file_inside(folder, entry.path)
            found = storage.size(uri)
            if found != entry.bytes:
                findings.add("files.digest", entry.path, f"{found:,} bytes, the manifest says {entry.bytes:,}")
            elif (sha := storage.digest(uri)) != entry.sha256:
                findings.add("files.digest", entry.path, f"SHA-256 {sha}, the manifest says {entry.sha256}")
            whole.append(entry)
        except OutsideError as error:
            findings.add("files.path", entry.path, str(error))
        except OSError as error:
            findings.add("files.present", entry.path, str(error))
    return whole


def check_names(entries: Iterable[FileEntry], findings: Findings) -> None:
    """Shards are called and numbered as loaders expect."""
    shards: dict[tuple[str, str], list[FileEntry]] = {}
    for entry in entries:
        if entry.config and entry.config not in ("atlas", "rejects"):
            shards.setdefault((entry.config, entry.split), []).append(entry)
    for (config, split), found in shards.items():
        # a shard of casts is called as that of its books; where these keep naming nobody there is none
        of = len(shards.get(("sequences", split), ())) if config == "cast" else len(found)
        wanted = [f"{config}/split={split}/{split}-{i:05d}-of-{of:05d}.parquet" for i in range(of)]
        have = sorted(entry.path for entry in found)
        for path in have:
            if path not in set(wanted):
                expected = f"one of {wanted[0]} to {wanted[-1]}" if wanted else "no shard of this split"
                findings.add("files.name", path, f"{expected} expected")


def list_dataset(folder: str) -> list[str]:
    """Paths of all files inside the dataset, relative to it. Symbolic links to folders are not followed."""
    if not storage.is_local(folder):
        prefix = folder.rstrip("/") + "/"
        return sorted(uri[len(prefix) :] for uri, _ in storage.match(prefix + "**"))
    found = []
    for root, _, names in os.walk(folder):
        found += [os.path.relpath(os.path.join(root, name), folder) for name in names]
    return sorted(path.replace(os.sep, "/") for path in found)


def check_unlisted(folder: str, manifest: Manifest, findings: Findings) -> None:
    """No stray Parquet file where loaders would read it as data."""
    listed = {entry.path for entry in manifest.files}
    for path in list_dataset(folder):
        top = PurePosixPath(path).parts[0]
        if path.endswith(".parquet") and top in (*TABLES, "inventory") and path not in listed:
            findings.add("files.unlisted", path, "not in the manifest; loaders would read it with the data")
