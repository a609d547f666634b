"""The scripts in `examples/` do on the demo what their first lines say."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

import scenesign
from examples import glyph_corpus, own_loop, retell, scenes_of_a_book
from tests.conftest import LIBRARY


def test_scenes_of_a_book_tile_it() -> None:
    rows = [json.loads(line) for line in scenes_of_a_book.lines(LIBRARY / "zh" / "the-ferrymans-debt.txt")]
    assert rows[0]["start"] == 0
    assert all(a["end"] == b["start"] for a, b in pairwise(rows))
    assert all(row["end"] - row["start"] == len(row["text"]) for row in rows)
    assert rows[0]["chapter"]


def test_books_are_retold_chapter_by_chapter(demo: Path) -> None:
    dataset = scenesign.Dataset(demo)
    for book in dataset:
        assert "".join(retell.chapters(book)) == book.glyphs
    told = list(retell.retold(dataset, "en"))
    assert sum(not line.startswith("  ") for line in told) == len(dataset)
    assert len(told) == len(dataset) + sum(len({0, *book.chapters}) for book in dataset)


def test_a_corpus_of_glyphs_is_read_back_by_its_tokenizer(demo: Path, tmp_path: Path) -> None:
    counts = glyph_corpus.write_corpus(str(demo), tmp_path)
    dataset = scenesign.Dataset(demo)
    assert sum(counts.values()) == sum(len(book) * book.levels for book in dataset)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    for split in dataset.splits:
        lines = (tmp_path / f"{split}.txt").read_text(encoding="utf-8").splitlines()
        assert [tokenizer(line)["input_ids"] for line in lines] == [
            list(book.signs) for book in dataset.books(split=split)
        ]


def test_a_loop_of_ones_own_is_judged_beside_what_needs_no_training(demo: Path) -> None:
    found = own_loop.main(str(demo), epochs=1)
    assert found == own_loop.main(str(demo), epochs=1)
    assert set(found) == {"an even guess", "how frequent topics are", "the net"}
    assert found["the net"] == pytest.approx(found["an even guess"], abs=1.0)  # hardly trained
