"""What the experiment runs: its forms, its budgets, and how a run is kept for the next time."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.next_scene import forms
from benchmarks.next_scene.books import Shelf
from benchmarks.next_scene.corpus import Corpus, save
from benchmarks.next_scene.questions import Question
from benchmarks.next_scene.run import Job

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Scale:
    """How large the experiment is.

    text_marks, sign_marks: training FLOPs at which models are examined; the last is the budget. least_scenes: of a
    test book, which needs room for questions and as many choices behind its last. questions: per language and kind.
    vocabulary: of the BPE. every: so many questions apart are those asked at marks. variants: whether what might help
    is tried.
    """

    text_marks: tuple[float, ...] = (1e11, 3e11, 1e12, 3e12)
    sign_marks: tuple[float, ...] = (1e10, 3e10, 6e10, 1e11, 1.5e11, 2e11, 3e11, 6e11, 1e12, 3e12)
    least_scenes: int = 96
    seeds: int = 3
    questions: int = 160
    vocabulary: int = 2048
    every: int = 6
    variants: bool = True


FULL = Scale()
QUICK = replace(
    FULL,
    text_marks=(3e10, 1e11),
    sign_marks=(1e10, 3e10, 1e11),
    seeds=2,
    questions=24,
    every=3,
    least_scenes=56,
    variants=False,
)

# Windows hold about as much as pays for each form; every step sees 1,024 units. A window is the start unit and what
# fits after it; what is read to answer fits into one window.
_CHARACTERS = {"window": 256, "batch": 4}
_TOKENS = {"window": 128, "batch": 8}
_SIGNS = {"window": 32, "batch": 32}
_SHORT = {"window": 8, "batch": 128}


@dataclass(frozen=True)
class Entry:
    """One form, and how it is trained and asked. reaches: (context, opening) in units, the main one first."""

    key: str
    make: Callable[[], Corpus]
    body: dict[str, int]
    reaches: tuple[tuple[int, int], ...]
    text: bool
    main: bool = True
    codewords: bool = True


def entries(shelf: Shelf, scale: Scale) -> list[Entry]:
    """The five forms, and what was tried to help the signs."""
    kept: dict[str, Any] = {}

    def once(key: str, make: Callable[[], Any]) -> Any:
        if key not in kept:
            kept[key] = make()
        return kept[key]

    def inventory(signs: int | None, levels: int = 1) -> Any:
        return once(f"{signs}/{levels}", lambda: forms.fit_on(shelf, signs, levels))

    def tokens() -> Corpus:
        return once("tokens", lambda: forms.in_tokens(shelf, scale.vocabulary))

    def signs(name: str, count: int | None = None, levels: int = 1) -> Callable[[], Corpus]:
        return lambda: forms.in_signs(shelf, inventory(count, levels), name)

    found = [
        Entry("characters", lambda: forms.in_characters(shelf), _CHARACTERS, ((128, 32), (48, 12)), True),
        Entry("tokens", tokens, _TOKENS, ((96, 24), (24, 6)), True),
        Entry("signs", signs("signs"), _SIGNS, ((28, 3), (4, 3)), False),
        Entry("signs, two levels", signs("signs, two levels", None, 2), _SIGNS, ((27, 4), (8, 4)), False),
        Entry(
            "signs + tokens", lambda: forms.with_signs(shelf, tokens(), inventory(None)), _TOKENS,
            ((96, 24), (24, 1)), True,
        ),
    ]  # fmt: skip
    if scale.variants:
        few = ((28, 3), (4, 3))
        found += [
            Entry("signs, from scratch", signs("signs, from scratch"), _SIGNS, few, False, False, codewords=False),
            Entry("128 signs", signs("128 signs", 128), _SIGNS, few, False, False),
            Entry("32 signs", signs("32 signs", 32), _SIGNS, few, False, False),
            Entry("signs, windows of 8", signs("signs, windows of 8"), _SHORT, ((5, 3),), False, False),
        ]
    return found


def write_questions(questions: Sequence[Question], folder: Path) -> Path:
    path = folder / "questions.json"
    path.write_text(json.dumps([asdict(question) for question in questions]))
    return path


def jobs_of(entry: Entry, corpus: Path, questions: Path, scale: Scale) -> list[Job]:
    """A run per seed."""
    return [
        Job(
            corpus=str(corpus),
            questions=str(questions),
            seed=seed,
            marks=scale.text_marks if entry.text else scale.sign_marks,
            reaches=entry.reaches,
            body=entry.body,
            every=scale.every,
            codewords=entry.codewords,
        )
        for seed in range(scale.seeds)
    ]


def digest(job: Job) -> str:
    """Of all that decides a result: settings, the bytes of the corpus and the questions, and the code."""
    state = hashlib.blake2b(digest_size=12)
    fields = asdict(job)
    for key in ("corpus", "questions"):
        state.update(Path(fields.pop(key)).read_bytes())
    state.update(json.dumps(fields, sort_keys=True).encode())
    for name in ("body", "corpus", "questions", "run", "scoring"):
        state.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return state.hexdigest()


def perform_all(jobs: Sequence[Job], folder: Path, at_once: int | None = None) -> list[dict[str, Any]]:
    """Results of the jobs, each in a process of its own on one thread; those an earlier call left are read.

    Raises RuntimeError with the end of its log when a run fails.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def one(job: Job) -> dict[str, Any]:
        name = digest(job)
        result = folder / f"{name}.result.json"
        if not result.exists():
            path = folder / f"{name}.json"
            path.write_text(json.dumps(asdict(job)))
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.next_scene.run", str(path)],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
                stdout=None,
                stderr=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"the run of {job.corpus} with seed {job.seed} failed:\n{done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(result.read_text())
        return found

    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        return list(pool.map(one, jobs))


def write_corpus(entry: Entry, folder: Path) -> Path:
    path = folder / (entry.key.replace(",", "").replace(" ", "_") + ".npz")
    save(entry.make(), path)
    return path
