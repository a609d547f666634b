"""What decides a finished book, as one word: parts of another key are not used."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from importlib import metadata

from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.run.sources import sources_of
from scenesign.pipeline.run.versions import CARRIERS, package_versions
from scenesign.transforms.embedders.registry import digest_of_folder, embedder_version, without_version
from scenesign.transforms.parts.write import WriteParts
from scenesign.transforms.read.steps import ReadBooks
from scenesign.transforms.scenes.embed import EmbedSentences
from scenesign.transforms.scenes.steps import FindScenes, SplitSentences

# From a book to its part.
STEPS = tuple(step.__module__ for step in (ReadBooks, SplitSentences, EmbedSentences, FindScenes, WriteParts))


def spacy_version(model: str | None) -> str:
    """What tells two pipelines of spaCy of one name apart; "" where none is used."""
    if model is None:
        return ""
    return f"sha256 {digest_of_folder(model)}" if os.path.isdir(model) else metadata.version(model)


def parts_key(options: BuildOptions) -> str:
    """Digest of the options that decide what a finished book is, of our code that makes it with its data files, and
    of the versions of other people's."""
    sources = sources_of(STEPS)
    deciding = {
        "embedder": [without_version(options.embedder), embedder_version(options.embedder)],
        "sentences": asdict(options.sentences),
        "spacy_model": spacy_version(options.sentences.spacy_model),
        "scenes": asdict(options.scenes),
        "versions": package_versions(name for name in sources.packages if name not in CARRIERS),
        "sources": sources.digests,
    }
    return hashlib.blake2b(json.dumps(deciding, sort_keys=True).encode(), digest_size=8).hexdigest()
