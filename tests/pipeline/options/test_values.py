"""Values of options: read exactly, spelled so that they are read again."""

from __future__ import annotations

import pytest

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.values import parse_language, parse_limits, parse_signs, parse_splits
from scenesign.transforms.support.limits import Limits


def test_splits() -> None:
    assert parse_splits("train=0.8, test=0.2") == (("train", 0.8), ("test", 0.2))
    assert parse_splits({"train": 0.8, "test": 0.2}) == (("train", 0.8), ("test", 0.2))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("train", "is not NAME=SHARE"),
        ("train=x", "'x' is not a number"),
        ("train=0.5", "add up to 0.5"),
        ("train=nan", "add up to nan"),
        ("train=1.5,test=-0.5", "above 0"),
        ("a=0.5,a=0.5", "occurs twice"),
        ("../x=1", "is not NAME=SHARE"),
    ],
)
def test_bad_splits(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_splits(text)


def test_limits() -> None:
    assert parse_limits([]) == parse_limits({}) == Limits()
    assert parse_limits({"book_lines": 7}) == parse_limits("book_lines=7") == Limits(book_lines=7)
    assert parse_limits(["book-characters=1_000", " file_bytes = 5"]) == Limits(book_characters=1000, file_bytes=5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("book_chars=5", "did you mean book_characters"),
        ("quux=5", "these are: file_bytes, "),
        ("book_lines", "is not NAME=NUMBER"),
        ("book_lines=0", "above 0"),
        ("book_lines=-5", "above 0"),
    ],
)
def test_bad_limits(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_limits([text])


def test_signs() -> None:
    assert (parse_signs("auto"), parse_signs("64"), parse_signs(64), parse_signs(None)) == (None, 64, 64, None)
    for text in ("0", "1", "-1", "many", "1.5"):
        with pytest.raises(UsageError, match="--signs"):
            parse_signs(text)


def test_languages() -> None:
    found = [parse_language(text) for text in ("ru", "Russian", "rus", "pt-BR", "und", "", None)]
    assert found == ["ru", "ru", "ru", "pt", None, None, None]
    with pytest.raises(UsageError, match="--language: 'elvish' is no code of ISO 639"):
        parse_language("elvish")
