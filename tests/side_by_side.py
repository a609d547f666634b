"""What threads share, called by eight of them at once: does each get what a single one would?

A program, because it has to begin cold (nothing loaded, no thread count settled) and with as many threads as the
machine gives: `python -m tests.side_by_side DATASET FOLDER...` prints, for each function, what went wrong with it on
the books in the folders; the dataset's inventory encodes and is searched.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import ThreadpoolController

from scenesign.schemas.records import Book, SegmentedBook, Source
from scenesign.transforms.dataset.search import search
from scenesign.transforms.embedders.registry import load_embedder
from scenesign.transforms.embedders.texts import embed_texts, prose_texts
from scenesign.transforms.parts.format import part_row, read_finished, write_part
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.inputs import list_inputs
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.scenes.find import SceneOptions, find_scenes, pool
from scenesign.transforms.scenes.sentences import split_book
from scenesign.transforms.signs.encoder import SignEncoder
from scenesign.transforms.signs.fit import BookSample, InventoryOptions, Provenance, fit_inventory
from scenesign.transforms.signs.glosses.words import word_forms, word_key
from scenesign.transforms.support import storage
from scenesign.transforms.text.language import detect

THREADS = 8
# Sentences of a book; all of them would only take longer, with torch above all.
_EMBEDDED, _EMBEDDED_BY_TORCH = 150, 30


def digest(*values: object) -> str:
    """One short word for any result: arrays by their bytes, the rest as it prints."""
    sha = hashlib.sha256()
    for value in values:
        sha.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return sha.hexdigest()[:16]


def differences(
    function: Callable[[int], str], count: int, rounds: int, between: Callable[[], None] = lambda: None
) -> list[str]:
    """What THREADS threads get wrong of `function(0)` ... `function(count - 1)`, as lines; none where all is right.

    Each thread takes the inputs in an order of its own, and all begin each round together. between: called while no
    thread works, before every round.
    """
    between()
    alone = [function(i) for i in range(count)]
    threads_settled = matrix_threads()
    wrong: list[str] = []
    if threads_settled != {1}:
        wrong.append(f"alone: left the matrix library with {sorted(threads_settled)} threads")
    together = threading.Barrier(THREADS, action=between)

    def work(seed: int) -> None:
        order = random.Random(seed)
        for _ in range(rounds):
            together.wait()
            for i in order.sample(range(count), count):
                try:
                    found = function(i)
                except Exception as error:
                    wrong.append(f"input {i}: {type(error).__name__}: {error}")
                else:
                    if found != alone[i]:
                        wrong.append(f"input {i}: another result than alone")
                if matrix_threads() != threads_settled:
                    wrong.append(f"input {i}: changed the threads of the matrix library to {sorted(matrix_threads())}")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(THREADS)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 500)  # threads change places that much more often
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(usual)
    return wrong


def matrix_threads() -> set[int]:
    """How many threads numpy's matrix library has. (FAISS's own heeds OpenMP, which counts for each thread apart.)"""
    libraries = _libraries().select(user_api="blas").lib_controllers
    return {found.num_threads for found in libraries if getattr(found, "threading_layer", "") != "openmp"}


def forget() -> None:
    """Empties what functions of the package keep, so that every round makes and fills it again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("scenesign."):
            for what, kept in vars(module).items():
                # the embedder stays: eight of them at once would be made in turn, for a minute
                if hasattr(kept, "cache_clear") and what != "kept_embedder":
                    kept.cache_clear()


@functools.cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


@dataclass(frozen=True)
class Shelf:
    """Books in several languages, with what the later steps want of them."""

    sources: tuple[Source, ...]
    books: tuple[Book, ...]
    segmented: tuple[SegmentedBook, ...]

    @classmethod
    def open(cls, folders: Sequence[str]) -> Shelf:
        sources, _ = list_inputs(folders)
        books = tuple(
            book for source in sources for book in read_books(source, ReadOptions()) if isinstance(book, Book)
        )
        model = load_embedder()
        return cls(tuple(sources), books, tuple(embedded(split_book(book), model) for book in books))


def shortened(segmented: SegmentedBook) -> SegmentedBook:
    """A book's first sentences."""
    return segmented.with_fields(sentences=segmented.sentences[:_EMBEDDED])


def embedded(segmented: SegmentedBook, model: object) -> SegmentedBook:
    short = shortened(segmented)
    return short.with_fields(vectors=embed_texts(model, prose_texts(short)))  # type: ignore[arg-type]


def probe(dataset: str, folders: Sequence[str]) -> dict[str, list[str]]:
    """Function -> what went wrong with it."""
    shelf = Shelf.open(folders)
    finished = [
        segmented.with_fields(scene_starts=starts, scene_vectors=pool(segmented, starts))
        for segmented in shelf.segmented
        for starts in [find_scenes(segmented, SceneOptions(), "use-multilingual")]
    ]
    samples = []
    for segmented in finished:
        vectors = segmented.scene_vectors
        assert vectors is not None
        places = np.arange(len(vectors))
        book = segmented.book
        samples.append(BookSample(book.book_id, book.language, len(vectors), vectors.mean(axis=0), places, vectors))
    provenance = Provenance("use-multilingual", "none")
    inventory = fit_inventory(samples, InventoryOptions(signs=8), provenance)
    folder = tempfile.mkdtemp()
    models = {name: load_embedder(name) for name in ("use-multilingual", "minilm")}

    def read(i: int) -> str:
        return digest(*read_books(shelf.sources[i], ReadOptions()))

    def language(i: int) -> str:
        return digest(detect(shelf.books[i].text))

    def split(i: int) -> str:
        return digest(split_book(shelf.books[i]))

    def words(i: int) -> str:
        language = shelf.books[i].language
        return digest(*(word_key(form, language) for form in word_forms(shelf.books[i].text, language)))

    def embed(name: str, most: int = _EMBEDDED) -> Callable[[int], str]:
        def one(i: int) -> str:
            return digest(embed_texts(models[name], prose_texts(shelf.segmented[i])[:most]))

        return one

    def scenes(i: int) -> str:
        starts = find_scenes(shelf.segmented[i], SceneOptions(), "use-multilingual")
        return digest(starts, pool(shelf.segmented[i], starts))

    def write(i: int) -> str:
        # two workers that read copies of a book write the same part
        entry = write_part(folder, [part_row(finished[i % 2])])
        return digest(storage.digest(entry.uri), *read_finished(entry))

    def fit(i: int) -> str:
        fitted = fit_inventory(samples, InventoryOptions(signs=4 + i, seed=i), provenance)
        return digest(fitted.quantiser.points(0), *(d.directions for d in fitted.neutraliser.damping.values()))

    def assign(i: int) -> str:
        vectors = finished[i].scene_vectors
        assert vectors is not None
        return digest(*inventory.assign(vectors, finished[i].book.language))

    def encode(i: int) -> str:
        # an encoder for each, as careless programs do; the embedder behind them is one
        found = SignEncoder(dataset).encode(shelf.books[i].text[:3_000], shelf.books[i].language)
        return digest(found.glyphs, found.vectors)

    def look_up(i: int) -> str:
        return digest(search(dataset, ("a storm at sea", "буря на море", "海上的风暴")[i]))

    def chain(i: int) -> str:
        results = []
        for book in read_books(shelf.sources[i], ReadOptions()):
            assert isinstance(book, Book), book
            segmented = embedded(split_book(book), models["use-multilingual"])
            starts = find_scenes(segmented, SceneOptions(), "use-multilingual")
            vectors = pool(segmented, starts)
            row = part_row(segmented.with_fields(scene_starts=starts, scene_vectors=vectors))
            results.append(digest(row, vectors, *inventory.assign(vectors, book.language)))
        return digest(*results)

    count = len(shelf.books)
    return {
        "read": differences(read, count, 2, forget),
        "detect": differences(language, count, 3, forget),
        "split": differences(split, count, 4, forget),
        "words": differences(words, count, 2, forget),
        "embed": differences(embed("use-multilingual"), count, 1),
        "embed-minilm": differences(embed("minilm", _EMBEDDED_BY_TORCH), min(count, 3), 1),
        "scenes": differences(scenes, count, 4, forget),
        "write": differences(write, count, 3),
        "fit": differences(fit, 4, 2),
        "assign": differences(assign, count, 4),
        "encode": differences(encode, count, 1),
        "search": differences(look_up, 3, 1, forget),
        "chain": differences(chain, count, 1, forget),
    }


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1], sys.argv[2:])))
