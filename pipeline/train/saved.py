"""A saved model, opened: its weights, the inventory that it reads with, and the record of its training."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from scenesign.pipeline.train.model import ConceptConfig, ConceptModel
from scenesign.pipeline.train.pieces import Pieces, pieces_of
from scenesign.pipeline.train.record import RECORD, TrainingRecord, read_record
from scenesign.transforms.signs.encoder import SignEncoder
from scenesign.transforms.signs.inventory import CODEBOOK, Inventory
from scenesign.transforms.support import storage

INVENTORY = "inventory"
_CONFIG, _WEIGHTS = "config.json", "model.safetensors"
# A setting beyond this is no model's, and would take all memory.
_MOST, _MOST_LAYERS = 65_536, 256


@dataclass(frozen=True, eq=False)
class SavedModel:
    """A model on disk. folder: where it lies. encoder: of its own inventory."""

    folder: str
    model: ConceptModel
    encoder: SignEncoder
    record: TrainingRecord

    @property
    def inventory(self) -> Inventory:
        """What it reads signs or vectors with."""
        return self.encoder.inventory

    @property
    def pieces(self) -> Pieces:
        """How it takes signs apart."""
        return Pieces(tuple(self.model.config.levels), tuple(self.model.config.composed))


def open_model(folder: str | os.PathLike[str]) -> SavedModel:
    """Opens a model. No pickle is read and nothing is downloaded.

    Raises FileNotFoundError when the folder is no model, and ValueError naming the file when one is missing, damaged,
    or doesn't fit the others, or when the embedder of its inventory is not the one installed here.
    """
    if not storage.is_local(os.fspath(folder)):
        raise FileNotFoundError(f"{os.fspath(folder)}: a model is read from a folder of this machine; copy it here")
    where = Path(folder)
    record = read_record(where)
    if not (isinstance(record.dataset, str) and isinstance(record.verdict, str) and isinstance(record.at_chance, bool)):
        raise ValueError(
            f"{where / RECORD} has other things than text in 'dataset' or 'verdict'; train the model again"
        )
    if not (where / INVENTORY).is_dir():
        raise FileNotFoundError(f"{where} has no folder {INVENTORY}, by which a model reads; train the model again")
    encoder = SignEncoder(where / INVENTORY)
    config = _config(where / _CONFIG)
    _check_fit(config, encoder.inventory, where)
    return SavedModel(os.fspath(folder), _model(where, config), encoder, record)


def _config(path: Path) -> ConceptConfig:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.parent} is no model: there is no {path.name} in it; give a folder `train` wrote"
        )
    try:
        stated = ConceptConfig.get_config_dict(str(path.parent), local_files_only=True)[0]
        if stated.get("model_type") != ConceptConfig.model_type:
            raise ValueError(f"model_type is {stated.get('model_type')!r}, not '{ConceptConfig.model_type}'")
        config = ConceptConfig.from_dict(stated)
        if config.on not in ("glyphs", "vectors"):
            raise ValueError(f"'on' is {config.on!r}, neither glyphs nor vectors")
        if not isinstance(config.dropout, float | int) or not 0 <= config.dropout < 1:
            raise ValueError(f"'dropout' is {config.dropout!r}")
        for name in ("dimensions", "width", "layers", "heads", "reach", "members"):
            number = getattr(config, name)
            least, most = int(name not in ("layers", "members")), _MOST_LAYERS if name == "layers" else _MOST
            if type(number) is not int or not least <= number <= most:
                raise ValueError(f"'{name}' is {number!r}")
        if config.width % config.heads:
            raise ValueError(f"'width' of {config.width} can't be shared by {config.heads} 'heads'")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        why = " ".join(str(error).split())
        raise ValueError(f"{path} does not describe a concept model ({why}); train the model again") from error
    return config


def _check_fit(config: ConceptConfig, inventory: Inventory, folder: Path) -> None:
    """Raises ValueError when a model can't read with an inventory."""
    info = inventory.info
    if config.inventory != info.files.get(CODEBOOK):
        raise ValueError(
            f"{folder / _CONFIG} was made for another inventory than {folder / INVENTORY}: their codebooks differ. "
            "Put back the one that it was trained with, or train the model again"
        )
    levels = tuple(config.levels)
    if config.on == "vectors":
        width = inventory.quantiser.embeddings().shape[1]
        if config.dimensions != width:
            raise ValueError(
                f"{folder / _CONFIG}: 'dimensions' is {config.dimensions}, and the inventory's space has {width}"
            )
    elif not levels or pieces_of(info.sizes, info.quantiser, len(levels)) != Pieces(levels, tuple(config.composed)):
        raise ValueError(
            f"{folder / _CONFIG}: 'levels' {list(levels)} are no first levels of the inventory, {list(info.sizes)}; "
            "train the model again"
        )


def _model(folder: Path, config: ConceptConfig) -> ConceptModel:
    path = folder / _WEIGHTS
    if not path.is_file():
        raise FileNotFoundError(f"{folder} has no {_WEIGHTS}, and weights of other forms are not read; train it again")
    with torch.device("meta"):  # no memory is taken before the file is known to fill it
        model = ConceptModel(config)
    try:
        with safe_open(path, "pt") as file:
            stated = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
        for name in sorted(wanted.keys() | stated.keys()):
            if wanted.get(name) != stated.get(name):
                raise ValueError(
                    f"{name} should be {wanted.get(name, 'absent')} by {_CONFIG}, and is {stated.get(name, 'absent')}"
                )
        weights = {name: tensor.float() for name, tensor in load_file(path).items()}
        for name, tensor in weights.items():
            if not torch.isfinite(tensor).all():
                raise ValueError(f"{name} is not made of numbers")
    except (OSError, ValueError, SafetensorError) as error:
        raise ValueError(f"{path} can't be used ({' '.join(str(error).split())}); train the model again") from error
    model.load_state_dict(weights, assign=True)
    model.eval()
    return model
