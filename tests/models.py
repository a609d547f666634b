"""Small concept models with weights that are known."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from scenesign.pipeline.train.model import ConceptConfig, ConceptModel
from scenesign.pipeline.train.pieces import Pieces, pieces_of
from scenesign.pipeline.train.record import RECORD, TrainingRecord
from scenesign.transforms.signs.inventory import CODEBOOK, Inventory, copy_inventory

# What `pieces_model` reads: three topics, and one composed level.
TOPICS, COMPOSED = 3, 4_096


def places_model(members: int = 2) -> ConceptModel:
    """A model of vectors in three dimensions, as it is before training: it looks for what is like the last scenes."""
    torch.manual_seed(0)
    config = ConceptConfig(on="vectors", dimensions=3, members=members, width=8, layers=1, heads=2, reach=4)
    return ConceptModel(config).eval()


def pieces_model() -> ConceptModel:
    """A model of glyphs that knows of no topic or letter what it means, nor how often there is one."""
    torch.manual_seed(0)
    pieces = Pieces((TOPICS, COMPOSED), (False, True))
    config = ConceptConfig(levels=pieces.levels, composed=pieces.composed, dimensions=4, width=8, layers=1, heads=2)
    model = ConceptModel(config).eval()
    with torch.no_grad():
        model.table.weight.zero_()
    return model


@torch.no_grad()
def stir(model: ConceptModel, seed: int = 0) -> ConceptModel:
    """The same model with every weight drawn anew, so that nothing is at its start."""
    generator = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        weights.copy_(torch.randn(weights.shape, generator=generator) * 0.5)
    return model


def save_model(folder: Path, dataset: Path, on: str = "glyphs", at_chance: bool = False) -> Path:
    """An untrained model of a dataset's first two levels, saved as `train` saves one; returns the folder."""
    inventory = Inventory.load(dataset)
    embeddings = inventory.quantiser.embeddings()
    pieces = pieces_of(inventory.info.sizes, inventory.info.quantiser, 2)
    torch.manual_seed(0)
    model = ConceptModel(
        ConceptConfig(
            on=on,
            levels=pieces.levels,
            composed=pieces.composed,
            dimensions=embeddings.shape[1],
            members=4,
            inventory=inventory.info.files[CODEBOOK],
        )
    )
    if on == "glyphs":
        with torch.no_grad():
            model.table.weight.copy_(torch.from_numpy(pieces.table(embeddings[: sum(pieces.levels)])))
    model.save_pretrained(folder)
    copy_inventory(str(dataset / "inventory"), str(folder / "inventory"))
    (folder / RECORD).write_text(record(dataset, on, at_chance).to_json(), encoding="utf-8")
    return folder


def copy_model(model: Path, folder: Path) -> Path:
    """A copy that may be changed."""
    shutil.copytree(model, folder)
    return folder


def record(dataset: Path, on: str = "glyphs", at_chance: bool = False) -> TrainingRecord:
    """The record of a training that wasn't."""
    chooses = (
        "The model is at chance: it chooses the next of 32 scenes in 3.0 (2.0 to 4.1) % of cases, chance is 3.1 %."
    )
    return TrainingRecord(
        dataset=str(dataset),
        digest="",
        on=on,
        settings={},
        epochs=0,
        best=0,
        books=(0, 0, 0),
        scenes=(0, 0, 0),
        judged_on="test",
        held_out=False,
        far={},
        near={},
        bits={},
        letters=0.0,
        cast=0.0,
        curve=(),
        flops=0.0,
        device="cpu",
        at_chance=at_chance,
        verdict=chooses if at_chance else "The model chooses the next of 32 scenes in 30.0 (28.0 to 32.0) % of cases.",
    )
