"""Short books made from the chapters of long ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
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
    """Every excerpt of every book in a folder, or in the archives there, none twice, shuffled."""
    archives = sorted(str(path) for path in data.glob("*.zip"))
    sources, _ = list_inputs(archives or [str(data)])
    found: dict[tuple[str, ...], Excerpt] = {}
    for source in sources:
        for book in read_books(source, ReadOptions()):
            if isinstance(book, Book):
                for excerpt in excerpts(book, sentences):
                    found.setdefault(excerpt.paragraphs, excerpt)
    ordered = [found[key] for key in sorted(found)]
    random.Random(seed).shuffle(ordered)
    return ordered


# Sentences of the passages, at least, that books are put together from where excerpts don't suffice.
_PASSAGE = 10


def small_books(data: Path, count: int, sentences: int, seed: int) -> list[Excerpt]:
    """So many books of so many sentences or more: excerpts, or where these are too few, all put together from passages.

    Such a book is of one language, its passages in an order of their own, and no two books are equal.
    Raises ValueError where the folder holds less than a book.
    """
    whole = gather(data, sentences, seed)
    if len(whole) >= count:
        return whole[:count]
    passages: dict[str, list[Excerpt]] = {}
    for passage in gather(data, min(_PASSAGE, sentences), seed):
        passages.setdefault(passage.language, []).append(passage)
    passages = {code: found for code, found in passages.items() if sum(len(p.sentences) for p in found) >= sentences}
    if not passages:
        raise ValueError(f"{data}: no language with {sentences} sentences; give another folder or fewer --sentences")
    draw = random.Random(seed)
    shares = [len(found) for found in passages.values()]
    made: dict[tuple[str, ...], Excerpt] = {}
    for _ in range(10 * count):
        if len(made) == count:
            break
        (language,) = draw.choices(list(passages), shares)
        book = put_together(passages[language], sentences, draw)
        made.setdefault(book.paragraphs, book)
    if len(made) < count:
        raise ValueError(f"{data}: enough for {len(made):,} different books, not {count:,}; lower --counts")
    return list(made.values())


def put_together(passages: Sequence[Excerpt], sentences: int, draw: random.Random) -> Excerpt:
    """A book of some of the passages, drawn without repeats until they have so many sentences."""
    paragraphs: list[str] = []
    said: list[str] = []
    for passage in draw.sample(passages, min(len(passages), sentences)):  # each has a sentence or more
        paragraphs += passage.paragraphs
        said += passage.sentences
        if len(said) >= sentences:
            break
    return Excerpt(passages[0].language, tuple(paragraphs), tuple(said))


def write_books(chosen: list[Excerpt], folder: Path) -> int:
    """A text file per excerpt, by language, under names that keep the order; how many sentences there are in all."""
    for number, excerpt in enumerate(chosen):
        path = folder / excerpt.language / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(excerpt.paragraphs) + "\n", encoding="utf-8")
    return sum(len(excerpt.sentences) for excerpt in chosen)
