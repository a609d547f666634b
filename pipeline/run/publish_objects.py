"""Publishing on object stores, which rename neither folders nor files.

The dataset grows under a name of its own (`OUT.partial-…`), so that a run that fails leaves an earlier one alone. Then
it is copied inside the store. While that goes on OUT has no manifest, and so is no dataset; a list of all files of
the old and of the new one lies there instead, from which a later run finishes what was broken off.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import apache_beam as beam

from scenesign.pipeline.options.errors import UsageError
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.support import storage
from scenesign.transforms.support.extras import MissingExtraError
from scenesign.transforms.support.inside import is_inside

MANIFEST = "manifest.json"
_MARK = ".publishing.json"
# What killed runs left is removed once nothing has been written there for so long; a run may still be at work
# on a fleet when the command that started it is long gone.
_SECONDS_KEPT = 7 * 24 * 3600.0

Breakable = Callable[[], AbstractContextManager[None]]


def new_folder(prefix: str) -> str:
    """A folder name that no other run has."""
    return prefix + uuid.uuid4().hex[:12]


def partial_prefix(output: str) -> str:
    """What the staging folders of an output begin with."""
    return output.rstrip("/") + ".partial-"


def clear_old(prefix: str) -> None:
    """Removes folders of that beginning in which nothing has been written for a week."""
    for folder, seconds in storage.last_write(prefix).items():
        if time.time() - seconds > _SECONDS_KEPT:
            storage.remove(folder)


def check_object_output(output: str, overwrite: bool) -> None:
    """Raises UsageError when the output can't be reached, or not be written to without losing something."""
    if not re.fullmatch(r"[a-z0-9]+://[^/]+/+[^/].*", output):
        raise UsageError(f"{output} names no folder in a bucket; choose a name inside it, as in gs://my-bucket/books")
    try:
        holds_dataset = storage.exists(storage.join(output, MANIFEST))
        half_published = not holds_dataset and storage.exists(storage.join(output, _MARK))
        holds_anything = holds_dataset or half_published or bool(storage.list_tree(output))
    except MissingExtraError:
        raise
    except Exception as error:  # every store's client has its own
        line = " ".join(str(error).split())[:300]
        raise UsageError(f"{output} can't be reached ({line}); check the name, the network and your rights") from error
    if holds_dataset and not overwrite:
        raise UsageError(f"{output} holds a dataset already; add --overwrite to replace it, or choose another -o")
    if holds_anything and not holds_dataset and not half_published:
        raise UsageError(
            f"{output} is not empty and not a scenesign dataset; nothing in it is touched, choose another -o"
        )


def publish_objects(staging: str, output: str, breakable: Breakable = nullcontext) -> None:
    """Puts the finished dataset of `staging` into the place of `output`; to be tried again if it is broken off.

    breakable: makes the context of what may be broken off; the step that makes a dataset of it may not.
    Raises FileNotFoundError when `staging` holds no finished dataset, unless it has been published already.
    """
    with breakable():
        staged = storage.list_tree(staging)
        manifest, mark = storage.join(output, MANIFEST), storage.join(output, _MARK)
        if MANIFEST not in staged:
            if storage.exists(manifest):
                return
            raise FileNotFoundError(f"{staging} holds no finished dataset")
        earlier = _files_of(output)
        storage.write_bytes(mark, json.dumps(sorted(earlier.union(staged))).encode())
        storage.remove(manifest)
        _copy(staging, output, [name for name in staged if name != MANIFEST])
        for name in sorted(earlier.difference(staged)):
            storage.remove(storage.join(output, name))
    _copy(staging, output, [MANIFEST])
    storage.remove(mark)
    storage.remove(staging)


def _files_of(output: str) -> set[str]:
    """Files that belong to the dataset under a name, or to one that was being replaced by another."""
    mark, manifest = storage.join(output, _MARK), storage.join(output, MANIFEST)
    names = set(json.loads(storage.read_bytes(mark))) if storage.exists(mark) else set()
    if storage.exists(manifest):
        found = Manifest.from_json(storage.read_bytes(manifest).decode(), manifest)
        names.update((MANIFEST, "README.md"), (entry.path for entry in found.files))
    # a name that leads out of the folder can only come from a stranger's manifest
    return {name for name in names if is_inside(name)}


def _copy(source: str, target: str, names: Sequence[str]) -> None:
    storage.copy([storage.join(source, name) for name in names], [storage.join(target, name) for name in names])


class _Publish(beam.DoFn):
    def __init__(self, staging: str, output: str, work: str) -> None:
        self.staging = staging
        self.output = output
        self.work = work

    def process(self, _: str) -> Iterable[str]:
        publish_objects(self.staging, self.output)
        storage.remove(self.work)
        yield self.output


@dataclass
class PublishObjects(beam.PTransform):
    """The finished dataset's folder -> its published name, as a last step for runs that nobody waits for."""

    staging: str
    output: str
    work: str

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, summaries: beam.PCollection) -> beam.PCollection:
        return (
            summaries
            # a second try of this step must not repeat the step before: its files are gone by then
            | "Settle" >> beam.Reshuffle()
            | "Publish" >> beam.ParDo(_Publish(self.staging, self.output, self.work))
        )
