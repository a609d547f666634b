"""The inventory benchmark: blocks of verses, agreement and scores by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.inventories.aligned import OUTLIER, Aligned, agree, agreement, halves, read_blocks
from benchmarks.inventories.methods import BookVectors, Encoded, Method, fit_centred, fit_plain, ours
from benchmarks.inventories.scores import cross_validate, score, summary
from scenesign.transforms.signs.neutralise import unit


def verses(path: Path, rows: Sequence[tuple[int, str, str, str]]) -> Path:
    lines = ["book_id\tbook\tchapter\tverse\ten_a\tru_b\tzh_c"]
    lines += [f"{book}\tGen\t1\t{i}\t{en}\t{ru}\t{zh}" for i, (book, en, ru, zh) in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_blocks_stay_inside_a_book_and_lose_only_what_a_translation_lacks(tmp_path: Path) -> None:
    rows = [(1, f"e{i}", f'r"{i}', f"z{i}") for i in range(19)] + [(2, f"E{i}", f"R{i}", "") for i in range(8)]
    rows[3] = (1, "e3", " ", "z3")
    blocks = read_blocks(verses(tmp_path / "a.tsv", rows))
    assert [book for book, _ in blocks] == [0, 0]  # 3 verses are too few for a third; the other book has no Chinese
    assert blocks[0][1]["en"] == [f"e{i}" for i in range(8)]
    assert blocks[0][1]["ru"] == [f'r"{i}' for i in range(8) if i != 3]
    assert blocks[1][1]["zh"] == [f"z{i}" for i in range(8, 16)]


def test_a_table_without_a_language_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("book_id\ten\tru\n1\ta\tb\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column zh among book_id, en, ru"):
        read_blocks(path)


@dataclass(frozen=True)
class BySign:
    """A method for two dimensions: the sign of the first number, outliers at zero."""

    signs: int = 2

    def encode(self, vectors: np.ndarray, language: str) -> Encoded:
        codes = np.where(vectors[:, 0] == 0, OUTLIER, (vectors[:, 0] > 0).astype(np.int64))
        return Encoded(codes, vectors, (np.sign(vectors),))


def test_agreement_by_hand() -> None:
    en = np.array([[1, 0], [1, 0], [-1, 0], [0, 1]], dtype=np.float32)
    ru = np.array([[1, 0], [-1, 0], [-1, 0], [0, 1]], dtype=np.float32)
    pairs = agreement(BySign(), Aligned(np.array([0, 0, 1, 1]), {"en": en, "ru": ru}))
    found = agree([pairs["en", "ru"]], 2)
    assert found.same == 0.5  # the last has no sign, and agrees with nothing
    assert found.chance == pytest.approx(0.5 * 0.25 + 0.25 * 0.5)
    assert found.perplexity == pytest.approx(2.0)


def test_halves_share_no_book() -> None:
    aligned = Aligned(np.array([0, 0, 1, 2, 3]), {"en": np.eye(5, dtype=np.float32)})
    turns = list(halves(aligned))
    assert [(set(fit.books), set(asked.books)) for fit, asked in turns] == [({1, 3}, {0, 2}), ({0, 2}, {1, 3})]
    assert [len(book.vectors) for book in turns[1][0].as_books()] == [2, 1]


def shelf(books: int = 9, scenes: int = 30) -> list[BookVectors]:
    """Books that live each in a corner of their own, and go through the same four happenings in turn."""
    rng = np.random.default_rng(1)
    happenings = 2 * rng.normal(size=(4, 16))
    made = []
    for i in range(books):
        place = 9 * rng.normal(size=16)
        vectors = unit(place + happenings[np.arange(scenes) % 4] + 0.3 * rng.normal(size=(scenes, 16)))
        made.append(BookVectors(f"{i}", "en" if i % 2 else "ru", f"{i}", vectors))
    return made


def test_plain_signs_tell_the_book_and_ours_what_happens() -> None:
    books = shelf()
    plain, neutral = (score(fit, books[:6], books[6:], 8, 0) for fit in (fit_plain, fit_centred))
    assert neutral.ami_book < plain.ami_book / 3
    assert plain.saved_bigram > 2 > neutral.saved_bigram  # a mark of the book is easy to foretell: the book goes on


def test_kin_are_held_out_together() -> None:
    seen: list[tuple[set[str], set[str]]] = []
    books = [BookVectors(f"{i}", "en", f"work {i // 3}", v.vectors) for i, v in enumerate(shelf())]

    def fit(train: Sequence[BookVectors], signs: int, seed: int) -> Method:
        rest = {b.kin for b in books} - {b.kin for b in train}
        seen.append(({b.kin for b in train}, rest))
        return fit_centred(train, signs, seed)

    rows = cross_validate(fit, books, 4, 3, 0)
    assert len(rows) == 3
    assert all(len(train) == 2 and len(rest) == 1 for train, rest in seen)
    mean, low, high = summary(rows)["ami_book"]
    assert low <= mean <= high


def test_a_second_level_gives_more_back() -> None:
    books = shelf(scenes=60)
    found = score(ours(2), books[:6], books[6:], 4, 0)
    assert found.retrieval_all > found.retrieval
