"""German, where every noun has a capital: who is somebody, and what is a thing."""

from __future__ import annotations

import pytest

from scenesign.transforms.cast.find import find_cast
from scenesign.transforms.cast.nouns import Place, german_nouns

# Places of a name that is always pointed at: das Bärbel. Old spelling and dialect are words that no dictionary has.
ARTICLE = ("dann", "das", "im", False)


def places(word: str, *where: tuple[str, str, str, bool]) -> list[Place]:
    return [Place(word.lower(), word, *place) for place in where]


@pytest.mark.parametrize("name", ["Bärbel", "Uli", "Vreneli"])
@pytest.mark.parametrize(
    "spoken", [("sagte", "das", "und", False), ("aber", "das", "sagte", False), ("", "rief", "", False)]
)
def test_who_speaks_is_somebody_in_spite_of_an_article(name: str, spoken: tuple[str, str, str, bool]) -> None:
    assert german_nouns(places(name, *[ARTICLE] * 40)) == {name.lower()}
    assert german_nouns(places(name, *[ARTICLE] * 40, spoken)) == {name.lower()}, "once is chance"
    assert german_nouns(places(name, *[ARTICLE] * 40, spoken, spoken)) == frozenset()


@pytest.mark.parametrize("noun", ["Tür", "Stimme", "Witwe", "Mädchen"])
def test_a_noun_with_cases_or_a_small_one_stays_a_noun(noun: str) -> None:
    spoken = ("sagte", "die", "und", False)
    assert german_nouns(places(noun, *[ARTICLE] * 40, spoken, spoken)) == {noun.lower()}


def test_a_noun_that_does_little_but_speak_is_somebody() -> None:
    spoken = ("sagte", "der", "und", False)
    assert german_nouns(places("Hutmacher", *[ARTICLE] * 16, *[spoken] * 4)) == frozenset()
    assert german_nouns(places("Hutmacher", *[ARTICLE] * 17, *[spoken] * 4)) == {"hutmacher"}


def test_what_a_clause_is_not_about_does_not_speak() -> None:
    """Nach einer Weile sagte er: the while says nothing."""
    assert german_nouns(places("Bärbel", *[("nach", "einer", "sagte", False)] * 40)) == {"bärbel"}


def test_a_word_that_the_dictionary_takes_for_a_verb_is_a_name_where_it_speaks() -> None:
    """Huck, of hucken."""
    alone, spoken = ("dann", "sah", "dort", False), ("", "rief", "", False)
    assert german_nouns(places("Huck", *[alone] * 40)) == {"huck"}
    assert german_nouns(places("Huck", *[alone] * 40, spoken, spoken)) == frozenset()


def test_in_a_text() -> None:
    text = "Da ging das Bärbel in die Stube. Nun lag die Stube im Dunkeln. „Ja“, sagte das Bärbel und lachte. " * 6
    assert [(member.names, member.mentions) for member in find_cast(text, [0], "de").members] == [(("Bärbel",), 12)]


def test_a_genitive_is_somebody_elses() -> None:
    """Annas Rosel is no Anna."""
    text = "Dort sah Anna ihn. Da kam Annas Rosel. Nun rief Rosel. " * 6
    names = [set(member.names) for member in find_cast(text, [0], "de").members]
    assert names == [{"Anna", "Annas"}, {"Rosel"}]
