"""The measures behind the figures of cost: what they are told to measure, they measure."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.cost.corpus import excerpts, gather, small_books, write_books
from benchmarks.cost.processes import Cost, measure
from benchmarks.engines import table as engine_table
from benchmarks.overhead import cost_table, step_table
from benchmarks.scaling import Row
from benchmarks.scaling import cost_table as scaling_table
from benchmarks.scaling import step_table as growth_table
from scenesign.schemas.records import Block, BlockKind, Book


def test_excerpts_are_whole_paragraphs_and_never_cross_a_heading() -> None:
    pieces = ["One came. Two came.", "Chapter 2", "Three came.", "Four came. Five came.", "Six came."]
    text, blocks = "", []
    for n, piece in enumerate(pieces):
        kind = BlockKind.HEADING if n == 1 else BlockKind.PARAGRAPH
        blocks.append(Block(len(text), len(text) + len(piece), kind))
        text += piece + "\n\n"
    found = list(excerpts(Book("id", "t", "en", text, tuple(blocks), "s"), sentences=3))
    assert [e.paragraphs for e in found] == [("Three came.", "Four came. Five came.")]
    assert found[0].sentences == ("Three came.", "Four came.", "Five came.")


def test_one_seed_gives_one_order_and_books_that_read_back(library: Path, tmp_path: Path) -> None:
    first, again, other = gather(library, 8, seed=1), gather(library, 8, seed=1), gather(library, 8, seed=2)
    assert first == again != other
    assert sorted(e.paragraphs for e in first) == sorted(e.paragraphs for e in other)
    assert {e.language for e in first} == {"en", "ru", "zh"}
    total = write_books(first[:5], tmp_path / "books")
    assert total == sum(len(e.sentences) for e in first[:5]) >= 40
    assert len(list((tmp_path / "books").rglob("*.txt"))) == 5


def test_memory_and_work_of_children_count() -> None:
    child = "x = bytearray(b'1' * 200_000_000); sum(range(5_000_000)); import time; time.sleep(1)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    alone = measure([sys.executable, "-c", "pass"], dict(os.environ))
    both = measure([sys.executable, "-c", parent], dict(os.environ))
    assert both.peak > 200_000_000 > alone.peak
    assert both.cpu > alone.cpu
    assert both.seconds > 1


def test_a_failed_command_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such luck"):
        measure([sys.executable, "-c", "raise SystemExit('no such luck')"], dict(os.environ))


def test_tables_by_hand() -> None:
    rounds = [
        {"encode": Cost(10.0, 20.0, 10**9), "build": Cost(12.0, 22.0, 2 * 10**9)},
        {"encode": Cost(20.0, 20.0, 10**9), "build": Cost(22.0, 23.0, 2 * 10**9)},
        {"encode": Cost(30.0, 20.0, 10**9), "build": Cost(33.0, 24.0, 2 * 10**9)},
    ]
    # ratios of rounds: 1.2, 1.1, 1.1
    assert cost_table(rounds)[-1] == "| build | 22.0 | 1.10 | 23.0 | 1.15 | 2,000 |"
    steps = {"EmbedSentences/Encode/Map": 8.0, "ReadBooks/ParDo": 1.0, "AllRejects": 0.25}
    lines = step_table(steps, 10.0)
    assert "| embed | 8.0 | 80.0% |" in lines
    assert lines[-1] == "| imports, loading, Beam, report | 1.0 | 10.0% |"
    engines = [
        {"here": Cost(10.0, 20.0, 10**9), "there": Cost(12.0, 0.0, 2 * 10**9)},
        {"here": Cost(20.0, 20.0, 10**9), "there": Cost(30.0, 0.0, 4 * 10**9)},
    ]
    # ratios of rounds: 1.2, 1.5
    assert engine_table(engines)[2:] == ["| here | 15.0 | 1.00 | 1,000 |", "| there | 21.0 | 1.35 | 3,000 |"]


def test_tables_of_growth_by_hand() -> None:
    steps = {"Summarise/WriteSummary": 0.5, "Summarise/Once": 0.5, "SummariseNot": 9.0, "FitInventory/Fit": 0.05}
    few = Row(10, 1_000, Cost(8.0, 10.0, 10**9, 9 * 10**8), 20, 10**6, 150_000, steps)
    more = {"Summarise/WriteSummary": 5.0, "FitInventory/Fit": 5.0}
    many = Row(100, 10_000, Cost(29.0, 37.0, 2 * 10**9, 10**9), 30, 10**7, 150_000, more)
    # 27 CPU seconds for 90 books, or 9,000 sentences, more
    assert scaling_table([few, many])[2:] == [
        "| 10 | 1,000 | 8.0 | 10.0 |  |  | 1,000 | 900 | 20 | 1.0 | 150 |",
        "| 100 | 10,000 | 29.0 | 37.0 | 300 | 3.00 | 2,000 | 1,000 | 30 | 10.0 | 150 |",
    ]
    # five times the seconds for ten times the books; of a step too short to be timed nothing is said
    first, last = growth_table([few, many])[2:]
    assert first == "| 10 | 0.0 | 0.1 | 0.0 | 0.0 | 0.0 | 1.0 | 0.0 |"
    assert last == "| 100 | 0.0 | 5.0 | 0.0 | 0.0 | 0.0 | 5.0 (0.50) | 0.0 |"


def test_books_are_put_together_where_chapters_are_too_few(library: Path) -> None:
    assert len(gather(library, 30, seed=0)) < 200
    made, again = (small_books(library, 200, 30, seed=0) for _ in range(2))
    assert made == again
    assert len({book.paragraphs for book in made}) == 200
    assert all(len(book.sentences) >= 30 and len(set(book.paragraphs)) == len(book.paragraphs) for book in made)
    chapters = gather(library, 30, seed=0)
    assert small_books(library, len(chapters), 30, seed=0) == chapters


def test_a_folder_with_less_than_a_book_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One came. Two came.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no language with 200 sentences"):
        small_books(tmp_path, 2, 200, seed=0)


def test_what_processes_map_from_one_file_counts_once(tmp_path: Path) -> None:
    mapped = tmp_path / "weights"
    mapped.write_bytes(b"1" * 100_000_000)
    look = f"import mmap; f = open({str(mapped)!r}, 'rb'); m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)"
    look += "; sum(m[::4096]); import time; time.sleep(1)"
    both = f"import subprocess, sys; ps = [subprocess.Popen([sys.executable, '-c', {look!r}]) for _ in range(3)]"
    cost = measure([sys.executable, "-c", both + "; [p.wait() for p in ps]"], dict(os.environ))
    assert 100_000_000 < cost.largest < cost.peak < 200_000_000
