"""A sample of a text's shingles, by which texts that are nearly the same find each other.

A shingle is a run of letters and digits; all else, line breaks and quotation marks too, is passed over. Shingles are
sampled by their hash, the same ones of every text (MinHash by bottom values), so that what two samples share says what
the texts share, also where one is a small piece of the other. Integers alone: the same on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from scenesign.schemas.parts import ShingleSample
from scenesign.schemas.records import Book
from scenesign.transforms.quality.measured import measured
from scenesign.transforms.signs.glosses.words import simplified_letters

# Letters of a shingle: about five words, and of scripts that write a word in a letter or two as much of them.
LONG, SHORT = 24, 8
_DENSE = frozenset({"zh", "ja", "ko"})
# Of a text's shingles those are kept whose hash is below 2**64 / RATE, and in short texts the FEWEST lowest.
RATE, FEWEST = 2_048, 128
_BELOW = (1 << 64) // RATE
_ALL = (1 << 64) - 1  # bound of a sample that holds every shingle
_AT_ONCE = 1 << 18  # characters; a text of any length takes this much memory a few times over
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def shingle_sample(book_id: str, text: str, language: str) -> ShingleSample:
    """The sample of a text. One without as many letters as a shingle has an empty sample, like nothing else."""
    size = SHORT if language in _DENSE else LONG
    found = [np.zeros(0, np.uint64)]
    few = len(text) < 2 * FEWEST * RATE  # perhaps fewer than FEWEST are sampled: they need all their hashes
    simple = simplified_letters() if language == "zh" else {}
    for letters in _letters(text, size, simple):
        hashes = _hashes(letters, size)
        found.append(hashes if few else hashes[hashes < _BELOW])
    hashes = np.sort(np.concatenate(found))  # many times faster than `np.unique`
    hashes = hashes[np.diff(hashes, prepend=np.uint64(0)) > 0]
    sampled = int(np.searchsorted(hashes, np.uint64(_BELOW)))
    bound = _BELOW
    if few and sampled < FEWEST:
        bound = int(hashes[FEWEST]) if len(hashes) > FEWEST else _ALL
        sampled = min(FEWEST, len(hashes))
    return ShingleSample(book_id, bound, hashes[:sampled].astype("<u8").tobytes())


def book_shingles(book: Book) -> ShingleSample:
    """The sample of a book; an empty one, like nothing else, after an error that nobody foresaw."""
    return measured(
        "NearDuplicates",
        book.source,
        lambda: shingle_sample(book.book_id, book.text, book.language),
        ShingleSample(book.book_id, _ALL, b""),
    )


def sample_hashes(sample: ShingleSample) -> np.ndarray:
    """The hashes of a sample, ascending, uint64."""
    return np.frombuffer(sample.hashes, "<u8")


def _letters(text: str, size: int, simple: Mapping[int, str]) -> Iterator[np.ndarray]:
    """The letters of a text as uint64, in pieces that overlap by a shingle less one letter.

    simple: characters to be taken for others, so that a book in traditional characters is found in simplified ones.
    """
    rest = np.zeros(0, np.uint64)
    for start in range(0, len(text), _AT_ONCE):
        piece = text[start : start + _AT_ONCE]
        codes = np.frombuffer(piece.encode("utf-32-le", "surrogatepass"), "<u4")
        plain = np.zeros(int(codes.max()) + 1, np.uint64)
        for code in np.flatnonzero(np.bincount(codes)).tolist():
            plain[code] = ord(simple[code]) if code in simple else _plain(code)
        letters = plain[codes]
        letters = np.concatenate([rest, letters[letters > 0]])
        yield letters
        rest = letters[len(letters) - min(size - 1, len(letters)) :]


@lru_cache(maxsize=1 << 16)
def _plain(code: int) -> int:
    """A character without case and accents; 0 for what is no letter and no digit."""
    char = chr(code)
    if not char.isalnum():
        return 0
    parts = unicodedata.normalize("NFKD", char)
    if all(unicodedata.combining(part) for part in parts[1:]):
        char = parts[0]
    folded = char.casefold()
    return ord(folded if len(folded) == 1 else char)


def _hashes(letters: np.ndarray, size: int) -> np.ndarray:
    """The hash of each shingle of `size` letters, uint64. size: 8 times 1 or 3."""
    if len(letters) < size:
        return np.zeros(0, np.uint64)
    hashes, reach = _mixed(letters), 1
    factor = int(_FACTOR)
    while reach < 8:  # of 2, 4, 8 letters, each from two of half as many
        hashes = hashes[:-reach] * np.uint64(factor) + hashes[reach:]
        factor = factor * factor & _ALL
        reach *= 2
    if size > reach:
        hashes = (hashes[: -2 * reach] * np.uint64(factor) + hashes[reach:-reach]) * np.uint64(factor) + hashes[
            2 * reach :
        ]
    return _mixed(hashes)


def _mixed(values: np.ndarray) -> np.ndarray:
    """Each number as another that looks drawn at random (SplitMix64)."""
    values = values + _FACTOR
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))
