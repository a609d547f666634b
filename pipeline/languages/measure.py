"""What a language costs under a tokenizer: tokens, words, bits, premium, FLOPs, memory, attention.

Premium: tokens over the base language's tokens for the same content (Petrov et al. 2023, arXiv 2305.15425),
as a ratio of totals, so that long segments weigh what they cost. Its interval resamples aligned segments, all
languages together.
"""

from __future__ import annotations

import bz2
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scenesign.schemas.languages import LanguageCost, ModelShape, ParallelText

RESAMPLES = 1000


class Tokenizer(Protocol):
    """What is needed of a tokenizer; `scenesign.pipeline.languages.tokenizers.LoadedTokenizer` is one."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def vocabulary(self) -> int: ...
    @property
    def source(self) -> str: ...

    def batches(self, texts: Sequence[str]) -> Iterable[list[list[int]]]:
        """Ids of the texts, some at a time."""


@dataclass(frozen=True, eq=False)
class TokenCounts:
    """Tokens of one language under one tokenizer. tokens: int64 [segments]. used: number of distinct ids."""

    tokens: np.ndarray
    used: int


@dataclass(frozen=True)
class Ratio:
    """A ratio to the base language with its 95 % interval, None where there are too few segments for one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class TextSize:
    """What a language's text measures before any tokenizer sees it."""

    characters: int
    bytes: int
    words: int | None
    word_rule: str
    compressed_bits: int


def count_tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> TokenCounts:
    """Tokens of every text, without special tokens, and how many different ids occur."""
    lengths: list[int] = []
    used: set[int] = set()
    for batch in tokenizer.batches(texts):
        for ids in batch:
            lengths.append(len(ids))
            used.update(ids)
    return TokenCounts(np.array(lengths, dtype=np.int64), len(used))


def word_counter(language: str) -> tuple[Callable[[str], int], str] | None:
    """A function that counts words, and its rule in words; None where no offline one knows the language.

    A word is a piece with a letter or digit in it. Chinese is cut by jieba, Russian by razdel, the rest by
    spaCy's rules for the language; clitics that spaCy cuts off (`do|n't`) count as words, and so do the parts
    of a compound that it cuts at the hyphen.
    """
    base = language.split("-")[0]
    if base == "zh":
        from scenesign.transforms.signs.glosses.words import chinese_words

        return lambda text: _wordlike(chinese_words().cut(text)), "jieba"
    if base == "ru":
        from razdel import tokenize

        return lambda text: _wordlike(piece.text for piece in tokenize(text)), "razdel"
    import spacy

    try:
        cut = spacy.blank(base).tokenizer
    except ImportError:  # no rules for this language, or rules that need a package we don't bring
        return None
    return lambda text: _wordlike(piece.text for piece in cut(text)), f"spaCy {base}"


def _wordlike(pieces: Iterable[str]) -> int:
    return sum(any(c.isalnum() for c in piece) for piece in pieces)


def compressed_bits(text: str) -> int:
    """Bits of the text packed by bzip2 -9: an upper bound on its information.

    Of xz, zstd and bzip2 it packed every text we tried best, in the three languages.
    """
    return 8 * len(bz2.compress(text.encode("utf-8"), 9))


def measure_text(language: str, texts: Sequence[str]) -> TextSize:
    """Sizes of one language's text. Segments are joined by line breaks for compression only."""
    counter = word_counter(language)
    return TextSize(
        characters=sum(map(len, texts)),
        bytes=sum(len(t.encode("utf-8")) for t in texts),
        words=sum(map(counter[0], texts)) if counter else None,
        word_rule=counter[1] if counter else "none",
        compressed_bits=compressed_bits("\n".join(texts)),
    )


def resample(segments: int, resamples: int, seed: int) -> np.ndarray:
    """How often each segment is drawn in each bootstrap sample: float64 [resamples, segments], rows sum to
    segments.
    """
    draw = np.random.default_rng(seed)
    return draw.multinomial(segments, np.full(segments, 1 / segments), size=resamples).astype(np.float64)


def ratios_with_intervals(costs: np.ndarray, base: int, weights: np.ndarray) -> list[Ratio]:
    """Total cost of every column over that of column `base`, with the 2.5th and 97.5th percentiles over
    samples.

    costs: numbers per segment and language [segments, languages]. weights: from `resample`. No interval for
        fewer than 5 segments.
    """
    totals = costs.sum(axis=0)
    values = [float(v) for v in totals / totals[base]]
    if len(costs) < 5:
        return [Ratio(value, None, None) for value in values]
    samples = weights @ costs.astype(np.float64)  # totals stay far below 2**53, so they are exact
    low, high = np.percentile(samples / samples[:, [base]], [2.5, 97.5], axis=0)
    return [Ratio(v, float(lo), float(hi)) for v, lo, hi in zip(values, low, high, strict=True)]


def attention_pairs(tokens: np.ndarray) -> int:
    """Query-key scores of full attention, per head and layer: the sum of n squared over segments of n tokens."""
    return int(np.square(tokens).sum())


def training_flops(parameters: float, tokens: int) -> float:
    """6ND: forward and backward pass over D tokens once (Kaplan et al. 2020, arXiv 2001.08361, section 2.1)."""
    return 6 * parameters * tokens


def inference_flops(parameters: float, tokens: int) -> float:
    """2ND: forward pass over D tokens (same source)."""
    return 2 * parameters * tokens


def kv_cache_bytes(shape: ModelShape, tokens: int) -> int:
    """Keys and values of D tokens: 2 x layers x kv_heads x head_dim x bytes per number, each."""
    return 2 * shape.layers * shape.kv_heads * shape.head_dim * shape.bytes_per_number * tokens


def measure_tokens(
    corpus: ParallelText,
    tokenizers: Sequence[Tokenizer],
    shape: ModelShape,
    seed: int = 0,
    resamples: int = RESAMPLES,
    sizes: Mapping[str, TextSize] | None = None,
) -> list[LanguageCost]:
    """A row per tokenizer and language of a corpus. Same input and seed, same rows.

    sizes: from `measure_text`, by language, where the caller has them already.
    """
    sizes = sizes or text_sizes(corpus)
    weights = resample(corpus.segments, resamples, seed)
    rows = []
    for tokenizer in tokenizers:
        counts = {lang: count_tokens(tokenizer, texts) for lang, texts in corpus.texts.items()}
        rows += language_costs(
            corpus, tokenizer.name, tokenizer.kind, tokenizer.source, tokenizer.vocabulary,
            corpus.segments, counts, sizes, weights, shape,
        )  # fmt: skip
    return rows


def text_sizes(corpus: ParallelText) -> dict[str, TextSize]:
    """`measure_text` of every language."""
    return {language: measure_text(language, texts) for language, texts in corpus.texts.items()}


def language_costs(
    corpus: ParallelText,
    name: str,
    kind: str,
    source: str,
    vocabulary: int,
    segments: int,
    counts: Mapping[str, TokenCounts],
    sizes: Mapping[str, TextSize],
    weights: np.ndarray,
    shape: ModelShape,
    lost: Mapping[str, float | None] | None = None,
) -> list[LanguageCost]:
    """A row per language, from its counts by segment. weights: from `resample`. lost: bits per scene, of signs."""
    base = list(counts).index(corpus.base_language)
    per_segment = np.stack([count.tokens for count in counts.values()], axis=1)
    premiums = ratios_with_intervals(per_segment, base, weights)
    attentions = ratios_with_intervals(np.square(per_segment), base, weights)
    rows = []
    for (language, count), premium, attention in zip(counts.items(), premiums, attentions, strict=True):
        size = sizes[language]
        tokens = int(count.tokens.sum())
        rows.append(
            LanguageCost(
                corpus=corpus.name,
                source_language=corpus.source_language,
                licence=corpus.licence,
                unit="document" if kind == "signs" else corpus.unit,
                tokenizer=name,
                kind=kind,
                tokenizer_source=source,
                language=language,
                base_language=corpus.base_language,
                segments=segments,
                characters=size.characters,
                bytes=size.bytes,
                words=size.words,
                word_rule=size.word_rule,
                tokens=tokens,
                tokens_per_word=tokens / size.words if size.words else None,
                tokens_per_character=tokens / size.characters,
                tokens_per_byte=tokens / size.bytes,
                vocabulary=vocabulary,
                vocabulary_used=count.used,
                vocabulary_share=count.used / vocabulary,
                compressed_bits=size.compressed_bits,
                bits_per_token=size.compressed_bits / tokens,
                premium=premium.value,
                premium_low=premium.low,
                premium_high=premium.high,
                model_shape=shape.name,
                training_flops=training_flops(shape.parameters, tokens),
                inference_flops=inference_flops(shape.parameters, tokens),
                kv_cache_bytes=kv_cache_bytes(shape, tokens),
                attention_pairs=attention_pairs(count.tokens),
                attention_ratio=attention.value,
                attention_low=attention.low,
                attention_high=attention.high,
                bits_lost_per_scene=(lost or {}).get(language),
            )
        )
    return rows
