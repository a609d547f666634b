"""Scenes alone, without a pipeline, an inventory or a dataset: a book or a text in, its scenes out."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scenesign.schemas.records import BlockKind, Book, Reject, RejectError, SegmentedBook, text_digest
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, embedder_info, kept_embedder
from scenesign.transforms.embedders.texts import embed_texts, prose_texts
from scenesign.transforms.parts.format import part_row
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.inputs import InputError, list_inputs
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.scenes.find import SceneOptions, find_scenes, pool
from scenesign.transforms.scenes.sentences import SentenceOptions, split_book
from scenesign.transforms.scenes.sizes import SceneSize
from scenesign.transforms.text.clean import clean
from scenesign.transforms.text.language import detect

# No path is longer on any file system; a text mostly is.
_LONGEST_PATH = 4_096


@dataclass(frozen=True)
class Scene:
    """A run of whole sentences about one thing.

    text: characters `[start, end)` of the book's clean text; the scenes of a book tile it.
    sentences: how many it has, headings and scene breaks counted.
    chapter: the heading that it stands under, "" before the first; headings that follow each other come as one,
    `PART TWO / CHAPTER I`. book: title. source: the file, and where in it. index: in the book, from 0.
    """

    text: str
    start: int
    end: int
    sentences: int
    chapter: str
    book: str
    language: str
    source: str
    index: int


def scenes(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | None = None,
    language: str | None = None,
    embedder: str = DEFAULT_EMBEDDER,
    scene_size: SceneSize = SceneOptions.size,
    min_sentences: int = SceneOptions.min_sentences,
    max_sentences: int = SceneOptions.max_sentences,
    penalty: float = SceneOptions.penalty,
    errors: Literal["raise", "warn"] = "raise",
) -> Iterator[Scene]:
    """The scenes of books or of a text, in reading order, one book in memory at a time.

    path: anything `scenesign build` takes: a file of text, Markdown, HTML, EPUB, FB2, JSON Lines or Parquet, an
        archive of them, a folder, a glob, a URL of an object store, `hf:NAME`; it may hold many books.
    text: a text that is in memory, in place of a path.
    language: ISO 639-1; found from each book when not given.
    embedder: `use-multilingual`, `minilm` (English), or a folder or hub id of sentence-transformers.
    scene_size: how long scenes are meant to be, `fine`, `medium` or `coarse`.
    min_sentences, max_sentences: of prose in a scene; fewer only between headings and scene breaks.
    penalty: above 1 for fewer and longer scenes, below 1 for more and shorter ones.
    errors: what to do with a book, file or row that can't be used: `raise` ValueError, or `warn` of it and go on.

    Raises FileNotFoundError when `path` names nothing, TypeError unless either it or `text` is given, and ValueError
    for options out of range and (at the book, while you iterate) for what `errors` speaks of.

    >>> found = scenesign.scenes("examples/library/en/the-ferrymans-debt.txt")
    >>> next(found).chapter
    'The Ferryman’s Debt / Chapter 1. The Crossing'
    >>> [scene.sentences for scene in scenesign.scenes(text="It rained. We stayed in. Nobody spoke.")]
    [3]
    """
    if (path is None) == (text is None):
        raise TypeError("scenes() takes a path or text=..., one of the two")
    if errors not in ("raise", "warn"):
        raise ValueError(f"errors: '{errors}' is neither 'raise' nor 'warn'")
    options = SceneOptions(min_sentences, max_sentences, penalty, scene_size)
    if text is not None:
        found: Iterator[Book | Reject] = iter([book_of_text(text, language)])
    else:
        found = books_at(os.fspath(path), language, embedder)  # type: ignore[arg-type]  # one of the two is there
    return _each(found, embedder, options, errors)


def books_at(path: str, language: str | None, embedder: str) -> Iterator[Book | Reject]:
    """The books that a path names, read as `build` reads them, whatever their form and however short.

    Raises FileNotFoundError at once, not at the first book, and ValueError for a text in place of a path.
    """
    if "\n" in path or len(path) > _LONGEST_PATH:
        raise ValueError(f"{path[:40]!r}... is a text, not a path; give it as scenes(text=...)")
    try:
        sources, rejects = list_inputs([path])
    except InputError as error:
        raise FileNotFoundError(str(error)) from error
    # however short a text is, it has a scene; `build` wants more of a book
    options = ReadOptions(language=language, min_chars=1, supported_languages=embedder_info(embedder).languages or None)
    return itertools.chain(rejects, *(read_books(source, options) for source in sources))


def _each(found: Iterator[Book | Reject], embedder: str, options: SceneOptions, errors: str) -> Iterator[Scene]:
    for item in found:
        try:
            if isinstance(item, Reject):
                raise RejectError(item.reason, item.detail)
            segmented = segment_book(item, embedder, SentenceOptions(), options)
        except RejectError as problem:
            message = ": ".join(filter(None, (item.source, problem.detail)))
            if errors == "raise":
                raise ValueError(message) from problem
            warnings.warn(f"left out: {message}", stacklevel=2)
        else:
            yield from scenes_of(segmented)


def book_of_text(text: str, language: str | None = None) -> Book:
    """A text as a book without a title or source.

    language: ISO 639-1; detected when not given. Raises RejectError `too-large`.
    """
    cleaned = clean(text, language)
    return Book(
        book_id=text_digest(cleaned.text),
        title=cleaned.title,
        language=language or detect(cleaned.text)[0],
        text=cleaned.text,
        blocks=cleaned.blocks,
        source="",
        notes=cleaned.notes,
    )


def segment_book(book: Book, embedder: str, sentences: SentenceOptions, options: SceneOptions) -> SegmentedBook:
    """A book with its sentences, scenes and their vectors. embedder: its name. Raises RejectError `no-prose`."""
    segmented = split_book(book, sentences)
    segmented = segmented.with_fields(vectors=embed_texts(kept_embedder(embedder), prose_texts(segmented)))
    starts = find_scenes(segmented, options, embedder)
    return segmented.with_fields(scene_starts=starts, scene_vectors=pool(segmented, starts))


def chapters_of(segmented: SegmentedBook) -> list[str]:
    """What each scene stands under: the run of headings that it, or the nearest scene before it, opens with."""
    text, found, current = segmented.book.text, [], ""
    for start in segmented.scene_starts:
        headings = itertools.takewhile(lambda s: s.kind is BlockKind.HEADING, segmented.sentences[start:])
        current = " / ".join(" ".join(text[s.start : s.end].split()) for s in headings) or current
        found.append(current)
    return found


def scenes_of(segmented: SegmentedBook) -> Iterator[Scene]:
    """The scenes of a segmented book, in order."""
    row, book = part_row(segmented), segmented.book
    ends = [*row.scene_start[1:], len(row.text)]
    columns = zip(row.scene_start, ends, row.scene_sentences, chapters_of(segmented), strict=True)
    for index, (start, end, sentences, chapter) in enumerate(columns):
        yield Scene(
            text=row.text[start:end],
            start=start,
            end=end,
            sentences=sentences,
            chapter=chapter,
            book=book.title,
            language=book.language,
            source=book.source,
            index=index,
        )
