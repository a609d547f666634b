"""Words that a scene is likely to hold, told from its vector, or from what its glyphs keep of it.

For every language a linear map from neutral vectors to words is fitted by ridge regression: a word's target is its
presence in a scene, centred and in units of its standard deviation. Fitted on vectors it serves what glyphs rebuild as
well, and better than a map fitted on that: glyphs rebuild the mean of the scenes that carry them, and a linear map of a
mean is the mean of the maps. All languages share the axes along which the maps differ most. Words told by one glyph
are truer of a scene already than the words that its topic has most of, and further glyphs add to that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from scipy import sparse

from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.signs.inventory import read_described
from scenesign.transforms.support import storage
from scenesign.transforms.support.steady import steady_product
from scenesign.transforms.support.threads import settle_threads

MAPS, WORDS = "vocabulary.safetensors", "vocabulary.json"
# A rarer word is learned from too few scenes; a more frequent one tells little.
_LEAST_SHARE, _MOST_SHARE = 0.005, 0.1
_MOST_WORDS = 2_000
# Scenes of a language below which nothing is learned.
_LEAST_SCENES = 500
# Scenes without evidence that a map is weighed against, and the axes that are kept: more of them told no better.
_RIDGE = 30.0
_AXES = 64
# Added to a word's variance, so that a rare one isn't blown up.
_LEAST_VARIANCE = 0.002
_INT8 = 127


@dataclass(frozen=True, eq=False)
class LanguageMap:
    """words: how each is written. weights: float32 [words, axes], or [words, D] while it is being fitted."""

    words: tuple[str, ...]
    weights: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """axes: float32 [axes, D]. maps: by language (ISO 639-1); empty where no language had scenes enough."""

    axes: np.ndarray = field(repr=False)
    maps: Mapping[str, LanguageMap]

    def words(self, vectors: np.ndarray, language: str, count: int) -> list[tuple[str, ...]]:
        """The words that scenes most likely hold beyond others, best first; none for a language without a map.

        vectors: neutral, or rebuilt from codes, float32 [n, D].
        """
        known = self.maps.get(language)
        if known is None:
            return [()] * len(vectors)
        likely = np.round(steady_product(steady_product(vectors, self.axes.T), known.weights.T), 6)
        best = np.argsort(-likely, axis=1, kind="stable")[:, :count]
        return [tuple(known.words[word] for word in row) for row in best]


def fit_language(vectors: np.ndarray, present: sparse.csc_matrix, shown: Sequence[str]) -> LanguageMap | None:
    """The map of one language, weights float32 [words, D]; None where there are too few scenes or words.

    vectors: neutral, float32 [n, D]; present: 1 where a scene holds a word, [n, words]; shown: how words are written.
    """
    scenes = len(vectors)
    if scenes < _LEAST_SCENES:
        return None
    settle_threads()
    shares = np.asarray(present.sum(axis=0), dtype=np.float64).ravel() / scenes
    fit = np.flatnonzero((shares >= _LEAST_SHARE) & (shares <= _MOST_SHARE))
    fit = np.sort(fit[np.argsort(-shares[fit], kind="stable")[:_MOST_WORDS]])
    if not len(fit):
        return None
    known, share = vectors.astype(np.float64), shares[fit]
    across = np.asarray(present[:, fit].T.astype(np.float64) @ known) - share[:, None] * known.sum(axis=0)
    across /= np.sqrt(share * (1.0 - share) + _LEAST_VARIANCE)[:, None]
    weights = np.linalg.solve(known.T @ known + _RIDGE * np.eye(known.shape[1]), across.T).T
    return LanguageMap(tuple(shown[word] for word in fit.tolist()), weights.astype(np.float32))


def join_languages(maps: Mapping[str, LanguageMap | None], dimensions: int) -> Vocabulary:
    """The maps of all languages, along the axes in which they differ most. dimensions: D of their weights."""
    found = {language: known for language, known in sorted(maps.items()) if known}
    total = np.zeros((dimensions, dimensions))
    for known in found.values():
        total += known.weights.T.astype(np.float64) @ known.weights
    axes = np.linalg.eigh(total)[1].T[::-1][: _AXES if found else 0]
    axes = np.ascontiguousarray(axes, dtype=np.float32)
    return Vocabulary(axes, {code: LanguageMap(known.words, known.weights @ axes.T) for code, known in found.items()})


def vocabulary_files(vocabulary: Vocabulary) -> dict[str, bytes]:
    """The files of a vocabulary beside a codebook, weights in a byte each; none for an empty one."""
    if not vocabulary.maps:
        return {}
    tensors = {"axes": vocabulary.axes.astype(np.float16)}
    for language, known in vocabulary.maps.items():
        scales = np.maximum(np.abs(known.weights).max(axis=1), 1e-6) / _INT8
        tensors[f"scales/{language}"] = scales.astype(np.float32)
        tensors[f"weights/{language}"] = np.rint(known.weights / scales[:, None]).astype(np.int8)
    words = {language: known.words for language, known in vocabulary.maps.items()}
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, indent=0) + "\n"
    return {MAPS: save_tensors(dict(sorted(tensors.items()))), WORDS: text.encode()}


def read_vocabulary(folder: str, info: InventoryInfo) -> Vocabulary:
    """The vocabulary of an inventory; an empty one where it has none.

    Raises ValueError naming the file when one is missing, altered or no vocabulary.
    """
    if MAPS not in info.files:
        return Vocabulary(np.zeros((0, info.dimensions), np.float32), {})
    data = {name: read_described(folder, name, info) for name in (MAPS, WORDS)}
    try:
        tensors, words = load_tensors(data[MAPS]), json.loads(data[WORDS])
        axes = tensors["axes"].astype(np.float32)
        if axes.ndim != 2 or axes.shape[1] != info.dimensions:
            raise ValueError(f"axes of shape {axes.shape}")
        maps = {code: _language_map(code, found, tensors, len(axes)) for code, found in sorted(words.items())}
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{storage.join(folder, MAPS)} and {WORDS} are no vocabulary ({error})") from error
    return Vocabulary(axes, maps)


def _language_map(code: str, words: Iterable[object], tensors: Mapping[str, np.ndarray], axes: int) -> LanguageMap:
    named = tuple(words)
    weights, scales = tensors[f"weights/{code}"], tensors[f"scales/{code}"]
    if weights.shape != (len(named), axes) or scales.shape != (len(named),):
        raise ValueError(f"'{code}' has {len(named)} words, and weights of shape {weights.shape}")
    return LanguageMap(tuple(map(str, named)), weights.astype(np.float32) * scales.astype(np.float32)[:, None])
