"""A model from a dataset: whole or not there, the same after any interruption, and never from what can't be right."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from safetensors import SafetensorError

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.locks import held
from scenesign.pipeline.train import train_dataset as module
from scenesign.pipeline.train.books import ConceptBook
from scenesign.pipeline.train.model import ConceptModel
from scenesign.pipeline.train.record import RECORD, TrainingRecord, read_record
from scenesign.pipeline.train.saved import open_model
from scenesign.pipeline.train.train_dataset import hold_out, train_dataset
from scenesign.pipeline.train.trainer import Training, TrainingOptions
from scenesign.transforms.support import storage
from tests.conftest import ROOT, fresh_environment
from tests.pipeline.train.stories import change_manifest, in_memory, rounds, usual_stories, with_cast, write_stories
from tests.stores import Store
from tests.transforms.dataset.shelves import concepts_of, rewrite, sequences_of

OPTIONS = TrainingOptions(members=3, epochs=3, context=24, batch=4, rate=1e-2, width=8)
SEQUENCES = "sequences/split=train/train-00000-of-00001.parquet"
CONCEPTS = "concepts/split=train/train-00000-of-00001.parquet"


class Interruption(BaseException):
    """What no code expects."""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books that go in rounds; nobody may change them."""
    folder = tmp_path_factory.mktemp("stories") / "shelf"
    folder.mkdir()
    return usual_stories(folder, concepts=True)


@pytest.fixture(scope="module")
def unbroken(stories: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that nothing disturbed."""
    target = tmp_path_factory.mktemp("unbroken") / "model"
    train(stories, target)
    return target


@pytest.fixture
def changed(stories: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    shutil.copytree(stories, tmp_path / "changed")
    return tmp_path / "changed"


def train(dataset: Path | str, target: Path, told: list[str] | None = None, **options: object) -> TrainingRecord:
    tell: Callable[[str], None] = (lambda line: None) if told is None else told.append
    return train_dataset(str(dataset), str(target), replace(OPTIONS, **options), device="cpu", tell=tell)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def interrupted(step: int) -> Iterator[None]:
    """Training breaks off after so many steps of this run, and writes its state down after each."""
    left = [step]
    learn, often = Training.learn, module._STEPS_PER_STATE

    def learn_or_not(self: Training, window: object) -> float:
        if not left[0]:
            raise Interruption
        left[0] -= 1
        return learn(self, window)  # type: ignore[arg-type]

    Training.learn, module._STEPS_PER_STATE = learn_or_not, 1  # type: ignore[method-assign, assignment]
    try:
        yield
    except Interruption:
        pass
    finally:
        Training.learn, module._STEPS_PER_STATE = learn, often  # type: ignore[method-assign]


def test_what_is_published_loads_and_is_whole(stories: Path, unbroken: Path) -> None:
    assert {path.name for path in unbroken.iterdir()} == {
        "README.md", "config.json", "inventory", "model.safetensors", RECORD,
    }  # fmt: skip
    assert [path.name for path in unbroken.parent.iterdir()] == ["model"]
    model = ConceptModel.from_pretrained(unbroken)
    assert (model.config.on, model.config.members, model.config.width) == ("glyphs", 3, 8)
    record = read_record(unbroken)
    assert record.books == (8, 3, 3)
    assert record.scenes == (320, 126, 270)
    assert (record.judged_on, record.held_out, record.dataset) == ("test", False, str(stories))
    assert record.curve[record.best] == min(record.curve)  # type: ignore[type-var]
    assert record.best > 0
    assert record.flops > 1e6
    assert record.far.keys() == record.near.keys()
    assert (unbroken / "inventory" / "inventory.json").read_bytes() == (
        stories / "inventory" / "inventory.json"
    ).read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_another_others(stories: Path, unbroken: Path, tmp_path: Path) -> None:
    train(stories, tmp_path / "model")
    assert contents(tmp_path / "model") == contents(unbroken)
    train(stories, tmp_path / "other", seed=1)
    name = "model.safetensors"
    assert (tmp_path / "other" / name).read_bytes() != (unbroken / name).read_bytes()


@pytest.mark.parametrize("stops", [(0,), (1,), (2,), (3,), (4,), (5,), (1, 1, 1), (7, 2), (40,)])
def test_an_interrupted_training_ends_as_an_unbroken_one(
    stops: tuple[int, ...], stories: Path, unbroken: Path, tmp_path: Path
) -> None:
    """Wherever it was: at the first step, in the middle of an epoch, after its last batch, after the last epoch."""
    target = tmp_path / "model"
    for step in stops:
        with interrupted(step):
            train(stories, target)
    told: list[str] = []
    if not target.exists():
        train(stories, target, told)
        assert any("going on from step" in line for line in told) == (sum(stops) > 0)
    assert contents(target) == contents(unbroken)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def command(stories: Path, target: Path) -> list[str]:
    options = {
        "cast": OPTIONS.members, "epochs": OPTIONS.epochs, "context": OPTIONS.context, "batch": OPTIONS.batch,
        "rate": OPTIONS.rate, "width": OPTIONS.width, "device": "cpu",
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return ["train", str(stories), "-o", str(target), *words]


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=300, env=fresh_environment() | {"OMP_NUM_THREADS": "1"},
        encoding="utf-8",
    )  # fmt: skip


SIGNALLED = """
import os, signal, sys
from scenesign.pipeline.cli import entry
from scenesign.pipeline.train import train_dataset as module
from scenesign.pipeline.train.trainer import Training
limit, number = int(sys.argv.pop(1)), getattr(signal, sys.argv.pop(1))
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background ignores it
module._STEPS_PER_STATE = 2
learn, steps = Training.learn, []
def learn_and_die(self, window):
    steps.append(1)
    if len(steps) == limit:
        os.kill(os.getpid(), number)
    return learn(self, window)
Training.learn = learn_and_die
entry()
"""


@pytest.mark.parametrize(("name", "code"), [("SIGKILL", -9), ("SIGINT", 130)])
def test_a_killed_or_stopped_command_goes_on_and_ends_with_the_same_bytes(
    name: str, code: int, stories: Path, unbroken: Path, tmp_path: Path
) -> None:
    """In the middle of its first epoch, which has four steps or more."""
    target = tmp_path / "model"
    done = run(SIGNALLED, "4", name, *command(stories, target))
    assert done.returncode == code, done.stderr
    assert not target.exists()
    assert (tmp_path / "model.state" / "state.safetensors").is_file()
    if name != "SIGKILL":
        assert done.stderr.splitlines()[-1].startswith("error: stopped; no model was written")
        assert "Traceback" not in done.stderr
    told: list[str] = []
    train(stories, target, told)
    assert told[0] == "going on from step 2 of an earlier run"
    assert contents(target) == contents(unbroken)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_of_vectors_goes_on_too(stories: Path, tmp_path: Path) -> None:
    train(stories, tmp_path / "one" / "model", on="vectors")
    with interrupted(4):
        train(stories, tmp_path / "two" / "model", on="vectors")
    train(stories, tmp_path / "two" / "model", on="vectors")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    record = read_record(tmp_path / "one" / "model")
    assert (record.on, dict(record.bits)) == ("vectors", {})


def test_what_breaks_while_a_model_is_published_leaves_the_earlier_one(
    stories: Path, unbroken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "model"
    shutil.copytree(unbroken, target)

    def broken(*arguments: object) -> None:
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as patch:
        patch.setattr(module, "copy_inventory", broken)
        with pytest.raises(OSError, match="No space left"):
            train_dataset(str(stories), str(target), replace(OPTIONS, seed=5), device="cpu", overwrite=True)
    assert contents(target) == contents(unbroken)
    told: list[str] = []
    train_dataset(str(stories), str(target), replace(OPTIONS, seed=5), device="cpu", overwrite=True, tell=told.append)
    assert "going on" in told[0]
    assert contents(target) != contents(unbroken)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_full_disk_is_told_in_a_line_also_where_the_library_of_tensors_finds_it(
    stories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (SafetensorError("I/O error: No space left on device"), OSError(28, "No space left on device")):

        def full(*arguments: object, error: Exception = error) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(module, "write_checkpoint", full)
            patch.setattr(module, "copy_inventory", full)
            with pytest.raises(OSError, match=r"model can't be written \(.*No space left.*the same command goes on"):
                train_dataset(str(stories), str(tmp_path / "model"), OPTIONS, device="cpu")


def test_another_fault_of_the_library_of_tensors_is_not_told_as_a_full_disk(
    stories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise SafetensorError("Error while deserializing header: header too large")

    monkeypatch.setattr(module, "write_checkpoint", broken)
    with pytest.raises(SafetensorError, match="header too large"):
        train_dataset(str(stories), str(tmp_path / "model"), OPTIONS, device="cpu")


def test_a_state_of_other_settings_or_books_is_not_gone_on_with(stories: Path, changed: Path, tmp_path: Path) -> None:
    target = tmp_path / "model"
    with interrupted(3):
        train(stories, target)
    for other, options in ((stories, {"seed": 9}), (changed, {})):
        if other == changed:
            rewrite(other, SEQUENCES.replace("train", "validation"), sequences_of(rounds([50] * 3, 8), 2, True))
        told: list[str] = []
        with interrupted(0):
            train(other, target, told, **options)
        assert any("given up; this one begins anew" in line for line in told)
        assert not any("going on" in line for line in told)


def test_a_state_that_does_not_fit_is_refused_by_name(stories: Path, tmp_path: Path) -> None:
    target = tmp_path / "model"
    with interrupted(3):
        train(stories, target)
    path = tmp_path / "model.state" / "state.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(state | {"loader": state["loader"] | {"delivered": 10**9}}), encoding="utf-8")
    with pytest.raises(UsageError, match=r"model\.state is no state of this training; remove it"):
        train(stories, target)


def test_epochs_that_were_asked_for_more_of_are_another_training(stories: Path, unbroken: Path, tmp_path: Path) -> None:
    """The rate falls with the epochs there are."""
    with interrupted(3):
        train(stories, tmp_path / "model", epochs=9)
    train(stories, tmp_path / "model")
    assert contents(tmp_path / "model") == contents(unbroken)


# What a dataset may lack -------------------------------------------------------------------------------------------


def test_without_validation_books_some_of_train_are_held_out(tmp_path: Path) -> None:
    told: list[str] = []
    shelf = write_stories(tmp_path, {"train": rounds([40] * 10)})
    record = train(shelf, tmp_path / "model", told, epochs=1)
    assert record.held_out
    assert record.judged_on == "validation"
    train_books, validation, asked = record.books
    assert train_books + validation == 10
    assert 1 <= validation == asked <= 2
    assert f"no validation books: {validation} of 10 books of 'train' are held out" in told[0]


def test_held_out_books_are_never_learned_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    learn = Training.learn
    monkeypatch.setattr(Training, "learn", lambda self, window: (seen.append(window), learn(self, window))[1])
    record = train(write_stories(tmp_path, {"train": rounds([40] * 10)}), tmp_path / "model", epochs=1)
    assert sum(int(mask.sum()) for _, _, mask in seen) == record.scenes[0] == 40 * record.books[0]


def by(author: str, number: int) -> ConceptBook:
    (book,) = in_memory(rounds([2], first=number))
    return replace(book, author=author)


def test_whole_authors_are_held_out() -> None:
    books = [by(f"author {number % 7}", number) for number in range(40)]
    out = hold_out(books)
    authors = {book.author for book in books if book.book_id in out}
    assert out == {book.book_id for book in books if book.author in authors}
    assert 1 <= len(out) <= 0.15 * 40 + 6
    assert hold_out(books[::-1]) == out
    # of one author's books some must do; of one book none can
    assert len(hold_out([by("one", 0), by("one", 1)])) == 1
    assert hold_out([by("one", 0)]) == frozenset()
    # books without an author are nobody's relations
    assert len(hold_out([by("", number) for number in range(20)])) in (1, 2, 3)


def test_one_book_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one book can't be trained on and held out; build a dataset of more books"):
        train(write_stories(tmp_path, {"train": rounds([40])}), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_two_books_are_enough(tmp_path: Path) -> None:
    assert train(write_stories(tmp_path, {"train": rounds([40, 40])}), tmp_path / "model", epochs=1).books == (1, 1, 1)


@pytest.mark.parametrize("options", [{}, {"on": "vectors"}])
def test_books_of_one_scene_teach_nothing_and_harm_nothing(options: dict[str, str], tmp_path: Path) -> None:
    splits = {"train": rounds([1, 1, 1]), "validation": rounds([1], 3), "test": rounds([1, 1], 4)}
    record = train(write_stories(tmp_path, splits, concepts=True), tmp_path / "model", **options)
    assert (record.best, record.at_chance) == (0, True)
    assert "No held-out book is long enough" in record.verdict
    assert open_model(tmp_path / "model").record == record


def test_books_without_a_scene_are_left_out(tmp_path: Path) -> None:
    splits = {"train": rounds([40, 0, 40]), "validation": rounds([0, 40], 3), "test": rounds([40, 0], 5)}
    record = train(write_stories(tmp_path, splits), tmp_path / "model", epochs=1)
    assert record.books == (2, 1, 1)


def test_a_split_for_training_must_be_there_and_have_scenes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    others = {"validation": rounds([40]), "test": rounds([40], 1)}
    with pytest.raises(
        UsageError, match="has no books in a split 'train', it has validation, test; build it with --sp"
    ):
        train(write_stories(tmp_path / "a", others), tmp_path / "model")
    with pytest.raises(UsageError, match="the books of 'train' have no scenes; build a dataset of more books"):
        train(write_stories(tmp_path / "b", {"train": rounds([0, 0], 4), **others}), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_dataset_of_a_time_without_casts_trains_on_glyphs_and_says_so(tmp_path: Path) -> None:
    splits = {"train": rounds([40] * 3), "validation": rounds([40], 3), "test": rounds([40], 4)}
    told: list[str] = []
    record = train(write_stories(tmp_path, splits, cast=None), tmp_path / "model", told)
    assert "the dataset has no cast" in told[0]
    assert record.settings["members"] == 0
    assert not any("members" in way for way in record.far)
    assert open_model(tmp_path / "model").model.config.members == 0


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_datasets_of_earlier_protocols_are_trained_on(version: str, tmp_path: Path) -> None:
    shutil.unpack_archive(ROOT / "tests" / "schemas" / f"dataset-{version}.zip", tmp_path / "old")
    (dataset,) = {path.parent for path in (tmp_path / "old").rglob("manifest.json")}
    told: list[str] = []
    record = train(dataset, tmp_path / "model", told, epochs=2, glyphs=1)
    assert any("no cast" in line for line in told)
    assert record.on == "glyphs"
    assert (tmp_path / "model" / "model.safetensors").is_file()


def test_no_cast_asked_for_is_no_note(stories: Path, tmp_path: Path) -> None:
    told: list[str] = []
    train(stories, tmp_path / "model", told, members=0, epochs=1)
    assert not any("cast" in line for line in told)


def test_more_glyphs_than_there_are_are_refused(stories: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--glyphs 3: .* has 2 a scene; build it with more, or ask for fewer"):
        train(stories, tmp_path / "model", glyphs=3)


def test_vectors_that_are_not_there_are_asked_for(tmp_path: Path) -> None:
    shelf = write_stories(tmp_path, {"train": rounds([40] * 3)})
    with pytest.raises(UsageError, match="has no vectors of scenes; build it with --concepts float16"):
        train(shelf, tmp_path / "model", on="vectors")


# Where it is written -----------------------------------------------------------------------------------------------


def test_a_model_that_is_there_is_replaced_only_when_asked(stories: Path, unbroken: Path, tmp_path: Path) -> None:
    target = tmp_path / "model"
    shutil.copytree(unbroken, target)
    with pytest.raises(UsageError, match=r"model is there already; give --overwrite to replace it, or another -o"):
        train(stories, target)
    train_dataset(str(stories), str(target), replace(OPTIONS, seed=2, epochs=1), device="cpu", overwrite=True)
    assert read_record(target).settings["seed"] == 2


def test_what_is_no_model_is_never_replaced(stories: Path, tmp_path: Path) -> None:
    target = tmp_path / "diary"
    target.mkdir()
    (target / "monday.txt").write_text("dear diary", encoding="utf-8")
    with pytest.raises(UsageError, match="diary is no model, so --overwrite leaves it alone"):
        train_dataset(str(stories), str(target), OPTIONS, device="cpu", overwrite=True)
    with pytest.raises(UsageError, match="is no model"):
        train_dataset(str(stories), str(stories), OPTIONS, device="cpu", overwrite=True)
    assert (target / "monday.txt").read_text(encoding="utf-8") == "dear diary"


def test_a_place_that_can_not_be_written_is_named(stories: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for target in (tmp_path / "file" / "model", tmp_path / "file" / "deep" / "model"):
        with pytest.raises(UsageError, match=r"-o .*model: can't write there \(.*\); give another folder"):
            train(stories, target)
    for target in ("gs://bucket/model", "s3://bucket/model"):
        with pytest.raises(UsageError, match="a model is written to a folder of this machine"):
            train_dataset(str(stories), target, OPTIONS, device="cpu")
    assert not Path("gs:").exists()


def test_two_runs_never_work_on_one_model(stories: Path, tmp_path: Path) -> None:
    with (
        held(str(tmp_path / "model.lock"), "x"),
        pytest.raises(UsageError, match=r"another run is at work on .*model \(process \d+ .*\); wait for it"),
    ):
        train(stories, tmp_path / "model")


@pytest.mark.parametrize("device", ["cuda:77", "abacus", "", "meta"])
def test_a_device_that_is_not_there_is_refused(device: str, stories: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"--device: torch can't use '{device}' here; leave it out, or give cpu"):
        train_dataset(str(stories), str(tmp_path / "model"), OPTIONS, device=device)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused(stories: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--device: torch can't use 'cuda' here"):
        train_dataset(str(stories), str(tmp_path / "model"), OPTIONS, device="cuda")


def test_nothing_is_a_dataset_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is no dataset"):
        train(tmp_path / "nowhere", tmp_path / "models" / "model")
    assert not list(tmp_path.iterdir())


# What can't be right -----------------------------------------------------------------------------------------------


def test_another_protocol_is_refused(changed: Path, tmp_path: Path) -> None:
    change_manifest(changed, protocol="scene-signs/3.0.0")
    with pytest.raises(ValueError, match=r"manifest\.json follows protocol scene-signs/3\.0\.0"):
        train(changed, tmp_path / "model")


@pytest.mark.parametrize(
    "path", [SEQUENCES, CONCEPTS, SEQUENCES.replace("train", "test"), "inventory/codebook.safetensors"]
)
@pytest.mark.parametrize("kind", ["short", "noise", "missing"])
def test_a_damaged_file_is_named(path: str, kind: str, changed: Path, tmp_path: Path) -> None:
    file = changed / path
    data = file.read_bytes()
    if kind == "missing":
        file.unlink()
    else:
        file.write_bytes(data[: len(data) // 2] if kind == "short" else bytes(reversed(data)))
    with pytest.raises((ValueError, OSError), match=f"({file.name}|{file.parent.name}) "):
        train(changed, tmp_path / "model", on="vectors")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("number", [257, 2**31 - 1, 0, -1])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_member_that_can_not_be_is_refused(number: int, split: str, changed: Path, tmp_path: Path) -> None:
    books = rounds([40, 40], first=20)
    hostile = [books[0], with_cast(books[1], [(1, number), *books[1].cast[1:]])]
    rewrite(changed, SEQUENCES.replace("train", split), sequences_of(hostile, 2, True))
    with pytest.raises(
        ValueError, match=rf"sequences: book 0+15 has a member {number} in its cast, .* from 1 to 256; `sc"
    ):
        train(changed, tmp_path / "model")


@pytest.mark.parametrize(("level", "sign"), [(0, 6), (0, -1), (1, 5), (1, 10), (1, 10**8)])
def test_a_sign_that_is_none_of_the_inventorys_is_refused(level: int, sign: int, changed: Path, tmp_path: Path) -> None:
    (book, other) = rounds([40, 40], first=20)
    signs = book.signs.copy()
    signs[7, level] = sign
    rewrite(changed, SEQUENCES, sequences_of([replace(book, signs=signs), other], 2, True))
    with pytest.raises(ValueError, match=r"sequences: book 0+14 has a sign that is none of its inventory's"):
        train(changed, tmp_path / "model")


def test_a_cast_of_too_few_scenes_or_of_nothing_is_refused(changed: Path, tmp_path: Path) -> None:
    books = rounds([40, 40], first=20)
    short = sequences_of([with_cast(books[0], books[0].cast[:-1]), books[1]], 2, True)
    column = pa.array([[[None]] * 40, [[1]] * 40], pa.list_(pa.list_(pa.int32())))
    unknown = short.set_column(short.column_names.index("cast"), "cast", column)
    for table in (short, unknown):
        rewrite(changed, SEQUENCES, table)
        with pytest.raises(ValueError, match=r"sequences: book 0+14 has (casts of 39 scenes for 40|a member None)"):
            train(changed, tmp_path / "model")


def test_vectors_of_other_scenes_or_of_no_numbers_are_refused(changed: Path, tmp_path: Path) -> None:
    books = rounds([40] * 8)
    table = concepts_of(books)
    broken = books[3].vectors.copy()
    broken[5, 1] = np.nan
    (fewer,) = rounds([39], first=3)
    cases = {
        "concepts: book 0+3 has not a vector of numbers for each of its 40 scenes": concepts_of([*books[:3], fewer]),
        r"has vectors that are not of 4 numbers": concepts_of([replace(books[3], vectors=broken), *books[4:]]),
        "concepts: book 0+0 has not a vector": table.slice(1),
    }
    for says, wrong in cases.items():
        rewrite(changed, CONCEPTS, wrong)
        with pytest.raises(ValueError, match=says):
            train(changed, tmp_path / "model", on="vectors")


def test_a_table_without_its_columns_is_refused(changed: Path, tmp_path: Path) -> None:
    for column in ("signs", "cast"):
        rewrite(changed, SEQUENCES, pq.read_table(changed / SEQUENCES).drop_columns(column))
        with pytest.raises(ValueError, match=rf"parquet can't be read \(it has no column {column}\)"):
            train(changed, tmp_path / "model")
        shutil.copy(changed / SEQUENCES, tmp_path / "kept")
        rewrite(changed, SEQUENCES, sequences_of(rounds([40] * 8), 2, True))


def test_a_training_that_runs_off_publishes_its_start_and_says_so(stories: Path, tmp_path: Path) -> None:
    record = train(stories, tmp_path / "model", rate=1e30)
    assert record.best == 0
    assert None in record.curve
    saved = open_model(tmp_path / "model")
    start = train(stories, tmp_path / "start", epochs=0)
    assert start.far == record.far
    own = ConceptModel.from_pretrained(tmp_path / "start").state_dict()
    assert all(torch.equal(tensor, own[name]) for name, tensor in saved.model.state_dict().items())


def test_a_dataset_in_an_object_store(gcs: Store, stories: Path, unbroken: Path, tmp_path: Path) -> None:
    home = f"{gcs.bucket}/{uuid.uuid4().hex}"
    for name, data in contents(stories).items():
        storage.write_bytes(f"{home}/{name}", data)
    record = train(home, tmp_path / "model")
    assert record.dataset == home
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == (unbroken / "model.safetensors").read_bytes()
