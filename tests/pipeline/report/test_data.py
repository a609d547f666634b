"""Reading a dataset for its report: everything shown is there, in bounds, and damage is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenesign.pipeline.report import data as report_data
from scenesign.pipeline.report.data import (
    EXAMPLE_BYTES,
    EXAMPLES_BUDGET,
    first_words,
    read_report_data,
)
from scenesign.pipeline.report.files import ReportError
from scenesign.pipeline.report.page import write_report
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.signs.glosses.glossary import Exemplar, SignEntry


@pytest.fixture(scope="module")
def demo_data(demo: Path) -> report_data.ReportData:
    return read_report_data(str(demo))


def test_it_holds_every_book_sign_and_scene_of_the_demo(demo_data: report_data.ReportData, demo: Path) -> None:
    counts = Manifest.from_json((demo / "manifest.json").read_text(encoding="utf-8")).counts
    assert len(demo_data.strips) == len(demo_data.books) == counts.books == 12
    assert sum(strip.scenes for strip in demo_data.strips) == counts.scenes
    assert demo_data.levels == 2
    assert len(demo_data.signs) == len(demo_data.atlas.points) == 12
    assert len(demo_data.letters) == 48
    for strip in demo_data.strips:
        assert len(strip.openings) == len(strip.lengths) == strip.scenes == len(strip.signs) // 2
        assert all(strip.openings)
        assert all(0 <= i < strip.scenes for i in (*strip.novel, *strip.chapters))
        assert len(strip.glyphs) == len(strip.signs)
        assert all(0 <= sign < 12 for sign in strip.signs[::2])
        assert all(12 <= sign < 12 + 4_096 for sign in strip.signs[1::2])
    # translations stand side by side: four works, three languages each
    assert [strip.language for strip in demo_data.strips] == ["en", "ru", "zh"] * 4
    assert all(len({s.work for s in demo_data.strips[i : i + 3]}) == 1 for i in range(0, 12, 3))


def test_chapters_have_their_titles_and_openings_do_without(demo_data: report_data.ReportData) -> None:
    strips = {strip.title: strip for strip in demo_data.strips}
    ferryman = strips["The Ferryman’s Debt"]
    chapters = ("Chapter 1. The Crossing", "Chapter 2. The Wedding", "Chapter 3. Winter Work", "Chapter 4. The Thaw")
    assert ferryman.titles == chapters
    assert ferryman.openings[0].startswith("The storm came down the river")
    assert strips["盐沼之钟"].titles[1] == "第二回 风雪村粮尽铜空"
    assert all(len(strip.titles) == len(strip.chapters) for strip in demo_data.strips)


def test_samples_are_text_of_the_books(demo_data: report_data.ReportData, library: Path) -> None:
    counts = demo_data.manifest.counts.by_language
    assert {code: len("".join(texts)) for code, texts in demo_data.samples.items()} == {
        code: row.characters for code, row in counts.items()
    }


@pytest.mark.parametrize("limit", [8, 20, 160])
@pytest.mark.parametrize(
    "text", ["", "short", "many words " * 50, "слово " * 50, "汉字" * 200, "x" * 500, " \n a \t b "]
)
def test_cut_keeps_to_bytes_and_words(text: str, limit: int) -> None:
    short = first_words(text, limit)
    assert len(short.encode()) <= limit
    flat = " ".join(text.split())
    assert short == flat or (short.endswith("…") and flat.startswith(short[:-1]))
    assert (short == flat) == (len(flat.encode()) <= limit)


def glossary(signs: int) -> list[SignEntry]:
    shown = (Exemplar("b", 0, "zh", "字" * 239 + "…", 0.5),) * 6
    words = {"zh": ("夜",) * 8}
    return [SignEntry(i, "一", 1, 0.1, 1, {"zh": 1}, words, 0.5, (), shown) for i in range(signs)]


@pytest.mark.parametrize(("signs", "shown"), [(18, 6), (823, 6), (4096, 3), (13_000, 1)])
def test_examples_keep_to_their_budget_and_the_page_says_so(signs: int, shown: int) -> None:
    trimmed: list[str] = []
    cards = report_data._sign_cards(glossary(signs), {"b": "B"}, trimmed)
    sizes = [sum(len(e.text.encode()) for e in c.examples) for c in cards]
    assert {len(c.examples) for c in cards} == {shown}
    assert sum(sizes) <= max(EXAMPLES_BUDGET, signs * report_data.FEWEST_EXAMPLE_BYTES)
    assert max(sizes) <= shown * EXAMPLE_BYTES
    assert any("example scenes" in line for line in trimmed) == (signs > 690)


@pytest.fixture
def copy(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "copy"))


def test_a_folder_that_is_no_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"is not a dataset: .*manifest.json"):
        read_report_data(str(tmp_path))


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("manifest.json", b"{}", "is not a scenesign manifest"),
        ("manifest.json", b"\xff\xfe{", "is not a scenesign manifest"),
        ("inventory/codebook.safetensors", b"x", "SHA-256 differs"),
        (
            "inventory/signs.parquet",
            b"PAR1 nothing PAR1",
            "signs.parquet is not the file .*; build the dataset again",
        ),
        ("report/metrics.json", b"[1, 2", "metrics.json can't be read"),
        ("report/metrics.json", b"[1, 2]", "metrics.json can't be read"),
        ("rejects/rejects.parquet", b"", "rejects.parquet can't be read"),
    ],
)
def test_a_damaged_file_is_named(copy: Path, path: str, content: bytes, message: str) -> None:
    (copy / path).write_bytes(content)
    with pytest.raises(ReportError, match=message):
        read_report_data(str(copy))


def test_a_table_without_a_column_is_named(copy: Path) -> None:
    path = next(copy.glob("sequences/*/*.parquet"))
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["glyphs"]), path)
    with pytest.raises(ReportError, match=path.name):
        read_report_data(str(copy))


@pytest.mark.parametrize("scene", [[0, 12 + 4_096], [12, 12], [0, 11], [-1, 12]])
def test_a_sign_outside_its_level_is_named(copy: Path, scene: list[int]) -> None:
    path = next(copy.glob("sequences/*/*.parquet"))
    table = pq.read_table(path, partitioning=None)
    signs = pa.array([scene * (len(row) // 2) for row in table["signs"].to_pylist()], table["signs"].type)
    pq.write_table(table.set_column(table.schema.get_field_index("signs"), table.field("signs"), signs), path)
    with pytest.raises(ReportError, match="has a sign outside its level"):
        read_report_data(str(copy))


def test_no_report_is_made_of_protocol_1(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {"protocol": "scene-signs/1.0.0"}), encoding="utf-8")
    with pytest.raises(
        ReportError, match=r"follows protocol scene-signs/1\.0\.0; for a report build the dataset again"
    ):
        read_report_data(str(copy))


def test_scenes_that_are_missing_are_named(copy: Path) -> None:
    for path in copy.glob("scenes/*/*.parquet"):
        pq.write_table(pq.read_table(path, partitioning=None).slice(0, 1), path)
    with pytest.raises(ReportError, match="has no rows in scenes/"):
        read_report_data(str(copy))
    for path in copy.glob("scenes/*/*.parquet"):
        path.unlink()
    with pytest.raises(ReportError, match=r"scenes/split=.* can't be read"):
        read_report_data(str(copy))


def test_a_page_that_can_not_be_written_names_the_way_out(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match=r"file/page.html can't be written \(.+\); give another place with -o"):
        write_report(str(demo), str(tmp_path / "file" / "page.html"))
