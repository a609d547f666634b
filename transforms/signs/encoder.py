"""The encoder: text in, pseudo-hieroglyphs out, and back to what they mean, from a frozen inventory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.records import Book, Reject, RejectError
from scenesign.transforms.cast.cast import USUAL_CAST, CastMember
from scenesign.transforms.signs.glosses.glossary import LetterEntry, SignEntry, read_glossary, read_letters
from scenesign.transforms.signs.glosses.vocabulary import Vocabulary, read_vocabulary
from scenesign.transforms.signs.glyphs import glyphs
from scenesign.transforms.signs.inventory import (
    INFO,
    check_embedder,
    describe_inventory,
    hub_name,
    inventory_folder,
    load_inventory,
    no_mean_note,
)
from scenesign.transforms.signs.numbering import first_signs
from scenesign.transforms.signs.story import ToldScene, WrittenScene, tell_scenes, written_scenes
from scenesign.transforms.text.language_codes import language_code

# Words that a scene's glyphs are told in.
WORDS_TOLD = 8


@dataclass(frozen=True)
class EncodedScene:
    """A scene as signs.

    text: characters `[start, end)` of the clean text. signs: one id per level; glyphs: the same as characters.
    vector: float32 [D], unit length, as in `concepts`: before neutralisation. distance: one minus the cosine of the
    neutral vector and its codewords, 0 to 2. novel: whether it is unlike the scenes that the inventory knows. cast:
    whom of the text's cast it names, the most present first, four at most.
    """

    text: str
    start: int
    end: int
    signs: tuple[int, ...]
    glyphs: str
    vector: np.ndarray = field(repr=False, compare=False)
    distance: float
    novel: bool
    cast: tuple[CastMember, ...] = ()


@dataclass(frozen=True, repr=False)
class Encoding:
    """A text as signs: its scenes in reading order, which tile its clean text.

    language: ISO 639-1. notes: what the reader of the signs should know, a line each. A text that could not be
    encoded has no scenes, and a note that says why. cast: whom the text keeps naming, by id.
    """

    language: str
    scenes: tuple[EncodedScene, ...]
    notes: tuple[str, ...] = ()
    cast: tuple[CastMember, ...] = ()

    @property
    def text(self) -> str:
        """The clean text."""
        return "".join(scene.text for scene in self.scenes)

    @property
    def signs(self) -> tuple[int, ...]:
        """Ids in reading order, one per level and scene."""
        return tuple(sign for scene in self.scenes for sign in scene.signs)

    @property
    def glyphs(self) -> str:
        """The same as characters."""
        return "".join(scene.glyphs for scene in self.scenes)

    @property
    def vectors(self) -> np.ndarray:
        """Scene vectors: float32 [scenes, D]."""
        return np.array([scene.vector for scene in self.scenes], dtype=np.float32)

    def __iter__(self) -> Iterator[EncodedScene]:
        return iter(self.scenes)

    def __len__(self) -> int:
        return len(self.scenes)

    def __repr__(self) -> str:
        found = self.glyphs
        shown = found if len(found) <= 40 else found[:39] + "…"
        scenes = f"{len(self):,} scene{'s' if len(self) != 1 else ''}"
        return f"Encoding({shown!r}, {scenes}, {self.language or 'no language'})"


@dataclass(frozen=True)
class Story:
    """What a string of glyphs tells, scene by scene.

    language: ISO 639-1, of the reader. notes: what could not be read, a line each.
    """

    language: str
    scenes: tuple[ToldScene, ...]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[ToldScene]:
        return iter(self.scenes)

    def __len__(self) -> int:
        return len(self.scenes)

    def __getitem__(self, place: int) -> ToldScene:
        return self.scenes[place]


class SignEncoder:
    """Encodes any text with a frozen inventory.

    The embedder is loaded with the first text, and shared with other encoders of this process that use it.

    >>> encoder = scenesign.SignEncoder("out/demo")
    >>> found = encoder.encode("The wind tore the sail. A wave broke over the deck.", language="en")
    >>> for scene in found:
    ...     print(scene.start, scene.end, encoder.decode(scene.glyphs)[0].topic.sign == scene.signs[0])
    0 51 True
    """

    def __init__(self, where: str | os.PathLike[str] = DEFAULT_SCRIPT) -> None:
        """Opens an inventory.

        where: folder of a dataset or inventory, local or in an object store, the name of a script, or
        `hf:USER/NAME[@REVISION][#sha256=DIGEST]`.
        Raises FileNotFoundError when it is none of these, and ValueError when a file of it is missing, altered or of
        another protocol, or when its embedder is not the one installed here.
        """
        self.folder = inventory_folder(where)
        self.inventory = load_inventory(self.folder)
        check_embedder(self.inventory.info, self.folder)

    @classmethod
    def load(cls, where: str | os.PathLike[str] = DEFAULT_SCRIPT) -> SignEncoder:
        """The same as `SignEncoder(where)`, called as an inventory is."""
        return cls(where)

    @classmethod
    def from_pretrained(cls, name: str, *, revision: str | None = None, sha256: str | None = None) -> SignEncoder:
        """Opens an inventory of the Hugging Face hub by its name, `USER/NAME`, as `Inventory.from_pretrained` does."""
        return cls(hub_name(name, revision, sha256))

    def __repr__(self) -> str:
        return f"SignEncoder({self.folder!r}: {describe_inventory(self.inventory.info)})"

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that scenes are likely to hold; an empty one where the inventory has none."""
        return read_vocabulary(self.folder, self.inventory.info)

    @cached_property
    def letters(self) -> tuple[LetterEntry, ...]:
        """What each letter of composed glyphs means, in order of ids; none where there are no such glyphs."""
        return tuple(read_letters(self.folder))

    @cached_property
    def glossary(self) -> tuple[SignEntry, ...]:
        """What each sign means, by id. Raises ValueError when the inventory has no such file, or an altered one."""
        return tuple(read_glossary(self.folder)[1])

    def encode(self, text: str, language: str | None = None) -> Encoding:
        """Signs of a text of any length, from a sentence to a book.

        language: its code or English name; detected when not given. A language that the inventory has no mean for is
        encoded with the mean of all, and a note says so. Raises ValueError for a text without a sentence and an unknown
        language.
        """
        from scenesign.transforms.scenes.segment import book_of_text

        try:
            book = book_of_text(text, language_code(language or "") or None)
        except RejectError as problem:
            raise ValueError(problem.detail) from problem
        return self.encode_book(book)

    def encode_path(self, path: str | os.PathLike[str], language: str | None = None) -> Iterator[tuple[str, Encoding]]:
        """Sources and encodings of the books that a path names, read as `scenesign build` reads them, one at a time.

        path: a file of any form that is read, an archive, a folder, a glob, a URL of an object store, `hf:NAME`.
        language: its code or English name; found from each book when not given. A book, file or row that can't be used
        has an encoding without scenes, and a note that says why. Raises FileNotFoundError when `path` names nothing.

        >>> encoder = scenesign.SignEncoder("out/demo")
        >>> [source for source, found in encoder.encode_path("examples/library/en/the-ferrymans-debt.txt")]
        ['the-ferrymans-debt.txt']
        """
        from scenesign.transforms.scenes.segment import books_at

        stated = language_code(language or "") or None
        return map(self._sourced, books_at(os.fspath(path), stated, self.inventory.info.embedder))

    def _sourced(self, item: Book | Reject) -> tuple[str, Encoding]:
        if isinstance(item, Reject):
            return item.source, Encoding("", (), (item.detail,))
        try:
            return item.source, self.encode_book(item)
        except ValueError as error:
            return item.source, Encoding(item.language, (), (str(error),))

    def encode_book(self, book: Book) -> Encoding:
        """Signs of a clean book.

        Raises ValueError for one without a sentence of prose, and where the inventory's scenes were found with settings
        that this version doesn't know.
        """
        # libraries that read and embed take seconds to import; who decodes shouldn't wait for them
        from scenesign.transforms.cast.find import find_cast
        from scenesign.transforms.embedders.registry import pinned
        from scenesign.transforms.parts.format import part_row
        from scenesign.transforms.scenes.recorded import recorded_options
        from scenesign.transforms.scenes.segment import segment_book

        info = self.inventory.info
        sentences, scene_options = recorded_options(info.segmentation, f"{self.folder}/{INFO}")
        try:
            segmented = segment_book(
                book,
                pinned(info.embedder, info.embedder_version),
                sentences,
                scene_options,
            )
        except RejectError as problem:
            raise ValueError(problem.detail) from problem
        notes = list(book.notes)
        if note := no_mean_note(book.language, info.languages):
            notes.append(note)
        row = part_row(segmented)
        codes, distances = self.inventory.assign(row.scene_vectors, book.language)
        strangeness = self.inventory.neutraliser.strangeness(row.scene_vectors, book.language)
        novel = (strangeness if info.composed else distances) > np.float32(info.novel_distance)
        ends = [*row.scene_start[1:], len(row.text)]
        signs_of_scenes = self.inventory.signs(codes).tolist()
        cast = find_cast(row.text, row.scene_start, book.language, sentences.spacy_model)
        starts, vectors = row.scene_start, row.scene_vectors
        columns = zip(starts, ends, signs_of_scenes, vectors, distances, novel, cast.scenes, strict=True)
        scenes = tuple(
            EncodedScene(
                text=row.text[start:end],
                start=start,
                end=end,
                signs=tuple(signs),
                glyphs=glyphs(signs, info.sizes, info.composed),
                vector=vector,
                distance=float(distance),
                novel=bool(new),
                cast=tuple(cast.members[number - 1] for number in named[:USUAL_CAST]),
            )
            for start, end, signs, vector, distance, new, named in columns
        )
        return Encoding(book.language, scenes, tuple(notes), cast.members)

    def encode_many(
        self,
        texts: Iterable[str | tuple[str, str]],
        language: str | None = None,
        errors: Literal["raise", "note"] = "raise",
    ) -> Iterator[Encoding]:
        """Encodings of a stream of texts, one for each and in its order; a text is read when its turn comes.

        texts: texts, or pairs of a text and its language (ISO 639-1). language: of those that come without one;
        detected when not given.
        errors: what to do with a text that can't be encoded: `raise` ValueError with its index from 0, or `note`:
        its encoding has no scenes, and a note that says why, so that texts and encodings can be zipped.

        Each is the same, to the last bit, as `encode` gives. That is why sentences are not batched across texts: the
        last bits of a vector depend on the batch that it was computed in.

        >>> encoder = scenesign.SignEncoder("out/demo")
        >>> stream = encoder.encode_many(["The wind tore the sail.", ("Пришла весна.", "ru")], language="en")
        >>> [(found.language, len(found)) for found in stream]
        [('en', 1), ('ru', 1)]
        """
        if isinstance(texts, str):
            raise TypeError("encode_many takes many texts; encode takes one")
        if errors not in ("raise", "note"):
            raise ValueError(f"errors: '{errors}' is neither 'raise' nor 'note'")
        return self._each(texts, language, errors)

    def _each(self, texts: Iterable[str | tuple[str, str]], language: str | None, errors: str) -> Iterator[Encoding]:
        for index, item in enumerate(texts):
            text, spoken = (item, language) if isinstance(item, str) else item
            try:
                found = self.encode(text, spoken)
            except ValueError as error:
                if errors == "raise":
                    raise ValueError(f"text {index}: {error}") from error
                found = Encoding(spoken or "", (), (str(error),))
            yield found

    def decode(self, text: str, language: str = "en") -> Story:
        """What a string of glyphs tells, scene by scene; white space is skipped.

        language: of the reader, code or English name: examples are in it where there are such. Characters that stand
        for no sign of this inventory, and glyphs out of turn, are left out, and a note of the story says so. Raises
        ValueError for an unknown language.
        """
        code = language_code(language)
        info = self.inventory.info
        scenes, notes = written_scenes(text, info)
        words = self.vocabulary.words(self._rebuilt(scenes), code, WORDS_TOLD)
        return Story(code, tuple(tell_scenes(scenes, info, self.glossary, self.letters, words, code)), tuple(notes))

    def _rebuilt(self, scenes: Sequence[WrittenScene]) -> np.ndarray:
        """What the glyphs of each scene keep of it: float32 [scenes, D]."""
        rows = [np.zeros((0, self.inventory.info.dimensions), np.float32)]
        for scene in scenes:
            codes = np.zeros((1, len(self.inventory.info.sizes)), np.int32)
            written = len(scene.signs)
            codes[0, :written] = scene.signs - first_signs(self.inventory.info.sizes)[:written]
            rows.append(self.inventory.quantiser.decode(codes, written))
        return np.concatenate(rows)
