"""Builds with an inventory that exists, asked for or because the books are too few for one of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.options.build_options import BuildOptions, FrozenInventory
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.table import OPTIONS
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.transforms.embedders.registry import pinned
from scenesign.transforms.scenes.recorded import recorded_options
from scenesign.transforms.signs.inventory import (
    INFO,
    check_embedder,
    copy_inventory,
    inventory_folder,
    load_inventory,
    scripts,
)
from scenesign.transforms.support import storage

# In place of a folder: an inventory is fitted, however few the books.
FIT = "fit"


def refuse_settled(inventory: str, named: Collection[str]) -> None:
    """Raises UsageError when one of the options that a user named is for an inventory to decide."""
    for row in OPTIONS:
        if row.settled and row.name in named:
            raise UsageError(f"{row.flag} and --inventory exclude each other: {inventory} settles it; leave it out")


def settle_inventory(options: BuildOptions, beam_options: PipelineOptions, given: Mapping[str, object]) -> BuildOptions:
    """The options with what an inventory settles, or may settle once it is known how many books there are.

    given: options as a user gave them, by name. Raises UsageError for an inventory that can't be had.
    """
    named = [row.name for row in OPTIONS if row.name in given and not row.is_default(given[row.name])]
    inventory, glyphs_asked = str(given.get("inventory") or ""), given.get("glyphs") is not None
    if inventory and inventory != FIT:
        refuse_settled(inventory, named)
        return apply_frozen(options, beam_options, inventory, glyphs_asked)
    script = scripts().get(DEFAULT_SCRIPT)
    if inventory or script is None or any(row.settled for row in OPTIONS if row.name in named):
        return options
    try:
        taken = apply_frozen(options, beam_options, script, glyphs_asked)
    except UsageError as error:
        raise UsageError(f"{error}; or add --inventory {FIT}") from error
    # made of scenes that are cut otherwise, it says nothing of these
    same = ("embedder", "sentences", "scenes", "dataset")
    alike = all(getattr(taken, name) == getattr(options, name) for name in same)
    return replace(options, fallback=taken) if alike else options


def apply_frozen(
    options: BuildOptions, beam_options: PipelineOptions, given: str, glyphs_asked: bool = True
) -> BuildOptions:
    """The options with embedder, segmentation and quantiser as an inventory was made.

    given: its folder, or that of its dataset. glyphs_asked: whether anybody asked for the number of glyphs; where
    nobody did, they are as many as the inventory has at most. Raises UsageError when it can't be read, is of protocol
    1, or has fewer glyphs than are asked for.
    """
    storage.use_options(beam_options)
    try:
        folder = inventory_folder(given)
        info = load_inventory(folder).info
        check_embedder(info, folder)
        sentences, scenes = recorded_options(info.segmentation, storage.join(folder, INFO))
        sha256 = storage.digest(storage.join(folder, INFO))
    except (OSError, ValueError) as error:
        raise UsageError(f"--inventory: {error}") from error
    if not info.composed:
        raise UsageError(
            f"--inventory: {folder} follows protocol {info.protocol}: its signs can be read, but no new dataset is "
            "written in them; leave it out, or give one that this version made"
        )
    levels = len(info.sizes)
    if glyphs_asked and options.glyphs > levels:
        raise UsageError(f"--glyphs: {options.glyphs} asked for; the signs of {folder} have {levels}")
    return replace(
        options,
        dataset=replace(options.dataset, glyphs=min(options.glyphs, levels)),
        embedder=pinned(info.embedder, info.embedder_version),
        sentences=sentences,
        scenes=scenes,
        inventory=replace(options.inventory, signs=info.sizes[0], glyphs=levels, quantiser=info.quantiser),
        frozen=FrozenInventory(folder, sha256),
    )


def place_inventory(frozen: FrozenInventory, target: str) -> None:
    """Copies it into the dataset. Raises UsageError when a file of it is damaged or gone."""
    try:
        copy_inventory(frozen.folder, target)
    except (FileNotFoundError, ValueError) as error:  # a disk that is full is the run's to tell of
        raise UsageError(f"--inventory: {error}") from error
