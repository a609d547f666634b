"""Embedders of sentence-transformers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as hf_logging

from scenesign.transforms.support.threads import one_thread_at_a_time

# Sentences per call of the model. Fixed, because the last bits of a vector depend on its neighbours in the batch.
BATCH_SIZE = 256


class TransformerEmbedder:
    """A model of sentence-transformers, on a GPU where torch sees one. Threads may share it."""

    def __init__(self, name: str, revision: str | None = None, threads: int | None = None, half: bool = False) -> None:
        """name: a folder, or a hub id. threads: for torch in this process; None leaves its default (one per core).
        half: whether products are computed in bfloat16."""
        self._half = half
        hf_logging.disable_progress_bar()
        for noisy in ("sentence_transformers", "transformers", "huggingface_hub"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        if threads:
            torch.set_num_threads(threads)
        self._model = SharedTransformer(name, revision=revision, trust_remote_code=False)

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        return self._model.get_embedding_dimension() or 0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [texts, dimensions], of unit length; batches are sorted by length."""
        with torch.autocast(self._model.device.type, dtype=torch.bfloat16, enabled=self._half):
            vectors = self._model.encode(
                list(texts),
                batch_size=BATCH_SIZE,
                convert_to_numpy=True,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)


class SharedTransformer(SentenceTransformer):
    """A `SentenceTransformer` whose threads take turns at tokenising, and compute side by side.

    A fast tokenizer of transformers sets its padding and truncation at each call, and refuses that ("Already borrowed")
    while another thread is inside. Tokens are a hundredth or two of the time that their vectors take.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lock = threading.RLock()
        super().__init__(*args, **kwargs)

    @one_thread_at_a_time
    def preprocess(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Texts to what the first module takes, as the base class does it."""
        return super().preprocess(*args, **kwargs)  # type: ignore[no-any-return]
