"""The words of all scenes of a language, counted once: what keywords are chosen from and judged by."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import sparse

from scenesign.schemas.checkpoints import WORD_COUNTS
from scenesign.transforms.signs.glosses.words import NOUN_CAPITALS, word_forms, word_key
from scenesign.transforms.support import storage

# A word that is in fewer books, or in a smaller share of the scenes, is chance or somebody's name.
LEAST_BOOKS = 3
LEAST_SHARE = 0.01
# The lemma is shown where at least this share of a word's occurrences is written so, else its most frequent form.
_SHOWN_SHARE = 0.005
# Most forms are in one scene of thousands; to look each of them up would take most of the time.
_RAREST_FORM = 2_000


@dataclass(frozen=True, eq=False)
class SceneWords:
    """Which words the scenes of one language hold.

    keys: the words that can be keywords. shown: how each is written. counts: occurrences, float32 sparse
    [scenes, words]. books: rows `[first, end)` of each book, in order.
    """

    keys: tuple[str, ...]
    shown: tuple[str, ...]
    counts: sparse.csr_matrix
    books: tuple[tuple[int, int], ...]

    @property
    def present(self) -> sparse.csc_matrix:
        """1 where a scene holds a word, float32 sparse [scenes, words]."""
        found = self.counts.tocsc()
        found.data = np.ones_like(found.data)
        return found


def book_rows(books: Sequence[tuple[int, int]]) -> sparse.csr_matrix:
    """1 where a book has a scene, float32 sparse [books, scenes]. books: rows `[first, end)` of each, in order."""
    owners = np.repeat(np.arange(len(books)), [end - first for first, end in books])
    return sparse.csr_matrix(
        (np.ones(len(owners), np.float32), (owners, np.arange(len(owners)))), shape=(len(books), len(owners))
    )


def scene_words(books: Iterable[Sequence[str]], language: str, wanted: Collection[str] | None = None) -> SceneWords:
    """Counts the words of books, each the texts of its scenes; one book's texts are in memory at a time.

    wanted: the keys to count. When not given, all words that can be keywords: no names, which are written with a
    capital more often than not (but where all nouns are) or cling to fewer than LEAST_BOOKS books, however many mention
    them.
    """
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__  # a new form gets the next number
    columns, numbers, lengths, bounds = [], [], [0], [0]
    for texts in books:
        for text in texts:
            found = Counter(word_forms(text, language))
            columns.append(np.fromiter(map(index.__getitem__, found), np.int32, len(found)))
            numbers.append(np.fromiter(found.values(), np.float32, len(found)))
            lengths.append(len(found))
        bounds.append(len(lengths) - 1)
    by_form = sparse.csr_matrix(
        (_joined(numbers, np.float32), _joined(columns, np.int32), np.cumsum(lengths)),
        shape=(len(lengths) - 1, len(index)),
    )
    rows = tuple(itertools.pairwise(bounds))
    return _by_key(list(index), by_form, rows, language, wanted)


def save_words(uri: str, words: SceneWords) -> None:
    """Writes words to a file, for a later step that needs the same."""
    bounds = [0, *(end for _, end in words.books)]
    columns = (words.keys, words.shown, bounds, words.counts.indptr, words.counts.indices, words.counts.data)
    arrays = [pa.array([column], field.type) for column, field in zip(columns, WORD_COUNTS, strict=True)]
    with storage.parquet_writer(uri, WORD_COUNTS) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=WORD_COUNTS))


def load_words(uri: str) -> SceneWords:
    """The words that `save_words` has written."""
    row = {
        name: column[0].values for name, column in zip(WORD_COUNTS.names, storage.read_table(uri).columns, strict=True)
    }
    keys = tuple(row["keys"].to_pylist())
    starts, words, counts = (row[name].to_numpy() for name in ("starts", "words", "counts"))
    return SceneWords(
        keys=keys,
        shown=tuple(row["shown"].to_pylist()),
        counts=sparse.csr_matrix((counts, words, starts), shape=(len(starts) - 1, len(keys))),
        books=tuple(itertools.pairwise(row["books"].to_pylist())),
    )


def _joined(arrays: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)


def _by_key(
    forms: Sequence[str],
    by_form: sparse.csr_matrix,
    books: tuple[tuple[int, int], ...],
    language: str,
    wanted: Collection[str] | None,
) -> SceneWords:
    totals = np.asarray(by_form.sum(axis=0)).ravel()
    scenes = np.diff(by_form.tocsc().indptr)
    written: dict[str, Counter[str]] = {}
    keys = [
        word_key(form, language) if wanted is not None or held * _RAREST_FORM > by_form.shape[0] else ""
        for form, held in zip(forms, scenes.tolist(), strict=True)
    ]
    for form, key, total in zip(forms, keys, totals.tolist(), strict=True):
        if key:
            written.setdefault(key, Counter())[form] += int(total)
    if wanted is None:
        known = sorted(key for key, found in written.items() if language in NOUN_CAPITALS or not _is_name(found))
    else:
        known = sorted(written.keys() & set(wanted))
    number = {key: i for i, key in enumerate(known)}
    mine = [i for i, key in enumerate(keys) if key in number]
    fold = sparse.csr_matrix(
        (np.ones(len(mine), np.float32), (mine, [number[keys[i]] for i in mine])), shape=(len(forms), len(known))
    )
    counts = (by_form @ fold).tocsr()
    kept = np.flatnonzero(_is_common(counts, books)) if wanted is None else np.arange(len(known))
    return SceneWords(
        keys=tuple(known[i] for i in kept),
        shown=tuple(_shown(known[i], written[known[i]], language) for i in kept),
        counts=counts[:, kept].sorted_indices(),
        books=books,
    )


def _is_name(found: Counter[str]) -> bool:
    """Whether a word is written with a capital more often than not. Headings in capitals say nothing of that."""
    told = {
        form: count for form, count in found.items() if not (len(form) > 1 and form.isupper() and form != form.lower())
    }
    capital = sum(count for form, count in told.items() if form[0] != form[0].lower())
    return 2 * capital > sum(told.values()) or (bool(found) and not told)


def _is_common(counts: sparse.csr_matrix, books: Sequence[tuple[int, int]]) -> np.ndarray:
    """bool [words]: in enough scenes, and spread over books as if it were at home in LEAST_BOOKS of them or more.

    With the shares s of a book's scenes that hold a word, (sum s)^2 / sum s^2 books hold it: as many as there are
    where it is equally frequent in all, one where only one has it.
    """
    present = counts.copy()
    present.data = np.ones_like(present.data)
    scenes = np.asarray(present.sum(axis=0)).ravel()
    lengths = np.array([max(1, end - first) for first, end in books], dtype=np.float32)
    shares = sparse.diags(1.0 / lengths) @ (book_rows(books) @ present)
    total = np.asarray(shares.sum(axis=0)).ravel()
    squares = np.asarray(shares.multiply(shares).sum(axis=0)).ravel()
    spread = total**2 / np.maximum(squares, 1e-12)
    enough = max(LEAST_BOOKS, LEAST_SHARE * counts.shape[0])
    return np.asarray((scenes >= enough) & (spread >= LEAST_BOOKS - 1e-3))


def _shown(key: str, found: Counter[str], language: str) -> str:
    """How a word is written: its lemma where that is common enough, else its most frequent form."""
    small: Counter[str] = Counter()
    for form, count in found.items():
        small[form if language in NOUN_CAPITALS else form.lower()] += count
    if small[key] >= _SHOWN_SHARE * sum(small.values()):
        return key
    return min(small, key=lambda form: (-small[form], form))
