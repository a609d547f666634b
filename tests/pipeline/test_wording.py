"""Numbers as people write them."""

from __future__ import annotations

from scenesign.pipeline.wording import counted, duration, human_bytes, series


def test_counts_have_the_right_number() -> None:
    assert [counted(n, "book") for n in (0, 1, 2, 1200)] == ["0 books", "1 book", "2 books", "1,200 books"]
    assert [counted(n, "copy", "copies") for n in (1, 3)] == ["1 copy", "3 copies"]


def test_lists_are_read_aloud() -> None:
    assert [series(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_bytes_and_times_have_the_unit_that_suits_them() -> None:
    assert [human_bytes(n) for n in (999, 1200, 2.5e6, 3e12)] == ["999 B", "1.2 kB", "2.5 MB", "3000.0 GB"]
    assert [duration(s) for s in (4.4, 89, 100, 5400, 12_000)] == ["4 s", "89 s", "2 min", "1 h 30 min", "3 h 20 min"]
