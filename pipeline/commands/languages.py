"""`scenesign languages`: what languages really cost, measured on aligned text."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scenesign.pipeline.languages.parallel import ParallelTextError, language_of, read_parallel
from scenesign.schemas.languages import MODEL_SHAPES, LanguageCost, MissingTokenizer, ModelShape, ParallelText

if TYPE_CHECKING:
    from rich.console import Console

    from scenesign.pipeline.languages.measure import EncodeSigns, TextSize
    from scenesign.pipeline.languages.report import Comparison
    from scenesign.pipeline.languages.tokenizers import LoadedTokenizer

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "alignment" / "library.tsv"


class LanguagesError(Exception):
    """Wrong use, or text that can't be used: one line that names the file or option and the next step."""


@click.command(short_help="Measures what the same text costs in each language.")
@click.option(
    "--parallel",
    "paths",
    multiple=True,
    metavar="DIR_OR_FILE",
    help="Aligned text, repeatable: .tsv or .jsonl with a column per language, or a folder with a file per "
    "language or of such files [default: the example library].",
)
@click.option(
    "--tokenizer",
    "names",
    multiple=True,
    metavar="NAME_OR_PATH",
    help="Tokenizer, repeatable: a built-in name, a tokenizer.json, a SentencePiece .model, or owner/name on "
    "the hub [default: all built-in ones].",
)
@click.option("--inventory", metavar="DIR", help="Also measure the text as signs of this inventory.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="CORPUS=LANGUAGE",
    help="Language a corpus was written in, where no TOML beside it says so; repeatable.",
)
@click.option(
    "--model-shape",
    type=click.Choice(sorted(MODEL_SHAPES)),
    default="llama-3-8b",
    show_default=True,
    help="Model whose FLOPs and KV-cache are reported.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the bootstrap.")
@click.option("-o", "--output", required=True, metavar="OUT", help="Folder of chart, tables and report.")
@click.option("--overwrite", is_flag=True, help="Replace the results of an earlier run.")
@click.option("--json", "as_json", is_flag=True, help="Print everything measured as JSON, and no tables.")
def languages(
    paths: tuple[str, ...],
    names: tuple[str, ...],
    inventory: str | None,
    sources: tuple[str, ...],
    model_shape: str,
    seed: int,
    output: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Measures what the same text costs in each language: tokens, FLOPs, memory, attention.

    \b
    scenesign languages -o out/languages
    scenesign languages --parallel flores/ --parallel novel.tsv --source novel=ru -o out/languages
    scenesign languages -o out/languages --inventory out/demo/inventory --json > costs.json
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from rich.console import Console

    err = Console(stderr=True, highlight=False, soft_wrap=True)
    for option, given in [("-o", output), *(("--parallel", path) for path in paths)]:
        if "://" in given:
            err.print(f"error: {option} {given}: this command works on local files; give a local path", markup=False)
            sys.exit(2)
    try:
        comparison = compare(
            [Path(p) for p in paths], names, inventory, sources, MODEL_SHAPES[model_shape], seed,
            Path(output), overwrite, err,
        )  # fmt: skip
    except (LanguagesError, ParallelTextError) as error:
        err.print(f"error: {error}", markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        err.print("error: stopped; nothing was written")
        sys.exit(130)
    from scenesign.pipeline.languages.report import as_json as plain

    if as_json:
        click.echo(json.dumps(plain(comparison), ensure_ascii=False))
    else:
        _show(Console(highlight=False), comparison, output)


def compare(
    paths: Sequence[Path],
    names: Sequence[str],
    inventory: str | None,
    sources: Sequence[str],
    shape: ModelShape,
    seed: int,
    output: Path,
    overwrite: bool,
    err: Console,
) -> Comparison:
    """Reads, measures, judges and writes. Raises LanguagesError or ParallelTextError before anything is
    written.
    """
    from scenesign.pipeline.languages.claims import judge
    from scenesign.pipeline.languages.measure import RESAMPLES, glyph_costs, measure, text_sizes
    from scenesign.pipeline.languages.report import Comparison, write_comparison

    check_output(output, overwrite)
    corpora = with_sources(read_corpora(paths), sources)
    tokenizers, missing = load_tokenizers(names)
    signs = load_signs(inventory) if inventory else None
    for line in (w for corpus in corpora for w in corpus.warnings):
        err.print(f"warning: {line}", markup=False)
    for one in missing:
        err.print(f"missing: {one.name}: {one.reason}", markup=False)
    rows: list[LanguageCost] = []
    for corpus in corpora:
        err.print(f"measuring {corpus.name}: {corpus.segments:,} rows, {', '.join(corpus.languages)}", markup=False)
        sizes = text_sizes(corpus)
        rows += measure(corpus, tokenizers, shape, seed, sizes=sizes)
        if signs:
            rows += _sign_rows(corpus, signs, shape, seed, sizes, err)
    glyphs = [cost for t in tokenizers if t.kind == "subword" for cost in glyph_costs(t)]
    comparison = Comparison(
        corpora=tuple(corpora),
        rows=tuple(rows),
        missing=tuple(missing),
        glyphs=tuple(glyphs),
        verdicts=tuple(judge(rows, glyphs)),
        shape=shape,
        seed=seed,
        resamples=RESAMPLES,
    )
    write_comparison(comparison, output)
    return comparison


def check_output(output: Path, overwrite: bool) -> None:
    """Raises LanguagesError where results would be lost or can't be written."""
    from scenesign.pipeline.languages.report import FILES

    if output.exists() and not output.is_dir():
        raise LanguagesError(f"{output} is a file; give -o a folder")
    there = [name for name in FILES if (output / name).exists()]
    if there and not overwrite:
        raise LanguagesError(f"{output / there[0]} exists; add --overwrite to replace it, or choose another -o")
    parent = output.absolute()
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK):
        raise LanguagesError(f"{parent} can't be written to; choose another -o")


def read_corpora(paths: Sequence[Path]) -> list[ParallelText]:
    """Every corpus at the paths, the example library where none is given, under names that differ."""
    if not paths:
        if not EXAMPLE.is_file():
            raise LanguagesError("the example library is only in a clone of the repository: give --parallel")
        paths = [EXAMPLE]
    corpora = [corpus for path in paths for corpus in read_parallel(path)]
    names = [corpus.name for corpus in corpora]
    for corpus in corpora:
        if names.count(corpus.name) > 1:
            raise LanguagesError(
                f"{corpus.path}: another corpus is called {corpus.name!r} too; give one a name in its TOML"
            )
    return corpora


def with_sources(corpora: Sequence[ParallelText], sources: Sequence[str]) -> list[ParallelText]:
    """The corpora with the original languages said on the command line."""
    said = {}
    known = [corpus.name for corpus in corpora]
    for source in sources:
        name, equals, language = source.rpartition("=")
        if not equals or not language or name not in known:
            raise LanguagesError(f"--source {source}: expected CORPUS=LANGUAGE; the corpora are {', '.join(known)}")
        said[name] = language_of(language) or language
    return [replace(c, source_language=said.get(c.name, c.source_language)) for c in corpora]


def load_tokenizers(names: Sequence[str]) -> tuple[list[LoadedTokenizer], list[MissingTokenizer]]:
    """The tokenizers asked for, or all built in, and those that can't be had. At least one of the first."""
    from scenesign.pipeline.languages.tokenizers import UnknownTokenizerError, built_in, load

    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    loaded: dict[str, LoadedTokenizer] = {}
    missing = []
    for name in dict.fromkeys(names or built_in()):
        try:
            one = load(name, offline=offline)
        except UnknownTokenizerError as error:
            raise LanguagesError(f"--tokenizer: {error}") from error
        if isinstance(one, MissingTokenizer):
            missing.append(one)
        elif one.name in loaded:
            raise LanguagesError(f"--tokenizer {name}: another one is called {one.name!r} too; rename its folder")
        else:
            loaded[one.name] = one
    if not loaded:
        raise LanguagesError(f"--tokenizer {missing[0].name}: {missing[0].reason}")
    return list(loaded.values()), missing


@dataclass(frozen=True)
class Signs:
    """An inventory as the measurement needs it. vocabulary: signs in all levels. levels: signs per scene."""

    encode: EncodeSigns
    vocabulary: int
    levels: int
    source: str


def load_signs(folder: str) -> Signs:
    """The encoder of an inventory. Raises LanguagesError where either can't be had."""
    if "://" not in folder and not Path(folder).is_dir():
        raise LanguagesError(f"--inventory {folder}: no such folder")
    try:
        # the encoder brings torch and spaCy; only this option needs them
        from scenesign.transforms.signs.encoder import SignEncoder  # type: ignore[import-not-found, unused-ignore]
        from scenesign.transforms.signs.inventory import load_inventory
    except ImportError as error:
        raise LanguagesError(f"--inventory: this version can't encode text as signs ({error})") from error
    try:
        sizes = load_inventory(folder).info.sizes
        encoder = SignEncoder.load(folder)
    except Exception as error:  # a broken folder can break in any library that reads it
        raise LanguagesError(f"--inventory {folder}: not an inventory that can be read: {error}") from error

    def encode(text: str, language: str) -> Sequence[int]:
        signs: Sequence[int] = encoder.encode(text, language=language.split("-")[0]).signs
        return signs

    return Signs(encode, sum(sizes), len(sizes), f"inventory {Path(folder).name}")


def _sign_rows(
    corpus: ParallelText, signs: Signs, shape: ModelShape, seed: int, sizes: dict[str, TextSize], err: Console
) -> list[LanguageCost]:
    from scenesign.pipeline.languages.measure import measure_signs

    if not corpus.documents:
        err.print(
            f"note: {corpus.name} is not measured as signs: no column says which document a row is from"
            " (document"
            " in its TOML), and scenes can't be found in unrelated rows",
            markup=False,
        )
        return []
    return measure_signs(
        corpus, signs.encode, signs.vocabulary, signs.source, shape,
        signs_per_scene=signs.levels, seed=seed, sizes=sizes,
    )  # fmt: skip


def _show(console: Console, comparison: Comparison, output: str) -> None:
    from rich.table import Table

    from scenesign.pipeline.languages.claims import cautions, direction
    from scenesign.pipeline.languages.report import CHART

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
    report, chart = Path(output) / "languages.md", Path(output) / CHART
    console.print(f"report: {report}\nchart:  {chart}", markup=False, soft_wrap=True)
