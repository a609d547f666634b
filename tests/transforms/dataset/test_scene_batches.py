"""Batches of scenes: what was written comes back once an epoch, and a run that was stopped goes on as if it weren't."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from scenesign.transforms.dataset import scene_batches, scene_rows
from scenesign.transforms.dataset.scene_batches import SceneBatch, SceneLoader, Scenes
from scenesign.transforms.support import storage
from tests.conftest import ROOT
from tests.stores import Store
from tests.transforms.dataset.shelves import DIMENSIONS, ShelfBook, rewrite, shelf_books, write_shelf

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")

COUNTS = (7, 1, 30, 12, 0, 25, 8, 3, 40, 16, 9)
SEQUENCES = "sequences/split=train/train-00000-of-00001.parquet"
CONCEPTS = "concepts/split=train/train-00000-of-00001.parquet"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A dataset with a split for training and a smaller one."""
    books = shelf_books(COUNTS)
    return write_shelf(tmp_path / "shelf", {"train": books[:8], "test": books[8:]}, concepts=True)


@pytest.fixture(autouse=True)
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that several come up in an epoch."""
    monkeypatch.setattr(scene_batches, "POOL_SCENES", 40)
    monkeypatch.setattr(scene_batches, "POOL_VECTORS", 40)


def same(one: SceneBatch, other: SceneBatch) -> bool:
    """Whether two batches are equal, bit for bit."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("signs", "cast", "mask", "first", "vectors")]
    return one.books == other.books and all(
        (a is None and b is None) or (a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b)) for a, b in pairs
    )


def all_same(some: Iterable[SceneBatch], others: Iterable[SceneBatch]) -> bool:
    one, other = list(some), list(others)
    return len(one) == len(other) and all(map(same, one, other))


def check_contents(batches: Sequence[SceneBatch], books: Sequence[ShelfBook], vectors: bool, members: int = 3) -> None:
    """That the batches hold every scene of the books once, as it was written, and zeros beside them."""
    written = {book.book_id: book for book in books}
    seen: Counter[tuple[str, int]] = Counter()
    for batch in batches:
        size = batch.mask.shape
        assert len(batch) == len(batch.books) == size[0]
        assert batch.signs.shape[:2] == batch.cast.shape[:2] == size
        assert batch.signs.dtype == batch.cast.dtype == batch.first.dtype == torch.int64
        assert batch.cast.shape[2] == members
        assert (batch.vectors is not None) == vectors
        for row, (book_id, first) in enumerate(zip(batch.books, batch.first.tolist(), strict=True)):
            scenes = int(batch.mask[row].sum())
            assert batch.mask[row].tolist() == [True] * scenes + [False] * (size[1] - scenes)
            for rest in (batch.signs, batch.cast, *([batch.vectors] if batch.vectors is not None else [])):
                assert not rest[row, scenes:].any()
            assert bool(scenes) == bool(book_id)
            for at in range(scenes):
                book, scene = written[book_id], first + at
                seen[book_id, scene] += 1
                assert batch.signs[row, at].tolist() == book.signs[scene].tolist()
                ids = book.cast[scene] if members else ()
                assert batch.cast[row, at].tolist() == [*ids, *[0] * (members - len(ids))]
                if batch.vectors is not None:
                    assert batch.vectors.dtype == torch.float32
                    assert batch.vectors[row, at].tolist() == book.vectors[scene].astype(np.float32).tolist()
    assert seen == Counter((book.book_id, scene) for book in books for scene in range(len(book.signs)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_scene_of_every_book_comes_once_as_it_was_written(data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(0, 25), min_size=1, max_size=14).filter(any), label="scenes of books")
    levels, members = data.draw(st.integers(1, 3), label="levels"), data.draw(st.integers(0, 4), label="members")
    books = shelf_books(counts, levels, members, seed=data.draw(st.integers(0, 99)))
    sizes = {name: data.draw(st.integers(1, 15), label=name) for name in ("group", "concepts_group", "shard")}
    vectors, world = data.draw(st.booleans(), label="vectors"), data.draw(st.integers(1, 3), label="world")
    chosen = {
        "context": data.draw(st.integers(1, 30), label="context"),
        "batch": data.draw(st.integers(1, 6), label="batch"),
        "seed": data.draw(st.integers(0, 2**35), label="seed"),
        "shuffle": data.draw(st.booleans(), label="shuffle"),
    }
    with tempfile.TemporaryDirectory() as folder:
        shelf = write_shelf(Path(folder), {"train": books}, cast=members, concepts=vectors, levels=levels, **sizes)
        ranks = [Scenes(shelf, vectors=vectors, rank=rank, world=world, **chosen) for rank in range(world)]
        for epoch in (0, 5):
            taken: list[SceneBatch] = []
            for scenes in ranks:
                scenes.set_epoch(epoch)
                own = list(scenes)
                assert len(own) == len(scenes) == len(ranks[0])
                assert all(len(batch) == chosen["batch"] for batch in own[:-1])
                taken += own
            check_contents(taken, books, vectors, members)


def test_what_is_read_is_the_split(shelf: Path) -> None:
    books = shelf_books(COUNTS)
    check_contents(list(Scenes(shelf, context=10, batch=4)), books[:8], False)
    check_contents(list(Scenes(shelf, "test", context=10, batch=4, vectors=True)), books[8:], True)


def test_in_order_of_the_disk_when_not_shuffled(shelf: Path) -> None:
    scenes = Scenes(shelf, context=10, batch=3, shuffle=False)
    windows = [pair for batch in scenes for pair in zip(batch.books, batch.first.tolist(), strict=True)]
    expected = [(f"{book:032x}", first) for book, count in enumerate(COUNTS[:8]) for first in range(0, count, 10)]
    assert windows == expected
    scenes.set_epoch(3)
    assert [pair for batch in scenes for pair in zip(batch.books, batch.first.tolist(), strict=True)] == expected


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_batches_are_the_same_with_any_number_of_workers(shelf: Path, workers: int) -> None:
    """Also by torch's own loader, whose workers live on and must hear of the next epoch."""
    scenes = Scenes(shelf, context=6, batch=2, vectors=True)
    loader = DataLoader(scenes, batch_size=None, num_workers=workers, persistent_workers=True)
    ours = scenes.loader(workers)
    for epoch in range(3):
        scenes.set_epoch(epoch)
        expected = list(scenes)
        assert len(expected) > 3
        assert all_same(loader, expected)
        assert all_same(ours, expected)
    assert ours.epoch == 3


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_may_be_started_in_other_ways(shelf: Path, method: str) -> None:
    scenes = Scenes(shelf, context=6, batch=2)
    loader = scenes.loader(2, start_method=method)
    for epoch in range(2):
        scenes.set_epoch(epoch)
        assert all_same(loader, scenes)


USUAL = """
import multiprocessing, sys
from scenesign.torch import Scenes
from torch.utils.data import DataLoader

if __name__ == "__main__":
    scenes = Scenes(sys.argv[1], context=6, batch=2)
    alone = [(batch.signs.tolist(), batch.books) for batch in scenes]
    for method in ("fork", "spawn", "forkserver"):
        multiprocessing.set_start_method(method, force=True)
        for loader in (scenes.loader(workers=1), DataLoader(scenes, batch_size=None, num_workers=1)):
            print(method, alone == [(batch.signs.tolist(), batch.books) for batch in loader])
"""


def test_any_usual_way_to_start_processes_gives_the_same_batches(shelf: Path, tmp_path: Path) -> None:
    """Windows and macOS spawn; Linux forks, and from Python 3.14 on asks a server to."""
    (tmp_path / "usual.py").write_text(USUAL, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "usual.py"), str(shelf)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == [f"{m} True" for m in ("fork", "spawn", "forkserver") for _ in range(2)]


def test_more_workers_than_batches(shelf: Path) -> None:
    scenes = Scenes(shelf, context=100, batch=5)
    assert len(scenes) == 2
    assert all_same(scenes.loader(3), scenes)


def test_a_rank_without_windows_gets_a_batch_without_scenes(tmp_path: Path) -> None:
    shelf = write_shelf(tmp_path, {"train": shelf_books([3, 4])}, concepts=True)
    ranks = [list(Scenes(shelf, batch=4, vectors=True, rank=rank, world=3)) for rank in range(3)]
    assert [[len(batch) for batch in rank] for rank in ranks] == [[1], [1], [1]]
    (empty,) = ranks[2]
    assert (empty.books, empty.first.tolist(), int(empty.mask.sum())) == (("",), [0], 0)
    assert empty.signs.shape == (1, 64, 2)
    assert empty.vectors is not None
    assert empty.vectors.shape == (1, 64, DIMENSIONS)


def loader_of(shelf: Path, workers: int = 0, **settings: object) -> SceneLoader:
    return Scenes(shelf, **{"context": 6, "batch": 2, "seed": 5} | settings).loader(workers)  # type: ignore[arg-type]


def test_a_state_goes_on_from_every_place(shelf: Path) -> None:
    loader = loader_of(shelf)
    batches: list[SceneBatch] = []
    states = [(0, loader.state_dict())]
    for _ in range(2):
        for batch in loader:
            batches.append(batch)
            states.append((len(batches), json.loads(json.dumps(loader.state_dict()))))
        states.append((len(batches), loader.state_dict()))
    for done, state in states:
        again = loader_of(shelf)
        again.load_state_dict(state)
        rest = [batch for _ in range(again.epoch, 2) for batch in again]
        assert all_same(rest, batches[done:])


@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (2, 3), (3, 1)])
def test_a_state_goes_on_with_another_number_of_workers(shelf: Path, before: int, after: int) -> None:
    """What workers had read ahead and not delivered is not lost."""
    expected = [batch for loader in [loader_of(shelf)] for _ in range(2) for batch in loader]
    loader = loader_of(shelf, before)
    taken = list(islice(loader, 5))
    state = loader.state_dict()
    again = loader_of(shelf, after)
    again.load_state_dict(state)
    assert all_same(taken + [batch for _ in range(2) for batch in again], expected)


def test_a_state_of_one_rank_serves_all(shelf: Path) -> None:
    loaders = [loader_of(shelf, rank=rank, world=2) for rank in range(2)]
    taken = [next(iter(loader)) for loader in loaders]
    state = loaders[0].state_dict()
    assert state == loaders[1].state_dict()
    again = [loader_of(shelf, rank=rank, world=2) for rank in range(2)]
    for loader in again:
        loader.load_state_dict(state)
    check_contents(taken + [batch for loader in again for batch in loader], shelf_books(COUNTS)[:8], False)


@pytest.mark.parametrize("workers", [0, 2])
def test_an_epoch_that_was_left_goes_on(shelf: Path, workers: int) -> None:
    expected = list(loader_of(shelf))
    loader = loader_of(shelf, workers)
    taken = []
    for batch in loader:
        taken.append(batch)
        if len(taken) == 3:
            break
    assert (loader.epoch, loader.delivered) == (0, 3)
    assert all_same(taken + list(loader), expected)
    assert (loader.epoch, loader.delivered) == (1, 0)
    loader.set_epoch(0)
    assert all_same(loader, expected)


def test_two_iterations_at_once_are_refused(shelf: Path) -> None:
    """Or the count would be of neither."""
    loader = loader_of(shelf)
    one, other = iter(loader), iter(loader)
    next(one)
    next(other)
    with pytest.raises(RuntimeError, match="another iteration of this loader has begun"):
        next(one)
    next(other)
    loader.set_epoch(1)
    with pytest.raises(RuntimeError, match="another iteration"):
        next(other)


KILLED = """
import json, sys, os
from pathlib import Path
from scenesign.transforms.dataset import scene_batches
scene_batches.POOL_SCENES = 40
import torch
from scenesign.torch import Scenes

def main(shelf, workers, log, state):
    loader = Scenes(shelf, context=6, batch=2, seed=5).loader(workers)
    if os.path.exists(state):
        loader.load_state_dict(json.loads(Path(state).read_text()))
    with open(log, "a") as out:
        while loader.epoch < 2:
            for batch in loader:
                numbers = [tensor.tolist() for tensor in (batch.signs, batch.cast, batch.mask, batch.first)]
                out.write(json.dumps([*numbers, batch.books]) + "\\n")
                out.flush()
                Path(state + ".new").write_text(json.dumps(loader.state_dict()))
                os.replace(state + ".new", state)
                print("delivered", flush=True)
                sys.stdin.readline()  # so that it is killed between two batches, not in the middle of writing one

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
"""


def test_a_killed_run_goes_on_with_the_same_batches(shelf: Path, tmp_path: Path) -> None:
    """Killed twice, and gone on with by other numbers of workers."""
    script = tmp_path / "train.py"
    script.write_text(KILLED, encoding="utf-8")
    log, state = tmp_path / "log", tmp_path / "state.json"
    for workers, most in ((2, 7), (0, 6), (3, None)):
        run = subprocess.Popen(
            [sys.executable, str(script), str(shelf), str(workers), str(log), str(state)],
            cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
            encoding="utf-8",
        )  # fmt: skip
        assert run.stdin
        assert run.stdout
        for number, _ in enumerate(run.stdout, 1):
            if number == most:
                os.killpg(run.pid, signal.SIGKILL)
                break
            run.stdin.write("\n")
            run.stdin.flush()
        code = run.wait(120)
        run.stdin.close()
        run.stdout.close()
        assert code == (0 if most is None else -signal.SIGKILL)
    unbroken = [
        [*(tensor.tolist() for tensor in (batch.signs, batch.cast, batch.mask, batch.first)), list(batch.books)]
        for loader in [loader_of(shelf)]
        for _ in range(2)
        for batch in loader
    ]
    assert len(unbroken) > 13
    assert [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] == unbroken


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"context": 7}, "the state has context=6, and this loader context=7; make Scenes as they were made then"),
        ({"batch": 3}, "batch=2, and this loader batch=3"),
        ({"seed": 0}, "seed=5, and this loader seed=0"),
        ({"shuffle": False}, "shuffle=True, and this loader shuffle=False"),
        ({"vectors": True}, "vectors=False, and this loader vectors=True"),
        ({"world": 2}, "world=1, and this loader world=2"),
        ({"split": "test"}, "split='train', and this loader split='test'"),
    ],
)
def test_a_state_of_other_settings_is_refused(shelf: Path, changed: dict[str, object], says: str) -> None:
    loader = loader_of(shelf)
    next(iter(loader))
    other = loader_of(shelf, **changed)
    with pytest.raises(ValueError, match=says) as caught:
        other.load_state_dict(loader.state_dict())
    assert "\n" not in str(caught.value)
    assert (other.epoch, other.delivered) == (0, 0)


def test_a_state_of_another_dataset_is_refused(shelf: Path, tmp_path: Path) -> None:
    state = loader_of(shelf).state_dict()
    other = write_shelf(tmp_path / "other", {"train": shelf_books(COUNTS[:8], seed=1)})
    with pytest.raises(ValueError, match=r"the state is of another dataset than \S+other, or that was built anew"):
        loader_of(other).load_state_dict(state)
    moved = shelf.rename(tmp_path / "moved")
    loader_of(moved).load_state_dict(state)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"delivered": None}, "delivered=None; it must be a whole number"),
        ({"delivered": -1}, "delivered=-1; it must be a whole number"),
        ({"delivered": True}, "delivered=True; it must be a whole number"),
        ({"epoch": 1.5}, r"epoch=1\.5; it must be a whole number"),
        ({"delivered": 999}, r"delivered=999, and epoch 0 has \d+ batches"),
        ({"order": 0}, "order=0, and this loader order=1"),
    ],
)
def test_a_state_that_was_tampered_with_is_refused(shelf: Path, change: dict[str, object], says: str) -> None:
    loader = loader_of(shelf)
    with pytest.raises(ValueError, match=says):
        loader.load_state_dict(loader.state_dict() | change)
    for key in loader.state_dict():
        less = {name: value for name, value in loader.state_dict().items() if name != key}
        with pytest.raises(ValueError, match=f"no state of a loader of scenes: it has no '{key}'"):
            loader.load_state_dict(less)


def test_a_batch_is_moved_whole(shelf: Path) -> None:
    batch = next(iter(Scenes(shelf, context=6, batch=2, vectors=True)))
    moved = batch.to("meta")
    assert {moved.signs.device.type, moved.cast.device.type, moved.mask.device.type, moved.first.device.type} == {
        "meta"
    }
    assert moved.vectors is not None
    assert (moved.vectors.shape, moved.vectors.device.type) == ((2, 6, DIMENSIONS), "meta")
    assert moved.books == batch.books
    assert same(batch.to("cpu"), batch)
    assert same(pickle.loads(pickle.dumps(batch)), batch)


def test_each_row_group_is_read_once_an_epoch(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the books of two pools at most are in memory."""
    scenes = Scenes(shelf, context=6, batch=2)
    read: list[int] = []
    columns = scene_rows._columns

    def counted(reader: pq.ParquetFile, number: int, names: Sequence[str]) -> pa.Table:
        assert list(names) == ["book_id", "signs", "cast"]
        read.append(number)
        return columns(reader, number, names)

    monkeypatch.setattr(scene_rows, "_columns", counted)
    next(iter(scenes))
    assert len(read) < 4
    read.clear()
    assert len(list(scenes)) > 3
    assert sorted(read) == [0, 1, 2, 3]


# What may be amiss.


def test_a_dataset_without_cast_has_nobody_on_stage(tmp_path: Path) -> None:
    books = shelf_books(COUNTS)
    check_contents(list(Scenes(write_shelf(tmp_path, {"train": books}, cast=None))), books, False, members=0)


@pytest.mark.parametrize("stated", [None, "three", -1, 10**12])
def test_how_many_are_on_stage_is_seen_where_the_manifest_does_not_say_it(shelf: Path, stated: object) -> None:
    """Or says what can't be."""
    manifest = json.loads((shelf / "manifest.json").read_text(encoding="utf-8"))
    manifest["options"]["cast"] = stated
    (shelf / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    books = shelf_books(COUNTS)
    most = max(len(ids) for book in books[:8] for ids in book.cast)
    check_contents(list(Scenes(shelf)), books[:8], False, most)


def test_a_dataset_of_protocol_1_is_read(tmp_path: Path) -> None:
    shutil.unpack_archive(ROOT / "tests" / "schemas" / "dataset-1.0.0.zip", tmp_path)
    (batch,) = Scenes(tmp_path, shuffle=False)
    assert (batch.signs.shape, batch.cast.shape) == ((2, 64, 2), (2, 64, 0))
    assert sorted(batch.signs[row, :3].tolist() for row in range(2)) == [
        [[0, 2], [1, 2], [0, 3]],
        [[1, 3], [0, 2], [0, 3]],
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"split": "tset"}, r"shelf has no split 'tset'; it has train, test"),
        ({"split": "empty"}, r"shelf: split 'empty' has no scenes; it has train, empty, test|no split 'empty'"),
        ({"context": 0}, "context is 0; it must be 1 or more"),
        ({"batch": 0}, "batch is 0; it must be 1 or more"),
        ({"seed": -1}, "seed is -1; it must be 0 or more"),
        ({"world": 0}, "world is 0; it must be 1 or more"),
        ({"world": 2, "rank": 2}, "rank is 2; with world=2 it must be from 0 to 1"),
        ({"rank": -1}, "rank is -1; with world=1 it must be from 0 to 0"),
    ],
)
def test_what_cannot_be_loaded_says_so(shelf: Path, wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Scenes(shelf, **wrong)  # type: ignore[arg-type]


def test_a_split_of_books_without_scenes_says_so(tmp_path: Path) -> None:
    shelf = write_shelf(tmp_path / "shelf", {"train": shelf_books([3]), "test": shelf_books([0, 0])})
    with pytest.raises(ValueError, match=r"shelf: split 'test' has no scenes; it has train, test"):
        Scenes(shelf, "test")


def test_without_concepts_there_are_no_vectors(tmp_path: Path) -> None:
    shelf = write_shelf(tmp_path / "shelf", {"train": shelf_books(COUNTS)})
    with pytest.raises(ValueError, match=r"shelf has no scene vectors; build it with `--concepts float16`"):
        Scenes(shelf, vectors=True)


def test_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"is no dataset: there is no manifest\.json in it"):
        Scenes(tmp_path)


def test_negative_epochs_and_workers_are_refused(shelf: Path) -> None:
    with pytest.raises(ValueError, match="epoch is -1"):
        Scenes(shelf).set_epoch(-1)
    with pytest.raises(ValueError, match="workers is -1"):
        Scenes(shelf).loader(-1)


def change_column(folder: Path, path: str, name: str, change: Callable[[list], list]) -> None:
    table = pq.read_table(folder / path, partitioning=None)
    column = pa.array(change(table[name].to_pylist()), table.schema.field(name).type)
    rewrite(folder, path, table.set_column(table.column_names.index(name), name, column))


def cut_off(folder: Path) -> None:
    (folder / SEQUENCES).write_bytes((folder / SEQUENCES).read_bytes()[:-100])


def fewer_books(folder: Path) -> None:
    pq.write_table(pq.read_table(folder / SEQUENCES, partitioning=None).slice(1), folder / SEQUENCES)


def drop(path: str, column: str) -> Callable[[Path], object]:
    return lambda folder: rewrite(folder, path, pq.read_table(folder / path, partitioning=None).drop_columns(column))


def flat_vectors(folder: Path) -> None:
    table = pq.read_table(folder / CONCEPTS, partitioning=None)
    lists = pa.array(table["scene_vectors"].to_pylist(), pa.list_(pa.list_(pa.float16())))
    rewrite(folder, CONCEPTS, table.set_column(3, "scene_vectors", lists))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut_off, rf"{SEQUENCES} can't be read .*scenesign validate"),
        (lambda f: (f / SEQUENCES).unlink(), rf"{SEQUENCES} can't be read .*No such file"),
        (lambda f: (f / CONCEPTS).write_bytes(b""), rf"{CONCEPTS} can't be read"),
        (fewer_books, r"can't be read \(it has 7 rows, and the manifest says 8\)"),
        (drop(SEQUENCES, "signs"), "it has no column signs"),
        (drop(SEQUENCES, "scenes"), "it has no column scenes"),
        (drop(CONCEPTS, "scene_vectors"), "it has no column scene_vectors"),
        (flat_vectors, "scene_vectors are no lists of vectors of one length"),
        (lambda f: change_column(f, SEQUENCES, "levels", lambda c: [1, *c[1:]]), "not the 2 signs per scene"),
        (lambda f: change_column(f, SEQUENCES, "scenes", lambda c: [-1, *c[1:]]), "not the 2 signs per scene"),
        (lambda f: change_column(f, SEQUENCES, "scenes", lambda c: [None, *c[1:]]), "a value is missing"),
        (lambda f: change_column(f, SEQUENCES, "signs", lambda c: [c[0][1:], *c[1:]]), "not 2 signs for each"),
        (lambda f: change_column(f, SEQUENCES, "signs", lambda c: [[None, *c[0][1:]], *c[1:]]), "a value is missing"),
        (lambda f: change_column(f, SEQUENCES, "signs", lambda c: [None, *c[1:]]), "a list is missing"),
        (lambda f: change_column(f, SEQUENCES, "cast", lambda c: [c[0][1:], *c[1:]]), "not a list of its cast"),
        (lambda f: change_column(f, SEQUENCES, "cast", lambda c: [[[1] * 4] * 7, *c[1:]]), "cast of more than the 3"),
        (lambda f: change_column(f, SEQUENCES, "book_id", lambda c: ["x", *c[1:]]), r"has book 0{32} where .* has x"),
        (lambda f: change_column(f, CONCEPTS, "scene_vectors", lambda c: [c[0][1:], *c[1:]]), "a vector of 4 numbers"),
        (lambda f: change_column(f, CONCEPTS, "scene_vectors", lambda c: [[None, *c[0][1:]], *c[1:]]), "of size=4"),
    ],
)  # fmt: skip
def test_a_broken_dataset_names_the_file(shelf: Path, spoil: Callable[[Path], object], says: str) -> None:
    spoil(shelf)
    with pytest.raises(ValueError, match=says) as caught:
        list(Scenes(shelf, vectors=True))
    assert "\n" not in str(caught.value)
    assert "train-00000-of-00001.parquet can't be read (" in str(caught.value)


def test_flipped_bits_are_noticed(shelf: Path) -> None:
    scenes = Scenes(shelf)
    chunk = next(
        column
        for column in (pq.read_metadata(shelf / SEQUENCES).row_group(0).column(at) for at in range(20))
        if column.path_in_schema.startswith("signs")
    )
    data = bytearray((shelf / SEQUENCES).read_bytes())
    data[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 1
    (shelf / SEQUENCES).write_bytes(bytes(data))
    with pytest.raises(ValueError, match=rf"{SEQUENCES} can't be read"):
        list(scenes)


def test_a_lack_of_books_in_concepts_is_noticed(shelf: Path) -> None:
    rewrite(shelf, CONCEPTS, pq.read_table(shelf / CONCEPTS, partitioning=None).slice(1))
    with pytest.raises(ValueError, match=r"concepts has not the 8 books of split 'train'"):
        Scenes(shelf, vectors=True)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_dataset_that_is_replaced_is_not_read_on(shelf: Path, tmp_path: Path, workers: int) -> None:
    """The same books of as many scenes, in other signs."""
    loader = loader_of(shelf, workers)
    next(iter(loader))
    books = shelf_books(COUNTS, seed=1)
    shutil.rmtree(shelf)
    write_shelf(shelf, {"train": books[:8], "test": books[8:]}, concepts=True)
    with pytest.raises(ValueError, match=r"can't be read \(it was replaced while it was in use; make the loader anew"):
        list(loader)


def test_a_dataset_in_an_object_store(store: Store, shelf: Path) -> None:
    home = f"{store.bucket}/{uuid.uuid4().hex}"
    for path in shelf.rglob("*"):
        if path.is_file():
            storage.write_bytes(f"{home}/{path.relative_to(shelf).as_posix()}", path.read_bytes())
    assert all_same(Scenes(home, context=6, batch=2, vectors=True), Scenes(shelf, context=6, batch=2, vectors=True))
