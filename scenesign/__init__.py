"""scenesign: any pile of books as a compact dataset of scene-signs.

    import scenesign

    scenesign.build(["books/"], "out/books")            # books in, dataset out
    for book in scenesign.Dataset("out/books"):         # walk it: books, their signs, their scenes
        print(book.title, book.glyphs)
    encoder = scenesign.SignEncoder("out/books")        # any text as signs, and back to what they mean
    scenesign.search("out/books", "a storm at sea")     # scenes by meaning, in any language
    scenesign.scenes("book.epub")                       # scenes alone
    scenesign.example_library()                         # four stories in three languages that come with the package
    scenesign.compare_languages("mine.tsv", "out/costs")  # what the same text costs in each language
    scenesign.validate("out/books").valid               # whether a dataset keeps the protocol
    scenesign.push("out/books", "hf:USER/NAME")         # to the Hugging Face hub
    scenesign.torch.Scenes("out/books").loader()        # batches for training, which a stopped run goes on with

Importing the package costs nothing: what a name needs is imported when the name is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenesign import torch as torch
    from scenesign.pipeline.hub.push import Pushed, PushError, push
    from scenesign.pipeline.languages.compare_languages import compare_languages
    from scenesign.pipeline.languages.tables import Comparison
    from scenesign.pipeline.options.errors import BuildError, UsageError
    from scenesign.pipeline.run.build_dataset import BuildResult
    from scenesign.pipeline.run.build_dataset import build_dataset as build
    from scenesign.pipeline.validate.dataset import Verdict
    from scenesign.pipeline.validate.dataset import validate_dataset as validate
    from scenesign.schemas.languages import LanguageCost
    from scenesign.schemas.manifest import Manifest
    from scenesign.transforms.cast.cast import CastMember
    from scenesign.transforms.dataset.read import Dataset, DatasetBook, DatasetScene
    from scenesign.transforms.dataset.search import SceneMatch, SearchResult, search
    from scenesign.transforms.metrics.verdicts import verdicts
    from scenesign.transforms.scenes.segment import Scene, scenes
    from scenesign.transforms.signs.encoder import EncodedScene, Encoding, SignEncoder, Story
    from scenesign.transforms.signs.glosses.glossary import Exemplar, LetterEntry, SignEntry
    from scenesign.transforms.signs.inventory import Inventory
    from scenesign.transforms.signs.search import SignMatch, TopicSearch, search_topics
    from scenesign.transforms.signs.story import ToldScene
    from scenesign.transforms.support.examples import example_library

    __version__: str

# Where each name lies: its module, and after a colon what it is called there, where that differs.
_HOMES = {
    "BuildError": "pipeline.options.errors",
    "BuildResult": "pipeline.run.build_dataset",
    "CastMember": "transforms.cast.cast",
    "Comparison": "pipeline.languages.tables",
    "Dataset": "transforms.dataset.read",
    "DatasetBook": "transforms.dataset.read",
    "DatasetScene": "transforms.dataset.read",
    "EncodedScene": "transforms.signs.encoder",
    "Encoding": "transforms.signs.encoder",
    "Exemplar": "transforms.signs.glosses.glossary",
    "Inventory": "transforms.signs.inventory",
    "LanguageCost": "schemas.languages",
    "LetterEntry": "transforms.signs.glosses.glossary",
    "Manifest": "schemas.manifest",
    "PushError": "pipeline.hub.push",
    "Pushed": "pipeline.hub.push",
    "Scene": "transforms.scenes.segment",
    "SceneMatch": "transforms.dataset.search",
    "SearchResult": "transforms.dataset.search",
    "SignEncoder": "transforms.signs.encoder",
    "SignEntry": "transforms.signs.glosses.glossary",
    "SignMatch": "transforms.signs.search",
    "Story": "transforms.signs.encoder",
    "ToldScene": "transforms.signs.story",
    "TopicSearch": "transforms.signs.search",
    "UsageError": "pipeline.options.errors",
    "Verdict": "pipeline.validate.dataset",
    "build": "pipeline.run.build_dataset:build_dataset",
    "compare_languages": "pipeline.languages.compare_languages",
    "example_library": "transforms.support.examples",
    "push": "pipeline.hub.push",
    "scenes": "transforms.scenes.segment",
    "search": "transforms.dataset.search",
    "search_topics": "transforms.signs.search",
    "validate": "pipeline.validate.dataset:validate_dataset",
    "verdicts": "transforms.metrics.verdicts",
}

__all__ = [
    "BuildError",
    "BuildResult",
    "CastMember",
    "Comparison",
    "Dataset",
    "DatasetBook",
    "DatasetScene",
    "EncodedScene",
    "Encoding",
    "Exemplar",
    "Inventory",
    "LanguageCost",
    "LetterEntry",
    "Manifest",
    "PushError",
    "Pushed",
    "Scene",
    "SceneMatch",
    "SearchResult",
    "SignEncoder",
    "SignEntry",
    "SignMatch",
    "Story",
    "ToldScene",
    "TopicSearch",
    "UsageError",
    "Verdict",
    "__version__",
    "build",
    "compare_languages",
    "example_library",
    "push",
    "scenes",
    "search",
    "search_topics",
    "validate",
    "verdicts",
]


if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            found = version("scenesign")
        elif name == "torch":  # not in __all__: an `import *` would hide PyTorch behind it
            found = import_module(f"{__name__}.{name}")
        elif name in _HOMES:
            module, _, there = _HOMES[name].partition(":")
            with import_module(f"{__name__}.transforms.support.quiet_imports").quiet_imports():
                found = getattr(import_module(f"{__name__}.{module}"), there or name)
        else:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
