"""Texts whose scenes or segments are known: what is read, and what of it is scored."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.gold import GoldText, Starts
from scenesign.schemas.records import Block, BlockKind, Book, SegmentedBook, Sentence, text_digest

Kind = Literal["ref", "csv", "gold"]


@dataclass(frozen=True, eq=False)
class Passage:
    """What is scored: the sentences of prose `[first, last)` of a book, which is searched as a whole.

    folder: what it is grouped by; kind: where it comes from; starts: sentences that start scenes, counted from `first`,
    ascending, the first 0.
    """

    name: str
    folder: str
    kind: Kind
    book: SegmentedBook
    first: int
    last: int
    starts: Starts

    @property
    def length(self) -> int:
        """Sentences of prose."""
        return self.last - self.first

    @cached_property
    def _edges(self) -> np.ndarray:
        """int64 [sentences + 1]: how many sentences of prose come before each sentence of the book."""
        prose = [sentence.kind is BlockKind.PARAGRAPH for sentence in self.book.sentences]
        return np.concatenate([[0], np.cumsum(prose)])

    def inside(self, starts: Sequence[int]) -> Starts:
        """Scene starts of the whole book as those of the passage.

        starts: indices into the book's sentences; a heading counts as the sentence of prose after it. Returns indices
        counted from `first`, ascending, the first 0.
        """
        prose = {int(self._edges[start]) - self.first for start in starts}
        return tuple(sorted({0, *(start for start in prose if 0 < start < self.length)}))


def of_gold(text: GoldText) -> Passage:
    """The passage of an annotated chapter, grouped by language."""
    (first, last), chapter = text.span, text.chapter
    name = ", ".join(filter(None, (chapter.author.split(",")[0], chapter.title, chapter.heading)))
    starts = tuple(start - first for start in text.starts)
    return Passage(name, f"gold {chapter.language}", "gold", text.book, first, last, starts)


def read_ref(text: str) -> tuple[list[str], Starts]:
    """Sentences and segment starts of a file in Choi's format."""
    sentences: list[str] = []
    starts: list[int] = []
    for line in text.splitlines():
        if line.startswith("=========="):
            starts.append(len(sentences))
        elif line.strip():
            sentences.append(" ".join(line.split()))
    return sentences, tuple(sorted({0, *(start for start in starts if start < len(sentences))}))


def read_labels(lines: Sequence[str] | Iterator[str]) -> tuple[list[str], Starts]:
    """Sentences and scene starts of a `label,sentence` file; a blank sentence hands its label on."""
    sentences: list[str] = []
    starts = {0}
    for row in csv.reader(lines):
        if len(row) < 2:
            continue
        if row[0].strip() == "1":
            starts.add(len(sentences))
        if row[1].strip():
            sentences.append(" ".join(row[1].split()))
    return sentences, tuple(sorted(start for start in starts if start < len(sentences)))


def read_passages(folder: Path) -> list[Passage]:
    """Every `*.ref` and `*.csv` file under a folder, by path, each a passage that is the whole of its book."""
    passages = []
    for path in sorted([*folder.rglob("*.ref"), *folder.rglob("*.csv")]):
        kind: Kind = "ref" if path.suffix == ".ref" else "csv"
        if kind == "ref":
            sentences, starts = read_ref(path.read_text(encoding="utf-8", errors="replace"))
        else:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                sentences, starts = read_labels(file)
        if len(sentences) > 1:
            name = path.relative_to(folder)
            whole = as_book(sentences)
            passages.append(Passage(name.as_posix(), name.parent.as_posix(), kind, whole, 0, len(sentences), starts))
    return passages


def as_book(sentences: Sequence[str]) -> SegmentedBook:
    """The sentences as a book of one paragraph, without vectors: these files don't say where paragraphs are."""
    text = " ".join(sentences)
    ends = np.cumsum([len(sentence) + 1 for sentence in sentences]) - 1
    spans = tuple(Sentence(int(end) - len(s), int(end)) for s, end in zip(sentences, ends, strict=True))
    return SegmentedBook(Book(text_digest(text), "", "en", text, (Block(0, len(text)),), "benchmark"), spans)
