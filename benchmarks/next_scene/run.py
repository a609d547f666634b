"""One run: one form, one shelf, one seed, in a process of its own, so that its memory is its own."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.next_scene.corpus import Stream, load
from benchmarks.next_scene.questions import Question, hit


@dataclass(frozen=True)
class Job:
    """What a run is asked to do.

    form: its name. data: file of the form. inventory: folder, for concept models. questions: file. books: how many
    training books. marks: training FLOPs at which a model of text is examined, ascending. reach: units of context and
    of each choice that it reads to answer. sampled: scenes of a book whose bits are counted.
    """

    form: str
    data: str
    questions: str
    books: int
    seed: int
    inventory: str = ""
    marks: tuple[float, ...] = ()
    reach: tuple[int, int] = (96, 24)
    body: dict[str, int] = field(default_factory=dict)
    sampled: int = 4


@dataclass(frozen=True)
class Mark:
    """A model at one point of its training.

    flops, seconds: of training so far. dev: bits per character of the validation books (of models of text).
    hits: of each question in order; of a concept model also `shuffled`, on the same books with their scenes in any
    order, and `start`, before training. bits: per character of the test books, by language; of concept models, under
    `topics`, those of each book's topics but the first, summed.
    """

    flops: float
    seconds: float
    dev: float
    hits: tuple[float, ...]
    bits: dict[str, tuple[float, ...]]
    shuffled: tuple[float, ...] = ()
    start: tuple[float, ...] = ()


@dataclass(frozen=True)
class Result:
    """What came of a run.

    training_units: of one pass. flops_per_pass: of one pass over the training books. best: index of the mark with the
    lowest dev score. answer_flops: of one answer. memory: peak resident MB above what the libraries take. data_bytes:
    of the training books in this form.
    """

    form: str
    books: int
    seed: int
    units: int
    parameters: int
    training_units: int
    flops_per_pass: float
    marks: tuple[Mark, ...]
    best: int
    answer_flops: float
    memory: float
    data_bytes: int


def read_questions(path: Path) -> list[Question]:
    return [
        Question(**row | {"choices": tuple(row["choices"])}) for row in json.loads(path.read_text(encoding="utf-8"))
    ]


def forget_peak() -> None:
    """Starts the peak anew where the system can (Linux), since loading libraries may peak higher than training."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def peak_memory() -> float:
    """The most memory that this process held since `forget_peak`, in MB; elsewhere than on Linux, since it began."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
        if found:
            return int(found[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def spread(count: int, wanted: int) -> list[int]:
    """`wanted` of 0..count-1, evenly spread."""
    wanted = min(count, wanted)
    return [count * i // wanted for i in range(wanted)]


def perform(job: Job) -> Result:
    """Trains and answers all questions: at every mark for models of text, at its best for a concept model."""
    return perform_concept(job) if job.inventory else perform_text(job)


def perform_text(job: Job) -> Result:
    import torch

    from benchmarks.next_scene.body import BodyOptions, Trainer, make_body
    from benchmarks.next_scene.scoring import Answerer, Reach, bits

    torch.set_num_threads(1)
    forget_peak()
    idle = peak_memory()
    corpus = load(Path(job.data), job.books)
    options = BodyOptions(**job.body)
    questions = read_questions(Path(job.questions))
    model = make_body(corpus, options, job.seed)
    trainer = Trainer(model, corpus, corpus.train, options, job.seed)
    seconds = memory = 0.0

    def per_character(streams: Sequence[Stream]) -> dict[str, float]:
        total: dict[str, list[float]] = {}
        for stream in streams:
            chosen = spread(stream.scenes, job.sampled)
            pair = total.setdefault(stream.language, [0.0, 0.0])
            pair[0] += bits(model, corpus, stream, chosen, options.window)
            pair[1] += float(stream.characters[chosen].sum())
        return {language: a / b for language, (a, b) in sorted(total.items())}

    marks: list[Mark] = []
    answerer = Answerer(model, corpus, corpus.test, Reach(*job.reach))
    for budget in job.marks:
        model.train()
        began = time.perf_counter()
        while trainer.flops < budget:
            trainer.step()
        seconds += time.perf_counter() - began
        memory = memory or peak_memory()  # all steps have one shape, so the first mark's peak is that of training
        answerer = Answerer(model, corpus, corpus.test, Reach(*job.reach))
        hits = tuple(round(hit(answerer.scores(question)), 6) for question in questions)
        dev = float(np.mean(list(per_character(corpus.validation).values())))
        own = {language: (value,) for language, value in per_character(corpus.test).items()}
        marks.append(Mark(trainer.flops, seconds, dev, hits, own))
        print(f"{job.form}, {job.books} books, seed {job.seed}: {trainer.flops:.1e} FLOPs, dev {dev:.3f}", flush=True)
    units = sum(len(stream.units) for stream in corpus.train)
    return Result(
        form=job.form,
        books=len(corpus.train),
        seed=job.seed,
        units=corpus.units,
        parameters=sum(p.numel() for p in model.parameters()),
        training_units=units,
        flops_per_pass=trainer.flops / trainer.steps / options.batch / options.window * units,
        marks=tuple(marks),
        best=min(range(len(marks)), key=lambda i: marks[i].dev),
        answer_flops=answerer.flops(questions),
        memory=memory - idle,
        data_bytes=sum(stream.units.nbytes for stream in corpus.train),
    )


def perform_concept(job: Job) -> Result:
    import torch

    from benchmarks.next_scene.body import counted
    from benchmarks.next_scene.concept import FORMS, Concept, in_any_order, train
    from benchmarks.next_scene.shelf import load_told
    from scenesign.transforms.signs.inventory import load_inventory

    torch.set_num_threads(1)
    form = next(form for form in FORMS if form.name == job.form)
    inventory = load_inventory(job.inventory)
    books, validation, test = load_told(Path(job.data))
    books = books[: job.books]
    questions = read_questions(Path(job.questions))
    forget_peak()
    idle = peak_memory()
    _, per_pass = counted(lambda: train(form, inventory, books, (), job.seed, epochs=1))
    began = time.perf_counter()
    trained = train(form, inventory, books, validation, job.seed)
    seconds = time.perf_counter() - began
    memory = peak_memory() - idle
    concept = Concept(form, trained.model, inventory, test)

    def hits(asked: Concept) -> tuple[float, ...]:
        return tuple(round(hit(asked.scores(question)), 6) for question in questions)

    bits = tuple(round(concept.topic_bits(book), 3) for book in range(len(test))) if form.glyphs else ()
    _, reading = counted(lambda: [concept.read(book) for book in range(len(test))])
    scenes = sum(told.scenes for told in books)
    kept = [told.codes[:, : form.glyphs] if form.glyphs else told.vectors for told in books]
    kept += [told.cast for told in books if form.cast]
    mark = Mark(
        per_pass * trained.epochs,
        seconds,
        0.0,
        hits(concept),
        {"topics": bits},
        hits(Concept(form, trained.model, inventory, [in_any_order(told) for told in test])),
        hits(Concept(form, trained.start, inventory, test)),
    )
    print(f"{job.form}, {job.books} books, seed {job.seed}: {mark.flops:.1e} FLOPs, epoch {trained.best}", flush=True)
    return Result(
        form=job.form,
        books=len(books),
        seed=job.seed,
        units=inventory.info.sizes[0],
        parameters=sum(p.numel() for p in trained.model.parameters()),
        training_units=scenes,
        flops_per_pass=float(per_pass),
        marks=(mark,),
        best=0,
        answer_flops=reading / max(1, sum(told.scenes for told in test)),
        memory=memory,
        data_bytes=sum(array.nbytes for array in kept),
    )


def main(job_file: str) -> None:
    """Reads a job, performs it, and leaves its result beside it as `.result.json`, once it is whole."""
    path = Path(job_file)
    told = json.loads(path.read_text(encoding="utf-8"))
    result = perform(Job(**{k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}))
    output = path.with_suffix(".result.json")
    draft = output.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(result)), encoding="utf-8")
    draft.replace(output)


if __name__ == "__main__":
    main(sys.argv[1])
