"""The glossary: what a sign means, read off the scenes that carry it."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scenesign.transforms.scenes.sentences import tokenizers
from scenesign.transforms.support.threads import made_once

if TYPE_CHECKING:
    from jieba import Tokenizer

# Nearest scenes per sign and language that keywords are taken from, and how many of them are shown.
KEYWORD_SCENES = 24
SHOWN_EXAMPLES = 6
KEYWORDS = 8
EXAMPLE_CHARACTERS = 240


@dataclass(frozen=True)
class SceneRef:
    """A scene by book and index, with its distance from the sign's codeword."""

    distance: float
    book_id: str
    scene: int
    language: str


@dataclass
class SignTally:
    """What is counted about each sign while assignments stream by.

    counts: int64 [signs]; books: distinct books per sign, int64 [signs]; by_language: scenes per language,
    int64 [signs] each. nearest: per (sign, language) the KEYWORD_SCENES nearest scenes.
    """

    signs: int
    counts: np.ndarray = field(init=False)
    books: np.ndarray = field(init=False)
    by_language: dict[str, np.ndarray] = field(default_factory=dict)
    nearest: dict[tuple[int, str], list[SceneRef]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.counts = np.zeros(self.signs, dtype=np.int64)
        self.books = np.zeros(self.signs, dtype=np.int64)

    def add(self, book_id: str, language: str, signs: np.ndarray, distances: np.ndarray) -> None:
        """Counts one book: signs int [scenes, levels], distances float [scenes]."""
        tally = np.bincount(signs.reshape(-1), minlength=self.signs)
        self.counts += tally
        self.books += tally > 0
        self.by_language.setdefault(language, np.zeros(self.signs, dtype=np.int64))[:] += tally
        for scene, (row, distance) in enumerate(zip(signs.tolist(), distances.tolist(), strict=True)):
            for sign in row:
                refs = self.nearest.setdefault((sign, language), [])
                refs.append(SceneRef(distance, book_id, scene, language))
                if len(refs) >= 4 * KEYWORD_SCENES:
                    refs[:] = _closest(refs, KEYWORD_SCENES)

    def exemplars(self, sign: int) -> dict[str, list[SceneRef]]:
        """The nearest scenes of a sign in each language, nearest first."""
        return {
            language: _closest(self.nearest[sign, language], KEYWORD_SCENES)
            for language in sorted(self.by_language)
            if (sign, language) in self.nearest
        }


def _closest(refs: Sequence[SceneRef], count: int) -> list[SceneRef]:
    return sorted(refs, key=lambda r: (r.distance, r.book_id, r.scene))[:count]


def shown_examples(exemplars: Mapping[str, Sequence[SceneRef]]) -> list[SceneRef]:
    """Scenes to show for a sign: the languages take turns, and within one, books not seen yet come first."""
    queues = {}
    for language, refs in exemplars.items():
        books: Counter[str] = Counter()
        turns = []
        for ref in refs:
            turns.append((books[ref.book_id], ref.distance, ref))
            books[ref.book_id] += 1
        queues[language] = [ref for *_, ref in sorted(turns, key=lambda t: t[:2])]
    shown: list[SceneRef] = []
    for turn in range(SHOWN_EXAMPLES):
        shown.extend(queue[turn] for queue in queues.values() if turn < len(queue))
    return shown[:SHOWN_EXAMPLES]


# Pieces of text whose words are kept, per language; some tens of megabytes.
_MOST_KEPT = 1 << 17


@made_once(32)
def _stop_words(language: str) -> frozenset[str]:
    with tokenizers(language).lend() as nlp:
        return frozenset(nlp.Defaults.stop_words)


# Chinese words that begin so count things ("a", "two", "once"); what they count is a word of its own.
_NUMERALS = frozenset("一二两三四五六七八九十百千万几数每各这那")


@made_once()
def chinese_words() -> Tokenizer:
    """jieba's word list, from its package: by itself it trusts a cache in the folder for temporary files, where
    anybody may have put another.
    """
    import jieba

    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer


def content_words(text: str, language: str) -> Iterator[str]:
    """Words that can serve as keywords: no stop words, numbers or names.

    Names tell books apart, not happenings. In scripts with letter case they are the capitalised words; German, which
    capitalises every noun, keeps them.
    """
    if language == "zh":
        stops = _stop_words(language)
        # the pure word list, without the hidden Markov model's guesses at unknown (mostly proper) names
        for word in chinese_words().cut(text, HMM=False):
            if len(word) > 1 and word.isalpha() and word not in stops and word[0] not in _NUMERALS:
                yield word
        return
    pieces = text.split()
    kept = _kept_words(language)
    words = {piece: kept.get(piece) for piece in pieces}
    new = _piece_words([piece for piece, known in words.items() if known is None], language)
    # what this text needs it has in its own hands: another thread may empty what is kept at any time
    if len(kept) + len(new) > _MOST_KEPT:
        kept.clear()
    kept.update(new)
    words.update(new)
    for piece in pieces:
        yield from words[piece] or ()


@made_once(32)
def _kept_words(language: str) -> dict[str, tuple[str, ...]]:
    """Content words by what stands between two white spaces.

    spaCy's tokenizers see one such piece at a time, and books repeat theirs, so that most need no tokenizing.
    """
    return {}


def _piece_words(pieces: Sequence[str], language: str) -> dict[str, tuple[str, ...]]:
    stops = _stop_words(language)
    ends = iter(itertools.accumulate(len(piece) + 1 for piece in pieces))
    words: dict[str, list[str]] = {piece: [] for piece in pieces}
    remaining = iter(pieces)
    piece, end = "", 0
    with tokenizers(language).lend() as nlp, nlp.memory_zone():
        for token in nlp.make_doc(" ".join(pieces)):
            while token.idx >= end:
                piece, end = next(remaining), next(ends)
            word = token.text
            if len(word) > 2 and word.isalpha() and word.lower() not in stops:
                if word.islower() or language == "de":
                    words[piece].append(word.lower())
                elif word.lower() == word.upper():  # a script without case
                    words[piece].append(word)
    return {piece: tuple(found) for piece, found in words.items()}


@dataclass
class KeywordCounts:
    """Scenes and books that hold each word, per sign, in one language; totals: scenes per sign."""

    scenes: dict[int, Counter[str]] = field(default_factory=dict)
    books: dict[int, dict[str, set[str]]] = field(default_factory=dict)
    totals: Counter[int] = field(default_factory=Counter)

    def add(self, sign: int, book_id: str, words: set[str]) -> None:
        """Counts the words of one scene, each once."""
        self.totals[sign] += 1
        self.scenes.setdefault(sign, Counter()).update(words)
        books = self.books.setdefault(sign, {})
        for word in words:
            books.setdefault(word, set()).add(book_id)

    def keywords(self) -> dict[int, list[str]]:
        """The best words of each sign, by a class-based tf-idf (Grootendorst 2022) whose idf is relative to the sign.

        W = tf * ln((tf / n) / (f / N)). tf: scenes of the sign with the word, times the distinct books among them,
        so that one book's pet word doesn't name a sign; the fractions: how often the word is in the n scenes of the
        sign and in the N scenes of all signs, f of them. Words that are as common everywhere ("said", a hero's
        name) weigh nothing however often they are used, and words of a single scene are chance. Where nothing else
        is left, as with one sign or one scene, those stand in. Ties go to the more frequent word, then by the
        alphabet.
        """
        everywhere: Counter[str] = Counter()
        for counts in self.scenes.values():
            everywhere.update(counts)
        total = sum(self.totals.values())
        best = {}
        for sign, counts in self.scenes.items():
            expected = self.totals[sign] / total
            scores = {
                word: count * len(self.books[sign][word]) * math.log(count / (everywhere[word] * expected))
                for word, count in counts.items()
            }
            ranked = sorted(counts, key=lambda w: (-round(scores[w], 9), -counts[w], w))
            telling = [word for word in ranked if scores[word] > 1e-9 and everywhere[word] > 1]
            best[sign] = (telling or ranked)[:KEYWORDS]
        return best


def opening(text: str) -> str:
    """The first words of a scene on one line, for showing."""
    flat = " ".join(text.split())
    return flat if len(flat) <= EXAMPLE_CHARACTERS else flat[: EXAMPLE_CHARACTERS - 1].rstrip() + "…"
