"""The vectors of a dataset's scenes for search, a row group at a time: whole, sketched, or rebuilt from their signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.neutralise import Neutraliser, unit
from scenesign.transforms.signs.numbering import first_signs
from scenesign.transforms.signs.sketch import sketch_size, sketched_vectors
from scenesign.transforms.support.steady import steady_product

# Scenes of a sample that their spread is learned from, and scenes without evidence of any that it is weighed against.
_SAMPLED_SCENES = 16_384
_PRIOR_SCENES = 512
# Added to every variance, in units of the average one, before they are evened out; .3 to 2 measured the same.
_RIDGE = 1.0


@dataclass(frozen=True, eq=False)
class SceneVectors:
    """Some scenes in their order in the dataset: vectors less their language's mean, at unit length, float32 [n, D].

    books: ids of their books, and languages, both str [n]; places: their indices there, int64 [n].
    """

    books: np.ndarray
    languages: np.ndarray
    places: np.ndarray
    vectors: np.ndarray


def scene_vectors(dataset: Dataset) -> Iterator[SceneVectors]:
    """All scenes of a dataset.

    From `concepts` where it has them, else from sketches; where it has neither (protocol 1), from signs, which tell
    much less. Raises ValueError naming the file when one can't be read or its numbers don't fit the inventory.
    """
    neutraliser, info = dataset.inventory.neutraliser, dataset.inventory.info
    if dataset.has_concepts:
        yield from _from_concepts(dataset, neutraliser)
        return
    columns = ("book_id", "language", "scene", "sketch" if dataset.has_sketches else "signs")
    for uri, table in dataset.tables("scenes", columns):
        if dataset.has_sketches:
            size = sketch_size(info.dimensions)
            flat = np.frombuffer(b"".join(table["sketch"].to_pylist()), dtype=np.uint8)
            if len(flat) != table.num_rows * size:
                raise ValueError(
                    f"{uri}: sketches of {info.dimensions} dimensions have {size} bytes, and some here don't"
                )
            vectors = sketched_vectors(flat.reshape(-1, size), info.dimensions)
        else:
            vectors = unit(dataset.inventory.quantiser.decode(*_codes(uri, table, info.sizes)))
        yield SceneVectors(*_places(table), vectors)


def _places(table: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        table["book_id"].to_numpy(),
        table["language"].to_numpy(),
        table["scene"].to_numpy().astype(np.int64),
    )


def _from_concepts(dataset: Dataset, neutraliser: Neutraliser) -> Iterator[SceneVectors]:
    for uri, table in dataset.tables("concepts", ("book_id", "language", "scene_vectors")):
        column = table["scene_vectors"].combine_chunks()
        counts = column.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
        rows = column.flatten()
        width = rows.type.list_size
        if width != len(neutraliser.global_mean):
            raise ValueError(
                f"{uri}: scene vectors have {width} dimensions, the inventory {len(neutraliser.global_mean)}"
            )
        vectors = rows.flatten().to_numpy(zero_copy_only=False).reshape(-1, width).astype(np.float32)
        languages = np.repeat(table["language"].to_numpy(), counts)
        for language in np.unique(languages.astype(str)):
            vectors[languages == language] -= neutraliser.mean_of(str(language))
        places = np.concatenate([np.arange(count) for count in counts]) if len(counts) else counts
        yield SceneVectors(np.repeat(table["book_id"].to_numpy(), counts), languages, places, unit(vectors))


def _codes(uri: str, table: pa.Table, sizes: tuple[int, ...]) -> tuple[np.ndarray, int]:
    """Codes int [n, levels of the inventory], of which so many are known."""
    flat = table["signs"].combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    levels = len(flat) // max(1, table.num_rows)
    codes = np.zeros((table.num_rows, len(sizes)), dtype=np.int64)
    if not 1 <= levels <= len(sizes) or len(flat) != levels * table.num_rows:
        raise ValueError(f"{uri}: scenes have not one sign for each of up to {len(sizes)} levels")
    codes[:, :levels] = flat.reshape(-1, levels) - first_signs(sizes)[:levels]
    if (codes < 0).any() or (codes >= np.asarray(sizes)).any():
        raise ValueError(f"{uri}: a scene has a sign that is not of its level")
    return codes, levels


def fit_whitening(dataset: Dataset, scenes: int) -> np.ndarray:
    """The matrix that evens out the directions in which a dataset's scenes differ: float32 [D, D], symmetric.

    It is (C / v + ridge I) ^ -1/2, C the second moments of up to 16,384 of the `scenes`, evenly taken and pulled
    towards equal variances where they are few, and v the average variance. Directions that tell the sort of book, or
    of speech, weigh as little then as those that tell what goes on weigh much.
    """
    step = max(1, scenes // _SAMPLED_SCENES)
    size = dataset.inventory.info.dimensions
    total, count, passed = np.zeros((size, size)), 0, 0
    for chunk in scene_vectors(dataset):
        chosen = chunk.vectors[-passed % step :: step].astype(np.float64)
        total += steady_product(chosen.T, chosen)
        count += len(chosen)
        passed += len(chunk.vectors)
    variances, axes = np.linalg.eigh(total / max(np.trace(total), 1e-12) * size)
    trust = count / (count + _PRIOR_SCENES)
    gains = 1.0 / np.sqrt(trust * variances + (1.0 - trust) + _RIDGE)
    return np.asarray((axes * gains) @ axes.T, dtype=np.float32)
