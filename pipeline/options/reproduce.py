"""The command that builds such a dataset again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from scenesign.pipeline.options.table import OPTIONS, Option


def build_command(options: Mapping[str, object]) -> str:
    """The command for a manifest's `options`: every option that decides data, as words for a shell.

    What an inventory settled is left to the inventory; where that lies nobody has written down: INVENTORY stands for
    it, as INPUT and OUT do for theirs. The folder `inventory` of the dataset is a copy of it.
    """
    frozen = options.get("frozen") is not None
    rows = [row for row in OPTIONS if row.manifest and not (frozen and row.settled) and _is_there(options, row)]
    words = [_word(row, text) for row in rows for text in row.spell(_value(options, row.manifest))]
    return " ".join(["scenesign build INPUT... -o OUT", *words])


def _is_there(options: Mapping[str, object], row: Option) -> bool:
    # those of other makers may lack some, which is not the same as an empty one
    return row.manifest.partition(".")[0] in options


def _value(options: Mapping[str, object], place: str) -> object:
    section, _, key = place.partition(".")
    value = options.get(section)
    if not key:
        return value
    return value.get(key) if isinstance(value, Mapping) else None


def _word(row: Option, text: str) -> str:
    # a value that looks like an option of its own needs to hang on to its option
    return shlex.quote(f"{row.flag}={text}") if text.startswith("-") else f"{row.flag} {shlex.quote(text)}"
