"""Publishing: a dataset appears under its name only when whole, and a failed run leaves the earlier one alone."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.publish_objects import (
    Breakable,
    check_object_output,
    clear_old,
    new_folder,
    partial_prefix,
    publish_objects,
)
from scenesign.transforms.support import storage


def staging_folder(output: str) -> str:
    """Where the dataset grows: beside its final name, on the same disk or in the same bucket."""
    if not storage.is_local(output):
        return new_folder(partial_prefix(output))
    path = Path(output)
    return str(path.parent / f".{path.name}.partial")


def _replaced_folder(output: str) -> Path:
    path = Path(output)
    return path.parent / f".{path.name}.replaced"


def check_output(output: str, overwrite: bool) -> None:
    """Raises UsageError when the output can't be written to without losing something."""
    if not storage.is_local(output):
        check_object_output(output, overwrite)
        return
    manifest = storage.join(output, "manifest.json")
    path = Path(output)
    if path.exists() and not path.is_dir():
        raise UsageError(f"{output} is a file; give -o a folder")
    if path.is_dir() and any(path.iterdir()):
        if not os.path.exists(manifest):
            raise UsageError(
                f"{output} is not empty and not a scenesign dataset; nothing in it is touched, choose another -o"
            )
        if not overwrite:
            raise UsageError(f"{output} holds a dataset already; add --overwrite to replace it, or choose another -o")
    parent = path.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK):
        raise UsageError(f"{parent} can't be written to; choose another -o")


def check_inputs_apart(output: str, inputs: tuple[str, ...]) -> None:
    """Raises UsageError when the output lies inside an input folder, where the next run would read it as books."""
    if not storage.is_local(output):
        for given in inputs:
            if (output.rstrip("/") + "/").startswith(given.rstrip("/") + "/"):
                raise UsageError(f"-o {output} lies inside the input {given}; choose a folder outside it")
        return
    target = Path(output).absolute().resolve()
    for given in inputs:
        if storage.is_local(given) and os.path.isdir(given) and target.is_relative_to(Path(given).resolve()):
            raise UsageError(f"-o {output} lies inside the input {given}; choose a folder outside it")


@contextmanager
def exclusive(parts_folder: str, detached: bool = False) -> Iterator[str]:
    """Holds the parts folder for one run and yields a folder for its passing files, removed at the end.

    detached: the run goes on elsewhere after the end, and cleans up by itself.
    What killed runs left there is removed first. Raises UsageError when another run is at work, or nothing can be
    written there.
    """
    if not storage.is_local(parts_folder):
        # object stores have no locks; a unique name keeps two runs apart
        prefix = storage.join(parts_folder, "run-")
        clear_old(prefix)
        work = new_folder(prefix)
        try:
            yield work
        finally:
            if not detached:
                with suppress(Exception):  # out of reach; a later run removes it
                    storage.remove(work)
        return
    make_writable(parts_folder)
    lock = os.path.join(parts_folder, ".lock")
    with open(lock, "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"another run is at work on {parts_folder}; wait for it, or choose another -o or --parts"
            ) from None
        work = os.path.join(parts_folder, "run")
        remove_leftovers(parts_folder)
        os.makedirs(work)
        try:
            yield work
        finally:
            remove_leftovers(parts_folder)  # of killed workers too
            if os.path.exists(lock):
                os.unlink(lock)


def make_writable(folder: str) -> None:
    """Makes a local folder if need be; raises UsageError when files can't be made in it."""
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"can't write to {folder} ({error.strerror}); choose another -o or --parts") from error


def remove_leftovers(parts_folder: str) -> None:
    """Removes passing files of a killed run: its work folder, and parts that were never finished."""
    shutil.rmtree(os.path.join(parts_folder, "run"), ignore_errors=True)
    for leftover in Path(parts_folder).glob("**/.tmp-*"):
        leftover.unlink(missing_ok=True)


def clear_staging(output: str) -> None:
    """Removes what a killed run left beside the output, and puts back a dataset that it was about to replace."""
    if storage.is_local(output):
        replaced = _replaced_folder(output)
        if replaced.exists() and not os.path.exists(output):
            os.rename(replaced, output)
        shutil.rmtree(replaced, ignore_errors=True)
        shutil.rmtree(staging_folder(output), ignore_errors=True)
    else:
        clear_old(partial_prefix(output))


def publish(staging: str, output: str, breakable: Breakable = nullcontext) -> None:
    """Gives the finished dataset its name; an earlier one under that name goes away only then.

    breakable: makes the context of what may be broken off, which renaming may not.
    """
    if not storage.is_local(output):
        publish_objects(staging, output, breakable)
        return
    replaced = _replaced_folder(output)
    if os.path.isdir(output):
        if any(Path(output).iterdir()):
            os.rename(output, replaced)
        else:
            os.rmdir(output)
    try:
        os.rename(staging, output)
    except OSError:
        if replaced.exists():
            os.rename(replaced, output)
        raise
    shutil.rmtree(replaced, ignore_errors=True)
