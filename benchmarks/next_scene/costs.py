"""What forms cost: making the signs once, and training on them; operations, seconds, and energy by a stated power."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.next_scene.books import Work
from benchmarks.next_scene.shelf import Side
from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.embedders.registry import load_embedder
from scenesign.transforms.embedders.texts import embed_texts
from scenesign.transforms.embedders.universal import UniversalSentenceEncoder
from scenesign.transforms.scenes.sentences import split_sentences

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
    embedder = str(json.loads((dataset / "inventory" / "inventory.json").read_text(encoding="utf-8"))["embedder"])
    model = load_embedder(embedder, threads=1)
    sample = [(work, text) for work in side.works for text in work.texts][::_TIMED]
    texts = [sentence for work, text in sample for sentence in _sentences(work, text)]
    embed_texts(model, texts[:16])  # loads what is loaded late
    began = time.perf_counter()
    embed_texts(model, texts)
    seconds = time.perf_counter() - began
    share = sum(len(text) for _, text in sample) / side.characters
    flops = model.operations(texts) / share if isinstance(model, UniversalSentenceEncoder) else None
    return Preparation(embedder, side.characters, round(len(texts) / share), flops, seconds / share, len(texts))


def _sentences(work: Work, text: str) -> list[str]:
    found = split_sentences(text, (Block(0, len(text), BlockKind.PARAGRAPH),), work.language)
    return [text[sentence.start : sentence.end] for sentence in found]


def passes_to_pay(made: float, text_pass: float, sign_pass: float) -> float | None:
    """Passes over the books from which making the signs and training on them costs less than training on the text.

    made: to make the signs, once; the others of one pass, in the same measure. None where it never does.
    """
    saved = text_pass - sign_pass
    return made / saved if saved > 0 else None
