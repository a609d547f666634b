"""Topics as the books of a dataset hold them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.dataset.topics_in_use import example_in, topics_in_use
from scenesign.transforms.signs.glosses.glossary import Exemplar, SignEntry


def topic(*languages: str) -> SignEntry:
    examples = tuple(Exemplar("b", place, code, f"scene {place}", 0.1) for place, code in enumerate(languages))
    return SignEntry(0, "一", 3, 1.0, 1, {}, {}, 0.1, (), examples)


def test_in_a_dataset_of_its_own_signs_it_is_what_the_glossary_says(demo: Path) -> None:
    dataset = Dataset(demo)
    found = topics_in_use(dataset)
    used = [entry for entry in dataset.glossary if entry.count]
    assert [(t.entry.sign, t.scenes, t.books) for t in found] == [(e.sign, e.count, e.books) for e in used]


def test_an_example_is_in_the_readers_first_language_that_has_one() -> None:
    many = topic("ar", "ru", "en", "ru")
    found = [example_in(many, codes) for codes in (("en", "ru"), ("ru", "en"), ("zh", "ru"), ("zh",), ())]
    assert [example and example.scene for example in found] == [2, 1, 1, 0, 0]
    assert example_in(topic(), ("en",)) is None
    told = replace(many, keywords={"ru": ("море", "лодка")})
    assert example_in(told, ("en", "ru")) == example_in(many, ("ru",))
