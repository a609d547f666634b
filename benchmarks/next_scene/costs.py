"""What forms cost: making the signs once, and training on them; operations, seconds, and energy by a stated power."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.next_scene.books import Work
from benchmarks.next_scene.shelf import Side
from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.scenes.embed import embed_texts
from scenesign.transforms.scenes.embedders import load_embedder
from scenesign.transforms.scenes.sentences import split_sentences
from scenesign.transforms.scenes.universal_sentence_encoder import UniversalSentenceEncoder

# What one core takes when it is busy, with its share of the machine. Stated, not measured: energy is seconds x this.
WATTS = 10.0
# One in so many scenes is embedded again to take the time.
_TIMED = 150


@dataclass(frozen=True)
class Preparation:
    """What it costs to make the signs of the training books, on one thread.

    embedding_flops: matrix products of the embedder, from the shapes of its matrices and the tokens and sentences it
    reads; None for an embedder whose shapes are not known here. embedding_seconds: timed on a sample, by characters.
    sample: sentences timed.
    """

    embedder: str
    characters: int
    sentences: int
    embedding_flops: float | None
    embedding_seconds: float
    sample: int


def joules(seconds: float) -> float:
    """Energy of one busy core, by WATTS."""
    return seconds * WATTS


def preparation(side: Side, dataset: Path) -> Preparation:
    """Measures it on some scenes; the embedder is the dataset's."""
    import torch

    embedder = str(json.loads((dataset / "inventory" / "inventory.json").read_text(encoding="utf-8"))["embedder"])
    torch.set_num_threads(1)
    model = load_embedder(embedder)
    sample = [(work, text) for work in side.works for text in work.texts][::_TIMED]
    texts = [sentence for work, text in sample for sentence in _sentences(work, text)]
    embed_texts(model, texts[:16])  # loads what is loaded late
    began = time.perf_counter()
    embed_texts(model, texts)
    seconds = time.perf_counter() - began
    share = sum(len(text) for _, text in sample) / side.characters
    module = model[0]
    flops = _use_flops(module, texts) / share if isinstance(module, UniversalSentenceEncoder) else None
    return Preparation(embedder, side.characters, round(len(texts) / share), flops, seconds / share, len(texts))


def _sentences(work: Work, text: str) -> list[str]:
    found = split_sentences(text, (Block(0, len(text), BlockKind.PARAGRAPH),), work.language)
    return [text[sentence.start : sentence.end] for sentence in found]


def _use_flops(module: UniversalSentenceEncoder, texts: Sequence[str]) -> float:
    """Two operations per weight and row: most matrices read tokens, the last ones sentences."""
    backend = module._backend
    of_tokens = [backend.proj_W, *backend.w1, *backend.w2]
    of_sentences = [backend.cnn_W, backend.d0, backend.p1, backend.d1, backend.d2, backend.p3, backend.d3]
    tokens = sum(map(len, module._processor.encode(list(texts), out_type=int, add_bos=True, add_eos=True)))
    return 2.0 * (tokens * sum(m.size for m in of_tokens) + len(texts) * sum(m.size for m in of_sentences))


def passes_to_pay(made: float, text_pass: float, sign_pass: float) -> float | None:
    """Passes over the books from which making the signs and training on them costs less than training on the text.

    made: to make the signs, once; the others of one pass, in the same measure. None where it never does.
    """
    saved = text_pass - sign_pass
    return made / saved if saved > 0 else None
