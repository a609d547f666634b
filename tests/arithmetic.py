"""What a processor makes of three books, in a process of its own: digests to compare with those of another.

    python -m tests.arithmetic BOOK ...

Prints a line of JSON: digests of sentence vectors, of scenes, of their codes by an inventory of fixed random
numbers, of their places and neighbours on its map, and of an inventory fitted on them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator

import numpy as np

from scenesign.schemas.records import Book
from scenesign.transforms.dataset.atlas import neutral_sketches
from scenesign.transforms.dataset.nearest_scenes import nearest_scenes, whole_numbers
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.segment import books_at, segment_book
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.glosses.spoken import topic_shares
from scenesign.transforms.signs.neutralise import Damping, Neutraliser, fit_damping, fit_neutraliser, unit
from scenesign.transforms.signs.places import map_topics
from scenesign.transforms.signs.predict import PredictiveSpace
from scenesign.transforms.signs.quantisers.composite import CompositeQuantiser
from scenesign.transforms.signs.quantisers.quantiser import TrainingScenes
from scenesign.transforms.signs.sketch import sketches

_SIZE = 512
_TOPICS = 64


def digests(paths: list[str]) -> Iterator[tuple[str, list[np.ndarray]]]:
    """What is computed, by name: arrays that must not differ."""
    options = SceneOptions()
    read = [book for path in paths for book in books_at(path, None, DEFAULT_EMBEDDER)]
    found = [
        segment_book(book, DEFAULT_EMBEDDER, SentenceOptions(), options) for book in read if isinstance(book, Book)
    ]
    yield "sentence vectors", [book.vectors for book in found if book.vectors is not None]
    yield "scene starts", [np.array(book.scene_starts) for book in found]
    scenes = [book.scene_vectors for book in found if book.scene_vectors is not None]
    yield "scene vectors", scenes

    draw = np.random.default_rng(0)
    axes = unit(draw.uniform(-1, 1, (16, _SIZE)))
    means = {book.book.language: draw.uniform(-0.02, 0.02, _SIZE).astype(np.float32) for book in found}
    damping = Damping(axes, draw.uniform(0.3, 1, 16).astype(np.float32))
    given = Neutraliser(means, means["en"], damping=dict.fromkeys(means, damping))
    space = PredictiveSpace(draw.uniform(-1, 1, (64, _SIZE)).astype(np.float32), np.ones(64, np.float32))
    topics = draw.uniform(-0.03, 0.03, (_TOPICS, _SIZE)).astype(np.float32)
    letters = draw.uniform(-0.02, 0.02, (2, 3, 16, _SIZE)).astype(np.float32)
    quantiser = CompositeQuantiser(space, topics, letters)
    neutral = [given(vectors, book.book.language) for vectors, book in zip(scenes, found, strict=True)]
    yield "neutral vectors", neutral
    yield "codes and distances", [array for vectors in neutral for array in quantiser.assign(vectors)]
    yield "strangeness", [given.strangeness(vectors, "ru") for vectors in scenes]
    yield "embeddings", [quantiser.embeddings()]
    sketched = [
        neutral_sketches(sketches(vectors, means[book.book.language]), book.book.language, given)
        for vectors, book in zip(scenes, found, strict=True)
    ]
    told = [quantiser.assign(vectors)[0][:, 0] for vectors in neutral]
    drawn = map_topics(quantiser)
    yield "map of topics", [drawn.places]
    yield (
        "places",
        [
            drawn.place(vectors, topic)
            for vectors, topics_told in zip(sketched, told, strict=True)
            for topic in sorted(set(topics_told.tolist()))
        ],
    )
    yield "neighbours", [*nearest_scenes(whole_numbers(np.concatenate(sketched)), np.concatenate(told), drawn.words)]
    yield "shares of topics", [topic_shares(vectors, topics) for vectors in neutral]

    languages = [book.book.language for book in found]
    fitted = fit_neutraliser(np.stack([vectors.mean(axis=0) for vectors in scenes]), languages)
    damped = fit_damping(np.concatenate(scenes))
    centred = np.concatenate([fitted(vectors, code) for vectors, code in zip(scenes, languages, strict=True)])
    owners = np.repeat(np.arange(len(scenes)), [len(vectors) for vectors in scenes])
    places = np.concatenate([np.arange(len(vectors)) for vectors in scenes])
    made, _ = CompositeQuantiser.fit(TrainingScenes(centred, owners, places, len(centred)), 6, 2, 0)
    yield "fit", [fitted.global_mean, damped.directions, damped.gains, *made.tensors().values()]


def digest(arrays: list[np.ndarray]) -> str:
    """Of types, shapes and bits."""
    told = hashlib.sha256()
    for array in arrays:
        told.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return told.hexdigest()


if __name__ == "__main__":
    print(json.dumps({name: digest(arrays) for name, arrays in digests(sys.argv[1:])}))
