"""What a text costs as signs: in a vocabulary that has a row for each glyph, and written as text."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from scenesign.pipeline.languages.measure import (
    RESAMPLES,
    TextSize,
    TokenCounts,
    Tokenizer,
    count_tokens,
    language_costs,
    resample,
    text_sizes,
)
from scenesign.schemas.languages import (
    GlyphCost,
    LanguageCost,
    ModelShape,
    ParallelText,
    VocabularyPrice,
    WrittenSigns,
)
from scenesign.transforms.signs.glyphs import LETTER_VALUES, LETTERS_OF_GLYPH, glyph, glyphs

# (text, language) -> the ids of its signs, in reading order
EncodeSigns = Callable[[str, str], Sequence[int]]
# Language -> the signs of each document.
SignStreams = Mapping[str, Sequence[Sequence[int]]]

TOPICS, COMPOSED = "topics", "composed glyphs"
_RUN = 32  # glyphs in a row: a mark that a tokenizer puts before every text weighs little


def sign_streams(corpus: ParallelText, encode: EncodeSigns) -> SignStreams:
    """The signs of every document in every language. Signs are of scenes, so whole documents are encoded.

    Empty for a corpus that doesn't say which document a row is from.
    """
    if not corpus.documents:
        return {}
    names = _names(corpus)
    return {
        language: [[int(sign) for sign in encode(text, language)] for text in _whole(corpus, language, names)]
        for language in corpus.languages
    }


def measure_signs(
    corpus: ParallelText,
    streams: SignStreams,
    vocabulary: int,
    source: str,
    shape: ModelShape,
    signs_per_scene: int = 1,
    seed: int = 0,
    resamples: int = RESAMPLES,
    sizes: Mapping[str, TextSize] | None = None,
) -> list[LanguageCost]:
    """A row per language for the text as signs, a token each: true of a model whose vocabulary has a row per sign.

    streams: from `sign_streams`; no rows where it is empty. n is a document's number of signs. Bits lost per scene:
    compressed bits of a scene less the entropy of the signs that came out.
    """
    if not streams:
        return []
    sizes = sizes or text_sizes(corpus)
    counts = {
        language: TokenCounts(np.array([len(s) for s in documents], dtype=np.int64), len(set().union(*documents)))
        for language, documents in streams.items()
    }
    lost = {
        language: bits_lost(sizes[language].compressed_bits, documents, signs_per_scene)
        for language, documents in streams.items()
    }
    documents = len(_names(corpus))
    weights = resample(documents, resamples, seed)
    return language_costs(corpus, "signs", "signs", source, vocabulary, documents, counts, sizes, weights, shape, lost)


def written_signs(
    corpus: ParallelText,
    streams: SignStreams,
    sizes: Sequence[int],
    tokenizers: Sequence[Tokenizer],
    text_tokens: Mapping[tuple[str, str], int],
    composed: bool = True,
) -> list[WrittenSigns]:
    """What the glyphs of every document cost as text, by language and tokenizer, as they are written: without spaces.

    sizes: signs of each level. text_tokens: (tokenizer, language) -> tokens of the text itself. composed: whether
    glyphs from the second level on are spelled with letters, as they are but in inventories of protocol 1.
    """
    found = []
    for language, documents in streams.items():
        texts = [glyphs(signs, sizes, composed) for signs in documents]
        written = sum(map(len, texts))
        for tokenizer in tokenizers:
            if written:
                tokens = int(count_tokens(tokenizer, texts).tokens.sum())
                share = tokens / text_tokens[tokenizer.name, language]
                found.append(WrittenSigns(corpus.name, language, tokenizer.name, written, tokens, share))
    return found


def glyph_costs(tokenizer: Tokenizer, sizes: Sequence[int], composed: bool = True, seed: int = 0) -> list[GlyphCost]:
    """Tokens per glyph of all topics, and of all composed glyphs: what signs cost where they are written as text.

    sizes: signs of each level. In random order, drawn by the seed, in runs of 32: neighbours rarely merge.
    """
    first = sizes[0] if composed else sum(sizes)
    kinds = ((TOPICS, range(first)), (COMPOSED, range(first, sum(sizes))))
    costs = []
    for kind, signs in kinds:
        if signs:
            drawn = [glyph(sign, sizes, composed) for sign in random.Random(seed).sample(signs, len(signs))]
            runs = ["".join(drawn[i : i + _RUN]) for i in range(0, len(drawn), _RUN)]
            tokens = int(count_tokens(tokenizer, runs).tokens.sum())
            costs.append(GlyphCost(tokenizer.name, kind, len(drawn), tokens / len(drawn)))
    return costs


def vocabulary_price(source: str, sizes: Sequence[int], shape: ModelShape, composed: bool = True) -> VocabularyPrice:
    """Weights that a model gains with a row of its vocabulary for each glyph, and with sums of letters instead.

    sizes: signs of each level that scenes are written in. composed: as for `written_signs`. A row has `shape.width`
    numbers, and as many again in the output layer where that isn't tied to the embeddings.
    """
    spelled = sizes[1:] if composed else ()
    topics = sum(sizes) - sum(spelled)
    letters = LETTERS_OF_GLYPH * LETTER_VALUES * len(spelled)
    wide = shape.width * (1 if shape.tied else 2)
    return VocabularyPrice(
        source=source,
        topics=topics,
        composed=sum(spelled),
        letters=letters,
        model_shape=shape.name,
        width=shape.width,
        tied=shape.tied,
        weights=sum(sizes) * wide,
        weights_by_letters=(topics + letters) * wide,
        share=sum(sizes) * wide / shape.parameters,
        share_by_letters=(topics + letters) * wide / shape.parameters,
    )


def bits_lost(text_bits: int, documents: Sequence[Sequence[int]], signs_per_scene: int) -> float | None:
    """Bits of compressed text per scene that its signs can't hold: at most their entropy, sign by sign."""
    counts = Counter(sign for document in documents for sign in document)
    total = counts.total()
    if not total:
        return None
    entropy = -sum(n / total * math.log2(n / total) for n in counts.values())
    return text_bits / (total / signs_per_scene) - entropy * signs_per_scene


def _names(corpus: ParallelText) -> list[str]:
    return list(dict.fromkeys(corpus.documents))


def _whole(corpus: ParallelText, language: str, names: Sequence[str]) -> list[str]:
    """The documents' texts, segments as paragraphs."""
    parts: dict[str, list[str]] = {name: [] for name in names}
    for name, text in zip(corpus.documents, corpus.texts[language], strict=True):
        parts[name].append(text)
    return ["\n\n".join(parts[name]) for name in names]
