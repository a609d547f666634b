"""The sections of a language comparison, as the Markdown report and the page both show them: text, tables, lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenesign.pipeline.languages.claims import NOTE, ClaimVerdict, direction, percentages
from scenesign.schemas.languages import (
    GlyphCost,
    LanguageCost,
    MissingTokenizer,
    ModelShape,
    ParallelText,
    VocabularyPrice,
    WrittenSigns,
)

VERDICTS = ("holds", "fails", "only when", "not measured")
LEDE = (
    "The same content in several languages, counted by real tokenizers. "
    "A figure holds for these texts and these tokenizers, not for a language as such."
)
TWO_PRICES = (
    "A sign is shown as a character, its glyph, and has two prices. In a model whose vocabulary has a row for each"
    " glyph, a sign is one token, and the model gains weights. In a model that knows nothing of signs, glyphs are text:"
    " each costs the tokens that the tokenizer has for it, and the model gains no weights."
)
NO_SIGNS = "No text was measured as signs: the command was told to leave them out."
LOST = (
    "Bits lost per scene: bits of its compressed text less the entropy of its signs. What a sign keeps is what the"
    " scene is about, not what it says."
)


@dataclass(frozen=True)
class Comparison:
    """All that one run measured, ready to be written. vocabulary: None where no text was measured as signs."""

    corpora: tuple[ParallelText, ...]
    rows: tuple[LanguageCost, ...]
    missing: tuple[MissingTokenizer, ...]
    glyphs: tuple[GlyphCost, ...]
    verdicts: tuple[ClaimVerdict, ...]
    shape: ModelShape
    seed: int
    resamples: int
    written: tuple[WrittenSigns, ...] = ()
    vocabulary: VocabularyPrice | None = None


@dataclass(frozen=True)
class Table:
    """A table of text. left: its first columns that hold words; the others hold numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: paragraphs, tables, and lists as tuples of items."""

    title: str
    blocks: tuple[str | Table | tuple[str, ...], ...]


def sections(comparison: Comparison) -> tuple[Section, ...]:
    """Everything that was measured, in reading order."""
    warnings = tuple(f"Warning: {warning}" for corpus in comparison.corpora for warning in corpus.warnings)
    found = [
        Section("The claims of the founding note", (NOTE, claims_table(comparison.verdicts))),
        Section("Corpora", (corpora_table(comparison.corpora), *((warnings,) if warnings else ()))),
        Section("Tokenizers", (tokenizers_table(comparison),)),
    ]
    for corpus in comparison.corpora:
        rows = [row for row in comparison.rows if row.corpus == corpus.name]
        title = f"{corpus.name} ({direction(corpus.source_language)})"
        model = f"What that comes to for {comparison.shape.name}:"
        found.append(Section(title, (tokens_table(rows), model, costs_of_model(rows))))
    found.append(Section("Signs", _signs(comparison)))
    found.append(Section("How it was measured", (method(comparison),)))
    return tuple(found)


def split_verdict(verdict: str) -> tuple[str, str]:
    """The one of `VERDICTS` that a verdict begins with, and the rest of it."""
    word = next(word for word in VERDICTS if verdict.startswith(word))
    return word, verdict.removeprefix(word)


def _signs(comparison: Comparison) -> tuple[str | Table, ...]:
    if comparison.vocabulary is None:
        return (NO_SIGNS,)
    blocks: list[str | Table] = [TWO_PRICES]
    if counted := signs_table(comparison):
        blocks += [counted, LOST]
    if glyphs := glyphs_table(comparison):
        blocks += ["Glyphs as text, all of them, in random order:", glyphs]
    weights = weights_table(comparison.vocabulary)
    return (*blocks, "Weights that a vocabulary gains:", weights, weights_note(comparison.vocabulary))


def claims_table(verdicts: Sequence[ClaimVerdict]) -> Table:
    """A row per claim; the verdict begins with one of `VERDICTS`."""
    return Table(
        ("claim", "verdict", "measured", "within the claim", "corpora (original language)"),
        tuple(
            (
                v.claim,
                v.verdict,
                v.measured or "-",
                f"{v.agree} of {v.of}" if v.of else "-",
                "; ".join(v.corpora) or "-",
            )
            for v in verdicts
        ),
        left=5,
    )


def corpora_table(corpora: Sequence[ParallelText]) -> Table:
    """A row per corpus."""
    return Table(
        ("corpus", "written in", "licence", "row", "languages", "rows"),
        tuple(
            (c.name, c.source_language, c.licence, c.unit, ", ".join(c.languages), f"{c.segments:,}") for c in corpora
        ),
        left=5,
    )


def tokenizers_table(comparison: Comparison) -> Table:
    """A row per tokenizer, the missing ones last, with what would bring them."""
    seen = {row.tokenizer: row for row in comparison.rows}
    rows = [(row.tokenizer, row.tokenizer_source, f"{row.vocabulary:,}") for row in seen.values()]
    rows += [(one.name, f"missing: {one.reason}", "-") for one in comparison.missing]
    return Table(("tokenizer", "from", "vocabulary"), tuple(rows), left=2)


def tokens_table(rows: Sequence[LanguageCost]) -> Table:
    """A row per tokenizer of one corpus: tokens of each language, over the base language's, and per word."""
    languages = list(dict.fromkeys(row.language for row in rows))
    base = rows[0].base_language
    others = [code for code in languages if code != base]
    header = ["tokenizer", *(f"tokens {c}" for c in languages), *(f"{c} / {base} (95 %)" for c in others)]
    header += [f"tokens per word {c}" for c in languages]
    lines = []
    for name in dict.fromkeys(row.tokenizer for row in rows):
        by = {row.language: row for row in rows if row.tokenizer == name}
        lines.append(
            (
                name,
                *(f"{by[c].tokens:,}" for c in languages),
                *(interval(by[c].premium, by[c].premium_low, by[c].premium_high) for c in others),
                *(_number(by[c].tokens_per_word) for c in languages),
            )
        )
    return Table(tuple(header), tuple(lines))


def interval(value: float, low: float | None, high: float | None) -> str:
    """`1.64 (1.62-1.66)`, or the value alone where there is no interval."""
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f}-{high:.2f})"


def costs_of_model(rows: Sequence[LanguageCost]) -> Table:
    """A row per tokenizer and language of one corpus: what its tokens come to for the model."""
    header = (
        "tokenizer", "language", "per character", "per byte", "vocabulary used", "bits per token",
        "training FLOPs (6ND)", "inference FLOPs (2ND)", "KV-cache GB", "attention pairs",
        "attention, times " + rows[0].base_language,
    )  # fmt: skip
    lines = tuple(
        (
            row.tokenizer,
            row.language,
            f"{row.tokens_per_character:.3f}",
            f"{row.tokens_per_byte:.3f}",
            f"{100 * row.vocabulary_share:.1f} %",
            f"{row.bits_per_token:.2f}",
            f"{row.training_flops:.2e}",
            f"{row.inference_flops:.2e}",
            f"{row.kv_cache_bytes / 1e9:.3g}",
            f"{row.attention_pairs:.3e}",
            interval(row.attention_ratio, row.attention_low, row.attention_high),
        )
        for row in rows
    )
    return Table(header, lines, left=2)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def signs_table(comparison: Comparison) -> Table | None:
    """A row per corpus and language that was measured as signs: both prices in tokens, and what is lost."""
    lines = []
    for row in (row for row in comparison.rows if row.kind == "signs"):
        same = [
            row.tokens / other.tokens for other in comparison.rows
            if (other.corpus, other.language, other.kind) == (row.corpus, row.language, "subword")
        ]  # fmt: skip
        text = [one for one in comparison.written if (one.corpus, one.language) == (row.corpus, row.language)]
        lines.append(
            (
                row.corpus, row.language, f"{row.tokens:,}",
                percentages(same) if same else "-",
                _from_to([one.tokens / one.glyphs for one in text]),
                percentages([one.share for one in text]) if text else "-",
                "-" if row.bits_lost_per_scene is None else f"{row.bits_lost_per_scene:,.0f}",
            )
        )  # fmt: skip
    header = (
        "corpus", "language", "signs", "of the text's tokens, a row per sign", "tokens per sign, as text",
        "of the text's tokens, as text", "bits lost per scene",
    )  # fmt: skip
    return Table(header, tuple(lines), left=2) if lines else None


def _from_to(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}" if values else "-"


def glyphs_table(comparison: Comparison) -> Table | None:
    """A row per tokenizer: tokens per glyph of each kind, over all glyphs there are."""
    glyphs = comparison.glyphs
    kinds = {glyph.script: glyph.glyphs for glyph in glyphs}
    by = {(glyph.tokenizer, glyph.script): glyph.tokens_per_glyph for glyph in glyphs}
    rows = tuple(
        (name, *(f"{by[name, kind]:.2f}" for kind in kinds)) for name in dict.fromkeys(g.tokenizer for g in glyphs)
    )
    header = ("tokenizer", *(f"tokens per glyph, {count:,} {kind}" for kind, count in kinds.items()))
    return Table(header, rows) if rows else None


def weights_table(price: VocabularyPrice) -> Table:
    """What a model gains for one token per glyph: with a row for each, and with composed glyphs as sums of letters."""
    rows = [
        ("a row per glyph", f"{price.topics + price.composed:,}", f"{price.weights:,}", f"{100 * price.share:.3f} %"),
    ]
    if price.composed:
        rows.append(
            (
                "a row per topic and per letter",
                f"{price.topics + price.letters:,}",
                f"{price.weights_by_letters:,}",
                f"{100 * price.share_by_letters:.3f} %",
            )
        )
    return Table(("vocabulary", "rows", "weights", f"of the weights of {price.model_shape}"), tuple(rows))


def weights_note(price: VocabularyPrice) -> str:
    """How `weights_table` was counted."""
    layers = ", and as many in the output layer"
    if price.tied:
        layers = ", and the output layer has the same"
    note = f"The glyphs are those of {price.source}: {price.topics:,} topics"
    if price.composed:
        note += (
            f" and {price.composed:,} composed glyphs. A composed glyph is spelled with three letters of 16 values, so"
            f" the sum of three vectors can stand for it: {price.letters:,} rows in place of {price.composed:,}"
        )
    return f"{note}. A row is {price.width:,} numbers in the embeddings{layers}."


def method(comparison: Comparison) -> tuple[str, ...]:
    """How it was measured, an item each."""
    rules = dict.fromkeys(f"{row.language}: {row.word_rule}" for row in comparison.rows)
    shape = comparison.shape
    return (
        "Tokens: each row of a corpus encoded on its own, without begin or end marks; nothing is sampled.",
        f"Words: pieces with a letter or digit in them, cut by {', '.join(rules)}.",
        "Premium: total tokens over the base language's (Petrov et al. 2023); 95 % interval from"
        f" {comparison.resamples:,} bootstrap samples of whole rows, seed {comparison.seed}.",
        "Bits per token: the language's text packed by bzip2 -9, in bits, over its tokens: an upper bound.",
        f"FLOPs: 6ND to train, 2ND to run (Kaplan et al. 2020), D = tokens, N = {shape.parameters:.3g}"
        f" for {shape.name}, the same for every tokenizer. Weights and optimiser state don't change"
        " with D.",
        f"KV-cache: 2 x {shape.layers} layers x {shape.kv_heads} heads x {shape.head_dim} x"
        f" {shape.bytes_per_number} bytes per token, for all tokens at once.",
        "Attention pairs: the sum over rows of n squared, per head and layer. Lengths of rows"
        " differ between"
        " corpora, so compare languages within one.",
        "Verdicts: subword tokenizers only. A claim holds if every corpus and tokenizer agrees, and"
        " fails if"
        " none does.",
    )
