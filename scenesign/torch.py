"""A dataset's scenes for PyTorch: batches for training, which workers and ranks share and a stopped run goes on with.

    from scenesign.torch import Scenes

    loader = Scenes("out/books", "train", context=64, batch=16).loader(workers=2)
    for batch in loader:                                # an epoch; `SceneBatch`: signs, cast, mask, books
        ...
    state = loader.state_dict()                         # small and plain, for json.dump
    loader.load_state_dict(state)                       # the same batches go on from there

Import names from here rather than this module by its own name: `torch` is PyTorch's.
"""

from __future__ import annotations

from scenesign.transforms.dataset.scene_batches import SceneBatch, SceneLoader, Scenes

__all__ = ["SceneBatch", "SceneLoader", "Scenes"]
