"""How long the scenes of a library are, by language."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.meanings.intervals import Estimate, estimate
from benchmarks.scene_agreements.information import characters
from benchmarks.scene_agreements.library import archived, chosen, read_archive
from scenesign.schemas.records import BlockKind, Book, RejectError, SegmentedBook
from scenesign.transforms.embedders.registry import kept_embedder
from scenesign.transforms.embedders.texts import embed_texts, prose_texts
from scenesign.transforms.scenes.cues import FEATURES, cues
from scenesign.transforms.scenes.find import SceneOptions, find_scenes
from scenesign.transforms.scenes.sentences import split_book


@dataclass(frozen=True)
class Scenes:
    """The scenes of one book by their prose, three sizes each; headings and breaks are not counted.

    marked: which start where the text itself marks a boundary, the first among them. talked: which start in the middle
    of a talk: their first sentence is spoken, and the one before it.
    """

    sentences: tuple[int, ...]
    characters: tuple[int, ...]
    information: tuple[float, ...]
    marked: tuple[bool, ...]
    talked: tuple[bool, ...]

    @property
    def free(self) -> tuple[bool, ...]:
        """Scenes that neither start nor end at a marked boundary, so that their length is all found."""
        return tuple(not a and not b for a, b in itertools.pairwise([*self.marked, True]))


@dataclass(frozen=True)
class Lengths:
    """The scenes of a language.

    information: mean characters of information, with an interval over books. low, high: what the middle 95 % have of
    sentences. full: share that has the most. marked: share that starts where the text marks a boundary. free: median
    characters of information of those that are `Scenes.free`, 0 where none is. talked: share of those not marked that
    start in the middle of a talk.
    """

    language: str
    books: int
    scenes: int
    median_characters: float
    mean_characters: float
    median_information: float
    information: Estimate
    median_sentences: float
    low: float
    high: float
    full: float
    information_per_sentence: float
    marked: float
    free: float
    talked: float


def scenes_of_book(book: Book, embedder: str, options: SceneOptions) -> Scenes:
    """Finds the scenes of a book. Raises RejectError `no-prose`."""
    segmented = split_book(book)
    segmented = segmented.with_fields(vectors=embed_texts(kept_embedder(embedder), prose_texts(segmented)))
    return measured(segmented, find_scenes(segmented, options, embedder))


def measured(segmented: SegmentedBook, starts: Sequence[int]) -> Scenes:
    """The sizes of scenes. starts: indices into `segmented.sentences`, the first 0."""
    sizes: list[tuple[int, int, float, bool, bool]] = []
    book, prose = segmented.book, [s for s in segmented.sentences if s.kind is BlockKind.PARAGRAPH]
    told = cues(book.text, prose, book.blocks, book.language)[:, FEATURES.index("speech")]
    spoken = {sentence.start for sentence, speech in zip(prose, told, strict=True) if speech}
    for first, after in itertools.pairwise([*starts, len(segmented.sentences)]):
        scene = segmented.with_fields(sentences=segmented.sentences[first:after])
        texts = prose_texts(scene)
        counted = [characters(text) for text in texts]
        around = segmented.sentences[max(first - 1, 0) : first + 1]
        marked = not first or not all(s.kind is BlockKind.PARAGRAPH for s in around)
        talked = not marked and all(s.start in spoken for s in around)
        information = sum(c.information for c in counted)
        sizes.append((len(texts), sum(c.all for c in counted), information, marked, talked))
    return Scenes(*zip(*sizes, strict=True))


def lengths(language: str, books: Sequence[Scenes], most_sentences: int) -> Lengths:
    """Figures over all scenes of all books, of which there is at least one."""
    sentences, plain, information = (
        np.concatenate([getattr(book, name) for book in books]) for name in ("sentences", "characters", "information")
    )
    marked = np.concatenate([book.marked for book in books])
    talked = np.concatenate([book.talked for book in books])
    free = information[np.concatenate([book.free for book in books])]
    low, high = np.percentile(sentences, [2.5, 97.5])
    return Lengths(
        language=language,
        books=len(books),
        scenes=len(sentences),
        median_characters=float(np.median(plain)),
        mean_characters=float(plain.mean()),
        median_information=float(np.median(information)),
        information=estimate(information, [i for i, book in enumerate(books) for _ in book.sentences]),
        median_sentences=float(np.median(sentences)),
        low=float(low),
        high=float(high),
        full=float((sentences >= most_sentences).mean()),
        information_per_sentence=float(information.sum() / sentences.sum()),
        marked=float(marked.mean()),
        free=float(np.median(free)) if len(free) else 0.0,
        talked=float(talked.sum() / max((~marked).sum(), 1)),
    )


def library_lengths(folder: Path, most: int, embedder: str, options: SceneOptions) -> tuple[list[Lengths], list[str]]:
    """Every language of a folder of zips, and a line on each book that can't be used."""
    rows, left_out = [], []
    for archive in sorted(folder.glob("*.zip")):
        books, refused = read_archive(archive, chosen(archived(archive), most), embedder)
        left_out += refused
        found = []
        for book in books:
            try:
                found.append(scenes_of_book(book, embedder, options))
            except RejectError as problem:
                left_out.append(f"{archive.name}: {problem}")
        if found:
            rows.append(lengths(archive.stem, found, options.max_sentences))
    return rows, left_out
