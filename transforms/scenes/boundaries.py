"""The boundary scorer: how likely a scene starts at each sentence, from the sentence vectors and the cues around it.

A few small convolutional nets side by side, each over the vectors less the book's mean and over the cues of `cues`;
each sees three sentences to either side, and their mean counts. They were trained, without annotation, to find the
chapter openings and scene breaks of novels in all languages of the embedder (`benchmarks/train_boundary_scorer.py`).

All sums are of integers that float32 holds exactly, so every machine and library finds the same bits: vectors lie on
the grid of `VECTOR_STEP`, cues and weights are integers of 8 bits, and what one layer hands to the next is rounded to
an integer of 8 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from scenesign.transforms.embedders.registry import BUNDLED
from scenesign.transforms.embedders.texts import VECTOR_STEP, settled
from scenesign.transforms.scenes.cues import FEATURES
from scenesign.transforms.support.threads import made_once, settle_threads

WEIGHTS = Path(__file__).parent / "weights"
CUE_STEP = 1 / 32  # cues are rounded to multiples of it and cut to 127 of them
TOP = 255  # of what a layer hands on
_ROWS = 2048  # sentences at a time, so that memory stays flat however long the book


@dataclass(frozen=True)
class WindowLayer:
    """A linear layer of each net, in integers.

    weights: float32 [nets, taps, inputs, width], whole numbers from -127 to 127; scale: float32 [nets, 1, width], of
    one step of a sum; dilation: how many sentences lie between two taps, of which the middle one is the sentence's own.
    """

    weights: np.ndarray
    scale: np.ndarray
    dilation: int = 1

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """values: float32 [nets or 1, n, inputs], whole numbers. Returns float32 [nets, n, width]."""
        taps = self.weights.shape[1]
        total = values @ self.weights[:, taps // 2]
        for tap in range(taps):
            shift = (tap - taps // 2) * self.dilation
            if shift < 0 and -shift < total.shape[1]:
                total[:, -shift:] += values[:, :shift] @ self.weights[:, tap]
            elif 0 < shift < total.shape[1]:
                total[:, :-shift] += values[:, shift:] @ self.weights[:, tap]
        total *= self.scale
        return total


@dataclass(frozen=True)
class BoundaryScorer:
    """A trained scorer for the vectors of one embedder. Hidden values are whole numbers from 0 to 255.

    vectors, cues: of one tap, what goes in; offset: float32 [nets, 1, width], added to them; layers: of three taps,
    each with its offset, whose results are added to what they were given; out: of one tap and width 1; even: log odds
    of a start at any sentence, with what each net adds to its answer.
    """

    vectors: WindowLayer
    cues: WindowLayer
    offset: np.ndarray
    layers: tuple[tuple[WindowLayer, np.ndarray], ...]
    out: WindowLayer
    even: float

    @property
    def reach(self) -> int:
        """How many sentences to either side have a say."""
        return sum(layer.dilation * (layer.weights.shape[1] // 2) for layer, _ in self.layers)

    def score(self, vectors: np.ndarray, table: np.ndarray) -> np.ndarray:
        """Log of how much likelier a scene starts at each sentence than at any.

        vectors: float32 [n, D] of a book, on the grid of `VECTOR_STEP`; table: float32 [n, cues], see `cues`.
        Returns float64 [n]. Raises ValueError for other shapes.
        """
        n = len(vectors)
        for name, given, layer in (("vectors", vectors, self.vectors), ("table", table, self.cues)):
            if given.shape != (n, layer.weights.shape[2]):
                raise ValueError(f"{name} must be [{n}, {layer.weights.shape[2]}], not {list(given.shape)}")
        scores = np.empty(n)
        if not n:
            return scores
        settle_threads()
        mean = settled(vectors.mean(axis=0, dtype=np.float64))
        for first in range(0, n, _ROWS):
            last = min(first + _ROWS, n)
            low, high = max(0, first - self.reach), min(n, last + self.reach)
            values = (vectors[low:high] - mean) * np.float32(1 / VECTOR_STEP)
            scores[first:last] = self._answers(values, whole_cues(table[low:high]))[first - low : last - low]
        return scores - self.even

    def _answers(self, values: np.ndarray, table: np.ndarray) -> np.ndarray:
        """Mean answer of the nets: float64 [n]. values: float32 [n, D], table: float32 [n, cues], whole numbers."""
        hidden = self.vectors(values[None])
        hidden += self.cues(table[None])
        hidden += self.offset
        _hand_on(hidden)
        for layer, offset in self.layers:
            change = layer(hidden)
            change += offset
            np.maximum(change, 0, out=change)
            hidden += change
            _hand_on(hidden)
        return self.out(hidden)[..., 0].astype(np.float64).mean(axis=0)


def whole_cues(table: np.ndarray) -> np.ndarray:
    """Cues in whole steps of `CUE_STEP`: float32, of the same shape."""
    return np.clip(np.rint(table * np.float32(1 / CUE_STEP)), -127, 127)


def _hand_on(values: np.ndarray) -> None:
    """Makes hidden values whole numbers from 0 to 255, in place."""
    np.rint(values, out=values)
    np.clip(values, 0, TOP, out=values)


def scorer_file(embedder: str) -> Path:
    """Where the weights for the vectors of an embedder are, if there are any."""
    return WEIGHTS / f"boundaries_{embedder}.safetensors"


def save_scorer(scorer: BoundaryScorer, path: Path, notes: dict[str, str]) -> None:
    """Writes a scorer. notes: what it was trained on, for the metadata of the file."""
    tensors = {"offset": scorer.offset}
    named = {"vectors": scorer.vectors, "cues": scorer.cues, "out": scorer.out}
    for i, (layer, offset) in enumerate(scorer.layers):
        named[f"layers.{i}"], tensors[f"layers.{i}.offset"] = layer, offset
    for name, layer in named.items():
        tensors[f"{name}.weights"], tensors[f"{name}.scale"] = layer.weights.astype(np.int8), layer.scale
    dilations = " ".join(str(layer.dilation) for layer, _ in scorer.layers)
    metadata = {"dilations": dilations, "even": repr(scorer.even), "cues": " ".join(FEATURES), **notes}
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path, metadata)
    path.chmod(0o644)


def load_scorer(path: Path) -> BoundaryScorer:
    """Reads what `save_scorer` wrote. Raises ValueError for a file whose cues are not those of `cues`."""
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no mapping
    if metadata["cues"] != " ".join(FEATURES):
        raise ValueError(f"{path}: its cues are not those of this version; train it anew")

    def layer(name: str, dilation: int = 1) -> WindowLayer:
        return WindowLayer(tensors[f"{name}.weights"].astype(np.float32), tensors[f"{name}.scale"], dilation)

    dilations = enumerate(map(int, metadata["dilations"].split()))
    layers = tuple((layer(f"layers.{i}", step), tensors[f"layers.{i}.offset"]) for i, step in dilations)
    return BoundaryScorer(
        layer("vectors"), layer("cues"), tensors["offset"], layers, layer("out"), float(metadata["even"])
    )


@made_once()
def boundary_scorer(embedder: str) -> BoundaryScorer | None:
    """The scorer for the vectors of an embedder, by its name in `registry`; None where none was trained."""
    path = scorer_file(embedder) if embedder in BUNDLED else None
    return None if path is None or not path.exists() else load_scorer(path)
