"""Which books the page shows, and how much of them."""

from __future__ import annotations

import pytest

from scenesign.pipeline.report import strips
from scenesign.pipeline.report.strips import choose_books


def book(source: str, language: str, scenes: int = 10) -> dict[str, object]:
    return {"book_id": source, "source": source, "language": language, "scenes": scenes}


def test_translations_come_first_then_languages_take_turns() -> None:
    books = [book(f"en/{i}.txt", "en") for i in range(4)] + [book("ru/z.txt", "ru"), book("en/z.txt", "en")]
    books += [book("ru/a.txt", "ru"), book("x.jsonl#1", "zh"), book("x.jsonl#2", "ru")]
    chosen = [(b["language"], b["source"]) for b in choose_books(books)]
    assert chosen[:2] == [("en", "en/z.txt"), ("ru", "ru/z.txt")]
    assert [language for language, _ in chosen[2:5]] == ["en", "ru", "zh"]
    assert len(chosen) == len(books)


def test_a_full_page_takes_no_more_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "MOST_SCENES", 100)
    monkeypatch.setattr(strips, "MOST_SCENES_OF_A_BOOK", 60)
    books = [book("a.txt", "en", 10_000), book("b.txt", "en", 50), book("c.txt", "en", 40)]
    # the first is shown in part, the second does not fit, the third does
    assert [b["source"] for b in choose_books(books)] == ["a.txt", "c.txt"]
