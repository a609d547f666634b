"""The plan of a dry run, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import PurePosixPath

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenesign.pipeline.run.graph import BuildPlan
from scenesign.pipeline.wording import counted, human_bytes
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.transforms.signs.choose import FEWEST_BOOKS, FEWEST_SCENES

_MOST_REFUSED = 10


def plan_fields(plan: BuildPlan, steps: list[str]) -> dict[str, object]:
    """The plan of a dry run for programs."""
    return {
        "inputs": [asdict(source) for source in plan.sources],
        "refused": [asdict(reject) for reject in plan.listed_rejects],
        "finished_books": sum(len(part.books) for part in plan.finished),
        "parts": plan.parts,
        "output": plan.options.output,
        "options": plan.options.data_options(),
        "script_if_too_few": DEFAULT_SCRIPT if plan.options.fallback else None,
        "steps": steps,
    }


def show_plan(console: Console, plan: BuildPlan, steps: list[str], verbose: bool = False) -> None:
    """Prints the plan of a dry run. verbose: with the steps of the graph."""
    by_kind: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for source in plan.sources:
        kind = PurePosixPath(source.name).suffix or "(none)"
        by_kind[kind] += 1
        sizes[kind] += source.bytes
    table = Table(title="what would be read", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("kind", "files", "size"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind, count in sorted(by_kind.items()):
        table.add_row(Text(kind), f"{count:,}", human_bytes(sizes[kind]))
    if len(by_kind) > 1:
        table.add_row("all", f"{len(plan.sources):,}", human_bytes(sum(sizes.values())))
    console.print(table)
    refused = plan.listed_rejects
    if refused:
        console.print(f"{counted(len(refused), 'file')} would be refused:")
    for reject in refused[:_MOST_REFUSED]:
        console.print(Text(f"  {reject.source}: {reject.detail}"))
    if len(refused) > _MOST_REFUSED:
        console.print(f"  and {len(refused) - _MOST_REFUSED:,} more; --json names all")
    if done := sum(len(part.books) for part in plan.finished):
        # what is in the files, and so which of these books are theirs, shows when they are read
        there = f"{counted(done, 'finished book')} of earlier runs in {plan.parts}"
        console.print(f"{there}: those that are among the inputs would be reused", soft_wrap=True)
    if plan.options.fallback:
        console.print(
            f"signs: of these books' own from {FEWEST_BOOKS:,} books and {FEWEST_SCENES:,} scenes on, else those of "
            f"{DEFAULT_SCRIPT}",
            soft_wrap=not console.is_terminal,
        )
    if verbose:
        console.print(f"graph: {' -> '.join(steps)}")
    console.print(f"would write: {plan.options.output}", highlight=False, soft_wrap=True)
    console.print("dry run: nothing was read in full, nothing was written")
