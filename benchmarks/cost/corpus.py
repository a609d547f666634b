"""Short books made from the chapters of long ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scenesign.schemas.records import BlockKind, Book
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.inputs import list_inputs
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.scenes.sentences import split_sentences


@dataclass(frozen=True)
class Excerpt:
    """Whole paragraphs in a row from one chapter."""

    language: str
    paragraphs: tuple[str, ...]
    sentences: tuple[str, ...]


def excerpts(book: Book, sentences: int) -> Iterator[Excerpt]:
    """Runs of paragraphs, each of at least so many sentences, none across a heading; what is left of a chapter goes."""
    paragraphs: list[str] = []
    said: list[str] = []
    for block in book.blocks:
        if block.kind is not BlockKind.PARAGRAPH:
            paragraphs, said = [], []
            continue
        paragraphs.append(" ".join(book.text[block.start : block.end].split()))
        said += [book.text[s.start : s.end] for s in split_sentences(book.text, [block], book.language)]
        if len(said) >= sentences:
            yield Excerpt(book.language, tuple(paragraphs), tuple(said))
            paragraphs, said = [], []


def gather(data: Path, sentences: int, seed: int) -> list[Excerpt]:
    """Every excerpt of every book under a folder, none twice, shuffled."""
    sources, _ = list_inputs([str(data)])
    found: dict[tuple[str, ...], Excerpt] = {}
    for source in sources:
        for book in read_books(source, ReadOptions()):
            if isinstance(book, Book):
                for excerpt in excerpts(book, sentences):
                    found.setdefault(excerpt.paragraphs, excerpt)
    ordered = [found[key] for key in sorted(found)]
    random.Random(seed).shuffle(ordered)
    return ordered


def write_books(chosen: list[Excerpt], folder: Path) -> int:
    """A text file per excerpt, by language, under names that keep the order; how many sentences there are in all."""
    for number, excerpt in enumerate(chosen):
        path = folder / excerpt.language / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(excerpt.paragraphs) + "\n", encoding="utf-8")
    return sum(len(excerpt.sentences) for excerpt in chosen)
