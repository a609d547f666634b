"""Which language stands in for one without a mean."""

from __future__ import annotations

import pytest

from scenesign.transforms.signs.families import stand_in, stand_in_note

KNOWN = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "zh")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh", "zh"), ("uk", "ru"), ("cs", "pl"), ("sr", "ru"), ("sv", "de"), ("ro", "es"), ("ca", "es"), ("he", "ar"),
     ("th", None), ("tr", None), ("", None)],
)  # fmt: skip
def test_the_nearest_relative_stands_in(language: str, expected: str | None) -> None:
    assert stand_in(language, KNOWN) == expected


def test_a_note_names_the_language_that_stands_in() -> None:
    assert stand_in_note("ru", KNOWN) is None
    assert "no mean for language 'uk'" in str(stand_in_note("uk", KNOWN))
    assert "that of 'ru', its nearest relative, is used" in str(stand_in_note("uk", KNOWN))
    assert "the mean of all is used" in str(stand_in_note("th", KNOWN))
