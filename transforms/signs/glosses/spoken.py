"""The scenes of one language as keywords see them: their words, their neutral vectors and their codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scenesign.schemas.parts import AssignmentEntry
from scenesign.transforms.parts.format import read_row
from scenesign.transforms.signs.assign import read_assignments
from scenesign.transforms.signs.glosses.scene_words import SceneWords, scene_words
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.sample import SAMPLE_SIZE, choose
from scenesign.transforms.support import storage
from scenesign.transforms.support.steady import steady_exp, steady_product

# How sharply a scene chooses among topics by its cosine with them. At a tenth, it belongs to some dozens of several
# hundred: what it says of its nearest topic it says, more softly, of those that lie beside it.
_SHARPNESS = 0.1


@dataclass(frozen=True, eq=False)
class SpokenScenes:
    """Scenes of one language, book after book, apparatus left out.

    books: id and rows `[first, end)` of each. places: the index of a scene in its book, int64 [scenes]. vectors:
    neutral, float32 [scenes, D]. codes: int32 [scenes, levels].
    """

    language: str
    books: tuple[tuple[str, int, int], ...]
    words: SceneWords
    places: np.ndarray
    vectors: np.ndarray
    codes: np.ndarray


def spoken_languages(assignments: Iterable[AssignmentEntry]) -> dict[str, int]:
    """Scenes per language, in the order of codes."""
    found: dict[str, int] = {}
    for entry in assignments:
        for book in entry.part.books:
            found[book.language] = found.get(book.language, 0) + book.scenes
    return dict(sorted(found.items()))


def read_spoken(
    language: str,
    assignments: Sequence[AssignmentEntry],
    inventory: Inventory,
    wanted: Collection[str] | None = None,
    most_scenes: int = SAMPLE_SIZE,
    counted: SceneWords | None = None,
) -> SpokenScenes:
    """Reads all scenes of a language, or as many as `most_scenes`, chosen by hash, where there are more.

    wanted: keys of the words to count; all that can be keywords when not given. counted: what an earlier call counted.
    One book's text is in memory at a time; of all scenes words, vectors and codes are, some 3 KB each.
    """
    share = min(1.0, most_scenes / max(1, spoken_languages(assignments).get(language, 0)))
    books: list[tuple[str, int, int]] = []
    places: list[np.ndarray] = []
    vectors: list[np.ndarray] = []
    codes: list[np.ndarray] = []

    def texts() -> Iterator[list[str]]:
        end = 0
        for book_id, scene_texts, neutral, book_codes, apparatus in _books(language, assignments, inventory):
            chosen = choose(book_id, len(neutral), inventory.info.seed, share)
            chosen = chosen[~apparatus[chosen]]
            books.append((book_id, end, end := end + len(chosen)))
            places.append(chosen)
            vectors.append(neutral[chosen])
            codes.append(book_codes[chosen])
            yield [scene_texts[scene] for scene in chosen]

    books_texts = texts()
    words = counted or scene_words(books_texts, language, wanted)
    for _ in books_texts:
        pass  # vectors and codes are taken along
    return SpokenScenes(
        language=language,
        books=tuple(books),
        words=words,
        places=np.concatenate([np.zeros(0, np.int64), *places]),
        vectors=np.concatenate([np.zeros((0, inventory.info.dimensions), np.float32), *vectors]),
        codes=np.concatenate([np.zeros((0, len(inventory.info.sizes)), np.int32), *codes]),
    )


def _books(
    language: str, assignments: Iterable[AssignmentEntry], inventory: Inventory
) -> Iterator[tuple[str, list[str], np.ndarray, np.ndarray, np.ndarray]]:
    for entry in sorted(assignments, key=lambda a: a.part.name):
        rows = {book.book_id: book.row for book in entry.part.books if book.language == language}
        if not rows:
            continue
        with storage.parquet_reader(entry.part.uri) as reader:
            for found in read_assignments(entry.uri, len(inventory.info.sizes)):
                if found.book_id in rows and found.language == language:
                    row = read_row(reader, rows[found.book_id])
                    neutral = inventory.neutraliser(row.scene_vectors, language)
                    yield found.book_id, row.scene_texts(), neutral, found.codes, found.apparatus


def topic_shares(vectors: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How far scenes belong to topics, float32 [n, topics]; rows add up to 1.

    vectors: neutral unit vectors, float32 [n, D]. points: where topics lie, float32 [topics, D].
    """
    likeness = steady_product(vectors, unit(points).T) / _SHARPNESS
    shares = steady_exp(likeness - likeness.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)
