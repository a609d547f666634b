"""The comparison as tables for a terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from scenesign.pipeline.languages.claims import cautions, direction
from scenesign.pipeline.languages.report import CHART, PAGE
from scenesign.pipeline.languages.tables import Comparison


def show_comparison(console: Console, comparison: Comparison, output: Path, page: bool = False) -> None:
    """Prints tokens by language, the verdicts, and where the report lies."""
    for corpus in comparison.corpora:
        rows = [row for row in comparison.rows if row.corpus == corpus.name]
        others = [code for code in corpus.languages if code != corpus.base_language]
        title = f"{corpus.name} ({direction(corpus.source_language)}), {corpus.segments:,} rows"
        table = Table(title=title, title_justify="left", title_style="bold")
        table.add_column("tokenizer", no_wrap=True)
        for code in corpus.languages:
            table.add_column(f"tokens {code}", justify="right")
        for code in others:
            table.add_column(f"{code} / {corpus.base_language}", justify="right")
        for name in dict.fromkeys(row.tokenizer for row in rows):
            by = {row.language: row for row in rows if row.tokenizer == name}
            counts = [f"{by[c].tokens:,}" for c in corpus.languages]
            ratios = [f"{by[c].premium:.2f}" for c in others]  # intervals would not fit in 80 columns
            table.add_row(name, *counts, *ratios)
        console.print(table)
    table = Table(title="Claims of the founding note", title_justify="left", title_style="bold", show_lines=True)
    for column in ("claim", "verdict", "measured"):
        table.add_column(column)
    for verdict in comparison.verdicts:
        table.add_row(verdict.claim, verdict.verdict, verdict.measured or "-")
    console.print(table)
    for caution in cautions(comparison.corpora):
        console.print(f"caution: {caution}", markup=False, soft_wrap=True)
    report, chart = output / "languages.md", output / CHART
    console.print(f"report: {report}\nchart:  {chart}", markup=False, soft_wrap=True)
    if page:
        console.print(f"page:   {output / PAGE}", markup=False, soft_wrap=True)
