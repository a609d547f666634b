"""How much of a changed text is found again, what books that have nothing in common share, and what looking costs.

    python benchmarks/shelf_quality.py BOOKS... [--each 5]

Of each language the `--each` longest books of at most 700,000 characters are changed in many ways, and compared with
what they were: the median share that `overlaps` would name. Paragraphs of the French books are put into those of other
languages, and the share of French is estimated. Of all pairs of books the ten greatest shares are named. Times are of
this process, a thread.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import textwrap
import time
from collections.abc import Callable, Sequence

import numpy as np

from scenesign.pipeline.output import settle_output
from scenesign.schemas.parts import ShingleSample
from scenesign.schemas.records import Book
from scenesign.transforms.quality.languages import other_language
from scenesign.transforms.quality.shingles import sample_hashes, shingle_sample
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.inputs import list_inputs
from scenesign.transforms.read.options import ReadOptions

LONGEST = 700_000
SHARES = (0.05, 0.12, 0.3)


def share_of(one: ShingleSample, other: ShingleSample) -> tuple[float, int]:
    """How much of the second text is in the first, and how many shingles say so."""
    bound = np.uint64(min(one.bound, other.bound))
    hashes = [sample_hashes(sample) for sample in (one, other)]
    first, second = (some[: np.searchsorted(some, bound)] for some in hashes)
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / max(1, len(second)), shared


def misread(share: float) -> Callable[[str, str], str]:
    """Letters that a scanner took for others."""

    def change(text: str, _: str) -> str:
        draw = random.Random(0)
        return "".join(draw.choice("abcdefgh") if draw.random() < share else char for char in text)

    return change


def some_of(pieces: Sequence[str], share: float) -> list[str]:
    """A share of them, in order."""
    draw = random.Random(0)
    return [piece for piece in pieces if draw.random() < share]


def sentences_of(text: str) -> list[str]:
    """Roughly."""
    return text.replace(". ", ". \0").replace("。", "。\0").split("\0")


CHANGES: dict[str, Callable[[str, str], str]] = {
    "wrapped anew, with a preface": lambda text, _: "A preface. " * 100 + "\n".join(textwrap.wrap(text, 72)),
    "in capitals": lambda text, _: text.upper(),
    "1 letter in 200 wrong": misread(0.005),
    "1 letter in 100 wrong": misread(0.01),
    "1 letter in 50 wrong": misread(0.02),
    "1 letter in 20 wrong": misread(0.05),
    "abridged to 60 % of its paragraphs": lambda text, _: "\n\n".join(some_of(text.split("\n\n"), 0.6)),
    "abridged to 60 % of its sentences": lambda text, _: "".join(some_of(sentences_of(text), 0.6)),
    "half of it, and half of another book": lambda text, other: text[: len(text) // 2] + other[: len(text) // 2],
    "the other half": lambda text, _: text[len(text) // 2 :],
}


def median_share(books: Sequence[Book], change: Callable[[str, str], str], halved: bool) -> float:
    """Over some books, each beside the next one."""
    found = []
    for book, other in zip(books, [*books[1:], books[0]], strict=True):
        whole = book.text[: len(book.text) // 2] if halved else book.text
        changed = change(book.text, other.text)
        longer, shorter = sorted((whole, changed), key=len, reverse=True)
        samples = [shingle_sample(name, text, book.language) for name, text in (("a", longer), ("b", shorter))]
        found.append(share_of(*samples)[0])
    return statistics.median(found)


def mixed(book: Book, foreign: Sequence[str], share: float) -> str:
    """A book with that share of foreign paragraphs among its own."""
    draw = random.Random(0)
    paragraphs = book.text.split("\n\n")
    wanted = share * len(book.text) / (1 - share)
    while wanted > 0:
        added = draw.choice(foreign)
        paragraphs.insert(draw.randrange(len(paragraphs)), added)
        wanted -= len(added)
    return "\n\n".join(paragraphs)


def main() -> None:
    """Prints all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("books", nargs="+")
    parser.add_argument("--each", type=int, default=5)
    asked = parser.parse_args()
    sources, _ = list_inputs(asked.books)
    books = [book for source in sources for book in read_books(source, ReadOptions()) if isinstance(book, Book)]
    millions = sum(len(book.text) for book in books) / 1e6
    by_language: dict[str, list[Book]] = {}
    for book in sorted(books, key=lambda book: -len(book.text)):
        if len(book.text) <= LONGEST:
            by_language.setdefault(book.language, []).append(book)
    chosen = {code: some[: asked.each] for code, some in sorted(by_language.items()) if len(some) >= asked.each}
    print(f"{len(books)} books, {millions:.1f} million characters, {len({b.language for b in books})} languages\n")
    print("| change |", " | ".join(chosen), "|\n|---|", "---|" * len(chosen), sep="")
    for name, change in CHANGES.items():
        shares = [median_share(some, change, name == "the other half") for some in chosen.values()]
        print(f"| {name} |", " | ".join(f"{share:.2f}" for share in shares), "|")
    french = [text for book in by_language.get("fr", ()) for text in book.text.split("\n\n") if 100 < len(text) < 600]
    for share in SHARES if french else ():
        found = {
            code: sorted(other_language(mixed(book, french, share), code)[1] for book in some)
            for code, some in chosen.items()
            if code != "fr"
        }
        print(
            f"\n{share} French in it:", "; ".join(f"{code} {' '.join(map(str, some))}" for code, some in found.items())
        )
    started = time.process_time()
    samples = [shingle_sample(book.book_id, book.text, book.language) for book in books]
    print(f"\nshingles: {(time.process_time() - started) / millions:.3f} s for a million characters,", end=" ")
    print(f"{statistics.median(len(sample.hashes) for sample in samples):.0f} bytes for the book in the middle")
    started = time.process_time()
    others = [other_language(book.text, book.language) for book in books]
    print(f"languages: {(time.process_time() - started) / millions:.3f} s for a million characters")
    print(
        "another language in:",
        [(b.source, *found) for b, found in zip(books, others, strict=True) if found[0]] or "none",
    )
    pairs = []
    for one, other in itertools.combinations(range(len(books)), 2):
        longer, shorter = sorted((one, other), key=lambda at: -len(books[at].text))
        pairs.append((*share_of(samples[longer], samples[shorter]), books[shorter].source, books[longer].source))
    print(f"\nof {len(pairs):,} pairs the greatest shares:")
    for share, shared, shorter_name, longer_name in sorted(pairs, reverse=True)[:10]:
        print(f"  {share:.3f} ({shared} shingles) of {shorter_name} in {longer_name}")


if __name__ == "__main__":
    settle_output()
    main()
