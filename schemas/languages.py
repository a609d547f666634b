"""What the language comparison reads and writes: aligned text, a model's shape, and the measured rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import pyarrow as pa

UNSTATED = "not stated"


@dataclass(frozen=True)
class ParallelText:
    """One corpus: the same content in several languages, cut at the same places.

    texts: language code -> segments; every language has the same number of them, none empty.
    documents: for each segment, the text it belongs to (a story, a book of the Bible). Empty where
        segments are unrelated to each other, as the sentences of FLORES are: then they hold no scenes.
    source_language: what the content was written in first. Translations tend to be longer than originals, so
        a ratio of lengths means little without it.
    unit: what one segment is: sentence, verse, paragraph, chapter, row.
    warnings: one line each, for the person who gave the corpus.
    """

    name: str
    texts: Mapping[str, tuple[str, ...]]
    documents: tuple[str, ...] = ()
    source_language: str = UNSTATED
    licence: str = UNSTATED
    unit: str = "line"
    path: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """Language codes, in the order of the file."""
        return tuple(self.texts)

    @property
    def segments(self) -> int:
        """Number of aligned segments."""
        return len(next(iter(self.texts.values()), ()))

    @property
    def base_language(self) -> str:
        """The language others are compared with: English, else the source language, else the first."""
        for wanted in ("en", self.source_language):
            if wanted in self.texts:
                return wanted
        return self.languages[0]


@dataclass(frozen=True)
class ModelShape:
    """What a transformer's cost depends on besides the number of tokens.

    parameters: N, all weights. kv_heads and head_dim: keys and values kept per layer and token. width: numbers in the
    embedding of a token. tied: whether the output layer has those same numbers, and none of its own.
    """

    name: str
    parameters: float
    layers: int
    kv_heads: int
    head_dim: int
    width: int
    tied: bool = False
    bytes_per_number: int = 2


# From the models' published configurations. N is held fixed over languages and tokenizers, although a larger
# vocabulary adds rows to the embedding table.
MODEL_SHAPES: Mapping[str, ModelShape] = {
    shape.name: shape
    for shape in (
        ModelShape("gpt2", 124e6, layers=12, kv_heads=12, head_dim=64, width=768, tied=True),
        ModelShape("qwen3-0.6b", 0.6e9, layers=28, kv_heads=8, head_dim=128, width=1024, tied=True),
        ModelShape("llama-2-7b", 6.74e9, layers=32, kv_heads=32, head_dim=128, width=4096),
        ModelShape("mistral-7b", 7.25e9, layers=32, kv_heads=8, head_dim=128, width=4096),
        ModelShape("llama-3-8b", 8.03e9, layers=32, kv_heads=8, head_dim=128, width=4096),
        ModelShape("llama-3-70b", 70.6e9, layers=80, kv_heads=8, head_dim=128, width=8192),
    )
}


@dataclass(frozen=True)
class LanguageCost:
    """What one language of one corpus costs under one tokenizer. None where a figure cannot be had.

    kind: `subword`, `byte`, `character`, or `signs` for text encoded with an inventory.
    tokenizer_source: package and version, or path, that the vocabulary came from.
    words: counted by the rule `word_rule`; the same for every tokenizer.
    vocabulary_share: distinct tokens used over the size of the vocabulary.
    bits_per_token: bits of the language's text, packed by bzip2, over its tokens; an upper bound on what a
        token carries.
    premium: tokens over the base language's tokens, with a 95 % bootstrap interval over segments.
    training_flops, inference_flops: 6ND and 2ND for `model_shape`, D = tokens. kv_cache_bytes: for all tokens
        at once.
    attention_pairs: sum over segments of n squared; attention_ratio: over the base language's, with its
        interval.
    bits_lost_per_scene: for `signs` only: bits of compressed text per scene that its signs can't hold.
    """

    corpus: str
    source_language: str
    licence: str
    unit: str
    tokenizer: str
    kind: str
    tokenizer_source: str
    language: str
    base_language: str
    segments: int
    characters: int
    bytes: int
    words: int | None
    word_rule: str
    tokens: int
    tokens_per_word: float | None
    tokens_per_character: float
    tokens_per_byte: float
    vocabulary: int
    vocabulary_used: int
    vocabulary_share: float
    compressed_bits: int
    bits_per_token: float
    premium: float
    premium_low: float | None
    premium_high: float | None
    model_shape: str
    training_flops: float
    inference_flops: float
    kv_cache_bytes: int
    attention_pairs: int
    attention_ratio: float
    attention_low: float | None
    attention_high: float | None
    bits_lost_per_scene: float | None = None


@dataclass(frozen=True)
class GlyphCost:
    """Tokens that a glyph costs on average under a tokenizer: the price of signs written as text.

    script: which glyphs, `topics` or `composed glyphs`. glyphs: how many there are, all of which were counted.
    """

    tokenizer: str
    script: str
    glyphs: int
    tokens_per_glyph: float


@dataclass(frozen=True)
class WrittenSigns:
    """What the signs of one language of one corpus cost under a tokenizer that knows nothing of them.

    glyphs: characters that the signs are written in. share: tokens over those of the text itself.
    """

    corpus: str
    language: str
    tokenizer: str
    glyphs: int
    tokens: int
    share: float


@dataclass(frozen=True)
class VocabularyPrice:
    """What it costs a model to have a token per glyph: weights that it gains.

    source: the inventory. topics, composed: rows of the vocabulary, one per glyph. letters: rows that take the place
    of `composed` where the embedding of a composed glyph is the sum of its letters'. width, tied: of `model_shape`.
    weights, weights_by_letters: numbers gained, in the output layer too where that is not tied. share,
    share_by_letters: these over the weights of the model.
    """

    source: str
    topics: int
    composed: int
    letters: int
    model_shape: str
    width: int
    tied: bool
    weights: int
    weights_by_letters: int
    share: float
    share_by_letters: float


@dataclass(frozen=True)
class MissingTokenizer:
    """A tokenizer that was wanted and could not be had, with the reason and the next step in one line."""

    name: str
    reason: str


_ARROW = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}

LANGUAGE_COSTS = pa.schema(
    [pa.field(f.name, _ARROW[str(f.type).split(" ")[0]], nullable="None" in str(f.type)) for f in fields(LanguageCost)]
)


def costs_table(rows: list[LanguageCost]) -> pa.Table:
    """The rows as a table of schema `LANGUAGE_COSTS`."""
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=LANGUAGE_COSTS)
