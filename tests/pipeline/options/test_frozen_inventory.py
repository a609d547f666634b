"""New books with the signs of an inventory that exists."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load, save

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.report.data import read_report_data
from scenesign.pipeline.run.build_dataset import settle
from scenesign.transforms.dataset.in_use import topics_in_use
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.support import storage
from tests.conftest import run_scenesign
from tests.pipeline.run.test_build import manifest_of, scenes_of
from tests.runs import data_digests

BOOKS = ("en/the-bell-of-saltmarsh.txt", "zh/the-bell-of-saltmarsh.txt")


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Path:
    """A dataset of English books alone, refined."""
    output = tmp_path_factory.mktemp("english") / "out"
    done = run_scenesign("build", library / "en", "-o", output, "--signs", 12, "--glyphs", 2, "--refine", 2)
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory, library: Path, english: Path) -> tuple[Path, str]:
    """A known book and one in a language that the inventory has never seen, and what the run said."""
    output = tmp_path_factory.mktemp("more") / "out"
    done = run_scenesign("encode", "-i", english, "-o", output, *(library / book for book in BOOKS))
    assert done.returncode == 0, done.stderr
    return output, done.stdout


def test_the_inventory_is_taken_over_byte_for_byte(english: Path, more: tuple[Path, str]) -> None:
    ours = {k: v for k, v in data_digests(more[0]).items() if k.startswith("inventory/")}
    theirs = {k: v for k, v in data_digests(english).items() if k.startswith("inventory/")}
    assert ours == theirs
    assert len(ours) >= 7


def test_a_known_book_gets_the_signs_it_had(english: Path, more: tuple[Path, str]) -> None:
    before, after = scenes_of(english), scenes_of(more[0])
    shared = set(before) & set(after)
    assert len(shared) == 1
    (book,) = shared
    assert after[book] == before[book]


def test_what_the_inventory_does_not_know_is_said(more: tuple[Path, str]) -> None:
    output, said = more
    assert "note: the inventory has no mean for language 'zh' (it knows en); the mean of all is used" in said
    assert manifest_of(output).options["frozen"]


def test_topics_are_counted_in_the_new_books(more: tuple[Path, str]) -> None:
    output, _ = more
    topics = topics_in_use(Dataset(output))
    assert sum(topic.count for topic in topics) == manifest_of(output).counts.scenes
    report = read_report_data(str(output))
    assert {sign.sign: sign.count for sign in report.signs if sign.count} == {t.sign: t.count for t in topics}
    assert sum(letter.count for letter in report.letters) == 3 * manifest_of(output).counts.scenes


def test_the_dataset_keeps_the_protocol(more: tuple[Path, str], tmp_path: Path) -> None:
    done = run_scenesign("validate", more[0])
    assert done.returncode == 0, done.stdout
    copy = tmp_path / "copy"
    shutil.copytree(more[0], copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["options"]["frozen"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = run_scenesign("validate", copy)
    assert done.returncode == 1
    assert "inventory.taken-over" in done.stdout


def test_refined_datasets_keep_the_protocol(english: Path) -> None:
    done = run_scenesign("validate", english)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory, library: Path, english: Path) -> Path:
    """English books in the first glyph of an inventory of two."""
    output = tmp_path_factory.mktemp("topics") / "out"
    done = run_scenesign("build", library / "en", "-o", output, "--inventory", english, "--glyphs", 1)
    assert done.returncode == 0, done.stderr
    return output


def test_a_dataset_may_be_written_in_fewer_glyphs_than_the_inventory_has(english: Path, topics: Path) -> None:
    done = run_scenesign("validate", topics)
    assert done.returncode == 0, done.stdout
    manifest = manifest_of(topics)
    assert (manifest.levels, manifest.options["glyphs"], len(manifest.inventory["sizes"])) == (1, 1, 2)
    assert "level1/cosine" in manifest.metrics
    assert "level2/cosine" not in manifest.metrics
    short, whole = ({book.book_id: book for book in Dataset(folder)} for folder in (topics, english))
    assert short.keys() == whole.keys()
    for book_id, book in short.items():
        assert (book.levels, book.signs) == (1, whole[book_id].signs[::2])
        for one, two in zip(book.scenes(), whole[book_id].scenes(), strict=True):
            assert (one.glyphs, one.distance, one.novel) == (two.glyphs[:1], two.distance, two.novel)
    assert read_report_data(str(topics)).letters == ()


def test_more_glyphs_than_the_inventory_has_are_refused(english: Path, library: Path, tmp_path: Path) -> None:
    done = run_scenesign("build", library / "en", "-o", tmp_path / "out", "--inventory", english, "--glyphs", 3)
    assert done.returncode == 2
    assert f"error: --glyphs: 3 asked for; the signs of {english}/inventory have 2\n" in done.stderr


def test_an_inventory_of_one_glyph_is_no_error_where_nobody_asked(english: Path, tmp_path: Path) -> None:
    folder = tmp_path / "inventory"
    shutil.copytree(english / "inventory", folder)
    info = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
    tensors = load((folder / "codebook.safetensors").read_bytes())
    tensors |= {name: tensors[name][:0].copy() for name in ("letters", "depths")}
    (folder / "codebook.safetensors").write_bytes(save(tensors))
    info["files"]["codebook.safetensors"] = storage.digest(str(folder / "codebook.safetensors"))
    (folder / "inventory.json").write_text(json.dumps(info | {"sizes": info["sizes"][:1]}), encoding="utf-8")
    asked: dict[str, object] = {"output": "out", "inventory": folder}
    options, _ = settle(["in"], asked, [])
    assert (options.glyphs, options.inventory.glyphs) == (1, 1)
    with pytest.raises(UsageError, match=r"--glyphs: 2 asked for; the signs of .*inventory have 1"):
        settle(["in"], asked | {"glyphs": 2}, [])


@pytest.mark.slow
def test_refined_datasets_do_not_depend_on_workers(english: Path, library: Path, tmp_path: Path) -> None:
    done = run_scenesign(
        *("build", library / "en", "-o", tmp_path / "out", "--signs", 12, "--glyphs", 2, "--refine", 2),
        *("--workers", 2),
    )
    assert done.returncode == 0, done.stderr
    assert data_digests(tmp_path / "out") == data_digests(english)


@pytest.mark.parametrize(
    "option", [("--signs", "5"), ("--embedder", "minilm"), ("--max-sentences", "9"), ("--scene-size", "medium")]
)
def test_what_the_inventory_settles_cannot_be_asked_for(
    option: tuple[str, str], english: Path, library: Path, tmp_path: Path
) -> None:
    done = run_scenesign("build", library / "en", "-o", tmp_path / "out", "--inventory", english, *option)
    assert done.returncode == 2
    assert f"{option[0]} and --inventory exclude each other" in done.stderr


def test_an_inventory_of_another_embedder_version_is_refused(english: Path, library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "inventory"
    shutil.copytree(english / "inventory", folder)
    info = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
    made_with = info["embedder_version"]
    info["embedder_version"] = "of tomorrow"
    (folder / "inventory.json").write_text(json.dumps(info), encoding="utf-8")
    done = run_scenesign("build", library / "en", "-o", tmp_path / "out", "--inventory", folder)
    assert done.returncode == 2
    assert f"use-multilingual (of tomorrow); installed is {made_with}" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_damaged_inventory_is_refused_before_anything_is_done(english: Path, library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "inventory"
    shutil.copytree(english / "inventory", folder)
    tensors = load((folder / "embeddings.safetensors").read_bytes())
    tensors["embeddings"][0] += 1
    (folder / "embeddings.safetensors").write_bytes(save(tensors))
    done = run_scenesign("build", library / "en", "-o", tmp_path / "out", "--inventory", folder)
    assert done.returncode == 2
    assert "embeddings.safetensors is not the file that inventory.json describes" in done.stderr
    assert not list(tmp_path.glob("**/*.part.parquet"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-o", "out"), "standard input is none; name the FILEs"),
        (("-o", "out", "--scenes", "a.txt"), "--scenes prints lines and -o writes a dataset"),
    ],
)
def test_a_dataset_needs_files(arguments: tuple[str, ...], says: str, english: Path, tmp_path: Path) -> None:
    done = run_scenesign("encode", "-i", english, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_folder_that_is_no_inventory_is_named(library: Path, tmp_path: Path) -> None:
    done = run_scenesign("build", library / "en", "-o", tmp_path / "out", "--inventory", tmp_path)
    assert done.returncode == 2
    assert f"--inventory: {tmp_path} is not an inventory" in done.stderr
