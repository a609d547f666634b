"""Where a run reads and writes, checked before any work: output, parts and inputs must lie apart."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.publish_objects import check_object_output
from scenesign.schemas.records import Source
from scenesign.transforms.read.paths import local_path
from scenesign.transforms.support import storage


def place_of(output: str) -> Path:
    """Where a local output really lies: a link to a folder stands for the folder."""
    return Path(os.path.realpath(output))


def check_output(output: str, overwrite: bool) -> None:
    """Raises UsageError when the output can't be written to without losing something, or can't get its name."""
    if not storage.is_local(output):
        check_object_output(output, overwrite)
        return
    path = place_of(output)
    if path.exists() and not path.is_dir():
        raise UsageError(f"{output} is a file; give -o a folder")
    # the finished dataset takes the place of the folder, by a new name for it
    if path == Path(path.anchor) or os.path.ismount(path):
        raise UsageError(f"-o {output}: the root of a file system can't be replaced; name a new folder inside it")
    if Path(os.path.realpath(os.curdir)).is_relative_to(path):
        raise UsageError(f"-o {output}: the folder you are in, or one above it, can't be replaced; name a new folder")
    if path.is_dir() and any(path.iterdir()):
        if not (path / "manifest.json").exists():
            raise UsageError(
                f"{output} is not empty and not a scenesign dataset; nothing in it is touched, choose another -o"
            )
        if not overwrite:
            raise UsageError(f"{output} holds a dataset already; add --overwrite to replace it, or choose another -o")
    parent = path.parent
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK):
        raise UsageError(f"{parent} can't be written to; choose another -o")


def check_apart(output: str, parts: str, inputs: Sequence[str], sources: Sequence[Source]) -> None:
    """Raises UsageError where output or parts lie inside an input folder, where the next run would read them as books,
    an input inside one of them, where it would be replaced, or one of them inside the other.

    inputs: as the user named them; sources: what was found there.
    """
    places = {"-o": output, "--parts": parts}
    for given in inputs:
        for option, path in places.items():
            if lies_in(path, _folder(given)):
                raise UsageError(f"{option} {path} lies inside the input {given}; choose a folder outside it")
            if lies_in(_folder(given), path):
                raise UsageError(f"the input {given} lies inside {option} {path}; choose another {option}")
    for source in sources:
        for option, path in places.items():
            if lies_in(local_path(source.uri) or source.uri, path):
                raise UsageError(f"the input {source.uri} lies inside {option} {path}; choose another {option}")
    if lies_in(parts, output):
        raise UsageError(f"--parts {parts} lies inside -o {output}, which is replaced; choose a folder outside it")
    if lies_in(output, storage.join(parts, "run")):
        raise UsageError(f"-o {output} lies where --parts {parts} keeps passing files; choose another -o")


def _folder(given: str) -> str:
    return local_path(given) or re.sub(r"^hf:.*", "", given)


def lies_in(path: str, folder: str) -> bool:
    """Whether a path is a folder or anything inside it, links followed."""
    if not path or not folder or storage.is_local(path) != storage.is_local(folder):
        return False
    if storage.is_local(path):
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    return (path.rstrip("/") + "/").startswith(folder.rstrip("/") + "/")
