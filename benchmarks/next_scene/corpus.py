"""A form's books as one file of arrays, all that a training process reads: no text, no vectors, no embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.next_scene.books import Work


@dataclass(frozen=True, eq=False)
class Stream:
    """A book as one row of units.

    starts: where each scene begins, and the end; int64 [scenes + 1]. bodies: where each does that opens with headings,
    without them; int64 [scenes]. characters: of each scene; int64 [scenes]. extra: bits of each scene that its units
    don't say; float64 [scenes].
    """

    language: str
    units: np.ndarray
    starts: np.ndarray
    bodies: np.ndarray
    characters: np.ndarray
    extra: np.ndarray

    @property
    def scenes(self) -> int:
        return len(self.starts) - 1

    def scene(self, index: int) -> np.ndarray:
        """The units of one scene."""
        return self.units[self.starts[index] : self.starts[index + 1]]

    def body(self, index: int) -> np.ndarray:
        """The units of one scene without its headings."""
        return self.units[self.bodies[index] : self.starts[index + 1]]


@dataclass(frozen=True, eq=False)
class Corpus:
    """All books in one form that the text can be read back from.

    units: size of the vocabulary; the last is `start`, which every window opens with. train: in the order in which
    smaller shelves take from it.
    """

    name: str
    units: int
    train: tuple[Stream, ...]
    validation: tuple[Stream, ...]
    test: tuple[Stream, ...]

    @property
    def start(self) -> int:
        return self.units - 1


@dataclass(frozen=True, eq=False)
class Scene:
    """A scene as units. body: how many of them are headings. extra: bits that the units don't say."""

    units: np.ndarray
    body: int
    extra: float


def stream_of(work: Work, scenes: Sequence[Scene]) -> Stream:
    """A book from its scenes."""
    starts = np.cumsum([0, *(len(scene.units) for scene in scenes)])
    return Stream(
        language=work.language,
        units=np.concatenate([scene.units for scene in scenes]).astype(np.uint16),
        starts=starts,
        bodies=starts[:-1] + [scene.body for scene in scenes],
        characters=np.asarray([len(text) for text in work.texts]),
        extra=np.asarray([scene.extra for scene in scenes]),
    )


_ARRAYS = ("bodies", "characters", "extra", "units")


def save(corpus: Corpus, path: Path) -> None:
    """Writes a corpus as plain arrays, the same bytes each time."""
    streams = [*corpus.train, *corpus.validation, *corpus.test]
    np.savez(
        path,
        name=np.asarray(corpus.name),
        numbers=np.asarray([corpus.units, len(corpus.train), len(corpus.validation)]),
        languages=np.asarray([s.language for s in streams]),
        scenes=np.asarray([s.scenes for s in streams]),
        lengths=np.concatenate([np.diff(s.starts) for s in streams]),
        **{name: np.concatenate([getattr(s, name) for s in streams]) for name in _ARRAYS},
    )


def load(path: Path, books: int | None = None) -> Corpus:
    """Reads what `save` wrote. books: how many training books; all without it."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    units, trained, chosen = (int(number) for number in arrays["numbers"])
    streams, scene, unit = [], 0, 0
    for language, scenes in zip(arrays["languages"], arrays["scenes"], strict=True):
        own = slice(scene, scene + int(scenes))
        starts = np.cumsum([0, *arrays["lengths"][own]])
        text = arrays["units"][unit : unit + int(starts[-1])].copy()
        parts = (arrays[name][own] for name in _ARRAYS[:-1])
        streams.append(Stream(str(language), text, starts, *parts))
        scene, unit = scene + int(scenes), unit + int(starts[-1])
    first = trained + chosen
    return Corpus(
        str(arrays["name"]), units,
        tuple(streams[:trained][:books]), tuple(streams[trained:first]), tuple(streams[first:]),
    )  # fmt: skip
