"""Figures on scenes of translations and languages, as tables for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.scene_agreements.agreement import Projection, Row
from benchmarks.scene_agreements.information import Spent
from benchmarks.scene_agreements.lengths import Lengths


def agreement_table(rows: Sequence[Row]) -> list[str]:
    """Markdown."""
    return [
        "| source | languages | boundaries | F1 strict | by chance | F1 near | at random | even | both even |",
        "|---|---|---:|---|---:|---|---:|---:|---:|",
        *(
            f"| {r.source} | {r.languages} | {r.left:,}/{r.right:,} | {r.strict.show()} | {r.strict_random.mean:.3f} | "
            f"{r.near.show()} | {r.random.mean:.3f} | {r.even.mean:.3f} | {r.both_even.mean:.3f} |"
            for r in rows
        ),
    ]


def projection_table(rows: Sequence[Projection]) -> list[str]:
    """Markdown."""
    return [
        "| projected | source | languages | sentences that open a unit | in place | within 1 | within 3 |",
        "|---|---|---|---:|---:|---:|---:|",
        *(
            f"| {r.way} | {r.source} | {r.languages} | {r.sentences:,} | {r.exact:.1%} | {r.within1:.1%} | "
            f"{r.within3:.1%} |"
            for r in rows
        ),
    ]


def information_table(found: Sequence[tuple[str, list[Spent]]]) -> list[str]:
    """Markdown."""
    return [
        "| same text | language | characters per English one | of information | script | weight that makes it 1 |",
        "|---|---|---:|---:|---|---:|",
        *(
            f"| {source} | {s.language} | {s.plain:.3f} | {s.information:.3f} | {s.script} | {s.weight:.2f} |"
            for source, rows in found
            for s in rows
        ),
    ]


def lengths_table(rows: Sequence[Lengths]) -> list[str]:
    """Markdown; ratios to English where it is there."""
    english = next((row for row in rows if row.language == "en"), None)

    def cells(row: Lengths) -> list[str]:
        def ratio(size: Callable[[Lengths], float]) -> str:
            return f"{size(row) / size(english):.2f}" if english is not None and size(english) else "-"

        return [
            row.language,
            f"{row.books}",
            f"{row.scenes:,}",
            f"{row.median_characters:,.0f}",
            f"{row.mean_characters:,.0f}",
            f"{row.median_information:,.0f}",
            row.information.show("{:,.0f}"),
            ratio(lambda of: of.median_information),
            ratio(lambda of: of.information.mean),
            f"{row.median_sentences:.0f} ({row.low:.0f}-{row.high:.0f})",
            f"{row.full:.1%}",
            f"{row.information_per_sentence:.0f}",
            f"{row.marked:.1%}",
            f"{row.free:,.0f}",
            ratio(lambda of: of.free),
            f"{row.talked:.1%}",
        ]

    return [
        "| language | books | scenes | characters, median | mean | of information, median | mean | "
        "to English, median | mean | sentences, median (95 %) | at the most | information a sentence | marked | "
        "of information, median of free ones | to English | in a talk |",
        "|---|" + "---:|" * 15,
        *(f"| {' | '.join(cells(row))} |" for row in rows),
    ]
