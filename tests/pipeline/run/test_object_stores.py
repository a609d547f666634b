"""Builds whose inputs, parts and output lie in an object store, against real servers on this machine."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from click.testing import CliRunner

from scenesign.pipeline.cli import main
from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.errors import BuildError, UsageError
from scenesign.pipeline.run.build import run_build
from scenesign.pipeline.run.publish_objects import check_object_output, clear_old, publish_objects
from scenesign.schemas.manifest import Manifest
from scenesign.transforms.support import patience, storage
from tests.conftest import pair_options
from tests.stores import Store, faulty_line, in_environment


def run(inputs: str, output: str, **more: object) -> Manifest:
    manifest = run_build(pair_options(inputs, output, **more), beam_options([]), lambda line: None)
    assert manifest is not None
    return manifest


def contents(folder: str) -> dict[str, bytes]:
    """Every file of a dataset but its manifest, which tells the seconds."""
    return {
        name: storage.read_bytes(storage.join(folder, name))
        for name in storage.list_tree(folder)
        if name != "manifest.json"
    }


@pytest.mark.slow
def test_a_store_gets_the_bytes_of_a_local_run_and_resumes(
    store: Store, pair: Path, bell: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = f"{store.bucket}/{uuid.uuid4().hex}"
    for path in pair.iterdir():
        storage.write_bytes(f"{home}/in/{path.name}", path.read_bytes())
    first = run(f"{home}/in", f"{home}/out")
    assert first.run["counters"]["books/embedded"] == 2
    expected = {
        path.relative_to(bell).as_posix(): path.read_bytes()
        for path in bell.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert contents(f"{home}/out") == expected
    assert {name.split("/")[0] for name in storage.list_tree(home)} == {"in", "out", "out.parts"}
    assert {Path(name).suffix for name in storage.list_tree(f"{home}/out.parts")} == {".parquet"}

    with pytest.raises(UsageError, match="add --overwrite"):
        run(f"{home}/in", f"{home}/out")

    # a run that breaks, with other options, so that it would write other signs
    def broken(*_: object) -> None:
        raise OSError("the card can't be written")

    monkeypatch.setattr("scenesign.transforms.dataset.summarise.write_card", broken)
    with pytest.raises(BuildError, match="the card can't be written"):
        run(f"{home}/in", f"{home}/out", overwrite=True, language="en")
    assert contents(f"{home}/out") == expected
    assert {name.split("/")[0] for name in storage.list_tree(home)} == {"in", "out", "out.parts"}
    monkeypatch.undo()

    again = run(f"{home}/in/*.txt", f"{home}/out", overwrite=True)
    assert again.run["counters"]["books/reused"] == 2
    assert "sentences/embedded" not in again.run["counters"]
    assert contents(f"{home}/out") == expected


@pytest.mark.slow
def test_a_store_that_fails_for_long_ends_the_run_and_no_book_is_refused_for_it(
    s3: Store, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 1.0)
    output = tmp_path / "out"
    with faulty_line(s3, tmp_path) as faulty, in_environment(faulty.store):
        home = f"{s3.bucket}/{uuid.uuid4().hex}"
        one, other = sorted(pair.iterdir())
        storage.write_bytes(f"{home}/{one.name}", one.read_bytes())
        assert run(home, str(output)).counts.books == 1
        storage.write_bytes(f"{home}/{other.name}", other.read_bytes())
        faulty.order(other.name, "GET", "503")
        with pytest.raises(BuildError, match=f"{other.name} is out of reach .*finished books are kept") as told:
            run(home, str(output), overwrite=True)
        assert "\n" not in str(told.value)
        faulty.mend()
        again = run(home, str(output), overwrite=True)
    assert (again.counts.books, again.counts.rejects, again.run["counters"]["books/reused"]) == (2, 0, 1)


@pytest.mark.slow
def test_commands_read_a_dataset_where_it_lies(s3: Store, pair: Path, bell: Path) -> None:
    home = f"{s3.bucket}/{uuid.uuid4().hex}"
    for path in bell.rglob("*"):
        if path.is_file():
            storage.write_bytes(f"{home}/out/{path.relative_to(bell).as_posix()}", path.read_bytes())
    storage.write_bytes(f"{home}/en.txt", (pair / "en.txt").read_bytes())

    def say(*words: object, code: int = 0) -> str:
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    assert "valid: s3://" in say("validate", f"{home}/out")
    page = storage.read_bytes(f"{home}/out/report/report.html")
    storage.remove(f"{home}/out/report")
    say("report", f"{home}/out")
    assert storage.read_bytes(f"{home}/out/report/report.html") == page
    found = say("encode", "-i", f"{home}/out", f"{home}/en.txt")
    assert found == say("encode", "-i", bell, pair / "en.txt")
    assert say("decode", "-i", f"{home}/out", found.strip()) == say("decode", "-i", bell, found.strip())

    assert "is not a dataset" in say("report", f"{home}/none", code=2)
    assert "holds no manifest.json" in say("validate", f"{home}/none", code=2)
    assert "is not an inventory" in say("encode", "-i", f"{home}/none", pair / "en.txt", code=2)
    assert f"{home}/none.txt" in say("encode", "-i", bell, f"{home}/none.txt", code=1)


def dataset(folder: str, bell: Path, marked: bytes, *more: str) -> None:
    """A dataset with files of its own and one that only this one has."""
    manifest = Manifest.from_json((bell / "manifest.json").read_text(encoding="utf-8"))
    names = [entry.path for entry in manifest.files] + ["README.md", *more]
    for name in names:
        storage.write_bytes(storage.join(folder, name), marked)
    if more:
        fields = manifest.to_json().replace(manifest.files[0].path, more[0])
        storage.write_bytes(storage.join(folder, "manifest.json"), fields.encode())
    else:
        storage.write_bytes(storage.join(folder, "manifest.json"), manifest.to_json().encode())


def test_publishing_that_is_broken_off_is_no_dataset_and_can_be_finished(
    gcs: Store, bell: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = f"{gcs.bucket}/{uuid.uuid4().hex}"
    staging, output = f"{home}/out.partial-1", f"{home}/out"
    dataset(output, bell, b"old", "scenes/split=old/only-here")
    storage.write_bytes(f"{output}/thesis.doc", b"a stranger's")
    dataset(staging, bell, b"new")
    real = storage.copy

    def half(sources: list[str], targets: list[str]) -> None:
        real(sources[:3], targets[:3])
        raise OSError("the line went dead")

    monkeypatch.setattr(storage, "copy", half)
    with pytest.raises(OSError, match="dead"):
        publish_objects(staging, output)
    monkeypatch.undo()
    assert not storage.exists(f"{output}/manifest.json")
    check_object_output(output, overwrite=False)  # a later run may go on here

    publish_objects(staging, output)
    found = contents(output)
    assert found.pop("thesis.doc") == b"a stranger's"
    assert set(found.values()) == {b"new"}
    assert {f"inventory/{path.name}" for path in (bell / "inventory").iterdir()} < set(found)
    assert Manifest.from_json(storage.read_bytes(f"{output}/manifest.json").decode())
    assert storage.list_tree(staging) == []
    publish_objects(staging, output)  # a second try of a step that was through
    with pytest.raises(FileNotFoundError, match="holds no finished dataset"):
        publish_objects(f"{home}/nothing", f"{home}/nowhere")


def test_outputs_that_would_lose_something_are_refused(store: Store) -> None:
    home = f"{store.bucket}/{uuid.uuid4().hex}"
    storage.write_bytes(f"{home}/mine/thesis.doc", b"x")
    with pytest.raises(UsageError, match="not a scenesign dataset; nothing in it is touched"):
        check_object_output(f"{home}/mine", overwrite=True)
    for bucket in (store.bucket, store.bucket + "/"):
        with pytest.raises(UsageError, match="names no folder in a bucket"):
            check_object_output(bucket, overwrite=True)
    with pytest.raises(UsageError, match="can't be reached"):
        check_object_output("hdfs://nowhere:1/books", overwrite=True)
    check_object_output(f"{home}/new", overwrite=False)


def test_only_old_leftovers_go(gcs: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    home = f"{gcs.bucket}/{uuid.uuid4().hex}"
    storage.write_bytes(f"{home}/out.partial-1/x", b"x")
    storage.write_bytes(f"{home}/out/x", b"x")
    clear_old(f"{home}/out.partial-")
    assert storage.list_tree(home) == ["out.partial-1/x", "out/x"]
    monkeypatch.setattr("scenesign.pipeline.run.publish_objects._SECONDS_KEPT", -60.0)
    clear_old(f"{home}/out.partial-")
    assert storage.list_tree(home) == ["out/x"]
