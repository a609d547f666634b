"""Books that are rows of a Hugging Face dataset, streamed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from scenesign.schemas.records import RejectError
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.rows import no_column, not_text, row_document
from scenesign.transforms.support.failures import is_out_of_reach, one_line, raise_if_machine_failed
from scenesign.transforms.support.patience import out_of_reach

HF_PREFIX = "hf:"
# What the folder builders of `datasets` may unpickle, or what holds no rows of text.
_UNSAFE_DATASET_SUFFIXES = (".pkl", ".pickle", ".tar", ".pt", ".pth", ".npy", ".npz", ".h5", ".hdf5", ".py", ".joblib")


def read_dataset(file: InputFile) -> Iterator[RawDocument]:
    """Rows of a Hugging Face dataset, streamed. Code that a dataset brings along is never run."""
    for row, (value, licence) in enumerate(_rows(file)):
        document = row_document(f"{file.name}#{row}", value, file.options, 0)
        yield replace(document, license=document.license or licence)


def _rows(file: InputFile) -> Iterator[tuple[Any, str]]:
    """Each row, and the dataset's licence."""
    folder = dataset_folder(file.uri)
    if folder and not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "no such folder", folder)
    name, config, split = parse_dataset(file.uri)
    import datasets  # slow to import, and few runs need it

    try:
        if os.path.isdir(name):
            _refuse_unsafe(name)
        if os.path.isdir(name) and is_saved(name):
            found: Any = datasets.load_from_disk(name)
        else:
            found = datasets.load_dataset(name, config, streaming=True)
        if hasattr(found, "keys"):
            splits = sorted(found.keys())
            chosen = split or ("train" if "train" in splits else splits[0])
            if chosen not in splits:
                raise RejectError("no-split", f"no split {chosen!r}; the dataset has {', '.join(splits)}")
            found = found[chosen]
        stated = str(getattr(getattr(found, "info", None), "license", None) or "")
        rows: Iterable[Any] = found
        for row, value in enumerate(rows):
            if row == 0 and file.options.text_column not in value:
                raise no_column(file.options.text_column, value)
            if row == 0 and isinstance(value[file.options.text_column], (list, dict, int, float)):
                feature = (getattr(found, "features", None) or {}).get(file.options.text_column)
                kind = getattr(feature, "dtype", None) or type(value[file.options.text_column]).__name__
                raise not_text(file.options.text_column, f"values of type {kind}")
            yield value, stated
    except RejectError:
        raise
    except Exception as error:  # datasets raises whatever its backends do, and offline is the commonest
        if is_out_of_reach(error):  # `datasets` has tried for a while by itself
            raise out_of_reach(f"{file.uri}: the hub", error) from error
        raise_if_machine_failed(error)
        why = f"{type(error).__name__}: {one_line(error)}"
        raise RejectError("unreadable-dataset", why) from error


def parse_dataset(uri: str) -> tuple[str, str | None, str | None]:
    """Name (or local folder), configuration and split of `hf:NAME[/CONFIG][@SPLIT]`.

    NAME is `dataset`, `owner/dataset` or a folder; a third part is the configuration. Raises ValueError for what is
    none of these.
    """
    body, split = _cut_split(uri)
    if os.path.isdir(body):
        return body, None, split or None
    parts = body.split("/")
    if len(parts) == 3 and all(parts):
        return "/".join(parts[:2]), parts[2], split or None
    if not 1 <= len(parts) <= 2 or not all(parts):
        raise ValueError(f"{uri}: no such folder, and no dataset's name; write hf:NAME[/CONFIG][@SPLIT] or hf:FOLDER")
    return body, None, split or None


def dataset_folder(uri: str) -> str:
    """The folder of a dataset on disk; "" for one of the hub. An absolute path is a folder, even where it's missing."""
    body, _ = _cut_split(uri)
    return body if os.path.isabs(body) or os.path.isdir(body) else ""


def _cut_split(uri: str) -> tuple[str, str]:
    """What stands before and after the `@` of a split; folders may have such a mark in their names."""
    whole = uri.removeprefix(HF_PREFIX)
    body, mark, split = whole.rpartition("@")
    return (whole, "") if not mark or "/" in split or os.path.isdir(whole) else (body, split)


def is_saved(folder: str) -> bool:
    """Whether a folder is what `save_to_disk` of the library `datasets` leaves."""
    return any(os.path.exists(os.path.join(folder, name)) for name in ("state.json", "dataset_dict.json"))


def _refuse_unsafe(folder: str) -> None:
    for _, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(_UNSAFE_DATASET_SUFFIXES):
                raise RejectError("unsupported-type", f"the folder holds {name!r}, which could run code; remove it")


READER = Reader("Hugging Face dataset", (), Holds.ROWS, read_dataset, scheme=HF_PREFIX)
