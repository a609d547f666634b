"""Which signs the books of a dataset hold. The glossary of an inventory that was taken over counts other books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from scenesign.transforms.dataset.read import Dataset, DatasetBook
from scenesign.transforms.signs.glosses.glossary import Exemplar, LetterEntry, SignEntry, called
from scenesign.transforms.signs.numbering import first_signs, letter_ids

Entry = TypeVar("Entry", SignEntry, LetterEntry)


def topics_in_use(dataset: Dataset) -> list[SignEntry]:
    """The topics of a dataset's scenes with their counts there, the most frequent first, equals in order of ids.

    Raises ValueError naming the file when one can't be read.
    """
    used = [entry for entry in signs_in_use(dataset, dataset.glossary) if entry.count and entry.level == 1]
    return sorted(used, key=lambda entry: -entry.count)


def signs_in_use(dataset: Dataset, glossary: Sequence[SignEntry]) -> list[SignEntry]:
    """The entries of its glossary with their counts in a dataset, in order of ids.

    Raises ValueError naming the file when one can't be read.
    """
    return counted_anew(glossary, ((book.language, _signs_of(book)) for book in dataset))


def letters_in_use(dataset: Dataset, letters: Sequence[LetterEntry], sizes: Sequence[int]) -> list[LetterEntry]:
    """The letters of its glossary with their counts in a dataset. sizes: of the levels of its inventory.

    Raises ValueError naming the file when one can't be read.
    """
    firsts = np.array(first_signs(sizes))
    return counted_anew(
        letters, ((book.language, letter_ids(_signs_of(book) - firsts[: book.levels])) for book in dataset)
    )


def _signs_of(book: DatasetBook) -> np.ndarray:
    """int64 [scenes, levels]."""
    return np.array(book.signs, dtype=np.int64).reshape(-1, book.levels)


def counted_anew(entries: Sequence[Entry], books: Iterable[tuple[str, np.ndarray]]) -> list[Entry]:
    """Entries of a glossary with count, share, books and languages as books have them.

    books: of each its language, and the ids of entries that its scenes have, int [scenes, any].
    """
    scenes = 0
    languages: dict[str, Counter[int]] = {}
    in_books: Counter[int] = Counter()
    for language, ids in books:
        scenes += len(ids)
        languages.setdefault(language, Counter()).update(ids.ravel().tolist())
        in_books.update(np.unique(ids).tolist())
    found = []
    for number, entry in enumerate(entries):
        seen = {code: languages[code][number] for code in sorted(languages) if languages[code][number]}
        count = sum(seen.values())
        share = count / max(1, scenes)
        found.append(replace(entry, count=count, share=share, books=in_books[number], languages=seen))
    return found


def told_in(entry: Entry, languages: Sequence[str]) -> Entry:
    """An entry with name, keywords and examples in these languages only; with all it has where it has none in them.

    A name in another language gives way to the most telling words in the first of these that has any.
    """
    keywords = {code: words for code, words in entry.keywords.items() if code in languages}
    examples = tuple(example for example in entry.examples if example.language in languages)
    names = [called(entry, code) for code in languages if keywords.get(code)]
    name = entry.name if entry.name in names or not names or not entry.name else names[0]
    return replace(entry, name=name, keywords=keywords or entry.keywords, examples=examples or entry.examples)


def example_in(entry: SignEntry, languages: Sequence[str]) -> Exemplar | None:
    """A scene that shows a topic, in the first of the languages that has one, else in any; None without examples.

    Languages in which the topic has keywords come before others, in which it may be about another thing.
    """
    firsts: dict[str, Exemplar] = {}
    for example in entry.examples:
        firsts.setdefault(example.language, example)
    told = [code for code in languages if entry.keywords.get(code)]
    return next((firsts[code] for code in (*told, *languages, *firsts) if code in firsts), None)
