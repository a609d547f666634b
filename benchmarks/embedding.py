"""The default embedder beside the floats that it stands for.

    python benchmarks/embedding.py fit [LIBRARY]                    writes ranges.safetensors
    python benchmarks/embedding.py accuracy [LIBRARY] [--each N]    cosines, on authors that were not fitted
    python benchmarks/embedding.py speed [LIBRARY] [--threads N]... sentences a second, share of the peak

LIBRARY is a folder of archives of texts, as for `make script`. Floats are the forward pass of the package that the
weights come from, with the real sentencepiece library, on the same threads.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.embeddings.accuracy import accuracy_table
from benchmarks.embeddings.library import sentences_of
from benchmarks.embeddings.ranges import fit_ranges
from benchmarks.embeddings.speed import rates, speed_table
from scenesign.pipeline.output import settle_output
from scenesign.transforms.embedders.universal import UniversalSentenceEncoder
from scenesign.transforms.embedders.weights import RANGES

LIBRARY = click.argument(
    "library", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT.parent / "shared" / "library"
)


@click.group(help=__doc__)
def main() -> None:
    """Runs what was asked for."""


@main.command()
@LIBRARY
@click.option("--each", default=700, show_default=True, help="Sentences of each language.")
def fit(library: Path, each: int) -> None:
    """Measures between which values nearly all lies that enters the convolutions, and writes it down."""
    path = ROOT / "transforms" / "embedders" / RANGES
    save_file(fit_ranges(sentences_of(library, fitted=True, each=each)), path)
    click.echo(f"{path}: {path.stat().st_size:,} bytes; now raise the version in registry.py, and run make script")


@main.command()
@LIBRARY
@click.option("--each", default=10_000, show_default=True, help="Sentences of each language.")
def accuracy(library: Path, each: int) -> None:
    """Cosines between vectors in integers and in floats, on authors that were not fitted."""
    click.echo("\n".join(accuracy_table(sentences_of(library, fitted=False, each=each))))


@main.command()
@LIBRARY
@click.option("--threads", type=int, multiple=True, default=sorted({1, os.cpu_count() or 1}), show_default=True)
@click.option("--each", default=1_000, show_default=True, help="Sentences of each language.")
@click.option("--repeats", default=5, show_default=True)
def speed(library: Path, threads: tuple[int, ...], each: int, repeats: int) -> None:
    """Sentences a second."""
    languages = sentences_of(library, fitted=False, each=each)
    texts = [text for found in languages.values() for text in found]
    operations = UniversalSentenceEncoder().operations(texts)
    found = [rate for count in threads for rate in rates(texts, count, repeats)]
    click.echo(f"{len(texts):,} sentences in {len(languages)} languages, {repeats} rounds\n")
    click.echo("\n".join(speed_table(found, len(texts), operations)))


if __name__ == "__main__":
    settle_output()
    main()
