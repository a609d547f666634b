"""How well two passes of annotators agree on where scenes start, in chapters of novels.

    python benchmarks/gold.py [SHARED_DIR]

The chapters, both passes and what was settled on are in `tests/transforms/scenes/gold/`; the novels themselves are read
from SHARED_DIR (`library/LANGUAGE.zip`, `data/books`). Per language: F1 of the second pass against the first, exact and
within 3 sentences, Cohen's kappa over sentences, scenes of the agreed gold, and their mean length in characters. The
first sentence of a chapter, which always starts a scene, is not counted. Takes seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.library import books_of, plain_name, unpack_works
from scenesign.pipeline.output import settle_output
from scenesign.schemas.records import BlockKind, Book, SegmentedBook
from scenesign.transforms.scenes.sentences import split_book

SHARED = ROOT.parent / "shared"
CHAPTERS = ROOT / "tests" / "transforms" / "scenes" / "gold" / "chapters.json"
TOLERANCE = 3  # sentences
Starts = tuple[int, ...]


@dataclass(frozen=True)
class GoldStart:
    """Where an annotator starts a scene.

    at: character of the book's clean text. words: what stands there, to know the place again. why: what changes.
    """

    at: int
    words: str
    why: str


@dataclass(frozen=True)
class GoldChapter:
    """An annotated chapter: characters `[begin, end)` of its book's clean text, without the heading.

    author: as the library's list has it. file: a name in the library's archive of the language, or a path with a slash
    under SHARED_DIR. unnamed: names of files that hold works of the author and don't name the author. first, second:
    the two passes. agreed: what was settled on. All three ascend, and begin with the chapter.
    """

    author: str
    title: str
    language: str
    file: str
    unnamed: tuple[str, ...]
    heading: str
    begin: int
    end: int
    first: tuple[GoldStart, ...]
    second: tuple[GoldStart, ...]
    agreed: tuple[GoldStart, ...]


@dataclass(frozen=True, eq=False)
class GoldText:
    """A chapter found again in its book as it is read and split today.

    book: the whole one, without vectors. span: the chapter is sentences `[a, b)` of prose. starts, first, second:
    sentences of prose that start scenes, ascending, the first a: agreed, and of either pass. Sentences of prose are
    counted through the book, as the rows of its vectors are.
    """

    chapter: GoldChapter
    book: SegmentedBook
    span: tuple[int, int]
    starts: Starts
    first: Starts
    second: Starts


@dataclass(frozen=True)
class Marked:
    """Two answers for one chapter: sentences of it that start scenes, ascending, the first 0."""

    sentences: int
    first: Starts
    second: Starts


def read_chapters(path: Path = CHAPTERS) -> tuple[GoldChapter, ...]:
    """The annotations, without the books."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    for row in rows:
        row["unnamed"] = tuple(row["unnamed"])
        for key in ("first", "second", "agreed"):
            row[key] = tuple(GoldStart(*start) for start in row[key])
    return tuple(GoldChapter(**row) for row in rows)


def authors_annotated(chapters: Sequence[GoldChapter]) -> tuple[str, ...]:
    """Names to hold out of training: family names of authors, and files that hold works of theirs without a name."""
    names = [name for chapter in chapters for name in (chapter.author.split(",")[0], *chapter.unnamed)]
    return tuple(sorted({plain_name(name) for name in names}))


def read_gold(shared: Path = SHARED, chapters: Sequence[GoldChapter] | None = None) -> list[GoldText]:
    """The annotated chapters in their books, read and cleaned as a build does.

    Raises ValueError, naming file and place, where a scene's first words are not in the book, and for a file that is
    not one book; KeyError for one that the library lacks.
    """
    texts = []
    with tempfile.TemporaryDirectory(prefix="gold-") as unpacked:
        for chapter in read_chapters() if chapters is None else chapters:
            path = shared / chapter.file
            if "/" not in chapter.file:
                archive = shared / "library" / f"{chapter.language}.zip"
                path = unpack_works(archive, [chapter.file], Path(unpacked))[chapter.file]
            books = books_of(path, chapter.language)
            if len(books) != 1:
                raise ValueError(f"{chapter.file}: {len(books)} books in it; the annotations are of a file that is one")
            texts.append(find_chapter(chapter, books[0]))
    return texts


def find_chapter(chapter: GoldChapter, book: Book) -> GoldText:
    """A chapter in its book. A start inside a sentence goes to the sentence, one between two to the later.

    Raises ValueError, naming file and place, where a scene's first words are not in the book.
    """
    for start in (*chapter.agreed, *chapter.first, *chapter.second):
        if not book.text.startswith(start.words, start.at):
            there = book.text[start.at : start.at + len(start.words)]
            raise ValueError(
                f"{chapter.file}, character {start.at}: {there!r} is here, not {start.words!r}; "
                "find the scenes again in the clean text"
            )
    segmented = split_book(book)
    prose = [sentence for sentence in segmented.sentences if sentence.kind is BlockKind.PARAGRAPH]
    begins, ends = [sentence.start for sentence in prose], [sentence.end for sentence in prose]

    def sentence_at(character: int) -> int:
        index = max(0, bisect_right(begins, character) - 1)
        return index if character < ends[index] else index + 1

    def indices(starts: Sequence[GoldStart]) -> Starts:
        return tuple(sorted({sentence_at(start.at) for start in starts}))

    span = sentence_at(chapter.begin), bisect_left(begins, chapter.end)
    return GoldText(chapter, segmented, span, indices(chapter.agreed), indices(chapter.first), indices(chapter.second))


def marked_by_both(text: GoldText) -> Marked:
    """What the two passes say, counted from the chapter's first sentence."""
    a, b = text.span
    return Marked(b - a, tuple(start - a for start in text.first), tuple(start - a for start in text.second))


def matched(gold: Sequence[int], found: Sequence[int], within: int) -> int:
    """How many pairs of boundaries at most `within` sentences apart there are, each boundary in one pair at most."""
    pairs = g = f = 0
    while g < len(gold) and f < len(found):
        if abs(gold[g] - found[f]) <= within:
            pairs, g, f = pairs + 1, g + 1, f + 1
        elif gold[g] < found[f]:
            g += 1
        else:
            f += 1
    return pairs


def boundary_f1(chapters: Sequence[Marked], within: int) -> float:
    """F1 of the boundaries of all chapters together; 1 where neither answer has any."""
    hits = sum(matched(both.first[1:], both.second[1:], within) for both in chapters)
    boundaries = sum(len(both.first) + len(both.second) - 2 for both in chapters)
    return 2 * hits / boundaries if boundaries else 1.0


def kappa(chapters: Sequence[Marked]) -> float:
    """Cohen's kappa over the sentences of all chapters together, without the first of each: does it start a scene?

    1 where both answers are the same for every sentence.
    """
    sentences = sum(both.sentences - 1 for both in chapters)
    ones = sum(len(both.first) - 1 for both in chapters)
    others = sum(len(both.second) - 1 for both in chapters)
    both_say = sum(matched(both.first[1:], both.second[1:], 0) for both in chapters)
    same = sentences - ones - others + 2 * both_say
    by_chance = (ones * others + (sentences - ones) * (sentences - others)) / sentences if sentences else 0.0
    return (same - by_chance) / (sentences - by_chance) if same < sentences else 1.0


def agreement_row(name: str, texts: Sequence[GoldText]) -> str:
    """A row of the table."""
    chapters = [marked_by_both(text) for text in texts]
    scenes = sum(len(text.starts) for text in texts)
    characters = sum(text.chapter.end - text.chapter.begin for text in texts)
    figures = boundary_f1(chapters, 0), boundary_f1(chapters, TOLERANCE), kappa(chapters)
    sentences = sum(both.sentences for both in chapters)
    return (
        f"| {name} | {len(texts)} | {sentences:,} | {' | '.join(f'{figure:.3f}' for figure in figures)} "
        f"| {scenes} | {characters / scenes:,.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("shared", type=Path, metavar="SHARED_DIR", nargs="?", default=SHARED)
    arguments = parser.parse_args()
    if not (arguments.shared / "library").is_dir():
        print(f"{arguments.shared}: no library here, so no novels to read; give the folder as SHARED_DIR")
        return
    texts = read_gold(arguments.shared)
    print(f"| language | chapters | sentences | F1 exact | F1@{TOLERANCE} | kappa | scenes | characters a scene |")
    print("|---|---|---|---|---|---|---|---|")
    for language in dict.fromkeys(text.chapter.language for text in texts):
        print(agreement_row(language, [text for text in texts if text.chapter.language == language]))
    print(agreement_row("all", texts))


if __name__ == "__main__":
    settle_output()
    main()
