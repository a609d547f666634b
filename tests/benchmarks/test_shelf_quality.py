"""The benchmark of a shelf's quality changes texts by as much as it says."""

from __future__ import annotations

import pytest

from benchmarks.shelf_quality import CHANGES, misread, mixed, share_of
from scenesign.schemas.records import Book
from scenesign.transforms.quality.shingles import shingle_sample
from tests.conftest import LIBRARY

TEXT = (LIBRARY / "en" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")


def test_a_text_is_all_in_itself_and_half_in_its_half() -> None:
    whole, half = (shingle_sample("a", text, "en") for text in (TEXT, TEXT[: len(TEXT) // 2]))
    assert share_of(whole, half)[0] == 1.0
    assert share_of(half, whole)[0] == pytest.approx(0.5, abs=0.15)


def test_letters_are_misread_as_often_as_said() -> None:
    wrong = sum(a != b for a, b in zip(TEXT, misread(0.05)(TEXT, ""), strict=True))
    assert wrong / len(TEXT) == pytest.approx(0.045, abs=0.015)


def test_an_abridged_text_is_shorter_and_a_mixed_one_longer() -> None:
    assert 0.4 < len(CHANGES["abridged to 60 % of its paragraphs"](TEXT, "")) / len(TEXT) < 0.8
    book = Book("a", "", "en", TEXT, (), "a.txt")
    foreign = ["Il était une fois une cloche."] * 3
    assert len(TEXT) / len(mixed(book, foreign, 0.3)) == pytest.approx(0.7, abs=0.03)
