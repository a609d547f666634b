"""Which topics the books of a dataset hold. The glossary of an inventory that was taken over counts other books."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.glosses.glossary import Exemplar, SignEntry


@dataclass(frozen=True)
class TopicInUse:
    """A topic, and how many scenes and books of a dataset have it."""

    entry: SignEntry
    scenes: int
    books: int


def topics_in_use(dataset: Dataset) -> list[TopicInUse]:
    """The topics of a dataset's scenes, the most frequent first, equals in the order of their ids.

    Raises ValueError naming the file when one can't be read.
    """
    scenes: Counter[int] = Counter()
    books: Counter[int] = Counter()
    for book in dataset:
        topics = book.signs[:: book.levels]
        scenes.update(topics)
        books.update(set(topics))
    found = sorted(scenes, key=lambda sign: (-scenes[sign], sign))
    return [TopicInUse(dataset.glossary[sign], scenes[sign], books[sign]) for sign in found]


def example_in(entry: SignEntry, languages: tuple[str, ...]) -> Exemplar | None:
    """A scene that shows a topic, in the first of the languages that has one, else in any; None without examples.

    Languages in which the topic has keywords come before others, in which it may be about another thing.
    """
    firsts: dict[str, Exemplar] = {}
    for example in entry.examples:
        firsts.setdefault(example.language, example)
    told = [code for code in languages if entry.keywords.get(code)]
    return next((firsts[code] for code in (*told, *languages, *firsts) if code in firsts), None)
