"""Going on with a story: a text and a saved model in, and out topics, people and real scenes by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scenesign.pipeline.train.books import places_of
from scenesign.pipeline.train.forecast import Forecast, LikelyScene, RealScenes, ScenesSoFar, foresee_all
from scenesign.pipeline.train.saved import INVENTORY, SavedModel, open_model
from scenesign.schemas.records import BlockKind, RejectError
from scenesign.transforms.cast.cast import USUAL_CAST, CastMember
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.dataset.search import SceneMatch, scene_match
from scenesign.transforms.scenes.recorded import recorded_options
from scenesign.transforms.signs.encoder import Encoding
from scenesign.transforms.signs.glosses.glossary import SignEntry, called
from scenesign.transforms.signs.inventory import CODEBOOK, read_info
from scenesign.transforms.signs.numbering import first_signs
from scenesign.transforms.support import storage
from scenesign.transforms.text.language_codes import language_code

# Scenes of a text that are read; of a longer one the last, as the model holds them all at once.
MOST_READ = 2_048


class RefusalError(ValueError):
    """A model won't say how a text goes on, as it would only pretend to know."""


@dataclass(frozen=True)
class ComingTopic:
    """A topic that the next scene may have, and how probable it is, 0 to 1."""

    probability: float
    entry: SignEntry = field(repr=False)

    def name(self, language: str) -> str:
        """What it is called in a language (ISO 639-1), else by its own name; empty where it has none."""
        return called(self.entry, language) or self.entry.name


@dataclass(frozen=True)
class ComingMember:
    """Somebody of the story, and how probable it is that the next scene names them, 0 to 1."""

    probability: float
    member: CastMember


@dataclass(frozen=True)
class ComingScene:
    """A real scene that the story may go on with.

    probability: among all scenes that are there to choose from, 0 to 1. times_chance: how many times that of a guess.
    match: the scene and its book; its similarity is the cosine with what the model looks for.
    """

    probability: float
    times_chance: float
    match: SceneMatch


@dataclass(frozen=True)
class Outlook:
    """What one scene to come may be, the most probable first."""

    topics: tuple[ComingTopic, ...]
    cast: tuple[ComingMember, ...]
    scenes: tuple[ComingScene, ...]


@dataclass(frozen=True)
class Continuation:
    """How a text may go on: an outlook for each scene to come, each as if the best of those before had come.

    read: the text as signs. choices: real scenes that were weighed. notes: what to bear in mind, a line each.
    """

    read: Encoding
    outlooks: tuple[Outlook, ...]
    choices: int
    notes: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """Of the text, ISO 639-1."""
        return self.read.language

    def __iter__(self) -> Iterator[Outlook]:
        return iter(self.outlooks)

    def __len__(self) -> int:
        return len(self.outlooks)

    def __getitem__(self, place: int) -> Outlook:
        return self.outlooks[place]


def go_on(
    model: str | os.PathLike[str] | SavedModel,
    text: str | Encoding,
    *,
    dataset: str | os.PathLike[str] | None = None,
    language: str | None = None,
    scenes: int = 1,
    top: int = 5,
) -> Continuation:
    """How a story goes on, as far as a trained model can tell. The same text gives the same answer.

    model: the folder that `scenesign train` wrote, or that model opened. text: what is told so far, or its signs in
    the model's own inventory. dataset: where real scenes come from; without it the one that the model was trained on,
    and where that is gone none. language: of the text, code or English name; detected when not given. scenes: how many
    to go on for. top: most topics and real scenes of each.

    Raises RefusalError when the model is at chance, and for a text that is too short for a scene, or of a language
    that the model never read; FileNotFoundError when there is no model or dataset; ValueError when a file is damaged
    or doesn't fit, and for an unknown language.
    """
    if scenes < 1 or top < 1:
        raise ValueError(f"scenes is {scenes} and top is {top}; both must be 1 or more")
    saved = model if isinstance(model, SavedModel) else open_model(model)
    refuse_at_chance(saved)
    source, notes = _real_scenes_of(saved, dataset)
    read = read_story(saved, text, language) if isinstance(text, str) else text
    _refuse_unreadable(saved, read)
    notes = (*read.notes, *_reading_notes(saved, read), *notes)
    shelf = None if source is None else _shelve(saved, source, frozenset(scene.text for scene in read))
    real = None if shelf is None else shelf.real
    found = foresee_all(saved.model, _story(saved, read), real, scenes, top)
    outlooks = tuple(_outlook(saved, read, shelf, forecast) for forecast in found)
    return Continuation(read, outlooks, 0 if real is None else int((~real.told).sum()), notes)


def refuse_at_chance(saved: SavedModel) -> None:
    """Raises RefusalError when the record of a model's training says that it chooses no better than chance."""
    if saved.record.at_chance:
        raise RefusalError(
            f"{saved.folder} would only pretend to know. {saved.record.verdict.rstrip('.')}. More books may help: "
            "scenesign train"
        )


def read_story(saved: SavedModel, text: str, language: str | None = None) -> Encoding:
    """A text in the signs of a model's own inventory. language: code or English name; detected when not given.

    Raises RefusalError for a text without a sentence, ValueError for an unknown language.
    """
    code = language_code(language or "")
    try:
        return saved.encoder.encode(text, code or None)
    except ValueError as error:
        if not (isinstance(error.__cause__, RejectError) and error.__cause__.reason == "no-prose"):
            raise
        raise RefusalError(f"{error}; give more of the story") from error


def _refuse_unreadable(saved: SavedModel, read: Encoding) -> None:
    info = saved.inventory.info
    if read.language and read.language not in info.languages:
        raise RefusalError(
            f"the text is in language '{read.language}', which the model has never read; it knows "
            f"{', '.join(sorted(info.languages))}. Where it is one of these, say so with --language"
        )
    if not len(read):  # of a file that can't be used
        raise RefusalError("; ".join(read.notes) or "there is no scene in the text; give more of the story")
    least = recorded_options(info.segmentation)[1].min_sentences
    if len(read) == 1 and (sentences := _sentences(saved, read)) < least:
        raise RefusalError(
            f"the text is too short for a scene: it has {sentences} sentence{'s' * (sentences != 1)}, "
            f"and a scene {least} or more; give more of the story"
        )


def _sentences(saved: SavedModel, read: Encoding) -> int:
    from scenesign.transforms.scenes.segment import book_of_text
    from scenesign.transforms.scenes.sentences import split_book

    options, _ = recorded_options(saved.inventory.info.segmentation)
    found = split_book(book_of_text(read.text, read.language), options)
    return sum(sentence.kind is BlockKind.PARAGRAPH for sentence in found.sentences)


def _reading_notes(saved: SavedModel, read: Encoding) -> Iterator[str]:
    if len(read) > MOST_READ:
        yield f"the text has {len(read):,} scenes; the model reads the last {MOST_READ:,}"
    if saved.model.config.members > USUAL_CAST:
        yield f"the model knows up to {saved.model.config.members} people a scene; of a text it is told {USUAL_CAST}"


def _story(saved: SavedModel, read: Encoding) -> ScenesSoFar:
    """What the model reads of a text."""
    cast = np.zeros((len(read), max(1, saved.model.config.members)), np.int64)
    for row, scene in zip(cast, read, strict=True):
        kept = [member.id for member in scene.cast][: saved.model.config.members]
        row[: len(kept)] = kept
    if saved.model.config.on == "vectors":
        neutral = saved.inventory.neutraliser(read.vectors, read.language)
        seen = saved.inventory.quantiser.place(neutral).astype(np.float32)
    else:
        seen = saved.pieces.split(np.array([scene.signs for scene in read])[:, : len(saved.pieces.levels)])
    return ScenesSoFar(seen[-MOST_READ:], cast[-MOST_READ:])


@dataclass(frozen=True, eq=False)
class _Shelf:
    """The scenes of a dataset. books, places: id of the book and index of each."""

    dataset: Dataset
    books: Sequence[str]
    places: Sequence[int]
    real: RealScenes

    def show(self, found: LikelyScene, glossary: Sequence[SignEntry]) -> ComingScene:
        """A scene of it, opened."""
        book, place = self.books[found.number], self.places[found.number]
        match = scene_match(self.dataset, glossary, found.likeness, book, place)
        return ComingScene(found.probability, found.times_chance, match)


def _real_scenes_of(saved: SavedModel, named: str | os.PathLike[str] | None) -> tuple[Dataset | None, tuple[str, ...]]:
    """The dataset that real scenes are from, and why there is none where nobody named one."""
    where = saved.record.dataset if named is None else os.fspath(named)
    if named is None and not storage.exists(storage.join(where, "manifest.json")):
        return None, (f"{where}, which the model was trained on, is gone: no real scenes; name a dataset for them",)
    dataset = Dataset(where)
    why = _unfit(saved, dataset)
    if why and named is not None:
        raise ValueError(why)
    return (None, (f"no real scenes: {why}",)) if why else (dataset, ())


def _unfit(saved: SavedModel, dataset: Dataset) -> str:
    """Why a dataset's scenes can't be read by a model, in a line; empty where they can."""
    where, levels = dataset.folder, len(saved.pieces.levels)
    if read_info(storage.join(where, INVENTORY)).files.get(CODEBOOK) != saved.model.config.inventory:
        own = storage.join(saved.folder, INVENTORY)
        return f"{where} is written in another inventory than that of {saved.folder}; build one with --inventory {own}"
    if dataset.manifest.levels < levels:
        return (
            f"{where} has {dataset.manifest.levels} glyph(s) a scene, the model reads {levels}; build it with --glyphs"
        )
    if saved.model.config.on == "vectors" and not dataset.has_concepts:
        return f"{where} has no vectors of scenes, which the model reads; build it with --concepts float16"
    return ""


def _shelve(saved: SavedModel, dataset: Dataset, told: frozenset[str]) -> _Shelf:
    """All scenes of a dataset. told: texts of the scenes that are in the story itself."""
    sizes = saved.inventory.info.sizes[: max(1, len(saved.pieces.levels))]
    books: list[str] = []
    places: list[int] = []
    signs = [np.zeros((0, len(sizes)), np.int64)]
    known = [np.zeros(0, bool)]
    told_texts = pa.array(sorted(told), pa.string())
    for uri, table in dataset.tables("scenes", ("book_id", "scene", "text", "signs")):
        books += table["book_id"].to_pylist()
        places += table["scene"].to_pylist()
        signs.append(_signs(uri, table["signs"].to_pylist(), sizes))
        known.append(pc.is_in(table["text"], told_texts).to_numpy())
    rows = np.concatenate(signs)
    if saved.model.config.on == "glyphs":
        seen = saved.pieces.split(rows)
    else:
        placed = places_of(dataset)
        lacking = [book for book, place in zip(books, places, strict=True) if place >= len(placed.get(book, ()))]
        if lacking:
            raise ValueError(
                f"{storage.join(dataset.folder, 'concepts')} lacks scenes of book {lacking[0]}; "
                f"`scenesign validate {dataset.folder}` says what else is wrong"
            )
        seen = np.array([placed[book][place] for book, place in zip(books, places, strict=True)], np.float32)
    return _Shelf(dataset, books, places, RealScenes(seen, rows[:, 0], np.concatenate(known)))


def _signs(uri: str, found: Sequence[Sequence[int]], sizes: Sequence[int]) -> np.ndarray:
    """The first signs of scenes, int64 [n, levels]. Raises ValueError naming the file when one is not of its level."""
    levels = len(sizes)
    if any(len(row) < levels for row in found):
        raise ValueError(f"{uri}: a scene has fewer than {levels} signs; `scenesign validate` says what else is wrong")
    rows = np.array([row[:levels] for row in found], dtype=np.int64).reshape(-1, levels)
    codes = rows - first_signs(sizes)
    if (codes < 0).any() or (codes >= np.array(sizes)).any():
        raise ValueError(f"{uri}: a scene has a sign of no level; `scenesign validate` says what else is wrong")
    return rows


def _outlook(saved: SavedModel, read: Encoding, shelf: _Shelf | None, forecast: Forecast) -> Outlook:
    glossary = saved.encoder.glossary
    members = {member.id: member for member in read.cast}
    return Outlook(
        topics=tuple(ComingTopic(found.probability, glossary[found.number]) for found in forecast.topics),
        cast=tuple(ComingMember(found.probability, members[found.number]) for found in forecast.cast),
        scenes=() if shelf is None else tuple(shelf.show(found, glossary) for found in forecast.scenes),
    )
