"""Annotated chapters: the files themselves, how they are found in a book, and agreement worked out by hand."""

from __future__ import annotations

import itertools
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import gold
from benchmarks.gold import (
    GoldChapter,
    GoldStart,
    Marked,
    authors_annotated,
    boundary_f1,
    find_chapter,
    kappa,
    marked_by_both,
    matched,
    read_chapters,
    read_gold,
)
from scenesign.schemas.records import Block, BlockKind, Book, text_digest

TEXT = "Before it.\n\nII\n\nOne is here. Two is there.\n\nThree came. Four went.\n\nIII\n\nAfter it."


def novel(text: str = TEXT) -> Book:
    """A book whose blocks are lines between blank ones; those in capital letters are headings."""
    blocks, at = [], 0
    for part in text.split("\n\n"):
        kind = BlockKind.HEADING if part.isupper() else BlockKind.PARAGRAPH
        blocks.append(Block(at, at + len(part), kind))
        at += len(part) + 2
    return Book(text_digest(text), "", "en", text, tuple(blocks), "test")


def at(words: str) -> GoldStart:
    """A start where these words stand."""
    return GoldStart(TEXT.index(words), words, "matter: so it is")


def chapter(first: tuple[GoldStart, ...], second: tuple[GoldStart, ...]) -> GoldChapter:
    """The middle one of the novel. Its agreed starts are those of the first pass."""
    begin, end = TEXT.index("One"), TEXT.index("\n\nIII")
    return GoldChapter("Doe, A.", "Novel", "en", "Doe_Novel.txt", (), "II", begin, end, first, second, first)


def test_a_chapter_is_found_in_its_book() -> None:
    found = find_chapter(chapter((at("One is"), at("Three")), (at("One is"), at("Four"))), novel())
    # sentences of prose: Before, One, Two, Three, Four, After
    assert found.span == (1, 5)
    assert (found.starts, found.first, found.second) == ((1, 3), (1, 3), (1, 4))
    assert found.book.vectors is None
    assert marked_by_both(found) == Marked(4, (0, 2), (0, 3))


def test_a_start_goes_to_the_sentence_that_it_is_in_today() -> None:
    found = find_chapter(chapter((at("One is"), at("is there"), at("Two")), (at("II\n\nOne"), at("went"))), novel())
    assert found.first == (1, 2)  # two in one sentence are one start
    assert found.second == (1, 4)  # a heading is no prose, so what follows it


def test_words_that_are_not_there_are_told_with_file_and_place() -> None:
    moved = replace(at("Three"), at=TEXT.index("Three") + 1)
    for wrong in (chapter((at("One"), moved), (at("One"),)), chapter((at("One"),), (at("One"), moved))):
        with pytest.raises(ValueError, match=rf"Doe_Novel\.txt, character {moved.at}: 'hree ' is here, not 'Three'"):
            find_chapter(wrong, novel())


def test_names_to_hold_out() -> None:
    one = chapter((at("One"),), (at("One"),))
    other = replace(one, author="Roe", unnamed=("Some Te\u0301xt",))
    assert authors_annotated([one, other, one]) == ("Doe", "Roe", "Some T\u00e9xt")


def test_books_come_from_archives_and_folders(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    text = "It was dark. " * 40 + "\n"
    with zipfile.ZipFile(tmp_path / "library" / "en.zip", "w") as archive:
        archive.writestr("a/Doe\u0301_Novel.txt", text)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "Loose.txt").write_text(text, encoding="utf-8")
    start = (GoldStart(13, "It was dark.", "start"),)
    one = GoldChapter("Do\u00e9", "N", "en", "Do\u00e9_Novel.txt", (), "", 13, 39, start, start, start)
    found = read_gold(tmp_path, [one, replace(one, file="more/Loose.txt")])
    assert [text.span for text in found] == [(1, 3), (1, 3)]
    assert found[0].book.book.source == "Do\u00e9_Novel.txt"
    with pytest.raises(KeyError, match=r"en\.zip: no Absent\.txt"):
        read_gold(tmp_path, [replace(one, file="Absent.txt")])
    (tmp_path / "more" / "Loose.txt").write_bytes(b"")
    with pytest.raises(ValueError, match=r"more/Loose\.txt: 0 books"):
        read_gold(tmp_path, [replace(one, file="more/Loose.txt")])


def test_boundaries_match_once_each() -> None:
    assert matched([10], [8, 12], 3) == 1
    assert matched([10, 12], [11], 3) == 1
    assert matched([10, 20], [13, 17], 3) == 2
    assert matched([10, 20], [14, 16], 3) == 0
    assert matched([5, 8], [8, 11], 3) == 2
    assert matched([5, 8], [8, 11], 0) == 1


def test_f1_of_boundaries_by_hand() -> None:
    near = Marked(20, (0, 5, 10), (0, 5, 13, 18))
    assert boundary_f1([near], 0) == pytest.approx(2 * 1 / 5)
    assert boundary_f1([near], 3) == pytest.approx(2 * 2 / 5)
    assert boundary_f1([near], 2) == pytest.approx(2 * 1 / 5)
    # a chapter of one scene for both adds nothing; one that the second pass alone cuts adds a miss
    assert boundary_f1([near, Marked(9, (0,), (0,))], 3) == pytest.approx(2 * 2 / 5)
    assert boundary_f1([near, Marked(9, (0,), (0, 4))], 3) == pytest.approx(2 * 2 / 6)
    assert boundary_f1([Marked(9, (0,), (0,))], 0) == 1


def test_kappa_by_hand() -> None:
    # ten sentences after the first: both say yes to 2, one alone to 1, the other alone to 1, neither to 6.
    # observed 8/10, by chance (3*3 + 7*7)/100 = 0.58, so kappa (0.8 - 0.58)/0.42
    one = Marked(11, (0, 2, 5, 8), (0, 2, 5, 9))
    assert kappa([one]) == pytest.approx(0.22 / 0.42)
    # the same sentences as two chapters
    assert kappa([Marked(7, (0, 2, 5), (0, 2, 5)), Marked(5, (0, 2), (0, 3))]) == pytest.approx(0.22 / 0.42)
    # four sentences, one yes each at different ones: observed 1/2, by chance (1 + 9)/16
    assert kappa([Marked(5, (0, 1), (0, 2))]) == pytest.approx((0.5 - 0.625) / 0.375)
    assert kappa([Marked(9, (0,), (0,))]) == 1
    assert kappa([Marked(9, (0, 4), (0,))]) == 0


@pytest.mark.parametrize("one", read_chapters(), ids=lambda one: one.title)
def test_the_annotations_hold_what_their_guidelines_say(one: GoldChapter) -> None:
    for starts in (one.first, one.second, one.agreed):
        assert starts[0].at == one.begin
        assert all(a.at + len(a.words) <= b.at for a, b in itertools.pairwise(starts))
        assert starts[-1].at + len(starts[-1].words) <= one.end
        for start in starts:
            assert start.words == start.words.strip()
            words, most = (start.words, 12) if one.language == "zh" else (start.words.split(), 4)
            assert 0 < len(words) <= most
            assert start.why.split(":")[0].split(", ")[0] in {"start", "time", "place", "people", "matter", "narration"}
    first, second, agreed = ({start.at for start in starts} for starts in (one.first, one.second, one.agreed))
    assert first & second <= agreed <= first | second


def test_the_chapters_are_three_of_each_language() -> None:
    languages = [one.language for one in read_chapters()]
    assert {language: languages.count(language) for language in languages} == {"ru": 3, "de": 3, "zh": 3}


@pytest.mark.shared
def test_two_passes_over_the_chapters_agree(shared: Path) -> None:
    if not (shared.parent / "library").is_dir():
        pytest.skip("../shared/library is not here")
    texts = read_gold(shared.parent)
    for text in texts:
        assert text.starts[0] == text.first[0] == text.second[0] == text.span[0]
        assert text.starts[-1] < text.span[1]
        # each start is a sentence of its own, so no two fall together
        assert len(text.starts) == len(text.chapter.agreed)
        before = text.book.book.text[: text.chapter.begin].rstrip()
        assert before.endswith(text.chapter.heading)
    chapters = [marked_by_both(text) for text in texts]
    assert boundary_f1(chapters, 0) >= 0.92
    assert boundary_f1(chapters, 3) >= 0.96
    assert kappa(chapters) >= 0.92


def test_an_absent_library_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(sys, "argv", ["gold.py", str(tmp_path / "nowhere")])
    gold.main()
    assert "no library here" in capsys.readouterr().out
