"""Books too long to be one: where they are cut, and that nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.clean import CleanText, assemble
from scenesign.transforms.text.volumes import cut_volumes

H, P = BlockKind.HEADING, BlockKind.PARAGRAPH


def texts(volume: CleanText) -> list[str]:
    return [volume.text[block.start : block.end] for block in volume.blocks]


def test_a_short_book_is_its_own_volume() -> None:
    book = assemble([("One.", P), ("Two.", P)])
    assert cut_volumes(book, len(book.text)) == (book,)


def test_cuts_fall_at_chapters_near_an_even_division() -> None:
    chapters = [(f"Chapter {n}", H) for n in range(6)]
    prose = [("word " * 39 + "end.", P), ("more " * 19 + "end.", P)]
    book = assemble([block for chapter in chapters for block in (chapter, *prose)])
    volumes = cut_volumes(book, 800)  # 6 chapters of about 310 characters
    assert [texts(volume)[0] for volume in volumes] == ["Chapter 0", "Chapter 2", "Chapter 4"]
    assert all(len(volume.text) <= 800 for volume in volumes)


def test_without_chapters_at_paragraphs_and_never_under_a_heading() -> None:
    book = assemble([("a" * 90, P), ("b" * 90, P), ("Note", H), ("c" * 90, P), ("d" * 90, P)])
    volumes = cut_volumes(book, 195)
    assert [[text[0] for text in texts(volume)] for volume in volumes] == [["a", "b"], ["N", "c", "d"]]


def test_one_endless_line_is_cut_at_spaces_or_else_anywhere() -> None:
    volumes = cut_volumes(assemble([("word " * 50, P)]), 48)
    assert [len(volume.text) for volume in volumes][:2] == [44, 44]
    assert "".join(volume.text for volume in volumes).replace(" ", "") == "word" * 50
    assert [volume.text for volume in cut_volumes(assemble([("x" * 100, P)]), 40)] == ["x" * 40, "x" * 40, "x" * 20]


def test_headings_alone_are_cut_too() -> None:
    volumes = cut_volumes(assemble([("Heading", H)] * 9), 16)
    assert sum(len(volume.blocks) for volume in volumes) == 9


def test_a_volume_of_nothing_is_wrong_use() -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        cut_volumes(assemble([("x", P)]), 0)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.text("ab 第。", min_size=1, max_size=60), st.sampled_from([H, P])), max_size=30),
    st.integers(5, 90),
)
def test_volumes_hold_the_whole_book_in_order(blocks: list[tuple[str, BlockKind]], most: int) -> None:
    book = assemble(blocks)
    volumes = cut_volumes(book, most)
    assert "".join("".join(v.text.split()) for v in volumes) == "".join(book.text.split())
    for volume in volumes:
        assert len(volume.text) <= most
        if volume.blocks:
            assert (volume.blocks[0].start, volume.blocks[-1].end) == (0, len(volume.text))
        gaps = [volume.text[a.end : b.start] for a, b in zip(volume.blocks, volume.blocks[1:], strict=False)]
        assert not any(gap.strip() for gap in gaps)
