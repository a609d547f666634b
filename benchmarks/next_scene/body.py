"""The body that every form of text gets: one small decoder, its windows, and its operations, counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaForCausalLM

from benchmarks.next_scene.corpus import Corpus, Stream

IGNORED = -100


@dataclass(frozen=True)
class BodyOptions:
    """The body and how it is trained; the same for every corpus.

    window: units a model sees at once. warmup: steps to the full learning rate, which then stays.
    """

    width: int = 128
    layers: int = 2
    heads: int = 4
    inner: int = 384
    window: int = 128
    batch: int = 8
    rate: float = 3e-3
    warmup: int = 20
    weight_decay: float = 0.1


def make_body(corpus: Corpus, options: BodyOptions, seed: int) -> LlamaForCausalLM:
    """A fresh model."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=corpus.units,
            hidden_size=options.width,
            intermediate_size=options.inner,
            num_hidden_layers=options.layers,
            num_attention_heads=options.heads,
            max_position_embeddings=2 * options.window,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=None,
        )
    )


def windows(streams: Sequence[Stream], corpus: Corpus, options: BodyOptions, draw: np.random.Generator) -> Any:
    """A training batch: ids and labels, int64 [batch, window].

    Half of the windows begin at a scene, the others anywhere; every unit is as likely to be one's first, so long books
    count for more.
    """
    ids = np.full((options.batch, options.window), corpus.start, np.int64)
    labels = np.full_like(ids, IGNORED)
    lengths = np.asarray([[len(s.starts) - 1, len(s.units)] for s in streams], np.float64)
    for i in range(options.batch):
        anywhere = i % 2
        stream = streams[draw.choice(len(streams), p=lengths[:, anywhere] / lengths[:, anywhere].sum())]
        at = int(draw.integers(len(stream.units)) if anywhere else draw.choice(stream.starts[:-1]))
        units = stream.units[at : at + options.window - 1]
        ids[i, 1 : len(units) + 1] = labels[i, 1 : len(units) + 1] = units
    return torch.from_numpy(ids), torch.from_numpy(labels)


def _attention(query: Any, key: Any, *_: Any, **__: Any) -> int:
    """Two products of [queries, head] and [head, keys] size."""
    batch, heads, queries, width = query
    return int(4 * batch * heads * queries * key[2] * width)


def _attention_backward(_: Any, query: Any, key: Any, *__: Any, **___: Any) -> int:
    """Five such products: the scores again, and two gradients of each of the two."""
    return _attention(query, key) * 5 // 2


# the counter knows the attention of GPUs only
_ATEN = torch.ops.aten
_ATTENTION = {
    _ATEN._scaled_dot_product_flash_attention_for_cpu: _attention,
    _ATEN._scaled_dot_product_flash_attention_for_cpu_backward: _attention_backward,
}


def counted(work: Callable[[], Any]) -> tuple[Any, int]:
    """What some work returns, and the floating-point operations of its matrix products."""
    with FlopCounterMode(display=False, custom_mapping=_ATTENTION) as counter:
        result = work()
    return result, int(counter.get_total_flops())


class Trainer:
    """Trains one model on one form; `flops` grows with every step by what such a step was counted to cost."""

    def __init__(
        self, model: LlamaForCausalLM, corpus: Corpus, streams: Sequence[Stream], options: BodyOptions, seed: int
    ):
        self.model, self.corpus, self.streams, self.options = model, corpus, streams, options
        self.draw = np.random.default_rng([seed, 1])
        self.optimiser = torch.optim.AdamW(
            model.parameters(), options.rate, betas=(0.9, 0.95), weight_decay=options.weight_decay
        )
        self.steps = 0
        self.flops = 0
        self._step_flops = 0

    def step(self) -> float:
        """One step; returns its loss in nats per unit."""
        ids, labels = windows(self.streams, self.corpus, self.options, self.draw)
        for group in self.optimiser.param_groups:
            group["lr"] = self.options.rate * min(1.0, (self.steps + 1) / self.options.warmup)

        def passes() -> torch.Tensor:
            loss = self.model(input_ids=ids, labels=labels).loss
            loss.backward()
            return loss

        if self._step_flops:
            loss = passes()
        else:  # all steps have one shape: count the first
            loss, self._step_flops = counted(passes)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        self.flops += self._step_flops
        return float(loss.detach())
