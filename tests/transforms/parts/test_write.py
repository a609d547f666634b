"""Parts: what goes in comes out, a part is named by its content, and damage is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from scenesign.schemas.records import Block, BlockKind, Book, SegmentedBook, Sentence
from scenesign.transforms.parts.format import part_row, read_entry, read_finished
from scenesign.transforms.parts.write import CollectParts
from tests.builders import part, row


def segmented(text: str, starts: tuple[int, ...], *sentences: Sentence) -> SegmentedBook:
    book = Book("b" * 32, "t", "en", text, (Block(0, len(text)),), "s")
    vectors = np.eye(4, dtype=np.float32)[: len(starts)]
    return SegmentedBook(book, sentences, vectors, starts, vectors)


def test_scenes_take_all_white_space_and_join_to_the_book() -> None:
    text = "  A b.  C d.\n\n* * *\n\nE f. \n"
    book = segmented(text, (0, 3), Sentence(2, 6), Sentence(8, 12), Sentence(14, 19, BlockKind.BREAK), Sentence(21, 25))
    made = part_row(book)
    assert made.scene_texts() == ["  A b.  C d.\n\n* * *\n\n", "E f. \n"]
    assert made.scene_sentences == (3, 1)
    assert made.chapters == ()


def test_scenes_that_open_with_a_heading_are_chapters() -> None:
    book = segmented("I\n\nA.\n\nII\n\nB.", (0, 2), *[
        Sentence(0, 1, BlockKind.HEADING), Sentence(3, 5), Sentence(7, 9, BlockKind.HEADING), Sentence(11, 13)
    ])  # fmt: skip
    assert part_row(book).chapters == (0, 1)


def test_a_scene_without_its_vector_is_refused() -> None:
    book = segmented("A. B.", (0, 1), Sentence(0, 2), Sentence(3, 5)).with_fields(scene_vectors=np.eye(3))
    with pytest.raises(ValueError, match="2 scenes, but not a vector for each"):
        part_row(book)


def test_books_come_back_bit_for_bit(tmp_path: Path) -> None:
    rows = [row("Первая книга.", "ru", 2), row("第二本书。第三。", "zh", 3)]
    written = part(tmp_path, *rows)
    assert read_entry(written.uri) == written
    for before, after in zip(rows, read_finished(written), strict=True):
        assert after.scene_texts() == before.scene_texts()
        assert after.scene_vectors.tobytes() == before.scene_vectors.tobytes()
        assert (after.book_id, after.language, after.chapters) == (before.book_id, before.language, before.chapters)


def test_same_books_same_file_name_and_bytes(tmp_path: Path) -> None:
    first, second = part(tmp_path / "a", row()), part(tmp_path / "b", row())
    assert first.name == second.name
    assert Path(first.uri).read_bytes() == Path(second.uri).read_bytes()


@pytest.mark.parametrize("keep", [0, 3, 0.5, 0.99])
def test_a_truncated_part_is_no_part(tmp_path: Path, keep: float) -> None:
    path = Path(part(tmp_path, row()).uri)
    data = path.read_bytes()
    path.write_bytes(data[: int(keep if keep >= 1 else len(data) * keep)])
    with pytest.raises((OSError, ValueError)):
        read_entry(str(path))


def test_another_parquet_file_is_no_part(tmp_path: Path) -> None:
    source = part(tmp_path, row()).uri
    other = tmp_path / "other.part.parquet"
    pq.write_table(pq.read_table(source).replace_schema_metadata({}), other)
    with pytest.raises(ValueError, match="is not a part of scenesign"):
        read_entry(str(other))


def test_a_part_closes_when_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenesign.transforms.parts.write.BOOKS_PER_PART", 2)
    collect = CollectParts(str(tmp_path))
    collect.start_bundle()
    closed = [
        len(entry.books)
        for i in range(5)
        for entry in collect.process(
            segmented(f"Book {i}.", (0,), Sentence(0, 7)).with_fields(
                book=Book(f"{i:032x}", "t", "en", f"Book {i}.", (Block(0, 7),), "s")
            )
        )
    ]
    last = [len(value.value.books) for value in collect.finish_bundle()]
    assert (closed, last) == ([2, 2], [1])
    assert len(list(tmp_path.glob("*.part.parquet"))) == 3
