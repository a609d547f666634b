"""The segmentation benchmark: its readers, rivals, choices and command, against cases worked out by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks import segmentation
from benchmarks.gold import GoldChapter, GoldText
from benchmarks.segmentations.answers import CHOSEN, OURS, PENALTIES, Row, at_penalty, by_book, choose, rows_of
from benchmarks.segmentations.passages import Passage, as_book, of_gold, read_labels, read_passages, read_ref
from benchmarks.segmentations.rivals import even, random_starts, semantic_chunker, text_tiling
from benchmarks.segmentations.speed import Speed
from benchmarks.segmentations.tables import chosen_lines, groups_table, interval
from scenesign.schemas.records import Block, BlockKind, Book, SegmentedBook, Sentence, text_digest

HEADING, BREAK, PROSE = BlockKind.HEADING, BlockKind.BREAK, BlockKind.PARAGRAPH


def book_of(kinds: Sequence[BlockKind]) -> SegmentedBook:
    """A book of one sentence a block, each of two characters: `a `, `b `, ..."""
    text = " ".join(chr(ord("a") + i % 26) for i in range(len(kinds)))
    blocks = tuple(Block(2 * i, 2 * i + 1, kind) for i, kind in enumerate(kinds))
    spans = tuple(Sentence(block.start, block.end, block.kind) for block in blocks)
    return SegmentedBook(Book(text_digest(text), "", "de", text, blocks, "test"), spans)


def annotated(book: SegmentedBook, heading: str, span: tuple[int, int], starts: tuple[int, ...]) -> Passage:
    chapter = GoldChapter("Kafka, Franz", "Amerika", "de", "", (), heading, 0, 0, (), (), ())
    return of_gold(GoldText(chapter, book, span, starts, (), ()))


def row_of(method: str, document: str, f3: float, kind: str = "csv", book: str = "") -> Row:
    return Row(method, document, kind, kind, book or document, 10, {"f3": f3})


def test_choi_format() -> None:
    sentences, starts = read_ref("==========\none .\ntwo  .\n==========\nthree .\n==========\n")
    assert sentences == ["one .", "two .", "three ."]
    assert starts == (0, 2)


def test_label_format() -> None:
    lines = ['0,"A, b."\n', ",C.\n", '1,"\n"\n', "0,D.\n", "1,E.\n"]
    assert read_labels(lines) == (["A, b.", "C.", "D.", "E."], (0, 2, 3))


def test_texts_are_found_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "x" / "y").mkdir(parents=True)
    (tmp_path / "x" / "y" / "0.ref").write_text("==========\na\nb\n==========\nc\n", encoding="utf-8")
    (tmp_path / "s.csv").write_text("\ufeff1,A.\n0,B.\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no", encoding="utf-8")
    found = read_passages(tmp_path)
    assert [(one.name, one.folder, one.kind, one.starts) for one in found] == [
        ("s.csv", ".", "csv", (0,)),
        ("x/y/0.ref", "x/y", "ref", (0, 2)),
    ]
    assert [(one.first, one.last) for one in found] == [(0, 2), (0, 3)]


def test_scenes_of_a_book_are_scored_inside_the_chapter() -> None:
    # prose:                0      1      2       -       3      4       -      5       6
    book = book_of([HEADING, PROSE, PROSE, PROSE, HEADING, PROSE, PROSE, BREAK, PROSE, PROSE])
    chapter = annotated(book, "II", (3, 7), (3, 5))
    assert (chapter.name, chapter.folder, chapter.kind) == ("Kafka, Amerika, II", "gold de", "gold")
    assert (chapter.first, chapter.last, chapter.length, chapter.starts) == (3, 7, 4, (0, 2))
    # the heading at 4 counts as the sentence after it; what lies outside the chapter doesn't count
    assert chapter.inside((0, 2, 4, 8)) == (0, 2)
    assert chapter.inside((0,)) == (0,)
    first = annotated(book, "I", (0, 3), (0,))
    assert first.inside((0, 2, 4, 8)) == (0, 1)
    assert [len(same) for same in by_book([chapter, first])] == [2]


def test_absent_books_of_annotated_chapters_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(shared: Path) -> list[object]:
        raise FileNotFoundError(f"{shared}/de.zip")

    monkeypatch.setattr(segmentation, "read_gold", absent)
    assert segmentation.gold_passages(tmp_path) == []
    assert f"{tmp_path}/de.zip; give the folder" in capsys.readouterr().out


def test_every_method_answers_for_every_chapter() -> None:
    pytest.importorskip("nltk")
    book = book_of([*[PROSE] * 12, HEADING, *[PROSE] * 12])
    vectors = np.zeros((24, 4), dtype=np.float32)
    vectors[np.arange(24), np.arange(24) // 6] = 1.0
    chapters = [annotated(book, f"{i}", (12 * i, 12 * i + 12), (12 * i, 12 * i + 6)) for i in range(2)]
    seen: list[list[str]] = []

    def other(sentences: Sequence[str]) -> tuple[int, ...]:
        seen.append(list(sentences))
        return (0, 6)

    rows = rows_of(chapters, book.with_fields(vectors=vectors), "unknown", {"other": other}, penalties=True)
    assert seen == [list("abcdefghijkl"), list("nopqrstuvwxy")]
    ours = [row for row in rows if row.method == OURS]
    assert [(row.document, row.folder, row.sentences, row.scores["f0"]) for row in ours] == [
        ("Kafka, Amerika, 0", "gold de", 12, 1.0),
        ("Kafka, Amerika, 1", "gold de", 12, 1.0),
    ]
    methods = {row.method for row in rows}
    assert {"other", "even", "random", "without cues", *map(at_penalty, PENALTIES)} < methods
    assert "words instead of the scorer" not in methods  # the words alone are what ours has without a scorer
    names = [chapter.name for chapter in chapters]
    assert all([row.document for row in rows if row.method == method] == names for method in methods)


def test_the_penalty_is_chosen_on_the_others() -> None:
    best = {"a": 0.7, "b": 1.4, "c": 1.4}
    rows = [row_of(at_penalty(x), name, 0.9 if x == best[name] else 0.1) for name in best for x in PENALTIES]
    chosen = choose(rows)
    # without a, both others are best with 1.4; without b, a likes .7 and c 1.4, and the first in PENALTIES wins
    assert [(row.document, row.scores["penalty"], row.scores["f3"]) for row in chosen] == [
        ("a", 1.4, 0.1),
        ("b", 0.7, 0.1),
        ("c", 0.7, 0.1),
    ]
    assert {row.method for row in chosen} == {CHOSEN}
    assert chosen_lines(chosen) == [f"{CHOSEN}, all *.csv: 0.7 (2), 1.4 (1)"]


def test_chapters_of_one_book_do_not_choose_for_each_other() -> None:
    rows = [row_of(at_penalty(x), name, 0.5, "gold", "same") for name in ("1", "2") for x in PENALTIES]
    assert choose(rows) == []
    assert choose([row_of(at_penalty(x), name, 0.5, "ref") for name in ("a", "b") for x in PENALTIES]) == []


def test_intervals_are_of_the_mean_over_documents() -> None:
    # of two documents 0 and 1, a sample's mean is 0 or 1 a quarter of the time each
    assert (interval([0.0, 1.0]).low, interval([0.0, 1.0]).mean, interval([0.0, 1.0]).high) == (0, 0.5, 1)
    assert interval([0.4]).show() == ".400"
    many = interval([0.0, 1.0] * 200)
    # 1.96 standard errors of 400 draws of spread .5
    assert (many.low, many.high) == (pytest.approx(0.451, abs=0.006), pytest.approx(0.549, abs=0.006))
    assert interval([0.0, 1.0] * 200) == many


def test_groups_are_by_folder_and_by_kind() -> None:
    pytest.importorskip("nltk")
    book = as_book(["A.", "B.", "C.", "D."]).with_fields(vectors=np.eye(4, dtype=np.float32))
    passages = [Passage(f"{i}.csv", f"folder {i}", "csv", book, 0, 4, (0, 2)) for i in range(2)]
    rows = rows_of(passages, book, "unknown", {}, penalties=True)
    lines = [line.split(" | ") for line in groups_table(rows)]
    assert [(line[0], line[1]) for line in lines[2:] if line[2] == OURS] == [
        ("| folder 0", "1"),
        ("| folder 1", "1"),
        ("| all *.csv", "2"),
    ]
    assert not any(line[2].startswith("penalty") for line in lines[2:])


def test_speeds_are_told_as_shares_of_embedding() -> None:
    lines = Speed(embedded=1000.0, searched=100_000.0, scored=50_000.0, found=20_000.0).lines()
    assert [line.partition(" sentences/s")[2] for line in lines[1:]] == [
        ", 1.00% of the time that embedding takes",
        ", 2.00% of the time that embedding takes",
        ", 5.00% of the time that embedding takes",
    ]
    assert len(Speed(1000.0, 100_000.0, None, 20_000.0).lines()) == 3


def test_rivals_without_knowledge() -> None:
    assert even(10, 4) == (0, 2, 5, 7)
    assert even(3, 3) == (0, 1, 2)
    drawn = random_starts(50, 7, seed=1)
    assert len(drawn) == 7
    assert drawn[0] == 0
    assert list(drawn) == sorted(set(drawn))
    assert drawn == random_starts(50, 7, seed=1)
    assert drawn != random_starts(50, 7, seed=2)


def test_texttiling_counts_sentences() -> None:
    pytest.importorskip("nltk")
    sea = [f"The sailor tied the rope to the ship and the sail number {i} caught wind." for i in range(30)]
    bread = [f"The baker kneaded dough and flour for loaf {i} in the oven." for i in range(30)]
    starts = text_tiling()(sea + bread)
    assert starts[0] == 0
    assert any(abs(start - 30) <= 3 for start in starts)
    assert text_tiling()(["Short."]) == (0,)


def test_chonkie_counts_sentences() -> None:
    pytest.importorskip("chonkie")

    class Model:
        dimensions = 2

        def embed(self, texts: list[str]) -> np.ndarray:
            return np.array([[1.0, 0.0] if "sea" in text else [0.0, 1.0] for text in texts], dtype=np.float32)

    starts = semantic_chunker(Model())(["The sea is wide."] * 20 + ["Bread is baked."] * 20)
    assert starts[0] == 0
    assert any(abs(start - 20) <= 3 for start in starts)


def test_absent_data_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["segmentation.py", str(tmp_path / "nowhere"), "--shared", str(tmp_path / "no")])
    segmentation.main()
    assert "nothing to measure" in capsys.readouterr().out


def test_the_command_writes_every_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("nltk")

    class Model:
        dimensions = 4

        def embed(self, texts: list[str]) -> np.ndarray:
            return np.array([np.eye(4)[len(text) % 4] for text in texts], dtype=np.float32)

    for name in ("a.csv", "b.csv"):
        lines = [f"{int(i % 5 == 0)},{name} {'x' * (i // 5)}{i:02}.\n" for i in range(20)]
        (tmp_path / name).write_text("".join(lines), encoding="utf-8")
    monkeypatch.setattr(segmentation, "load_embedder", lambda name: Model())
    monkeypatch.setattr(segmentation, "SENTENCES", 300)
    into = tmp_path / "out.json"
    command = ["segmentation.py", str(tmp_path), "--no-gold", "--no-peers", "--leave-one-out", "--embedder", "own"]
    monkeypatch.setattr(sys, "argv", [*command, "--json", str(into)])
    segmentation.main()
    printed = capsys.readouterr().out
    assert f"| all *.csv | 2 | {OURS} | " in printed
    assert f"| all *.csv | 2 | {CHOSEN} | " in printed
    result = json.loads(into.read_text(encoding="utf-8"))["results"][0]
    ours = next(one for one in result["summaries"] if (one["texts"], one["method"]) == ("all *.csv", OURS))
    rows = [row for row in result["rows"] if row["method"] == OURS]
    assert [row["document"] for row in rows] == ["a.csv", "b.csv"]
    assert ours["similarity"]["mean"] == pytest.approx(np.mean([row["similarity"] for row in rows]))
    assert ours["similarity"]["sd"] == pytest.approx(np.std([row["similarity"] for row in rows]))


@pytest.mark.shared
def test_defaults_reach_their_targets(shared: Path) -> None:
    pytest.importorskip("nltk")
    passages = read_passages(shared / "segmentation")
    choi = [one for one in passages if one.name.endswith("0.ref")]
    stories = [one for one in passages if one.kind == "csv"]
    rows = [
        row
        for row in segmentation.run([*choi, *stories], "use-multilingual", peers=False, long=1_000).rows
        if row.method == OURS
    ]
    assert np.mean([row.scores["pk"] for row in rows if row.kind == "ref"]) <= 0.06
    assert np.mean([row.scores["pk"] for row in rows if row.kind == "csv"]) <= 0.34
    assert np.mean([row.scores["f3"] for row in rows if row.kind == "csv"]) >= 0.50
