"""The figures of a report: what signs save and lose against text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from scenesign.pipeline.languages.measure import (
    attention_pairs,
    compressed_bits,
    inference_flops,
    kv_cache_bytes,
    training_flops,
)
from scenesign.pipeline.languages.tokenizers import LoadedTokenizer, load
from scenesign.pipeline.report.data import ReportData
from scenesign.schemas.languages import MODEL_SHAPES, MissingTokenizer

# one model's own tokenizer, so that tokens and FLOPs are of one thing
MODEL, TOKENIZER = "llama-3-8b", "llama-3"


@dataclass(frozen=True)
class SizeRow:
    """What one language, or all (`language` empty), holds as text and as signs.

    tokens: estimated from a sample, None without a tokenizer. text_bits: of the text compressed by bzip2, estimated
    alike; sign_bits: at the entropy of the signs' use.
    """

    language: str
    books: int
    characters: int
    utf8_bytes: int
    sentences: int
    scenes: int
    signs: int
    tokens: float | None
    text_bits: float
    sign_bits: float

    @property
    def sign_bytes(self) -> float:
        """What the signs take when packed as tightly as their use allows."""
        return self.sign_bits / 8

    @property
    def characters_per_sign(self) -> float:
        """Characters that one sign stands for."""
        return self.characters / max(1, self.signs)

    @property
    def tokens_per_sign(self) -> float | None:
        """r, the factor by which sequences get shorter."""
        return None if self.tokens is None else self.tokens / max(1, self.signs)


@dataclass(frozen=True)
class CostRow:
    """One cost of a model: its formula, and its amount over text and over signs."""

    name: str
    formula: str
    text: float
    signs: float
    unit: str

    @property
    def factor(self) -> float:
        """How many times less signs cost."""
        return self.text / self.signs if self.signs else 1.0


@dataclass(frozen=True)
class Sample:
    """Tokens and compressed bits per character of a language, on so many characters of it."""

    characters: int
    tokens_per_character: float | None
    bits_per_character: float


@cache
def _tokenizer() -> LoadedTokenizer | MissingTokenizer:
    return load(TOKENIZER, offline=True)


def measure_samples(samples: Mapping[str, Sequence[str]]) -> dict[str, Sample]:
    """Counts tokens and compressed size of each language's sample."""
    tokenizer = _tokenizer()
    measured = {}
    for language, texts in samples.items():
        characters = max(1, sum(map(len, texts)))
        tokens = None
        if not isinstance(tokenizer, MissingTokenizer):
            tokens = sum(len(ids) for batch in tokenizer.batches(list(texts)) for ids in batch) / characters
        measured[language] = Sample(characters, tokens, compressed_bits("".join(texts)) / characters)
    return measured


def size_rows(data: ReportData, samples: Mapping[str, Sample]) -> list[SizeRow]:
    """A row per language, then one for all of them where there are several."""
    bits = bits_per_scene(data.metrics, data.levels)
    rows = []
    for code, count in data.manifest.counts.by_language.items():
        sample = samples.get(code, Sample(0, None, 0.0))
        rows.append(
            SizeRow(
                language=code,
                books=count.books,
                characters=count.characters,
                utf8_bytes=count.utf8_bytes,
                sentences=count.sentences,
                scenes=count.scenes,
                signs=count.scenes * data.levels,
                tokens=None if sample.tokens_per_character is None else sample.tokens_per_character * count.characters,
                text_bits=sample.bits_per_character * count.characters,
                sign_bits=bits * count.scenes,
            )
        )
    return [*rows, _sum(rows)] if len(rows) > 1 else rows


def _sum(rows: Sequence[SizeRow]) -> SizeRow:
    tokens = [row.tokens for row in rows if row.tokens is not None]
    return SizeRow(
        language="",
        books=sum(row.books for row in rows),
        characters=sum(row.characters for row in rows),
        utf8_bytes=sum(row.utf8_bytes for row in rows),
        sentences=sum(row.sentences for row in rows),
        scenes=sum(row.scenes for row in rows),
        signs=sum(row.signs for row in rows),
        tokens=sum(tokens) if len(tokens) == len(rows) else None,
        text_bits=sum(row.text_bits for row in rows),
        sign_bits=sum(row.sign_bits for row in rows),
    )


def bits_per_scene(metrics: Mapping[str, Any], levels: int) -> float:
    """Entropy of the signs' use, summed over levels: the most that the signs of a scene can say of it, in bits.

    A level without its metric `levelL/perplexity` counts as 0.
    """
    found = (number(metrics, f"level{level}/perplexity") for level in range(1, levels + 1))
    return sum(math.log2(value) for value in found if value and value >= 1.0)


def cost_rows(data: ReportData, samples: Mapping[str, Sample]) -> list[CostRow]:
    """What a model of the shape `MODEL` pays for the books as tokens and as signs, a book being one sequence.

    Empty when the tokens of some language are not known.
    """
    rates = {code: sample.tokens_per_character for code, sample in samples.items()}
    text = [(rates.get(book.language) or 0.0) * book.characters for book in data.books]
    if not text or not all(text):
        return []
    shape = MODEL_SHAPES[MODEL]
    tokens, signs = np.rint(text).astype(np.int64), np.array([book.scenes * data.levels for book in data.books])
    all_tokens, all_signs = int(tokens.sum()), int(signs.sum())
    mean_tokens, mean_signs = round(all_tokens / len(tokens)), round(all_signs / len(signs))
    n = shape.parameters
    everything, mean = (all_tokens, all_signs), (mean_tokens, mean_signs)

    def row(name: str, formula: str, cost: Callable[[int], float], of: tuple[int, int], unit: str = "") -> CostRow:
        return CostRow(name, formula, cost(of[0]), cost(of[1]), unit)

    return [
        row("sequence of the mean book", "n", float, mean),
        row("training, one pass over all books", "6Nn", lambda d: training_flops(n, d), everything, "FLOP"),
        row("reading the mean book", "2Nn", lambda d: inference_flops(n, d), mean, "FLOP"),
        CostRow("attention scores of all books, per head", "Σn²", attention_pairs(tokens), attention_pairs(signs), ""),
        row("KV cache of the mean book", "4·layers·heads·d·n", lambda d: kv_cache_bytes(shape, d), mean, "B"),
        row("weights, bfloat16", "2N", lambda _: 2 * n, mean, "B"),
        row("training state, Adam in mixed precision", "16N", lambda _: 16 * n, mean, "B"),
    ]


def number(metrics: Mapping[str, Any], key: str) -> float | None:
    """The metric, if it is there and a number."""
    value = metrics.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None
