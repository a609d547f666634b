"""Signs as the books of a dataset hold them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from scenesign.transforms.dataset.in_use import (
    counted_anew,
    example_in,
    letters_in_use,
    signs_in_use,
    told_in,
    topics_in_use,
)
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.glosses.glossary import Exemplar, SignEntry, read_letters


def topic(*languages: str) -> SignEntry:
    examples = tuple(Exemplar("b", place, code, f"scene {place}", 0.1) for place, code in enumerate(languages))
    return SignEntry(0, "一", 3, 1.0, 1, {}, {}, 0.1, (), examples)


def test_in_a_dataset_of_its_own_signs_it_is_what_the_glossary_says(demo: Path) -> None:
    dataset = Dataset(demo)
    assert topics_in_use(dataset) == [entry for entry in dataset.glossary if entry.count]


def test_signs_and_letters_of_a_glossary_that_counts_other_books_are_counted_in_the_dataset(demo: Path) -> None:
    dataset = Dataset(demo)
    letters = read_letters(str(demo / "inventory"))
    sizes = dataset.inventory.info.sizes
    elsewhere = [replace(entry, count=99, share=0.5, books=7, languages={"xx": 99}) for entry in dataset.glossary]
    assert signs_in_use(dataset, elsewhere) == signs_in_use(dataset, dataset.glossary)
    assert [entry for entry in signs_in_use(dataset, elsewhere) if entry.level == 1] == [
        entry for entry in dataset.glossary if entry.level == 1
    ]
    others = [replace(entry, count=99, share=0.5, books=7, languages={"xx": 99}) for entry in letters]
    assert letters_in_use(dataset, others, sizes) == letters


def test_books_are_counted_once_and_languages_apart() -> None:
    entries = [replace(topic("en"), sign=sign) for sign in range(3)]
    books = [("ru", [[0], [2], [0]]), ("en", [[2]]), ("ru", [[2]])]
    found = counted_anew(entries, [(code, np.array(ids)) for code, ids in books])
    assert [(e.sign, e.count, e.share, e.books, dict(e.languages)) for e in found] == [
        (0, 2, 0.4, 1, {"ru": 2}),
        (1, 0, 0.0, 0, {}),
        (2, 3, 0.6, 3, {"en": 1, "ru": 2}),
    ]
    assert all(entry.examples == topic("en").examples for entry in found)


def test_an_example_is_in_the_readers_first_language_that_has_one() -> None:
    many = topic("ar", "ru", "en", "ru")
    found = [example_in(many, codes) for codes in (("en", "ru"), ("ru", "en"), ("zh", "ru"), ("zh",), ())]
    assert [example and example.scene for example in found] == [2, 1, 1, 0, 0]
    assert example_in(topic(), ("en",)) is None
    told = replace(many, keywords={"ru": ("море", "лодка")})
    assert example_in(told, ("en", "ru")) == example_in(many, ("ru",))


def test_an_entry_is_told_in_the_languages_of_books_where_it_can_be() -> None:
    entry = replace(topic("ar", "en", "ru"), keywords={"ar": ("x",), "ru": ("море",)})
    told = told_in(entry, ("en", "ru"))
    assert told.keywords == {"ru": ("море",)}
    assert [example.language for example in told.examples] == ["en", "ru"]
    assert told_in(entry, ("zh",)) == entry


def test_a_name_is_in_a_language_of_the_books() -> None:
    entry = replace(topic(), name="mer", keywords={"fr": ("mer",), "en": ("sea", "ship", "sail"), "ru": ("море",)})
    assert told_in(entry, ("fr", "en")).name == "mer"
    assert told_in(entry, ("ru", "en")).name == "море"
    assert told_in(entry, ("zh", "en")).name == "sea, ship"
    assert told_in(entry, ("zh",)).name == "mer"
    assert told_in(replace(entry, name=""), ("en",)).name == ""
