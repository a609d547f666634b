"""languages.md, languages.csv, languages.parquet and the JSON of a language comparison."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from scenesign.pipeline.languages.chart import draw_chart
from scenesign.pipeline.languages.claims import ClaimVerdict, cautions, direction
from scenesign.schemas.languages import (
    GlyphCost,
    LanguageCost,
    MissingTokenizer,
    ModelShape,
    ParallelText,
    costs_table,
)

CHART = "language_token_efficiency_chart.png"
FILES = ("languages.md", "languages.csv", "languages.parquet", CHART)


@dataclass(frozen=True)
class Comparison:
    """All that one run measured, ready to be written."""

    corpora: tuple[ParallelText, ...]
    rows: tuple[LanguageCost, ...]
    missing: tuple[MissingTokenizer, ...]
    glyphs: tuple[GlyphCost, ...]
    verdicts: tuple[ClaimVerdict, ...]
    shape: ModelShape
    seed: int
    resamples: int


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Writes `FILES` into a folder, each whole or not at all, the report last."""
    folder.mkdir(parents=True, exist_ok=True)
    table = costs_table(list(comparison.rows))
    _place(folder / "languages.parquet", lambda path: pq.write_table(table, path, compression="zstd"))
    _place(folder / "languages.csv", lambda path: pa.csv.write_csv(table, path))
    _place(folder / CHART, lambda path: draw_chart(comparison.rows, path))
    text = markdown(comparison)
    _place(folder / "languages.md", lambda path: path.write_text(text, encoding="utf-8", newline="\n"))


def _place(path: Path, write: Callable[[Path], object]) -> None:
    # the suffix stays, for the chart's format is told by it
    partial = path.with_name(f".partial-{path.name}")
    write(partial)
    os.replace(partial, path)


def as_json(comparison: Comparison) -> dict[str, object]:
    """Everything measured, as plain values."""
    return {
        "rows": [asdict(row) for row in comparison.rows],
        "claims": [asdict(verdict) for verdict in comparison.verdicts],
        "glyphs": [asdict(glyph) for glyph in comparison.glyphs],
        "missing": [asdict(one) for one in comparison.missing],
        "warnings": [warning for corpus in comparison.corpora for warning in corpus.warnings],
        "cautions": cautions(comparison.corpora),
        "model_shape": asdict(comparison.shape),
        "seed": comparison.seed,
        "resamples": comparison.resamples,
    }


def markdown(comparison: Comparison) -> str:
    """The report a person reads."""
    out = io.StringIO()

    def say(*lines: str) -> None:
        out.write("\n".join(lines) + "\n\n")

    say("# What the languages cost")
    say(
        "The same content in several languages, counted by real tokenizers. "
        "A figure holds for these texts and these tokenizers, not for a language as such."
    )
    for caution in cautions(comparison.corpora):
        say(f"> **Caution.** {caution}")
    say(f"![Cost by tokenizer and language]({CHART})")
    say("## The claims of the founding note", _claims(comparison.verdicts))
    say("## Corpora", _corpora(comparison.corpora))
    for corpus in comparison.corpora:
        for warning in corpus.warnings:
            say(f"- Warning: {warning}")
    say("## Tokenizers", _tokenizers(comparison))
    for corpus in comparison.corpora:
        rows = [row for row in comparison.rows if row.corpus == corpus.name]
        say(f"## {corpus.name} ({direction(corpus.source_language)})", _main_table(rows))
        say(f"What that comes to for {comparison.shape.name}:", "", _cost_table(rows))
    say("## Signs", _signs(comparison), "", _glyphs(comparison.glyphs))
    say("## How it was measured", _method(comparison))
    return out.getvalue().rstrip("\n") + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A Markdown table; the first `left` columns are text, the others numbers."""
    marks = ["---" if i < left else "---:" for i in range(len(header))]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (header, marks, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _claims(verdicts: Sequence[ClaimVerdict]) -> str:
    rows = []
    for v in verdicts:
        word = next(w for w in ("holds", "fails", "only when", "not measured") if v.verdict.startswith(w))
        rows.append(
            [
                v.claim,
                f"**{word}**{v.verdict.removeprefix(word)}",
                v.measured or "-",
                f"{v.agree} of {v.of}" if v.of else "-",
                "; ".join(v.corpora) or "-",
            ]
        )
    header = ("claim", "verdict", "measured", "within the claim", "corpora (original language)")
    return "\n" + _table(header, rows, left=5)


def _corpora(corpora: Sequence[ParallelText]) -> str:
    rows = [[c.name, c.source_language, c.licence, c.unit, ", ".join(c.languages), f"{c.segments:,}"] for c in corpora]
    return "\n" + _table(("corpus", "written in", "licence", "row", "languages", "rows"), rows, left=5)


def _tokenizers(comparison: Comparison) -> str:
    seen = {row.tokenizer: row for row in comparison.rows}
    rows = [[row.tokenizer, row.tokenizer_source, f"{row.vocabulary:,}"] for row in seen.values()]
    rows += [[one.name, f"missing: {one.reason}", "-"] for one in comparison.missing]
    return "\n" + _table(("tokenizer", "from", "vocabulary"), rows, left=2)


def _main_table(rows: Sequence[LanguageCost]) -> str:
    languages = list(dict.fromkeys(row.language for row in rows))
    base = rows[0].base_language
    others = [code for code in languages if code != base]
    header = ["tokenizer", *(f"tokens {c}" for c in languages), *(f"{c} / {base} (95 %)" for c in others)]
    header += [f"tokens per word {c}" for c in languages]
    lines = []
    for name in dict.fromkeys(row.tokenizer for row in rows):
        by = {row.language: row for row in rows if row.tokenizer == name}
        lines.append(
            [
                name,
                *(f"{by[c].tokens:,}" for c in languages),
                *(interval(by[c].premium, by[c].premium_low, by[c].premium_high) for c in others),
                *(_number(by[c].tokens_per_word) for c in languages),
            ]
        )
    return "\n" + _table(header, lines)


def interval(value: float, low: float | None, high: float | None) -> str:
    """`1.64 (1.62-1.66)`, or the value alone where there is no interval."""
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f}-{high:.2f})"


def _cost_table(rows: Sequence[LanguageCost]) -> str:
    header = (
        "tokenizer", "language", "per character", "per byte", "vocabulary used", "bits per token",
        "training FLOPs (6ND)", "inference FLOPs (2ND)", "KV-cache GB", "attention pairs",
        "attention, times " + rows[0].base_language,
    )  # fmt: skip
    lines = [
        [
            row.tokenizer,
            row.language,
            f"{row.tokens_per_character:.3f}",
            f"{row.tokens_per_byte:.3f}",
            f"{row.vocabulary_share:.1%}",
            f"{row.bits_per_token:.2f}",
            f"{row.training_flops:.2e}",
            f"{row.inference_flops:.2e}",
            f"{row.kv_cache_bytes / 1e9:.3g}",
            f"{row.attention_pairs:.3e}",
            interval(row.attention_ratio, row.attention_low, row.attention_high),
        ]
        for row in rows
    ]
    return _table(header, lines, left=2)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _signs(comparison: Comparison) -> str:
    signs = [row for row in comparison.rows if row.kind == "signs"]
    conditions = (
        "A sign costs one token only in a model whose vocabulary has a row for it. Written as text, in the"
        " vocabularies of today, the characters below cost this many tokens each."
    )
    if not signs:
        return f"\nNo inventory was given, so no text was encoded as signs (`--inventory DIR`). {conditions}"
    lines = []
    for row in signs:
        same = [
            r for r in comparison.rows
            if (r.corpus, r.language, r.kind) == (row.corpus, row.language, "subword")
        ]  # fmt: skip
        shares = [row.tokens / r.tokens for r in same]
        lines.append(
            [
                row.corpus, row.language, f"{row.tokens:,}",
                f"{min(shares):.2%} to {max(shares):.2%}" if shares else "-",
                "-" if row.bits_lost_per_scene is None else f"{row.bits_lost_per_scene:,.0f}",
            ]
        )  # fmt: skip
    header = ("corpus", "language", "signs", "of the text's tokens", "bits lost per scene")
    price = (
        "Bits lost per scene: bits of its compressed text less the entropy of its signs. What a sign"
        " keeps is what"
        " the scene is about, not what it says."
    )
    return "\n" + _table(header, lines, left=2) + f"\n\n{price} {conditions}"


def _glyphs(glyphs: Sequence[GlyphCost]) -> str:
    scripts = list(dict.fromkeys(glyph.script for glyph in glyphs))
    by = {(glyph.tokenizer, glyph.script): glyph.tokens_per_glyph for glyph in glyphs}
    rows = [[name, *(f"{by[name, s]:.2f}" for s in scripts)] for name in dict.fromkeys(g.tokenizer for g in glyphs)]
    return _table(("tokenizer", *(f"tokens per glyph, {s}" for s in scripts)), rows)


def _method(comparison: Comparison) -> str:
    rules = dict.fromkeys(f"{row.language}: {row.word_rule}" for row in comparison.rows)
    shape = comparison.shape
    return "\n".join(
        (
            "",
            "- Tokens: each row of a corpus encoded on its own, without begin or end marks; nothing is sampled.",
            f"- Words: pieces with a letter or digit in them, cut by {', '.join(rules)}.",
            "- Premium: total tokens over the base language's (Petrov et al. 2023); 95 % interval from"
            f" {comparison.resamples:,} bootstrap samples of whole rows, seed {comparison.seed}.",
            "- Bits per token: the language's text packed by bzip2 -9, in bits, over its tokens: an upper bound.",
            f"- FLOPs: 6ND to train, 2ND to run (Kaplan et al. 2020), D = tokens, N = {shape.parameters:.3g}"
            f" for {shape.name}, the same for every tokenizer. Weights and optimiser state don't change"
            " with D.",
            f"- KV-cache: 2 x {shape.layers} layers x {shape.kv_heads} heads x {shape.head_dim} x"
            f" {shape.bytes_per_number} bytes per token, for all tokens at once.",
            "- Attention pairs: the sum over rows of n squared, per head and layer. Lengths of rows"
            " differ between"
            " corpora, so compare languages within one.",
            "- Verdicts: subword tokenizers only. A claim holds if every corpus and tokenizer agrees, and"
            " fails if"
            " none does.",
        )
    )
