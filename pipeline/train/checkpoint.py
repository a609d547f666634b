"""The state of a training on disk, so that it goes on exactly where it was: safetensors and JSON, nothing that runs."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

_TENSORS, _STATE = "state.safetensors", "state.json"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """settings: what decides the training; another run goes on only if its own are equal. loader: see
    `SceneLoader.state_dict`. step: optimiser steps done. losses: validation, at the start and after each epoch. model,
    best: parameters, now and of the best epoch. moments: of the optimiser. random: torch's generators, by device.
    """

    settings: Mapping[str, int | float | str]
    loader: Mapping[str, str | int | bool]
    step: int
    losses: tuple[float, ...]
    model: Mapping[str, torch.Tensor]
    best: Mapping[str, torch.Tensor]
    moments: Mapping[str, torch.Tensor]
    random: Mapping[str, torch.Tensor]


def write_checkpoint(folder: Path, state: Checkpoint) -> None:
    """Writes beside and renames, so that whatever happens the folder is whole: the last state or the one before."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    groups = {"model": state.model, "best": state.best, "moments": state.moments, "random": state.random}
    tensors = {
        f"{group}/{name}": t.detach().cpu().contiguous() for group, held in groups.items() for name, t in held.items()
    }
    save_file(tensors, fresh / _TENSORS)
    told = {"settings": dict(state.settings), "loader": dict(state.loader), "step": state.step, "losses": state.losses}
    (fresh / _STATE).write_text(json.dumps(told), encoding="utf-8", newline="\n")
    old = folder.with_name(folder.name + ".old")
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.rename(folder, old)
    os.rename(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def remove_checkpoint(folder: Path) -> None:
    """Removes a state, and what an interruption left beside it."""
    for name in (folder.name, folder.name + ".old", folder.name + ".new"):
        shutil.rmtree(folder.with_name(name), ignore_errors=True)


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """The last whole state; None where there is none that can be read."""
    for place in (folder, folder.with_name(folder.name + ".old")):
        try:
            told = json.loads((place / _STATE).read_text(encoding="utf-8"))
            tensors = load_file(place / _TENSORS)
            groups = {
                group: {
                    name.split("/", 1)[1]: tensor for name, tensor in tensors.items() if name.startswith(f"{group}/")
                }
                for group in ("model", "best", "moments", "random")
            }
            return Checkpoint(told["settings"], told["loader"], told["step"], tuple(told["losses"]), **groups)
        except Exception:  # a file that a kill or a disk cut short
            continue
    return None
