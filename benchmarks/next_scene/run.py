"""One run: one form, one seed, in a process of its own, so that its memory is its own."""

from __future__ import annotations

import contextlib
import copy
import json
import re
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.next_scene.corpus import Corpus, load
from benchmarks.next_scene.questions import Question, hit, reciprocal_rank


@dataclass(frozen=True)
class Job:
    """What a run is asked to do.

    corpus: file of the form. marks: training FLOPs at which the model is examined, ascending. patience: marks without
    a better dev score after which training stops. reaches: (context, opening) pairs to answer with; the first is used
    at the marks. questions: file. every: so many questions apart are those asked at the marks.
    sampled: scenes per test book whose bits are counted.
    """

    corpus: str
    questions: str
    seed: int
    marks: tuple[float, ...]
    reaches: tuple[tuple[int, int], ...]
    body: dict[str, Any] = field(default_factory=dict)
    patience: int = 2
    every: int = 4
    sampled: int = 4
    codewords: bool = True


@dataclass(frozen=True)
class Mark:
    """A model at one point of its training.

    dev: bits per scene of the dev scenes. hits and ranks: per kind of question, one number per question asked.
    bits_per_character: per language of the test books; empty for forms that can't be read back. seconds: of
    training so far.
    """

    steps: int
    flops: float
    seconds: float
    dev: float
    hits: dict[str, list[float]]
    ranks: dict[str, list[float]]
    bits_per_character: dict[str, float]


@dataclass(frozen=True)
class Answers:
    """All questions answered by the best model, reading so much."""

    context: int
    opening: int
    flops: float
    hits: dict[str, list[float]]
    ranks: dict[str, list[float]]


@dataclass(frozen=True)
class Result:
    """What came of a run.

    best: index of the mark with the lowest dev score; `answers` are that model's. flops_per_pass: one pass over the
    training books. memory: peak resident MB; idle: before the model was made and the corpus read.
    """

    name: str
    seed: int
    units: int
    parameters: int
    body_parameters: int
    training_units: int
    flops_per_unit: float
    flops_per_pass: float
    marks: tuple[Mark, ...]
    best: int
    answers: tuple[Answers, ...]
    memory: float
    idle: float
    seconds: float
    corpus_bytes: int


def read_questions(path: Path) -> list[Question]:
    return [Question(**row | {"choices": tuple(row["choices"])}) for row in json.loads(path.read_text())]


def forget_peak() -> None:
    """Starts the peak anew where the system can (Linux), since loading libraries may peak higher than training."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory() -> float:
    """The most memory that this process held since `forget_peak`, in MB; elsewhere than on Linux, since it began."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        if found:
            return int(found[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def spread(count: int, wanted: int) -> list[int]:
    """`wanted` of 0..count-1, evenly spread."""
    wanted = min(count, wanted)
    return [count * i // wanted for i in range(wanted)]


def perform(job: Job) -> Result:
    """Trains, examines at every mark, and answers all questions with the best model."""
    import torch

    from benchmarks.next_scene.body import BodyOptions, Trainer, make_body
    from benchmarks.next_scene.scoring import Answerer, Reach, bits

    torch.set_num_threads(1)
    forget_peak()
    idle = peak_memory()
    corpus = load(Path(job.corpus))
    options = BodyOptions(**job.body)
    questions = read_questions(Path(job.questions))
    model = make_body(corpus, options, job.seed, job.codewords)
    trainer = Trainer(model, corpus, corpus.trained, options, job.seed)
    seconds = memory = 0.0

    def dev() -> float:
        found, scenes = 0.0, 0
        pairs = list(zip(corpus.train, corpus.cut, strict=True))
        for stream, cut in pairs[:: 3 if corpus.lossless else 1]:  # text is plenty: one scene of every third book
            chosen = [cut] if corpus.lossless else range(cut, stream.scenes)
            found += bits(model, corpus, stream, chosen, options.window)
            scenes += len(chosen)
        return found / scenes

    def bits_per_character() -> dict[str, float]:
        total: dict[str, list[float]] = {}
        for stream in corpus.test if corpus.lossless else ():
            chosen = spread(stream.scenes, job.sampled)
            pair = total.setdefault(stream.language, [0.0, 0.0])
            pair[0] += bits(model, corpus, stream, chosen, options.window)
            pair[1] += float(stream.characters[chosen].sum())
        return {language: a / b for language, (a, b) in sorted(total.items())}

    marks: list[Mark] = []
    best, best_state = 0, None
    for budget in job.marks:
        model.train()
        began = time.perf_counter()
        while trainer.flops < budget:
            trainer.step()
        seconds += time.perf_counter() - began
        memory = memory or peak_memory()  # all steps have one shape, so the first mark's peak is that of training
        answerer = Answerer(model, corpus, corpus.test, Reach(*job.reaches[0]))
        hits, ranks = _answer(answerer, [q for i, q in enumerate(questions) if i // 2 % job.every == 0])
        marks.append(Mark(trainer.steps, trainer.flops, seconds, dev(), hits, ranks, bits_per_character()))
        print(f"{corpus.name} seed {job.seed}: {trainer.flops:.1e} FLOPs, dev {marks[-1].dev:.1f}", flush=True)
        if marks[-1].dev <= marks[best].dev:
            best, best_state = len(marks) - 1, copy.deepcopy(model.state_dict())
        if len(marks) - 1 - best >= job.patience:
            break
    if best_state:
        model.load_state_dict(best_state)
    answers = []
    for reach in job.reaches:
        answerer = Answerer(model, corpus, corpus.test, Reach(*reach))
        hits, ranks = _answer(answerer, questions)
        answers.append(Answers(*reach, answerer.flops(questions), hits, ranks))
    training_units = sum(len(stream.units) for stream in corpus.trained)
    per_unit = trainer.flops / trainer.steps / options.batch / options.window
    body = sum(p.numel() for name, p in model.named_parameters() if "embed" not in name)
    return Result(
        name=corpus.name,
        seed=job.seed,
        units=corpus.units,
        parameters=sum(p.numel() for p in model.parameters()),
        body_parameters=body,
        training_units=training_units,
        flops_per_unit=per_unit,
        flops_per_pass=per_unit * training_units,
        marks=tuple(marks),
        best=best,
        answers=tuple(answers),
        memory=memory,
        idle=idle,
        seconds=seconds,
        corpus_bytes=_bytes(corpus),
    )


def _bytes(corpus: Corpus) -> int:
    return sum(stream.units.nbytes for stream in corpus.trained)


def _answer(answerer: Any, questions: Sequence[Question]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    hits: dict[str, list[float]] = {}
    ranks: dict[str, list[float]] = {}
    for question in questions:
        scores = answerer.scores(question)
        key = f"{question.kind}/{question.language}"
        hits.setdefault(key, []).append(round(hit(scores), 6))
        ranks.setdefault(key, []).append(round(reciprocal_rank(scores), 6))
    return hits, ranks


def main(job_file: str) -> None:
    """Reads a job, performs it, and leaves its result beside it as `.result.json`, once it is whole."""
    path = Path(job_file)
    job = Job(**{k: tuple(map(tuple, v)) if k == "reaches" else v for k, v in json.loads(path.read_text()).items()})
    result = perform(job)
    output = path.with_suffix(".result.json")
    draft = output.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(result)))
    draft.replace(output)


if __name__ == "__main__":
    main(sys.argv[1])
