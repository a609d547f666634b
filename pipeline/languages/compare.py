"""The comparison of languages: aligned text is read, counted with every tokenizer, judged, and written down."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from scenesign.pipeline.languages.claims import judge
from scenesign.pipeline.languages.measure import RESAMPLES, TextSize, measure_tokens, text_sizes
from scenesign.pipeline.languages.parallel import language_of, read_parallel
from scenesign.pipeline.languages.report import FILES, PAGE, write_comparison
from scenesign.pipeline.languages.signs import (
    EncodeSigns,
    glyph_costs,
    measure_signs,
    sign_streams,
    vocabulary_price,
    written_signs,
)
from scenesign.pipeline.languages.tables import Comparison
from scenesign.pipeline.languages.tokenizers import LoadedTokenizer, UnknownTokenizerError, built_in, load
from scenesign.schemas.languages import LanguageCost, MissingTokenizer, ModelShape, ParallelText, WrittenSigns
from scenesign.transforms.signs.glyphs import USUAL_GLYPHS
from scenesign.transforms.signs.inventory import scripts
from scenesign.transforms.support.examples import example_alignment
from scenesign.transforms.support.extras import MissingExtraError, need

Say = Callable[[str], None]


class LanguagesError(Exception):
    """Wrong use, or text that can't be used: one line that names the file or option and the next step."""


def compare(
    paths: Sequence[Path],
    names: Sequence[str],
    inventory: str | None,
    sources: Sequence[str],
    shape: ModelShape,
    seed: int,
    output: Path,
    overwrite: bool,
    say: Say,
    page: bool = False,
) -> Comparison:
    """Reads, measures, judges and writes.

    paths: of aligned text; none: the example library. names: of tokenizers; none: all built in. inventory: a folder, or
    the name of a script, whose signs the text is measured in too; None: in no signs. sources: `CORPUS=LANGUAGE`, where
    no TOML says it. say: takes each remark, a line. page: also write all of it as one HTML page.
    Raises MissingExtraError, LanguagesError or ParallelTextError before anything is written.
    """
    need("languages", "the comparison of languages")
    check_results_folder(output, overwrite, page)
    corpora = with_sources(read_corpora(paths), sources)
    tokenizers, missing = load_tokenizers(names)
    signs = load_signs(inventory) if inventory else None
    for line in (w for corpus in corpora for w in corpus.warnings):
        say(f"warning: {line}")
    for one in missing:
        say(f"missing: {one.name}: {one.reason}")
    subword = [one for one in tokenizers if one.kind == "subword"]
    rows: list[LanguageCost] = []
    written: list[WrittenSigns] = []
    for corpus in corpora:
        say(f"measuring {corpus.name}: {corpus.segments:,} rows, {', '.join(corpus.languages)}")
        sizes = text_sizes(corpus)
        rows += measure_tokens(corpus, tokenizers, shape, seed, sizes=sizes)
        if signs:
            counted, as_text = _sign_rows(corpus, signs, subword, rows, shape, seed, sizes, say)
            rows += counted
            written += as_text
    glyphs = [cost for one in subword if signs for cost in glyph_costs(one, signs.sizes, signs.composed)]
    comparison = Comparison(
        corpora=tuple(corpora),
        rows=tuple(rows),
        missing=tuple(missing),
        glyphs=tuple(glyphs),
        written=tuple(written),
        vocabulary=vocabulary_price(signs.source, signs.sizes, shape, signs.composed) if signs else None,
        verdicts=tuple(judge(rows, written)),
        shape=shape,
        seed=seed,
        resamples=RESAMPLES,
    )
    write_comparison(comparison, output, page)
    return comparison


def check_results_folder(output: Path, overwrite: bool, page: bool = False) -> None:
    """Raises LanguagesError where results would be lost or can't be written."""
    if output.exists() and not output.is_dir():
        raise LanguagesError(f"{output} is a file; give -o a folder")
    there = [name for name in (*FILES, *((PAGE,) if page else ())) if (output / name).exists()]
    if there and not overwrite:
        raise LanguagesError(f"{output / there[0]} exists; add --overwrite to replace it, or choose another -o")
    parent = output.absolute()
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK):
        raise LanguagesError(f"{parent} can't be written to; choose another -o")


def read_corpora(paths: Sequence[Path]) -> list[ParallelText]:
    """Every corpus at the paths, the example library where none is given, under names that differ."""
    corpora = [corpus for path in paths or [example_alignment()] for corpus in read_parallel(path)]
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
    """An inventory as the measurement needs it.

    sizes: signs of each level that a scene is written in. composed: whether their glyphs are spelled with letters.
    """

    encode: EncodeSigns
    sizes: tuple[int, ...]
    composed: bool
    source: str


def load_signs(inventory: str) -> Signs:
    """The encoder of an inventory: a folder, or the name of a script. Raises LanguagesError where it can't be had."""
    if "://" not in inventory and not Path(inventory).is_dir() and not is_script(inventory):
        raise LanguagesError(f"--inventory {inventory}: no such folder or script; name another, or add --no-signs")
    # the encoder takes a while to import; only signs need it
    from scenesign.transforms.signs.encoder import SignEncoder

    try:
        encoder = SignEncoder(inventory)
    except MissingExtraError:
        raise
    except Exception as error:  # a broken folder can break in any library that reads it
        raise LanguagesError(f"--inventory {inventory}: not an inventory that can be read: {error}") from error

    info = encoder.inventory.info
    levels = _written_levels(inventory) or min(USUAL_GLYPHS, len(info.sizes))

    def encode(text: str, language: str) -> Sequence[int]:
        found = encoder.encode(text, language=language.split("-")[0])
        return [sign for scene in found for sign in scene.signs[:levels]]

    if is_script(inventory):
        source = f"{info.script} {info.version}"
    else:
        place = Path(inventory)
        source = f"inventory of {place.parent.name if place.name == 'inventory' else place.name}"
    return Signs(encode, tuple(info.sizes[:levels]), info.composed, source)


def is_script(name: str) -> bool:
    """Whether a name is that of a published inventory, and no folder."""
    return not Path(name).is_dir() and name.removeprefix("scenesign-") in scripts()


def _written_levels(folder: str) -> int | None:
    """Signs per scene of a dataset that is given, or whose inventory is; None for an inventory without one."""
    from scenesign.transforms.dataset.read import Dataset

    for place in (folder, str(Path(folder).resolve().parent)):
        with suppress(OSError, ValueError):
            return Dataset(place).manifest.levels
    return None


def _sign_rows(
    corpus: ParallelText,
    signs: Signs,
    tokenizers: Sequence[LoadedTokenizer],
    rows: Sequence[LanguageCost],
    shape: ModelShape,
    seed: int,
    sizes: dict[str, TextSize],
    say: Say,
) -> tuple[list[LanguageCost], list[WrittenSigns]]:
    """The text as signs, one token each; and what they cost written as text. rows: of the text itself."""
    if not corpus.documents:
        say(
            f"note: {corpus.name} is not measured as signs: no column says which document a row is from (document"
            " in its TOML), and scenes can't be found in unrelated rows"
        )
        return [], []
    streams = sign_streams(corpus, signs.encode)
    tokens = {(row.tokenizer, row.language): row.tokens for row in rows if row.corpus == corpus.name}
    counted = measure_signs(
        corpus, streams, sum(signs.sizes), signs.source, shape,
        signs_per_scene=len(signs.sizes), seed=seed, sizes=sizes,
    )  # fmt: skip
    return counted, written_signs(corpus, streams, signs.sizes, tokenizers, tokens, signs.composed)
