"""Publishing: a dataset appears under its name only when whole, and a failed run leaves the earlier one alone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.locks import held
from scenesign.pipeline.run.places import place_of
from scenesign.pipeline.run.publish_objects import (
    Breakable,
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
    path = place_of(output)
    return str(path.parent / f".{path.name}.partial")


def _replaced_folder(output: str) -> Path:
    path = place_of(output)
    return path.parent / f".{path.name}.replaced"


def output_lock(output: str) -> str:
    """The file that keeps a local output for one run, beside it."""
    place = place_of(output)
    return str(place.parent / f".{place.name}.lock")


def parts_lock(parts_folder: str) -> str:
    """The file that keeps a local parts folder for one run, in it."""
    return os.path.join(parts_folder, ".lock")


@contextmanager
def exclusive_output(output: str) -> Iterator[None]:
    """Holds the output for one run. Raises UsageError when another run is at work on it, or it can't be written."""
    if not storage.is_local(output):
        yield  # a unique name beside it keeps two runs apart
        return
    make_writable(str(place_of(output).parent))
    with held(output_lock(output), output):
        yield


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
    with held(parts_lock(parts_folder), parts_folder):
        work = os.path.join(parts_folder, "run")
        remove_leftovers(parts_folder)
        os.makedirs(work)
        try:
            yield work
        finally:
            remove_leftovers(parts_folder)  # of killed workers too


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
        replaced, output = _replaced_folder(output), str(place_of(output))
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
    replaced, output = _replaced_folder(output), str(place_of(output))
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
