"""The language mix of a book: what is told of a mixed one, and that plain books are left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.transforms.quality import languages
from scenesign.transforms.quality.languages import other_language
from tests.conftest import LIBRARY

STORY = "the-bell-of-saltmarsh.txt"


def text(language: str) -> str:
    return (LIBRARY / language / STORY).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*/*.txt")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_book_in_one_language_has_no_other(path: Path) -> None:
    assert other_language(path.read_text(encoding="utf-8"), path.parent.name) == ("", 0.0)


@pytest.mark.parametrize(("own", "other"), [("en", "ru"), ("ru", "en"), ("zh", "en")])
def test_the_share_of_another_language_is_about_right(own: str, other: str) -> None:
    paragraphs = (text(own) * 8).split("\n\n")
    wanted = sum(map(len, paragraphs)) / 3
    foreign = []
    for paragraph in (text(other) * 8).split("\n\n"):
        if sum(map(len, foreign)) < wanted:
            foreign.append(paragraph)
    found, share = other_language("\n\n".join([*paragraphs[::2], *foreign, *paragraphs[1::2]]), own)
    assert found == other
    assert 0.18 < share < 0.32, "a quarter of the text"


@pytest.mark.parametrize("odd", ["", "One", "12 34 " * 500, "…" * 9_000, "\n\n" * 5_000, "\ud800" * 3_000])
def test_what_has_no_words_has_no_language(odd: str) -> None:
    assert other_language(odd, "en") == ("", 0.0)


def test_ten_megabytes_in_one_paragraph_take_no_more_pieces_than_a_novel(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(languages, "likeliest_language", lambda piece: (asked.append(piece), ("en", 1.0))[1])
    assert other_language("word " * 2_000_000, "en") == ("", 0.0)
    assert len(asked) == 100
    assert sum(map(len, asked)) == 20_000


def test_a_motto_is_no_second_language() -> None:
    assert other_language(text("ru")[:150] + "\n\n" + text("en"), "en") == ("", 0.0)
