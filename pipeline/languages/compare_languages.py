"""`scenesign.compare_languages`: what languages cost, as one function."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from scenesign.pipeline.languages.compare import LanguagesError, compare
from scenesign.pipeline.languages.tables import Comparison
from scenesign.pipeline.options.errors import UsageError
from scenesign.schemas.languages import MODEL_SHAPES

StrPath = str | os.PathLike[str]


def compare_languages(
    parallel: StrPath | Sequence[StrPath],
    output: StrPath,
    *,
    tokenizers: Sequence[str] = (),
    inventory: StrPath | None = None,
    sources: Sequence[str] = (),
    model_shape: str = "llama-3-8b",
    seed: int = 0,
    overwrite: bool = False,
    page: bool = False,
    note: Callable[[str], None] | None = None,
) -> Comparison:
    """Measures what the same text costs in each language; the same as `scenesign languages`.

    parallel: aligned text, one or several: a `.tsv` or `.jsonl` with a column per language, or a folder with a file per
    language; `()` is the example library.
    output: folder of chart, tables and report. tokenizers: built-in names, files, or hub ids; none: all built in.
    inventory: also measure the text as its signs: a folder, or the name of a script; None: not. sources:
    `CORPUS=LANGUAGE`, what a corpus was written in, where no TOML beside it says so. model_shape: the model
    whose operations and memory are told. seed: of the intervals. overwrite: replace the results of an earlier run.
    page: also write all of it as one HTML page.
    note: takes each remark on the run, a line; None sends them to the log `scenesign`.

    Raises UsageError naming the option, ValueError naming the aligned text that can't be used, and MissingExtraError
    where the extra `languages` is not installed; nothing is written then.
    """
    if model_shape not in MODEL_SHAPES:
        raise UsageError(f"model_shape: there is no '{model_shape}'; there are {', '.join(sorted(MODEL_SHAPES))}")
    paths = [parallel] if isinstance(parallel, (str, os.PathLike)) else parallel
    try:
        return compare(
            [Path(path) for path in paths],
            tokenizers,
            None if inventory is None else os.fspath(inventory),
            sources,
            MODEL_SHAPES[model_shape],
            seed,
            Path(output),
            overwrite,
            note or logging.getLogger("scenesign").info,
            page,
        )
    except LanguagesError as error:
        raise UsageError(str(error)) from error
