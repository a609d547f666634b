"""Ways to make signs of scene vectors: plain k-means, topics as BERTopic finds them, and ours."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from scenesign.transforms.signs.fit import BookSample, InventoryOptions, Provenance, fit_inventory
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.quantisers.residual import fit_residual

# Of a scene that a method finds no sign for.
OUTLIER = -1


@dataclass(frozen=True, eq=False)
class BookVectors:
    """Scenes of one book. vectors: float32 [scenes, D], unit length. kin: what must be held out together."""

    book_id: str
    language: str
    kin: str
    vectors: np.ndarray


@dataclass(frozen=True, eq=False)
class Encoded:
    """Signs of a book's scenes.

    codes: int [scenes], of level 1. targets: float32 [scenes, D], what the signs are to rebuild, in the method's own
    space. rebuilt: the same by levels 1, 1 to 2, ...
    """

    codes: np.ndarray
    targets: np.ndarray
    rebuilt: tuple[np.ndarray, ...]


class Method(Protocol):
    """A fitted inventory."""

    signs: int

    def encode(self, vectors: np.ndarray, language: str) -> Encoded:
        """Signs of one book, whose vectors are float32 [scenes, D]."""
        ...


Fit = Callable[[Sequence[BookVectors], int, int], Method]


@dataclass(frozen=True, eq=False)
class Plain:
    """Codewords, float32 [signs, D], in the space of the embedder."""

    words: np.ndarray

    @property
    def signs(self) -> int:
        return len(self.words)

    def encode(self, vectors: np.ndarray, language: str) -> Encoded:
        codes = np.argmin((self.words**2).sum(axis=1) - 2 * vectors @ self.words.T, axis=1)
        return Encoded(codes, vectors, (self.words[codes],))


def fit_plain(books: Sequence[BookVectors], signs: int, seed: int) -> Plain:
    """k-means of scikit-learn on scene vectors as they are."""
    from sklearn.cluster import KMeans

    vectors = np.concatenate([book.vectors for book in books])
    found = KMeans(min(signs, len(vectors)), random_state=seed, n_init=1).fit(vectors)
    return Plain(found.cluster_centers_.astype(np.float32))


@dataclass(frozen=True, eq=False)
class Topics:
    """UMAP and HDBSCAN, as BERTopic chains them. words: mean vectors of the topics, and of the outliers last."""

    umap: Any
    clusters: Any
    words: np.ndarray

    @property
    def signs(self) -> int:
        return len(self.words) - 1

    def encode(self, vectors: np.ndarray, language: str) -> Encoded:
        from hdbscan import approximate_predict

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            codes, _ = approximate_predict(self.clusters, self.umap.transform(vectors))
        return Encoded(np.asarray(codes, dtype=np.int64), vectors, (self.words[codes],))


def fit_topics(books: Sequence[BookVectors], signs: int, seed: int) -> Topics:
    """BERTopic's defaults: UMAP to 5 dimensions with 15 neighbours by cosine, HDBSCAN with topics of 10 or more.

    `signs` is not asked for: the number of topics comes out of the data.
    """
    from hdbscan import HDBSCAN
    from umap import UMAP

    vectors = np.concatenate([book.vectors for book in books])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed).fit(vectors)
        clusters = HDBSCAN(min_cluster_size=10, cluster_selection_method="eom", prediction_data=True)
        labels = clusters.fit(umap.embedding_).labels_
    groups = [vectors[labels == label] for label in range(labels.max() + 1)]
    outliers = vectors[labels == OUTLIER]
    words = np.stack([group.mean(axis=0) for group in (*groups, outliers if len(outliers) else vectors)])
    return Topics(umap, clusters, words.astype(np.float32))


@dataclass(frozen=True, eq=False)
class Ours:
    """An inventory as `scenesign build` makes it."""

    inventory: Inventory

    @property
    def signs(self) -> int:
        return self.inventory.info.sizes[0]

    def encode(self, vectors: np.ndarray, language: str) -> Encoded:
        targets = self.inventory.neutraliser(vectors, language)
        quantiser = self.inventory.quantiser
        codes, _ = quantiser.assign(targets)
        levels = range(1, len(quantiser.sizes) + 1)
        return Encoded(codes[:, 0].astype(np.int64), targets, tuple(quantiser.decode(codes, levels=n) for n in levels))


def ours(levels: int = 1, auto: bool = False) -> Fit:
    """Ours with so many levels; `auto` lets it choose the number of signs."""

    def fit(books: Sequence[BookVectors], signs: int, seed: int) -> Ours:
        samples = [
            BookSample(
                book_id=book.book_id,
                language=book.language,
                scenes=len(book.vectors),
                mean=book.vectors.mean(axis=0),
                places=np.arange(len(book.vectors)),
                vectors=book.vectors,
            )
            for book in books
        ]
        options = InventoryOptions(None if auto else signs, levels, seed)
        return Ours(fit_inventory(samples, options, Provenance("any", "any")))

    return fit


def fit_centred(books: Sequence[BookVectors], signs: int, seed: int) -> Method:
    """Ours with books' means taken out alone, nothing damped."""
    made = ours()(books, signs, seed)
    assert isinstance(made, Ours)
    bare = replace(made.inventory.neutraliser, damping={})
    vectors = np.concatenate([bare(book.vectors, book.language) for book in books])
    quantiser = fit_residual(vectors, min(signs, len(vectors)), 1, seed)
    info = replace(made.inventory.info, sizes=quantiser.sizes)
    return Ours(Inventory(info, quantiser, bare))


METHODS: dict[str, Fit] = {
    "plain k-means": fit_plain,
    "UMAP + HDBSCAN, as BERTopic": fit_topics,
    "ours, nothing damped": fit_centred,
    "ours": ours(),
    "ours, 2 levels": ours(2),
    "ours, auto": ours(auto=True),
}

__all__ = ["METHODS", "OUTLIER", "BookVectors", "Encoded", "Fit", "Method", "unit"]
