"""Threads that share an embedder."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from sentence_transformers.base.modules import InputModule

from scenesign.transforms.embedders.transformer import SharedTransformer


class Watched(InputModule):
    """Knows how many threads tokenise, and lets none out of the computation before a second is inside."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.most = 0
        self.both = threading.Barrier(2, timeout=60)

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.005)  # long enough for the others to come in, if they may
        self.inside -= 1
        return {"lengths": torch.tensor([[float(len(text))] for text in inputs])}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        self.both.wait()
        return features | {"sentence_embedding": features["lengths"]}

    def get_embedding_dimension(self) -> int:
        return 1

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        raise NotImplementedError


def test_threads_tokenise_in_turn_and_compute_side_by_side() -> None:
    watched = Watched()
    model = SharedTransformer(modules=[watched], device="cpu")
    texts = [["a" * n] for n in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: model.encode(text).item(), texts))
    assert found == [float(n) for n in range(1, 9)]
    assert watched.most == 1


def test_a_turn_ends_with_an_error() -> None:
    model = SharedTransformer(modules=[Watched()], device="cpu")
    for _ in range(2):
        with pytest.raises(TypeError):
            model.preprocess([None])
