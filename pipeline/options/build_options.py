"""The options of a build, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from typing import Any

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.table import OPTIONS
from scenesign.transforms.dataset.write import DatasetOptions
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, embedder_info
from scenesign.transforms.quality.near_duplicates import NearDuplicates
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.fit import InventoryOptions
from scenesign.transforms.support import storage
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.boilerplate import Boilerplate


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
    """Everything that a build was asked for. `table` says which option sets which field.

    frozen: the inventory to encode with; None where one is fitted. fallback: the same build with a frozen one, for
    books too few to fit one on; None where they are fitted in any case. workers: processes of this machine at most;
    None is one for each core and 2 GB of memory.
    """

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
    workers: int | None = None
    accelerator: str | None = None
    overwrite: bool = False
    parts: str | None = None
    name: str | None = None
    frozen: FrozenInventory | None = None
    fallback: BuildOptions | None = None
    near_duplicates: NearDuplicates = "flag"
    boilerplate: Boilerplate = field(default_factory=Boilerplate)

    @property
    def parts_folder(self) -> str:
        """Where finished books are kept between runs."""
        return self.parts or storage.bare(self.output) + ".parts"

    @property
    def refused_list(self) -> str:
        """The table of rejects of a run that ends without a dataset to hold it."""
        return storage.join(storage.absolute(self.parts_folder), "rejects.parquet")

    @property
    def dataset_name(self) -> str:
        """The dataset's name on its card."""
        return self.name or storage.base_name(self.output)

    @property
    def splits(self) -> str:
        """As text: their order decides which book goes where, and JSON with sorted keys would lose it."""
        return ",".join(f"{name}={share}" for name, share in self.dataset.splits)

    @property
    def glyphs(self) -> int:
        """Glyphs that a scene is written in."""
        return self.dataset.glyphs

    @property
    def concepts(self) -> str:
        """Whether, and as what, texts and vectors are written."""
        return self.dataset.concepts

    @property
    def cast(self) -> int:
        """Members of its book's cast that a scene names at most."""
        return self.dataset.cast

    @property
    def cast_names(self) -> str:
        """Whether the table `cast` has names, `yes` or `no`."""
        return self.dataset.cast_names

    def data_options(self) -> dict[str, object]:
        """The options that decide the data files, for the manifest. Paths and workers are not among them.

        A section of settings goes in whole, those that have no option too.
        """
        keys = dict.fromkeys(row.manifest.partition(".")[0] for row in OPTIONS if row.manifest)
        return {key: _plain(getattr(self, key)) for key in keys}


def _plain(value: object) -> object:
    """As JSON has it."""
    if isinstance(value, Boilerplate):
        return value.sha256 or None
    if isinstance(value, FrozenInventory):
        return value.sha256
    if isinstance(value, Columns):
        return {name: column for name, column in asdict(value).items() if column != getattr(Columns, name)}
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def check_language(options: BuildOptions) -> None:
    """Raises UsageError where all books are said to be in a language that the embedder doesn't speak."""
    spoken = embedder_info(options.embedder).languages
    if options.language and spoken and options.language not in spoken:
        raise UsageError(
            f"--language: embedder {options.embedder} does not speak '{options.language}'; it speaks "
            f"{', '.join(sorted(spoken))}"
        )


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
