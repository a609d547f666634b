"""languages.md, languages.csv, languages.parquet and the JSON of a language comparison."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from scenesign.pipeline.languages.chart import draw_chart
from scenesign.pipeline.languages.claims import cautions
from scenesign.pipeline.languages.page import render_comparison
from scenesign.pipeline.languages.tables import LEDE, Comparison, Table, sections, split_verdict
from scenesign.schemas.languages import costs_table

CHART = "language_token_efficiency_chart.png"
FILES = ("languages.md", "languages.csv", "languages.parquet", CHART)
PAGE = "languages.html"


def write_comparison(comparison: Comparison, folder: Path, page: bool = False) -> None:
    """Writes `FILES` into a folder, and `PAGE` where it is asked for, each whole or not at all, the report last."""
    folder.mkdir(parents=True, exist_ok=True)
    table = costs_table(list(comparison.rows))
    _place(folder / "languages.parquet", lambda path: pq.write_table(table, path, compression="zstd"))
    _place(folder / "languages.csv", lambda path: pa.csv.write_csv(table, path))
    _place(folder / CHART, lambda path: draw_chart(comparison.rows, path))
    if page:
        shown = render_comparison(comparison)
        _place(folder / PAGE, lambda path: path.write_text(shown, encoding="utf-8", newline="\n"))
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
        "written": [asdict(one) for one in comparison.written],
        "vocabulary": asdict(comparison.vocabulary) if comparison.vocabulary else None,
        "missing": [asdict(one) for one in comparison.missing],
        "warnings": [warning for corpus in comparison.corpora for warning in corpus.warnings],
        "cautions": cautions(comparison.corpora),
        "model_shape": asdict(comparison.shape),
        "seed": comparison.seed,
        "resamples": comparison.resamples,
    }


def markdown(comparison: Comparison) -> str:
    """The report a person reads."""
    blocks = ["# What the languages cost", LEDE]
    blocks += [f"> **Caution.** {caution}" for caution in cautions(comparison.corpora)]
    blocks.append(f"![Cost by tokenizer and language]({CHART})")
    for section in sections(comparison):
        blocks += [f"## {section.title}", *map(_block, section.blocks)]
    return "\n\n".join(blocks) + "\n"


def _block(block: str | Table | tuple[str, ...]) -> str:
    if isinstance(block, Table):
        return _table(block)
    return block if isinstance(block, str) else "\n".join(f"- {item}" for item in block)


def _table(table: Table) -> str:
    marks = ["---" if i < table.left else "---:" for i in range(len(table.header))]
    rows = [[cell.replace("|", "\\|") for cell in row] for row in (table.header, *table.rows)]
    if "verdict" in table.header:
        at = table.header.index("verdict")
        for row in rows[1:]:
            row[at] = "**{}**{}".format(*split_verdict(row[at]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], marks, *rows[1:]))
