"""How well a model of a form knows books it never saw: its choice of the next scene, and bits per character."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import LlamaForCausalLM

from benchmarks.next_scene.body import IGNORED, counted
from benchmarks.next_scene.corpus import Corpus, Stream
from benchmarks.next_scene.questions import Question


@dataclass(frozen=True)
class Reach:
    """How much a model reads to answer: units of context before the choices, and opening units of each choice, headings
    left out."""

    context: int
    opening: int


def log_likelihoods(model: LlamaForCausalLM, context: Sequence[int], choices: Sequence[np.ndarray]) -> np.ndarray:
    """log p(choice | context) in nats for each, float64 [choices]; the context is read once."""
    with torch.inference_mode():
        read = model(input_ids=torch.tensor([list(context)]), use_cache=True, logits_to_keep=1)
        first = torch.log_softmax(read.logits[0, -1].double(), dim=-1)
        total = first[torch.tensor([int(row[0]) for row in choices])]
        longest = max(map(len, choices))
        if longest > 1:
            ids = np.zeros((len(choices), longest), np.int64)
            for i, row in enumerate(choices):
                ids[i, : len(row)] = row
            told = torch.from_numpy(ids)
            cache = read.past_key_values
            cache.batch_repeat_interleave(len(choices))
            logits = model(input_ids=told[:, :-1], past_key_values=cache, use_cache=True).logits
            each = torch.log_softmax(logits, dim=-1).gather(2, told[:, 1:, None])[..., 0].double()
            lengths = torch.tensor([len(row) for row in choices])
            total = total + (each * (torch.arange(1, longest)[None] < lengths[:, None])).sum(dim=1)
    return total.numpy()


class Answerer:
    """Answers questions about books with one model.

    A choice scores by how much more likely the context makes it: log p(choice | context) - log p(choice). By Bayes'
    rule this is what ranks choices that come from one book: one that is likely anywhere is no likelier to be the
    next. p(choice) is the model's own, at the opening of a window.
    """

    def __init__(self, model: LlamaForCausalLM, corpus: Corpus, streams: Sequence[Stream], reach: Reach) -> None:
        self.model, self.corpus, self.streams, self.reach = model.eval(), corpus, streams, reach
        self._alone: dict[bytes, float] = {}

    def scores(self, question: Question) -> np.ndarray:
        """Scores of a question's choices, float64 [choices]; equal choices score alike."""
        stream = self.streams[question.book]
        rows = [stream.body(c)[: self.reach.opening] for c in question.choices]
        keys = [row.tobytes() for row in rows]
        distinct = dict(zip(keys, rows, strict=True))
        end = int(stream.starts[question.next])
        at = max(0, end - self.reach.context)
        context = [self.corpus.start, *stream.units[at:end].tolist()]
        told = log_likelihoods(self.model, context, list(distinct.values()))
        fresh = {key: row for key, row in distinct.items() if key not in self._alone}
        if fresh:
            alone = log_likelihoods(self.model, [self.corpus.start], list(fresh.values()))
            self._alone |= dict(zip(fresh, alone.tolist(), strict=True))
        gain = {key: value - self._alone[key] for key, value in zip(distinct, told.tolist(), strict=True)}
        return np.asarray([gain[key] for key in keys])

    def flops(self, questions: Sequence[Question], sample: int = 4) -> float:
        """Floating-point operations of answering one question with nothing known beforehand, counted on a few."""
        found = []
        for question in questions[:: max(1, len(questions) // sample)][:sample]:
            self._alone.clear()
            found.append(counted(lambda q=question: self.scores(q))[1])
        return float(np.mean(found)) if found else 0.0


def bits(
    model: LlamaForCausalLM, corpus: Corpus, stream: Stream, scenes: Sequence[int], window: int, batch: int = 32
) -> float:
    """Bits of some scenes of a book, each read after what stands before it.

    A window holds as many units as in training: its first half is context, its second is counted.
    """
    model.eval()
    ids, labels = [], []
    for scene in scenes:
        first, end = int(stream.starts[scene]), int(stream.starts[scene + 1])
        for begin in range(first, end, window // 2):
            stop = min(begin + window // 2, end)
            at = max(0, stop - window + 1)
            row = [corpus.start, *stream.units[at:stop].tolist()]
            before = len(row) - (stop - begin)
            padding = window - len(row)
            ids.append(row + [corpus.start] * padding)
            labels.append([IGNORED] * before + row[before:] + [IGNORED] * padding)
    nats = 0.0
    with torch.inference_mode():
        for i in range(0, len(ids), batch):
            logits = model(input_ids=torch.tensor(ids[i : i + batch])).logits[:, :-1]
            told = torch.tensor(labels[i : i + batch])[:, 1:]
            nats += float(
                torch.nn.functional.cross_entropy(
                    logits.reshape(-1, logits.shape[-1]), told.reshape(-1), ignore_index=IGNORED, reduction="sum"
                )
            )
    return nats / math.log(2.0) + float(stream.extra[list(scenes)].sum())
