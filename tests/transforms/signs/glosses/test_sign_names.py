"""Names of one to three keywords that differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.signs.glosses.sign_names import sign_names

WORDS = st.lists(st.sampled_from(["sea", "ship", "Sea", "rain", "war", "bread"]), max_size=4)
GLOSSES = st.lists(st.dictionaries(st.sampled_from(["en", "ru", "zh"]), WORDS), max_size=12)


@given(GLOSSES)
def test_names_differ_and_are_made_of_own_keywords(glosses: list[dict[str, list[str]]]) -> None:
    names = sign_names(glosses, ["en", "ru", "zh"])
    assert len(names) == len(glosses)
    given_names = [frozenset(name.casefold().split(", ")) for name in names if name]
    assert len(set(given_names)) == len(given_names)
    for name, gloss in zip(names, glosses, strict=True):
        words = name.split(", ") if name else []
        assert len(words) <= 3
        assert not words or any(set(words) <= set(found) for found in gloss.values())
    first = next((i for i, gloss in enumerate(glosses) if any(gloss.values())), None)
    assert first is None or names[first]


def test_names_by_hand() -> None:
    glosses = [
        {"en": ["sea", "ship", "sail"]},
        {"en": ["ship", "sea", "mast"], "ru": ["мачта"]},
        {"en": ["sea", "ship"], "ru": ["море"]},
        {"de": ["Krieg"]},
        {},
    ]
    assert sign_names(glosses, ["en", "ru"]) == ["sea, ship", "ship, sea, mast", "sea", "", ""]
    assert sign_names(glosses, ["ru", "de", "en"]) == ["sea, ship", "мачта", "море", "Krieg", ""]
