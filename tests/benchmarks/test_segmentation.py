"""The benchmark's readers and measures, against cases worked out by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import segmentation
from benchmarks.segmentation import even, random_starts, read_documents, read_gold, read_ref, score


def test_choi_format() -> None:
    sentences, starts = read_ref("==========\none .\ntwo  .\n==========\nthree .\n==========\n")
    assert sentences == ["one .", "two .", "three ."]
    assert starts == (0, 2)


def test_gold_format() -> None:
    lines = ['0,"A, b."\n', ",C.\n", '1,"\n"\n', "0,D.\n", "1,E.\n"]
    assert read_gold(lines) == (["A, b.", "C.", "D.", "E."], (0, 2, 3))


def test_documents_are_found_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "x" / "y").mkdir(parents=True)
    (tmp_path / "x" / "y" / "0.ref").write_text("==========\na\nb\n==========\nc\n", encoding="utf-8")
    (tmp_path / "s.csv").write_text("\ufeff1,A.\n0,B.\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no", encoding="utf-8")
    found = read_documents(tmp_path)
    assert [(d.name, d.folder, d.starts) for d in found] == [("s.csv", ".", (0,)), ("x/y/0.ref", "x/y", (0, 2))]


def test_pk_and_windowdiff_by_hand() -> None:
    pytest.importorskip("nltk")
    # twelve sentences, segments of four: windows reach two sentences on, from each of the first ten.
    # gold parts pairs that straddle 4 or 8: (2,4) (3,5) (6,8) (7,9). Found parts those that straddle 5: (3,5) (4,6).
    # They disagree on (2,4), (4,6), (6,8) and (7,9).
    result = score((0, 4, 8), (0, 5), 12)
    assert result["pk"] == pytest.approx(4 / 10)
    assert result["windowdiff"] == pytest.approx(4 / 10)
    # two found boundaries next to the true one: WindowDiff counts them, Pk sees only that a pair is parted.
    # gold parts (2,4) (3,5) of the six pairs two apart; found, with starts at 4 and 5, parts (2,4) (3,5) (4,6).
    result = score((0, 4), (0, 4, 5), 8)
    window = 2
    assert result["pk"] == pytest.approx(1 / (8 - window))
    assert result["windowdiff"] == pytest.approx(2 / (8 - window))


def test_perfect_and_empty_answers() -> None:
    pytest.importorskip("nltk")
    perfect = score((0, 4, 8), (0, 4, 8), 12)
    assert (perfect["pk"], perfect["windowdiff"], perfect["f0"], perfect["f3"]) == (0, 0, 1, 1)
    nothing = score((0, 4, 8), (0,), 12)
    assert (nothing["pk"], nothing["recall3"], nothing["f3"]) == (pytest.approx(0.4), 0, 0)


def test_f1_by_hand() -> None:
    pytest.importorskip("nltk")
    result = score((0, 10, 20, 30), (0, 12, 30), 40)
    assert (result["precision3"], result["recall3"]) == (1, pytest.approx(2 / 3))
    assert result["f3"] == pytest.approx(0.8)
    assert result["f0"] == pytest.approx(2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3))


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
    starts = segmentation.text_tiling()(sea + bread)
    assert starts[0] == 0
    assert any(abs(start - 30) <= 3 for start in starts)
    assert segmentation.text_tiling()(["Short."]) == (0,)


def test_chonkie_counts_sentences() -> None:
    pytest.importorskip("chonkie")

    class Model:
        dimensions = 2

        def embed(self, texts: list[str]) -> np.ndarray:
            return np.array([[1.0, 0.0] if "sea" in text else [0.0, 1.0] for text in texts], dtype=np.float32)

    starts = segmentation.semantic_chunker(Model())(["The sea is wide."] * 20 + ["Bread is baked."] * 20)
    assert starts[0] == 0
    assert any(abs(start - 20) <= 3 for start in starts)


def test_absent_data_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(sys, "argv", ["segmentation.py", str(tmp_path / "nowhere")])
    segmentation.main()
    assert "nothing to measure" in capsys.readouterr().out


@pytest.mark.shared
def test_defaults_reach_their_targets(shared: Path) -> None:
    pytest.importorskip("nltk")
    documents = read_documents(shared / "segmentation")
    choi = [d for d in documents if d.name.endswith("0.ref")]
    stories = [d for d in documents if d.name.endswith(".csv")]
    rows = [
        row
        for row in segmentation.run([*choi, *stories], "use-multilingual", peers=False)["rows"]
        if row["method"] == "scenesign"
    ]
    assert np.mean([row["pk"] for row in rows if row["document"].endswith(".ref")]) <= 0.08
    assert np.mean([row["pk"] for row in rows if row["document"].endswith(".csv")]) <= 0.38
    assert np.mean([row["f3"] for row in rows if row["document"].endswith(".csv")]) >= 0.40
