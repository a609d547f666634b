"""The options that an inventory's scenes were found with, as `inventory.json` records them: new text is cut alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import SentenceOptions

_Options = TypeVar("_Options", SentenceOptions, SceneOptions)


def recorded_options(
    segmentation: Mapping[str, object], name: str = "inventory.json"
) -> tuple[SentenceOptions, SceneOptions]:
    """How to split and cut new text.

    segmentation: of `inventory.json`; what it lacks is at its default. name: of the file.
    Raises ValueError naming file and section for a setting that is out of range, or that this version doesn't know:
    other producers may have some of their own.
    """
    return (
        _section(SentenceOptions, segmentation, "sentences", name),
        _section(SceneOptions, segmentation, "scenes", name),
    )


def _section(kind: type[_Options], segmentation: Mapping[str, object], section: str, name: str) -> _Options:
    settings = segmentation.get(section, {}) if isinstance(segmentation, Mapping) else None
    where = f"{name}: segmentation.{section}"
    if not isinstance(settings, Mapping):
        raise ValueError(f"{where} is no table of settings")
    if unknown := settings.keys() - {field.name for field in fields(kind)}:
        raise ValueError(
            f"{where} has {', '.join(sorted(unknown))}, which this version doesn't know; use the program that made it"
        )
    try:
        return kind(**settings)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from error
