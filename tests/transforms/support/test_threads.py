"""What threads share."""

from __future__ import annotations

import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from scenesign.schemas.parts import PartEntry
from scenesign.schemas.records import Book
from scenesign.transforms.parts.format import read_finished
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.inputs import list_inputs
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.scenes.change_points import best_starts
from scenesign.transforms.scenes.sentences import split_block
from scenesign.transforms.signs.glosses.words import word_forms, word_key
from scenesign.transforms.signs.neutralise import fit_damping
from scenesign.transforms.signs.quantisers.k_means import k_means
from scenesign.transforms.support.threads import (
    Lender,
    made_once,
    one_at_a_time,
    one_thread_at_a_time,
    settle_threads,
    usual_threads,
)
from tests import builders
from tests.conftest import LIBRARY
from tests.hostile.mutations import SOUND
from tests.side_by_side import THREADS, differences, digest, forget


@pytest.mark.parametrize(("asked", "threads"), [("1", 1), ("3,2", 3), ("", 8), ("0", 8), ("-1", 8), ("many", 8)])
def test_a_process_has_the_threads_that_its_environment_says(
    asked: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine with a process for each core would have as many threads as cores, squared."""
    monkeypatch.setattr("scenesign.transforms.support.threads.cores", lambda: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert usual_threads() == threads


def test_a_thing_is_lent_to_one_thread_at_a_time() -> None:
    lender = Lender(list[int], most=2)
    with lender.lend() as one, lender.lend() as two:
        assert one is not two
        waiting = threading.Thread(target=lambda: taken.append(lender.lend().__enter__()))
        taken: list[list[int]] = []
        waiting.start()
        waiting.join(0.2)
        assert not taken
    waiting.join(60)
    assert taken[0] in (one, two)
    assert len(taken) == 1


def test_what_comes_back_is_lent_again() -> None:
    lender = Lender(list[int])
    with lender.lend() as first:
        first.append(1)
    with lender.lend() as again:
        assert again is first


def test_what_broke_in_use_is_not_lent_again() -> None:
    lender = Lender(list[int])
    with pytest.raises(KeyError), lender.lend() as broken:
        raise KeyError
    with lender.lend() as fresh:
        assert fresh is not broken


def test_a_maker_that_fails_takes_no_place() -> None:
    answers = iter([ValueError(), 7])

    def make() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    lender = Lender(make)
    with pytest.raises(ValueError), lender.lend():  # noqa: PT011  (the maker's own)
        pass
    with lender.lend() as thing:
        assert thing == 7


def test_a_thread_that_is_stopped_gives_back_what_it_has() -> None:
    """As Ctrl-C stops a run: an exception out of nowhere, between any two steps of the thread."""
    lender = Lender(list[int])

    def borrow(begun: threading.Event) -> None:
        with suppress(KeyboardInterrupt):
            while True:
                begun.set()
                with lender.lend():
                    pass

    for _ in range(200):
        begun = threading.Event()
        thread = threading.Thread(target=borrow, args=(begun,), daemon=True)
        thread.start()
        begun.wait(60)
        stop = ctypes.py_object(KeyboardInterrupt)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), stop)
        thread.join(10)
        assert not thread.is_alive(), "waits for what nobody has"


class Interrupted:
    """A lock at whose taking an interrupt comes, just before or just after it is had."""

    def __init__(self, had: bool) -> None:
        self.lock, self._had = threading.RLock(), had

    def acquire(self) -> None:
        if self._had:
            self.lock.acquire()
        raise KeyboardInterrupt

    def release(self) -> None:
        self.lock.release()


def is_free(lock: threading.RLock) -> bool:  # type: ignore[valid-type]
    """Whether another thread could take it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lock.acquire, blocking=False).result()  # type: ignore[attr-defined]


@pytest.mark.parametrize("had", [False, True])
def test_a_lock_is_given_back_whenever_the_interrupt_comes(had: bool) -> None:
    lock = Interrupted(had)
    with pytest.raises(KeyboardInterrupt):
        one_at_a_time(lock, pytest.fail)
    assert is_free(lock.lock)


def test_a_lock_is_held_during_the_work_and_given_back_when_it_fails() -> None:
    lock = threading.RLock()
    assert not one_at_a_time(lock, is_free, lock)

    def fail() -> None:
        raise RuntimeError("the work's own")  # as a lock's that is not held

    with pytest.raises(RuntimeError, match="the work's own"):
        one_at_a_time(lock, fail)
    assert is_free(lock)


def test_methods_in_turn_may_call_each_other() -> None:
    class Both:
        def __init__(self) -> None:
            self._lock = threading.RLock()

        @one_thread_at_a_time
        def outer(self, word: str) -> str:
            return self.inner(word) + str(is_free(self._lock))

        @one_thread_at_a_time
        def inner(self, word: str) -> str:
            return word

    both = Both()
    assert both.outer("held, and free: ") == "held, and free: False"
    assert is_free(both._lock)


def test_threads_that_ask_at_once_get_the_same() -> None:
    made = []
    together = threading.Barrier(THREADS)

    @made_once()
    def dear() -> object:
        made.append(1)
        return object()

    def ask() -> object:
        together.wait()
        return dear()

    with ThreadPoolExecutor(THREADS) as pool:
        found = {id(job.result()) for job in [pool.submit(ask) for _ in range(THREADS)]}
    assert len(found) == 1
    assert len(made) == 1
    dear.cache_clear()  # type: ignore[attr-defined]
    dear()
    assert len(made) == 2


def test_what_can_not_be_made_is_tried_again() -> None:
    answers = iter([OSError("not yet"), 7])

    @made_once()
    def dear() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(OSError, match="not yet"):
        dear()
    assert dear() == 7


@pytest.mark.parametrize(
    "compute",
    [
        lambda vectors: best_starts(vectors, 0.5, 2, 20),
        lambda vectors: k_means(vectors, 4, 0),
        lambda vectors: k_means(vectors[:20], 4, 0),
        lambda vectors: fit_damping(vectors),
    ],
)
def test_no_call_changes_the_threads_of_the_matrix_library(compute: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_threads()
    changed: list[int] = []
    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        kind = type(library)
        monkeypatch.setattr(kind, "set_num_threads", lambda self, number: changed.append(number))
    compute(np.random.default_rng(0).normal(size=(80, 32)).astype(np.float32))  # type: ignore[operator]
    assert changed == []


def test_the_threads_of_the_matrix_library_are_settled_for_good() -> None:
    with threadpool_limits(3, user_api="blas"):
        settle_threads.cache_clear()
        settle_threads()
        numpys = [found for found in threadpool_info() if found["user_api"] == "blas" and "numpy" in found["filepath"]]
        assert [found["num_threads"] for found in numpys] == [1] * len(numpys)
        assert numpys


TEXTS = [
    (path.parent.name, path.read_text(encoding="utf-8"))
    for language in ("en", "ru", "zh")
    for path in sorted((LIBRARY / language).glob("*.txt"))[:2]
]


def test_sentences_side_by_side() -> None:
    assert differences(lambda i: digest(split_block(TEXTS[i][1], TEXTS[i][0])), len(TEXTS), 4, forget) == []


def test_words_side_by_side() -> None:
    def keys(i: int) -> str:
        language, text = TEXTS[i]
        return digest(*(word_key(form, language) for form in word_forms(text, language)))

    assert differences(keys, len(TEXTS), 4, forget) == []


def test_one_part_written_side_by_side(tmp_path: Path) -> None:
    rows = [builders.row(text, language) for language, text in TEXTS[:2]]

    def write(i: int) -> str:
        entry: PartEntry = builders.part(tmp_path, rows[i % 2])
        return digest(entry, *read_finished(entry))

    assert differences(write, 4, 4) == []


def test_every_form_read_side_by_side(tmp_path: Path) -> None:
    for name, data in SOUND.items():
        (tmp_path / name).write_bytes(data)
    sources, refused = list_inputs([str(tmp_path)])
    assert not refused
    options = ReadOptions(min_chars=1)
    for source in sources:
        assert any(isinstance(item, Book) for item in read_books(source, options)), source
    assert differences(lambda i: digest(*read_books(sources[i], options)), len(sources), 2, forget) == []
