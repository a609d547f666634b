"""What the experiment runs: its forms, its budgets, and how a run is kept for the next time."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.next_scene.books import Work
from benchmarks.next_scene.concept import FORMS
from benchmarks.next_scene.corpus import save
from benchmarks.next_scene.forms import MAKERS
from benchmarks.next_scene.questions import CHOICES, READ, Question, ask, ask_chapters
from benchmarks.next_scene.run import Job
from benchmarks.next_scene.shelf import Shelf, save_told

ROOT = Path(__file__).resolve().parents[2]
# The form that stands for signs where one is asked for.
SIGNS = "two glyphs + cast"


@dataclass(frozen=True)
class Scale:
    """How large the experiment is.

    topics: of the inventory; None for the automatic number. books: sizes of shelves beside the whole. marks: training
    FLOPs at which models of text are examined; the last is the budget, reached on the whole shelf alone: on smaller
    ones the last but one is. questions, chapters: per language and kind. choices, read: of far and near questions, and
    scenes before the first of a book. vocabulary: of characters and of tokens.
    """

    topics: int | None = 512
    books: tuple[int, ...] = (30, 100)
    marks: tuple[float, ...] = (3e11, 3e12, 1.2e13)
    seeds: int = 3
    questions: int = 40
    chapters: int = 20
    choices: int = CHOICES
    read: int = READ
    vocabulary: int = 4096


FULL = Scale()
# The stories that come with the project have a dozen scenes each.
QUICK = replace(
    FULL, topics=None, books=(), marks=(1e10, 2e10), seeds=1, questions=6, chapters=2, choices=4, read=4, vocabulary=512
)

# Windows hold about as much as pays for each form; every step sees 1,024 units.
_BODIES = {"characters": {"window": 256, "batch": 4}, "tokens": {"window": 128, "batch": 8}}
# Units of context and of each choice that are read to answer; both fit into one window.
_REACHES = {"characters": (160, 48), "tokens": (96, 24)}
# Only these are trained on smaller shelves too.
_CURVES = ("tokens", SIGNS)


def pose(shelf: Shelf, scale: Scale, folder: Path) -> tuple[list[Question], list[Question], Path]:
    """Questions about the test books and about the validation books, and the file of the former."""
    works = shelf.test.works

    def asking(works: Sequence[Work]) -> list[Question]:
        return ask(works, scale.questions, choices=scale.choices, read=scale.read)

    asked = [*asking(works), *ask_chapters(works, scale.chapters)]
    path = folder / "questions.json"
    path.write_text(json.dumps([asdict(question) for question in asked]), encoding="utf-8")
    return asked, asking(shelf.validation.works), path


def jobs_of(
    shelf: Shelf, scale: Scale, sizes: Sequence[int], questions: Path, folder: Path, only: Iterable[str] = ()
) -> list[Job]:
    """All runs: the most wanted first. only: these forms; all without any."""
    wanted = set(only)
    found = []
    concepts = [form.name for form in FORMS]
    save_told((shelf.train, shelf.validation, shelf.test), folder / "told.npz")
    for form in [*concepts, *MAKERS]:
        if wanted and form not in wanted:
            continue
        data = folder / ("told.npz" if form in concepts else f"{form}.npz")
        if form in MAKERS:
            save(MAKERS[form](shelf, scale.vocabulary), data)
        own = sizes if form in _CURVES else sizes[-1:]
        for size in own:
            marks = scale.marks if size == sizes[-1] else scale.marks[:-1]
            for seed in range(scale.seeds):
                job = Job(form, str(data), str(questions), size, seed)
                if form in MAKERS:
                    job = replace(job, marks=marks, reach=_REACHES[form], body=_BODIES[form])
                else:
                    job = replace(job, inventory=str(folder / "fitted" / "inventory"))
                found.append(job)

    return sorted(found, key=lambda job: (job.form != SIGNS, job.seed, not job.inventory, -job.books))


def digest(job: Job) -> str:
    """Of all that decides a result: settings, the bytes of the books and the questions, and the code."""
    state = hashlib.blake2b(digest_size=12)
    fields = asdict(job)
    for key in ("data", "questions"):
        state.update(Path(fields.pop(key)).read_bytes())
    inventory = fields.pop("inventory")
    if inventory:
        state.update((Path(inventory) / "inventory.json").read_bytes())
    state.update(json.dumps(fields, sort_keys=True).encode())
    code = ("body", "corpus", "questions", "scoring") if job.marks else ("concept", "questions", "shelf")
    paths = [Path(__file__).parent / f"{name}.py" for name in code]
    if inventory:
        paths += sorted((ROOT / "pipeline" / "train").glob("*.py"))
    for path in paths:
        state.update(path.read_bytes())
    return state.hexdigest()


def already_done(jobs: Sequence[Job], folder: Path) -> list[Job]:
    """The jobs whose results earlier calls of `perform_all` left."""
    return [job for job in jobs if (folder / f"{digest(job)}.result.json").exists()]


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
            path.write_text(json.dumps(asdict(job)), encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.next_scene.run", str(path)],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
                stdout=None,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            if done.returncode:
                what = f"{job.form} on {job.books} books with seed {job.seed}"
                raise RuntimeError(f"the run of {what} failed:\n{done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return found

    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        return list(pool.map(one, jobs))
