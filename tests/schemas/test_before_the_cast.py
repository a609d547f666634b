"""What protocol 2.0 wrote, before books had a cast, is valid and read as it was: a dataset of its time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from datasets import load_dataset
from transformers import PreTrainedTokenizerFast

from scenesign.pipeline.report.page import write_report
from scenesign.pipeline.run.build_dataset import build_dataset
from scenesign.pipeline.validate.dataset import validate_dataset
from scenesign.schemas.version import PROTOCOL_VERSION, has_cast
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, embedder_version
from scenesign.transforms.signs.inventory import load_inventory


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Two short stories in two glyphs a scene."""
    shutil.unpack_archive(Path(__file__).with_name("dataset-2.0.0.zip"), tmp_path / "old")
    assert (
        json.loads((tmp_path / "old" / "manifest.json").read_text(encoding="utf-8"))["protocol"] == "scene-signs/2.0.0"
    )
    return tmp_path / "old"


@pytest.mark.parametrize(
    ("stated", "has"),
    [("1.9.9", False), ("2.0.0", False), ("2.0.11", False), ("2.1.0", True), ("2.10.0", True), ("3.0.0", True),
     ("", False), ("2", False), ("2.x.0", False), ("²." * 9, False)],
)  # fmt: skip
def test_a_cast_comes_with_2_1(stated: str, has: bool) -> None:
    assert has_cast(f"scene-signs/{stated}") == has


def test_it_is_valid(old: Path) -> None:
    verdict = validate_dataset(old)
    assert (verdict.valid, verdict.counts, verdict.books, verdict.scenes) == (True, {}, 2, 6)


def test_the_validator_knows_what_it_should_not_have(old: Path) -> None:
    manifest = old / "manifest.json"
    fields = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(fields | {"protocol": f"scene-signs/{PROTOCOL_VERSION}"}), encoding="utf-8")
    counts = validate_dataset(old).counts
    assert {"tables.schema", "cast.options", "card.info"} <= counts.keys()


def test_its_scenes_are_walked_without_a_cast(old: Path) -> None:
    dataset = Dataset(old)
    assert not dataset.has_cast
    for book in dataset:
        assert (book.cast, book.scene_cast, len(book)) == ((), (), 3)
        assert [scene.cast for scene in book.scenes()] == [(), (), ()]


def test_its_tables_and_tokenizer_are_read_as_they_were(old: Path) -> None:
    rows = load_dataset(str(old), "scenes", split="train", cache_dir=str(old.parent / "cache"))
    assert rows.num_rows == 6
    assert "cast" not in rows.column_names
    tokenizer = PreTrainedTokenizerFast.from_pretrained(old / "inventory")
    assert tokenizer.convert_tokens_to_ids("<e1>") == tokenizer.unk_token_id
    assert load_inventory(str(old / "inventory")).info.cast_tokens == ()


def test_a_report_is_made_of_it(old: Path) -> None:
    uri, _ = write_report(str(old))
    assert "the book’s cast" not in Path(uri).read_text(encoding="utf-8")


def test_new_books_in_its_signs_have_a_cast(old: Path, library: Path, tmp_path: Path) -> None:
    info = old / "inventory" / "inventory.json"
    fields = json.loads(info.read_text(encoding="utf-8"))
    info.write_text(json.dumps(fields | {"embedder_version": embedder_version(DEFAULT_EMBEDDER)}), encoding="utf-8")
    book = library / "en" / "the-bell-of-saltmarsh.txt"
    build_dataset(book, tmp_path / "new", inventory=old, splits="train=1")
    verdict = validate_dataset(tmp_path / "new")
    assert (verdict.valid, verdict.counts) == (True, {})
    assert (verdict.protocol, verdict.books) == (f"scene-signs/{PROTOCOL_VERSION}", 1)
    (walked,) = Dataset(tmp_path / "new")
    assert "Anna" in {name for member in walked.cast for name in member.names}
