"""The main job from end to end, as a user runs it."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from scenesign.schemas.manifest import Manifest
from scenesign.transforms.signs.glyphs import glyphs
from tests.conftest import ROOT, run_afresh, run_scenesign
from tests.runs import Nursery, data_digests


def manifest_of(dataset: Path) -> Manifest:
    return Manifest.from_json((dataset / "manifest.json").read_text(encoding="utf-8"))


def scenes_of(dataset: Path) -> dict[str, list[dict]]:
    by_book: dict[str, list[dict]] = {}
    for row in ds.dataset(dataset / "scenes", partitioning="hive").to_table().to_pylist():
        by_book.setdefault(row["book_id"], []).append(row)
    return by_book


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Path:
    """A library of three books in three languages, a copy of one of them, and four files that are no books."""
    folder = tmp_path_factory.mktemp("small") / "books"
    for language in ("en", "ru", "zh"):
        (folder / language).mkdir(parents=True)
        shutil.copy(library / language / "the-bell-of-saltmarsh.txt", folder / language)
    shutil.copy(library / "en" / "the-bell-of-saltmarsh.txt", folder / "copy.txt")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "noise.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (folder / "tiny.txt").write_text("Hi.", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("built") / "out"
    done = run_afresh("build", small, "-o", output, "--signs", 8)
    assert done.returncode == 0, done.stderr
    assert "3 books of 8 inputs: " in done.stdout
    assert "Left out: 1 duplicate and 4 rejects (" in done.stdout
    return output


def test_scenes_tile_every_book(demo: Path) -> None:
    sequences = {row["book_id"]: row for row in ds.dataset(demo / "sequences").to_table().to_pylist()}
    books = scenes_of(demo)
    assert len(books) == len(sequences) == 12
    for book_id, scenes in books.items():
        text = "".join(scene["text"] for scene in scenes)
        assert hashlib.blake2b(text.encode(), digest_size=16).hexdigest() == book_id
        position = 0
        for index, scene in enumerate(scenes):
            assert (scene["scene"], scene["start"]) == (index, position)
            assert scene["text"] == text[scene["start"] : scene["end"]]
            position = scene["end"]
        assert position == len(text) == sequences[book_id]["characters"]
        assert sum(scene["sentences"] for scene in scenes) == sequences[book_id]["sentences"]


def test_sequences_are_the_signs_of_the_scenes(demo: Path) -> None:
    sizes = manifest_of(demo).inventory["sizes"]
    books = scenes_of(demo)
    for row in ds.dataset(demo / "sequences").to_table().to_pylist():
        assert row["signs"] == [sign for scene in books[row["book_id"]] for sign in scene["signs"]]
        assert row["glyphs"] == glyphs(row["signs"], sizes)
        assert len(row["signs"]) == row["scenes"] * row["levels"] == row["scenes"] * 2


def test_datasets_and_transformers_load_it(demo: Path, tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    sequences = load_dataset(str(demo), "sequences", cache_dir=str(tmp_path))
    scenes = load_dataset(str(demo), "scenes", cache_dir=str(tmp_path))
    concepts = load_dataset(str(demo), "concepts", cache_dir=str(tmp_path))
    assert sum(split.num_rows for split in sequences.values()) == 12
    assert sum(split.num_rows for split in scenes.values()) == manifest_of(demo).counts.scenes
    row = next(iter(concepts.values()))[0]
    assert len(row["text_scenes"]) == len(row["scene_vectors"])
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(demo / "inventory"))
    first = next(iter(sequences.values()))[0]
    assert tokenizer(first["glyphs"])["input_ids"] == first["signs"]
    assert tokenizer.decode(first["signs"]) == first["glyphs"]
    signs = sum(manifest_of(demo).inventory["sizes"])
    assert tokenizer.encode("<book>\u3007</book>") == [signs + 1, signs + 4, signs + 2]


def test_translations_share_most_of_their_signs(demo: Path) -> None:
    metrics = manifest_of(demo).metrics
    assert metrics["translations/shared"] > 0.5
    assert metrics["translations/shared_in_order"] > metrics["translations/chance_in_order"] + 0.2


def test_the_manifest_names_every_file_with_its_digest(demo: Path) -> None:
    listed = {entry.path: entry.sha256 for entry in manifest_of(demo).files}
    assert listed == data_digests(demo)
    for entry in manifest_of(demo).files:
        if entry.path.endswith(".parquet") and entry.config:
            assert pq.read_metadata(demo / entry.path).num_rows == entry.rows > 0


def test_every_input_is_a_book_a_duplicate_or_a_reject(built: Path) -> None:
    rejects = pq.read_table(built / "rejects" / "rejects.parquet").to_pylist()
    assert {row["source"]: row["reason"] for row in rejects} == {
        "empty.txt": "empty",
        "en/the-bell-of-saltmarsh.txt": "duplicate",
        "noise.txt": "binary",
        "picture.png": "unsupported-type",
        "tiny.txt": "too-short",
    }
    assert all(row["detail"] for row in rejects)


def test_two_processes_make_the_same_bytes(small: Path, built: Path, tmp_path: Path) -> None:
    done = run_scenesign("build", small, "-o", tmp_path / "out", "--signs", 8, "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert data_digests(tmp_path / "out") == data_digests(built)


def test_a_second_run_reuses_finished_books_and_makes_the_same_bytes(small: Path, built: Path) -> None:
    before = data_digests(built)
    stale = Path(f"{built}.parts") / "rejects.parquet"
    stale.write_bytes(b"of a run that failed")
    asked = ("--signs", 8, "--overwrite", "--json", "--max-reject-share", 0.5)  # 4 of 8 are refused
    done = run_scenesign("build", small, "-o", built, *asked)
    assert done.returncode == 0, done.stderr
    assert not stale.exists()
    counters = json.loads(done.stdout)["run"]["counters"]
    refused = ("binary", "duplicate", "empty", "too-short", "unsupported-type")
    assert {k: n for k, n in counters.items() if k.startswith("rejected/")} == {f"rejected/{r}": 1 for r in refused}
    assert counters["books/reused"] == 3
    assert "sentences/embedded" not in counters
    assert data_digests(built) == before


def test_a_killed_run_goes_on_and_makes_the_same_bytes(
    nursery: Nursery, small: Path, built: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    running = nursery.start("build", small, "-o", output, "--signs", 8)
    # the books are finished, and all that comes of them is to be made
    running.wait_for(lambda run: list(tmp_path.glob("out.parts/run/samples/*")))
    running.signal(signal.SIGKILL)
    assert running.code() == -signal.SIGKILL, running.said()
    assert not output.exists()
    done = run_scenesign("build", small, "-o", output, "--signs", 8, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["run"]["counters"]["books/reused"] == 3
    assert data_digests(output) == data_digests(built)
    left = [p.name for p in tmp_path.rglob("*") if p.name.startswith(".") or p.name == "run"]
    assert left == []


def test_a_damaged_part_is_done_again(small: Path, built: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    shutil.copytree(str(built) + ".parts", parts)
    for part in parts.rglob("*.part.parquet"):
        part.write_bytes(part.read_bytes()[:-100])
    done = run_scenesign("build", small, "-o", tmp_path / "out", "--signs", 8, "--parts", parts)
    assert done.returncode == 0, done.stderr
    assert "is damaged" in done.stderr
    assert data_digests(tmp_path / "out") == data_digests(built)


def test_an_existing_dataset_is_not_overwritten_unasked(small: Path, built: Path) -> None:
    before = data_digests(built)
    done = run_scenesign("build", small, "-o", built)
    assert (done.returncode, done.stderr.count("\n")) == (2, 2)
    assert "add --overwrite" in done.stderr
    assert data_digests(built) == before


def test_a_failed_run_leaves_the_earlier_dataset(small: Path, built: Path, tmp_path: Path) -> None:
    """A full disk, played by a limit on the size of files."""
    output = tmp_path / "out"
    shutil.copytree(built, output)
    command = f"trap '' XFSZ; ulimit -f 40; {sys.executable} -m scenesign build {small} -o {output} --overwrite"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=300, encoding="utf-8"
    )
    assert done.returncode == 1, done.stderr
    assert "error: the run broke" in done.stderr
    assert "the same command goes on from there" in done.stderr
    assert data_digests(output) == data_digests(built)
    assert not (tmp_path / ".out.partial").exists()


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ({}, 1, "no file in it"),
        (
            {"a.png": b"\x89PNG\r\n\x1a\n" + bytes(50)},
            1,
            "the only input was refused (unsupported-type 1); first: a.png",
        ),
        ({"a.txt": b""}, 1, "the only input was refused (empty 1); first: a.txt"),
    ],
)
def test_nothing_usable_is_exit_code_1(content: dict[str, bytes], code: int, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in content.items():
        (folder / name).write_bytes(data)
    done = run_scenesign("build", folder, "-o", tmp_path / "out")
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert not (tmp_path / "out").exists()


def test_one_short_text_is_a_dataset_too(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(
        "The old man sat by the sea and mended his net all day. Then the storm came. " * 4,
        encoding="utf-8",
    )
    done = run_scenesign("build", tmp_path / "one.txt", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert manifest_of(tmp_path / "out").counts.books == 1


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_too_great_a_share_of_rejects_publishes_nothing(workers: int, small: Path, built: Path, tmp_path: Path) -> None:
    """4 of 8 inputs are refused; the message may come out of a worker process, and an earlier dataset stays."""
    output, parts = tmp_path / "out", tmp_path / "parts"
    shutil.copytree(built, output)
    shutil.copytree(f"{built}.parts", parts)
    asked = ("--overwrite", "--parts", parts, "--workers", workers, "--max-reject-share", 0.49)
    done = run_scenesign("build", small, "-o", output, *asked)
    assert done.returncode == 1, done.stderr
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert "4 of 8 inputs were refused, more than --max-reject-share 0.49 allows" in error
    assert all(f"{reason} 1" in error for reason in ("binary", "empty", "too-short", "unsupported-type"))
    assert error.endswith(f"each is listed in {parts}/rejects.parquet")
    listed = pq.read_table(parts / "rejects.parquet").to_pylist()
    assert listed == pq.read_table(built / "rejects" / "rejects.parquet").to_pylist()
    assert data_digests(output) == data_digests(built)
    assert not (tmp_path / ".out.partial").exists()


@pytest.mark.parametrize("left_out", ["picture.png", ""])
def test_a_strict_run_ends_at_the_first_reject(small: Path, tmp_path: Path, left_out: str) -> None:
    folder = tmp_path / "in"
    shutil.copytree(small, folder, ignore=shutil.ignore_patterns(left_out, "noise.txt", "tiny.txt"))
    done = run_scenesign("build", folder, "-o", tmp_path / "out", "--strict")
    assert done.returncode == 1, done.stderr
    says = "empty.txt was refused by ReadBooks (empty)" if left_out else "picture.png was refused by ListInputs"
    assert f"error: --strict: {says}" in done.stderr
    assert "Traceback" not in done.stderr  # it was asked to stop, and nothing broke
    assert not (tmp_path / "out").exists()


@pytest.mark.shared
def test_real_books_in_odd_encodings_build(shared: Path, tmp_path: Path) -> None:
    books = shared / "books"
    inputs = [books / "odd" / "alice.epub", books / "ru" / "Тарас Бульба.txt", books / "en" / "Doyle_Hound_1902.txt"]
    inputs += sorted((books / "odd").glob("prestuplenie.*"))[:2]
    done = run_scenesign("build", *inputs, "-o", tmp_path / "out", "--signs", 64, "--json")
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["counts"]
    assert counts["inputs"] == 5 == counts["books"] + counts["duplicates"]
    assert set(counts["by_language"]) == {"en", "ru"}
    for scenes in scenes_of(tmp_path / "out").values():
        text = "".join(scene["text"] for scene in scenes)
        assert hashlib.blake2b(text.encode(), digest_size=16).hexdigest() == scenes[0]["book_id"]
        assert "\ufffd" not in text
