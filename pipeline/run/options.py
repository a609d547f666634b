"""The options of a run: ours, checked and frozen, and Beam's, of which an unknown one is an error."""

from __future__ import annotations

import argparse
import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.run.errors import UsageError
from scenesign.pipeline.run.option_table import OPTIONS
from scenesign.transforms.dataset.write import DatasetOptions
from scenesign.transforms.scenes.embedders import DEFAULT_EMBEDDER
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.fit import InventoryOptions
from scenesign.transforms.support.limits import Limits


@dataclass(frozen=True)
class FrozenInventory:
    """An inventory that books are encoded with as it is. sha256: of its `inventory.json`."""

    folder: str
    sha256: str


@dataclass(frozen=True)
class Columns:
    """Where rows of JSONL, Parquet and datasets keep things."""

    text: str = "text"
    title: str = "title"
    author: str = "author"
    language: str = "language"
    license: str = "license"


@dataclass(frozen=True)
class BuildOptions:
    """Everything that a build was asked for. `option_table` says which option sets which field."""

    inputs: tuple[str, ...]
    output: str
    language: str | None = None
    embedder: str = DEFAULT_EMBEDDER
    sentences: SentenceOptions = field(default_factory=SentenceOptions)
    scenes: SceneOptions = field(default_factory=SceneOptions)
    inventory: InventoryOptions = field(default_factory=InventoryOptions)
    dataset: DatasetOptions = field(default_factory=DatasetOptions)
    columns: Columns = field(default_factory=Columns)
    license: str = ""
    limits: Limits = field(default_factory=Limits)
    max_reject_share: float | None = None
    strict: bool = False
    workers: int = 1
    accelerator: str | None = None
    overwrite: bool = False
    parts: str | None = None
    name: str | None = None
    frozen: FrozenInventory | None = None

    @property
    def parts_folder(self) -> str:
        """Where finished books are kept between runs."""
        return self.parts or self.output.rstrip("/") + ".parts"

    @property
    def dataset_name(self) -> str:
        """The dataset's name on its card."""
        return self.name or self.output.rstrip("/").rsplit("/", 1)[-1]

    @property
    def threads(self) -> int:
        """Threads of the embedder in each worker: the cores shared out."""
        return max(1, (os.cpu_count() or 1) // self.workers)

    @property
    def splits(self) -> str:
        """As text: their order decides which book goes where, and JSON with sorted keys would lose it."""
        return ",".join(f"{name}={share}" for name, share in self.dataset.splits)

    @property
    def concepts(self) -> str:
        """Whether, and as what, texts and vectors are written."""
        return self.dataset.concepts

    def data_options(self) -> dict[str, object]:
        """The options that decide the data files, for the manifest. Paths and workers are not among them.

        A section of settings goes in whole, those that have no option too.
        """
        keys = dict.fromkeys(row.manifest.partition(".")[0] for row in OPTIONS if row.manifest)
        return {key: _plain(getattr(self, key)) for key in keys}


def _plain(value: object) -> object:
    """As JSON has it."""
    if isinstance(value, FrozenInventory):
        return value.sha256
    if isinstance(value, Columns):
        return {name: column for name, column in asdict(value).items() if column != getattr(Columns, name)}
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def make_options(inputs: Sequence[str], given: Mapping[str, object]) -> BuildOptions:
    """The options that a user gave, by name, checked. `inventory` is for `apply_frozen`.

    Raises UsageError naming the option.
    """
    if not inputs:
        raise UsageError("no inputs; name files, folders, globs or hf:NAME")
    missing = [row.flag for row in OPTIONS if row.required and not given.get(row.name)]
    if missing:
        raise UsageError(f"{missing[0]} is missing")
    sections: dict[str, dict[str, Any]] = {}  # what a row reads, only that row's `places` know
    flags: dict[str, list[str]] = {}
    for row in OPTIONS:
        for place in row.places if row.name in given else ():
            section, _, key = place.partition(".")
            sections.setdefault(section, {})[key] = row.read(given[row.name])
            flags.setdefault(section, []).append(row.flag)
    options = BuildOptions(tuple(inputs), output="")
    for section, values in sections.items():
        try:
            value: Any = replace(getattr(options, section), **values) if "" not in values else values[""]
        except ValueError as error:
            raise UsageError(f"{'/'.join(flags[section])}: {error}") from error
        options = replace(options, **{section: value})
    return options


def beam_options(arguments: Sequence[str]) -> PipelineOptions:
    """Beam's options from the words after `--`. Raises UsageError for one that Beam doesn't know (Beam only warns)."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    kinds: list[type[PipelineOptions]] = [PipelineOptions, *_all_subclasses(PipelineOptions)]
    for kind in kinds:
        if "_add_argparse_args" in kind.__dict__:
            # two classes may declare one option; the first declaration is the one Beam uses as well
            try:
                kind._add_argparse_args(parser)  # type: ignore[arg-type]  # Beam's own is one that ends the process
            except argparse.ArgumentError:
                continue
    parser.error = _raise_usage  # type: ignore[assignment]
    _, unknown = parser.parse_known_args(list(arguments))
    if unknown:
        word = unknown[0].split("=")[0]
        known = [option for action in parser._actions for option in action.option_strings]
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "see the options of apache_beam.options.pipeline_options"
        raise UsageError(f"unknown Beam option {word}: {hint}")
    # an explicit list: without one Beam reads the command line of whatever program it runs in
    return PipelineOptions(flags=list(arguments))


def _raise_usage(message: str) -> None:
    raise UsageError(f"Beam options after `--`: {message}")


def _all_subclasses(kind: type[PipelineOptions]) -> list[type[PipelineOptions]]:
    found: list[type[PipelineOptions]] = []
    for child in kind.__subclasses__():
        found += [child, *_all_subclasses(child)]
    return found
