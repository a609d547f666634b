"""A dataset's scenes for PyTorch: batches for training, and the models that learn from them.

    from scenesign.torch import Scenes

    loader = Scenes("out/books", "train", context=64, batch=16).loader(workers=2)
    for batch in loader:                                # an epoch; `SceneBatch`: signs, cast, mask, books
        ...
    state = loader.state_dict()                         # small and plain, for json.dump
    loader.load_state_dict(state)                       # the same batches go on from there

A model that `train` has saved, or the command of that name, opens as one of transformers, and goes on with stories:

    from scenesign.torch import ConceptModel, go_on

    model = ConceptModel.from_pretrained("out/model")   # weights, and scenes so far in, what is next out
    found = go_on("out/model", "Once upon a time ...")  # the same by name: topics, cast, real scenes
    for topic in found[0].topics:
        print(topic.probability, topic.name(found.language))

Import names from here rather than this module by its own name: `torch` is PyTorch's. Those of models are imported when
they are first used, for transformers takes seconds to come.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from scenesign.transforms.dataset.scene_batches import SceneBatch, SceneLoader, Scenes

if TYPE_CHECKING:
    from scenesign.pipeline.train.continuation import (
        ComingMember,
        ComingScene,
        ComingTopic,
        Continuation,
        Outlook,
        RefusalError,
        go_on,
    )
    from scenesign.pipeline.train.model import ConceptConfig, ConceptModel, Foresight
    from scenesign.pipeline.train.record import TrainingRecord
    from scenesign.pipeline.train.train_dataset import train_dataset as train
    from scenesign.pipeline.train.trainer import TrainingOptions

__all__ = [
    "ComingMember",
    "ComingScene",
    "ComingTopic",
    "ConceptConfig",
    "ConceptModel",
    "Continuation",
    "Foresight",
    "Outlook",
    "RefusalError",
    "SceneBatch",
    "SceneLoader",
    "Scenes",
    "TrainingOptions",
    "TrainingRecord",
    "go_on",
    "train",
]

# Where each name of models lies: its module, and after a colon what it is called there, where that differs.
_HOMES = {
    **dict.fromkeys(("ConceptConfig", "ConceptModel", "Foresight"), "model"),
    **dict.fromkeys(
        ("ComingMember", "ComingScene", "ComingTopic", "Continuation", "Outlook", "RefusalError", "go_on"),
        "continuation",
    ),
    "TrainingOptions": "trainer",
    "TrainingRecord": "record",
    "train": "train_dataset:train_dataset",
}

if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        module, _, there = _HOMES[name].partition(":")
        found = getattr(import_module(f"scenesign.pipeline.train.{module}"), there or name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
