"""A form's books as one file of arrays, all that a training process reads: no text, no vectors, no embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.next_scene.books import Shelf


@dataclass(frozen=True, eq=False)
class Stream:
    """A book as one row of units.

    starts: where each scene begins, and the end; int64 [scenes + 1]. characters: of each scene; int64 [scenes].
    extra: bits of each scene that its units don't say; float64 [scenes].
    """

    language: str
    units: np.ndarray
    starts: np.ndarray
    characters: np.ndarray
    extra: np.ndarray

    @property
    def scenes(self) -> int:
        return len(self.starts) - 1

    def until(self, scene: int) -> Stream:
        """The scenes before one."""
        end = int(self.starts[scene])
        return Stream(
            self.language, self.units[:end], self.starts[: scene + 1], self.characters[:scene], self.extra[:scene]
        )

    def scene(self, index: int) -> np.ndarray:
        """The units of one scene."""
        return self.units[self.starts[index] : self.starts[index + 1]]


@dataclass(frozen=True, eq=False)
class Corpus:
    """All books in one form.

    units: size of the vocabulary; the last is `start`, which every window opens with. head: units that open a scene
    and are repeated where a window starts inside it. lossless: whether the text can be read back from its units.
    train: whole books, of which `cut` says where training ends. codewords: float32 [units, D], rows to start
    embeddings from, zeros where there is none; None for forms without.
    """

    name: str
    units: int
    head: int
    lossless: bool
    train: tuple[Stream, ...]
    cut: tuple[int, ...]
    test: tuple[Stream, ...]
    codewords: np.ndarray | None = None

    @property
    def start(self) -> int:
        return self.units - 1

    @property
    def trained(self) -> tuple[Stream, ...]:
        """What is trained on."""
        return tuple(stream.until(cut) for stream, cut in zip(self.train, self.cut, strict=True))

    def opening(self, stream: Stream, at: int) -> list[int]:
        """What a window that begins at a unit opens with: `start`, and inside a scene its head again."""
        scene = int(np.searchsorted(stream.starts, at, side="right")) - 1
        first = int(stream.starts[scene])
        return [self.start, *stream.units[first : min(at, first + self.head)].tolist()]


Rows = dict[str, Sequence[np.ndarray]]


def assemble(
    shelf: Shelf,
    name: str,
    units: int,
    rows: Rows,
    *,
    head: int = 0,
    lossless: bool = False,
    extra: dict[str, np.ndarray] | None = None,
    codewords: np.ndarray | None = None,
) -> Corpus:
    """A corpus of a shelf's books. rows: per book id, the units of each scene."""

    def stream(work) -> Stream:  # type: ignore[no-untyped-def]
        own = rows[work.book_id]
        return Stream(
            work.language,
            np.concatenate(own).astype(np.int32),
            np.cumsum([0, *map(len, own)]),
            np.asarray([len(text) for text in work.texts]),
            extra[work.book_id] if extra else np.zeros(len(own)),
        )

    return Corpus(
        name, units, head, lossless,
        tuple(stream(work) for work in shelf.train),
        tuple(shelf.cut[work.book_id] for work in shelf.train),
        tuple(stream(work) for work in shelf.test),
        codewords,
    )  # fmt: skip


def save(corpus: Corpus, path: Path) -> None:
    """Writes a corpus as plain arrays."""
    streams = [*corpus.train, *corpus.test]
    np.savez(
        path,
        name=np.asarray(corpus.name),
        numbers=np.asarray([corpus.units, corpus.head, corpus.lossless, len(corpus.train)]),
        cut=np.asarray(corpus.cut),
        languages=np.asarray([s.language for s in streams]),
        scenes=np.asarray([s.scenes for s in streams]),
        lengths=np.concatenate([np.diff(s.starts) for s in streams]),
        characters=np.concatenate([s.characters for s in streams]),
        extra=np.concatenate([s.extra for s in streams]),
        units=np.concatenate([s.units for s in streams]),
        **({} if corpus.codewords is None else {"codewords": corpus.codewords}),
    )


def load(path: Path) -> Corpus:
    """Reads what `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    units, head, lossless, trained = (int(number) for number in arrays["numbers"])
    streams, scene, unit = [], 0, 0
    for language, scenes in zip(arrays["languages"], arrays["scenes"], strict=True):
        own = slice(scene, scene + int(scenes))
        starts = np.cumsum([0, *arrays["lengths"][own]])
        text = arrays["units"][unit : unit + int(starts[-1])]
        streams.append(Stream(str(language), text, starts, arrays["characters"][own], arrays["extra"][own]))
        scene, unit = scene + int(scenes), unit + int(starts[-1])
    return Corpus(
        str(arrays["name"]), units, head, bool(lossless),
        tuple(streams[:trained]), tuple(int(c) for c in arrays["cut"]), tuple(streams[trained:]),
        arrays.get("codewords"),
    )  # fmt: skip
