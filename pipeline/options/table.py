"""The options of a build, each declared once.

From these rows come the options of `scenesign build`, the keywords of `scenesign.build`, the values in `BuildOptions`,
the `options` of a manifest, the command that a report gives, what `--inventory` excludes, and the form of the Dataflow
template. Nothing here imports Beam: `--help` shouldn't wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import click

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.values import (
    SPLITS,
    parse_glyphs,
    parse_language,
    parse_licence,
    parse_limits,
    parse_signs,
    parse_splits,
    spell,
    spell_frozen,
    spell_limits,
)
from scenesign.transforms.cast.cast import MOST_CAST, USUAL_CAST
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER
from scenesign.transforms.scenes.sizes import SCENE_SIZES
from scenesign.transforms.signs.glyphs import MAX_LEVELS, USUAL_GLYPHS

Default = str | int | bool | tuple[str, ...] | None
# Medians of whole novels, by `benchmarks/scene_agreement.py --only lengths`: the only place that states them.
_HOW_LONG = (
    "fine about 1,000 characters of English, 400 of Chinese; medium about 1,400 and 600; coarse about 4,200 and 1,600"
)


@dataclass(frozen=True)
class FormField:
    """How the form of the Dataflow template asks for an option.

    pattern: regular expression of what may be entered; without one it follows from the option's type.
    """

    label: str
    pattern: str = ""


@dataclass(frozen=True)
class Option:
    """One option.

    name: the keyword of `scenesign.build`, and with dashes that of the command line.
    places: the fields of `BuildOptions` that it sets, `section.field` for one inside a section.
    type: what click takes, a flag where the default is False; `parse` reads what is more than that.
    manifest: where its value stands in a manifest's `options`; empty for one that decides no data.
    settled: whether an inventory decides it, so that `--inventory` excludes it.
    form: None where the Dataflow template doesn't offer it.
    spell: words of the command line for a value of the manifest.
    """

    name: str
    help: str
    places: tuple[str, ...]
    type: click.ParamType = click.STRING
    default: Default = None
    parse: Callable[..., object] | None = None
    manifest: str = ""
    settled: bool = False
    form: FormField | None = None
    spell: Callable[[object], tuple[str, ...]] = spell
    short: str = ""
    metavar: str | None = None
    required: bool = False

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def is_switch(self) -> bool:
        """Whether it's given without a value."""
        return self.default is False

    @property
    def is_list(self) -> bool:
        """Whether it may be given several times."""
        return isinstance(self.default, tuple)

    @property
    def shown_default(self) -> bool:
        """Whether its default says something to a reader."""
        return self.default not in (None, "", ()) and not self.is_switch

    def read(self, given: object) -> object:
        """What `BuildOptions` keeps for what a user gave; empty or None is as if it had not been given.

        Raises UsageError naming the option.
        """
        if given is None or given == "":
            given = self.default
        if self.parse:
            return self.parse(given)
        if given is None:
            return None
        try:
            # by way of text, so that 2.5 is no whole number from Python either
            text = str(os.fspath(given) if isinstance(given, os.PathLike) else given)
            return self.type.convert(text, None, None)
        except click.BadParameter as error:
            raise UsageError(f"{self.flag}: {error.message}") from error

    def is_default(self, given: object) -> bool:
        """Whether a value says the same as leaving the option out."""
        return bool(self.read(given) == self.read(self.default))


def _column(name: str, label: str) -> Option:
    """The option that names a column of rows."""
    return Option(
        f"{name}_column",
        f"Column of the {label}" + (" in .jsonl, .parquet and hf: inputs." if name == "text" else "."),
        (f"columns.{name}",),
        default=name,
        manifest=f"columns.{name}",
        form=FormField(f"Column of the {label}"),
    )


OPTIONS: tuple[Option, ...] = (
    Option(
        "output",
        "Folder of the dataset (local, gs:// or s3://).",
        ("output",),
        click.Path(),
        form=FormField("Dataset", r"^gs://[^/]+/.+$"),
        short="-o",
        required=True,
    ),
    Option(
        "language",
        "Language of all books (code or English name); otherwise detected book by book.",
        ("language",),
        parse=parse_language,
        manifest="language",
        form=FormField("Language", "^([A-Za-z][A-Za-z_ -]{1,40})?$"),
    ),
    Option(
        "embedder",
        "use-multilingual (16 languages) or minilm (English), both bundled; a folder or hub id of "
        "sentence-transformers. NAME:bfloat16 computes in half the bits.",
        ("embedder",),
        default=DEFAULT_EMBEDDER,
        manifest="embedder",
        settled=True,
        form=FormField("Embedder"),
    ),
    Option(
        "signs",
        "Topics, which are the signs of the first glyph: a number, or auto.",
        ("inventory.signs",),
        default="auto",
        parse=parse_signs,
        manifest="inventory.signs",
        settled=True,
        form=FormField("Topics", "^(auto|[0-9]+)?$"),
    ),
    Option(
        "glyphs",
        f"Glyphs that a scene is written in [default: {USUAL_GLYPHS}, or all of an inventory that has fewer].",
        ("dataset.glyphs", "inventory.glyphs"),
        click.IntRange(1, MAX_LEVELS),
        parse=parse_glyphs,
        manifest="glyphs",
        form=FormField("Glyphs per scene"),
    ),
    Option(
        "refine",
        "Passes over all scenes that move codewords to their means, where there are more than the sample holds.",
        ("inventory.refine",),
        click.IntRange(0, 20),
        default=0,
        manifest="inventory.refine",
        settled=True,
        form=FormField("Refining passes"),
    ),
    Option(
        "inventory",
        "Encode with this inventory: its folder, its dataset's, a script's name, or hf:USER/NAME; `fit` makes one "
        "from the books [default: fit, or where they are too few the script that ships].",
        (),
        manifest="frozen",
        form=FormField("Inventory"),
        spell=spell_frozen,
    ),
    Option(
        "scene_size",
        f"How long scenes are meant to be, in the median: {_HOW_LONG}.",
        ("scenes.size",),
        click.Choice(SCENE_SIZES),
        default="medium",
        manifest="scenes.size",
        settled=True,
        form=FormField("Scene size"),
    ),
    Option(
        "min_sentences",
        "Fewest sentences of a scene.",
        ("scenes.min_sentences",),
        click.IntRange(1),
        default=3,
        manifest="scenes.min_sentences",
        settled=True,
        form=FormField("Fewest sentences of a scene"),
    ),
    Option(
        "max_sentences",
        "Most sentences of a scene.",
        ("scenes.max_sentences",),
        click.IntRange(1),
        default=100,
        manifest="scenes.max_sentences",
        settled=True,
        form=FormField("Most sentences of a scene"),
    ),
    Option(
        "spacy_model",
        "Installed spaCy pipeline for the sentences and people of books in its language.",
        ("sentences.spacy_model",),
        manifest="sentences.spacy_model",
        settled=True,
        form=FormField("spaCy pipeline"),
    ),
    Option(
        "seed",
        "Seed of sample, k-means and splits.",
        ("inventory.seed", "dataset.seed"),
        click.INT,
        default=0,
        manifest="inventory.seed",
        form=FormField("Seed"),
    ),
    Option(
        "accelerator",
        "GPU of the machines that embed, on Dataflow: type:nvidia-tesla-t4;count:1;install-nvidia-driver",
        ("accelerator",),
        form=FormField("GPU"),
        metavar="SPEC",
    ),
    Option(
        "workers",
        "Processes at most (local runner), by default one for each core and 2 GB of memory; fewer for few books.",
        ("workers",),
        click.IntRange(1),
    ),
    Option(
        "splits",
        "Names and shares of the splits; whole books (all of an author) go to one.",
        ("dataset.splits",),
        default=SPLITS,
        parse=parse_splits,
        manifest="splits",
        form=FormField("Splits"),
    ),
    Option(
        "concepts",
        "Also write texts and vectors of scenes, as Large Concept Model trainers read them. Spark wants float32.",
        ("dataset.concepts",),
        click.Choice(["none", "float16", "float32"]),
        default="none",
        manifest="concepts",
        form=FormField("Scene vectors"),
    ),
    Option(
        "cast",
        "Members of its book's cast (recurring names) that a scene lists at most, the most present first; 0: no cast.",
        ("dataset.cast",),
        click.IntRange(0, MOST_CAST),
        default=USUAL_CAST,
        manifest="cast",
        form=FormField("Cast per scene"),
    ),
    Option(
        "cast_names",
        "`no` leaves names out of the table of casts: ids only. The texts of scenes hold them in any case.",
        ("dataset.cast_names",),
        click.Choice(["yes", "no"]),
        default="yes",
        manifest="cast_names",
        form=FormField("Names of the cast"),
    ),
    _column("text", "text"),
    _column("title", "title"),
    _column("author", "author"),
    _column("language", "language"),
    _column("license", "licence"),
    Option(
        "license",
        "Licence of books that state none themselves, e.g. cc0-1.0 [default: unknown].",
        ("license",),
        default="",
        parse=parse_licence,
        manifest="license",
        form=FormField("Licence"),
        metavar="ID",
    ),
    Option(
        "limit",
        "Raise or lower a limit on inputs, e.g. book_characters=8000000; protocol.md lists them.",
        ("limits",),
        default=(),
        parse=parse_limits,
        manifest="limits",
        form=FormField("Limits on inputs", "^([a-z_]+=[0-9]+(,[a-z_]+=[0-9]+)*)?$"),
        spell=spell_limits,
        metavar="NAME=NUMBER",
    ),
    Option(
        "max_reject_share",
        "Fail, and publish nothing, when a greater share of the inputs is refused [default: 1].",
        ("max_reject_share",),
        click.FloatRange(0, 1),
        form=FormField("Greatest share of refused inputs"),
    ),
    Option(
        "strict",
        "Fail at the first input that is refused.",
        ("strict",),
        default=False,
        type=click.BOOL,
        form=FormField("Fail at the first refused input"),
    ),
    Option(
        "name",
        "Name of the dataset on its card [default: that of the output folder].",
        ("name",),
        form=FormField("Name"),
    ),
    Option(
        "parts",
        "Where finished books are kept between runs [default: OUTPUT.parts].",
        ("parts",),
        click.Path(),
        form=FormField("Finished books", "^(gs://[^/]+/.+)?$"),
    ),
    Option(
        "overwrite",
        "Replace an earlier dataset, once the new one is whole.",
        ("overwrite",),
        default=False,
        type=click.BOOL,
        form=FormField("Replace an earlier dataset"),
    ),
)
BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}
