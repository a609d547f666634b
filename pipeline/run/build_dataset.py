"""`scenesign.build`: a build as one function, which the command calls as well."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.console import side_console
from scenesign.pipeline.options.beam import beam_options as parse_beam_options
from scenesign.pipeline.options.build_options import BuildOptions, check_language, make_options
from scenesign.pipeline.options.frozen_inventory import settle_inventory
from scenesign.pipeline.options.table import OPTIONS
from scenesign.pipeline.options.values import SPLITS
from scenesign.pipeline.run.build import Say, run_build
from scenesign.pipeline.run.displays import make_display
from scenesign.pipeline.run.progress import Display
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.records import UNEXPECTED
from scenesign.transforms.cast.cast import USUAL_CAST
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER
from scenesign.transforms.scenes.sizes import SceneSize

StrPath = str | os.PathLike[str]


@dataclass(frozen=True)
class BuildResult:
    """What a build left behind.

    output: the dataset's folder. parts: where finished books are kept for later runs. manifest: None when the job was
    only written down as a template and publishes by itself.
    """

    output: str
    parts: str
    manifest: Manifest | None

    @property
    def unexpected(self) -> int:
        """Books that unexpected errors kept out of the dataset, or whose cast they kept out.

        The table of rejects names step and cause of the first, a note in the manifest that of the others.
        """
        if self.manifest is None:
            return 0
        return self.manifest.counts.rejects_by_reason.get(UNEXPECTED, 0) + len(self.manifest.castless)


def build_dataset(
    inputs: StrPath | Sequence[StrPath],
    output: StrPath,
    *,
    language: str | None = None,
    embedder: str = DEFAULT_EMBEDDER,
    signs: int | str | None = "auto",
    glyphs: int | None = None,
    refine: int = 0,
    inventory: StrPath | None = None,
    scene_size: SceneSize = "medium",
    min_sentences: int = 3,
    max_sentences: int = 100,
    spacy_model: str | None = None,
    seed: int = 0,
    accelerator: str | None = None,
    workers: int | None = None,
    splits: str | Mapping[str, float] = SPLITS,
    near_duplicates: str = "flag",
    boilerplate: StrPath | None = None,
    concepts: str = "none",
    cast: int = USUAL_CAST,
    cast_names: str = "yes",
    text_column: str = "text",
    title_column: str = "title",
    author_column: str = "author",
    language_column: str = "language",
    license_column: str = "license",
    license: str = "",
    limit: Sequence[str] | Mapping[str, int] = (),
    max_reject_share: float | None = None,
    strict: bool = False,
    name: str | None = None,
    parts: StrPath | None = None,
    overwrite: bool = False,
    beam_options: Sequence[str] = (),
    progress: bool | Display = False,
    note: Say | None = None,
) -> BuildResult:
    """Builds a dataset of scene-signs; the same as `scenesign build`, whose options have the same names.

    inputs: files, folders, globs, gs:// or s3:// paths, or `hf:NAME`; one or several.
    output: folder of the dataset. It appears only when it is whole; stopped or killed, the same call goes on.
    language: ISO 639-1 code of all books; None detects it book by book.
    embedder: `use-multilingual`, `minilm`, a folder or a hub id of sentence-transformers.
    signs: topics, which are the signs of the first glyph; `auto` or None finds a number that the books support.
    glyphs: that a scene is written in, 1 to 4; None: 2, or all of an inventory that has fewer.
    refine: passes over all scenes that move codewords to their means.
    inventory: encode with this one (its folder, its dataset's, the name of a script, or `hf:USER/NAME`); `fit` makes
    one from the books. None makes one where the books are enough for it, and else takes the script that ships.
    scene_size: how long scenes are meant to be, `fine`, `medium` or `coarse`.
    min_sentences, max_sentences: of a scene. spacy_model: installed pipeline for books in its language.
    accelerator: GPU of the machines that embed, on Dataflow. workers: processes of this machine
    at most, by default one for each core and 2 GB of memory; fewer where books are too few for them.
    seed: of sample, k-means and splits. splits: `train=0.9,test=0.1`, or names to shares.
    near_duplicates: books that hold much of another's text: `flag` names them in the manifest and keeps them in one
    split, `drop` keeps the longest of them, `off` doesn't look.
    boilerplate: file of paragraphs to leave out wherever they stand, as `scenesign boilerplate` writes it.
    concepts: `none`, or `float16` or `float32` for texts and vectors.
    cast: members of its book's cast that a scene names at most, 0 to 16. cast_names: `no` leaves names out of the table
    `cast`; the texts of scenes hold them in any case.
    text_column and its like: columns of rows in JSONL, Parquet and `hf:` inputs.
    license: of books that state none. limit: `NAME=NUMBER` each, or names to numbers.
    max_reject_share, strict: refused inputs that end the run: this share of them, or the first.
    name: on the dataset's card; None takes the folder's. parts: where finished books are kept; None: beside `output`.
    overwrite: replace an earlier dataset, once the new one is whole.
    beam_options: words as on Beam's command line, `--runner=DataflowRunner`.
    progress: whether to show on standard error how far the run is, or a display to show it on.
    note: takes each remark on the run, a line; None sends them to the log `scenesign`.

    Raises UsageError naming what was asked for wrongly, before anything is begun; BuildError when nothing could be
    built or the run broke: an earlier dataset is then still there, and finished books are kept for the next try.
    """
    asked = locals()
    given = {row.name: asked[row.name] for row in OPTIONS}
    options, beam = settle([inputs] if isinstance(inputs, (str, os.PathLike)) else inputs, given, beam_options)
    display = make_display(side_console(), quiet=not progress) if isinstance(progress, bool) else progress
    manifest = run_build(options, beam, note or logging.getLogger("scenesign").warning, display)
    return BuildResult(options.output, options.parts_folder, manifest)


def settle(
    inputs: Sequence[StrPath], given: Mapping[str, object], beam_words: Sequence[str]
) -> tuple[BuildOptions, PipelineOptions]:
    """Options of a build, checked, and what an inventory decides in its place; and Beam's. Raises UsageError."""
    options = make_options([os.fspath(path) for path in inputs], given)
    beam = parse_beam_options(beam_words)
    options = settle_inventory(options, beam, given)
    check_language(options)
    return options, beam
