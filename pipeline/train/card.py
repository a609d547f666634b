"""The page of a trained model, and its figures as lines."""

from __future__ import annotations

from collections.abc import Iterator

from scenesign.pipeline.train.evaluate import MODEL, SHUFFLED
from scenesign.pipeline.train.record import TrainingRecord


def figure_rows(record: TrainingRecord) -> Iterator[tuple[str, str, str]]:
    """Which of 32 scenes is next: way, far and near in percent; the model comes last."""
    for name in sorted(record.far, key=lambda name: (name == MODEL, name == SHUFFLED)):
        yield name, record.far[name].show(True), record.near[name].show(True)


def bit_rows(record: TrainingRecord) -> Iterator[tuple[str, str]]:
    """The next topic: way, bits per scene."""
    for name, share in record.bits.items():
        yield name, share.show()


def model_card(name: str, record: TrainingRecord) -> str:
    """A page in Markdown."""
    train, validation, judged = record.books
    lines = [
        "---",
        "library_name: transformers",
        "tags: [scenesign, concept-model]",
        "---",
        "",
        f"# {name}",
        "",
        f"A concept model on {record.on}: it reads a book scene by scene and tells what the next one is like.",
        f"Trained by scenesign on {train:,} books ({record.scenes[0]:,} scenes), stopped by {validation:,}, "
        f"judged on {judged:,} of {record.judged_on}. {record.verdict}",
        "",
    ]
    if record.far:
        lines += ["| which of 32 scenes is next | far, % | near, % |", "|---|---:|---:|"]
        lines += [*(f"| {way} | {far} | {near} |" for way, far, near in figure_rows(record)), ""]
    if record.bits:
        lines += ["| the next topic | bits per scene |", "|---|---:|"]
        lines += [*(f"| {way} | {bits} |" for way, bits in bit_rows(record)), ""]
    lines += [
        "In brackets the middle 95 % over samples of the books. Chance is 3.1 %. `far`: the 31 others are drawn from",
        "all that follows; `near`: they are the next 31.",
        "",
        "```python",
        "from scenesign.torch import ConceptModel",
        f'model = ConceptModel.from_pretrained("{name}")',
        "```",
        "",
        f"`scenesign continue {name} TEXT` goes on with a story.",
        "",
    ]
    return "\n".join(lines)
