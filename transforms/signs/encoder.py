"""The encoder: text in, pseudo-hieroglyphs out, and back to what they mean, from a frozen inventory.

>>> encoder = SignEncoder.load("out/demo/inventory")            # doctest: +SKIP
>>> found = encoder.encode("The storm broke the mast. ...")     # doctest: +SKIP
>>> found.glyphs, found.signs, found.novel                      # doctest: +SKIP
('丁', (1,), (False,))
>>> encoder.decode(found.glyphs)[0].keywords["en"]              # doctest: +SKIP
('wind', 'mast', 'wave')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scenesign.schemas.records import BlockKind, Book, SegmentedBook, text_digest
from scenesign.transforms.parts.write import part_row
from scenesign.transforms.scenes.embed import embed_texts, prose_texts
from scenesign.transforms.scenes.embedders import load_embedder
from scenesign.transforms.scenes.find import SceneOptions, find_scenes, pool
from scenesign.transforms.scenes.sentences import SentenceOptions, split_sentences
from scenesign.transforms.signs.glossary import SignEntry, read_glossary
from scenesign.transforms.signs.glyphs import glyphs, signs_of
from scenesign.transforms.signs.inventory import Inventory, check_embedder, load_inventory
from scenesign.transforms.text.clean import clean
from scenesign.transforms.text.language import detect


@dataclass(frozen=True)
class Encoding:
    """A text as signs.

    signs: ids in reading order, `levels` of them per scene. glyphs: the same as characters.
    scenes: (start, end) in characters of `text`, the clean text; they tile it. distances: per scene, one minus the
    cosine of the scene and its codewords. novel: per scene, whether no sign fits it well.
    """

    text: str
    language: str
    signs: tuple[int, ...]
    glyphs: str
    scenes: tuple[tuple[int, int], ...]
    distances: tuple[float, ...]
    novel: tuple[bool, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SignEncoder:
    """Encodes any text with a frozen inventory.

    folder: where the inventory lies, for its glossary.
    """

    inventory: Inventory
    folder: str

    @classmethod
    def load(cls, folder: str) -> SignEncoder:
        """Opens the folder `inventory` of a dataset.

        Raises ValueError naming both versions when its embedder is not the one installed here.
        """
        inventory = load_inventory(str(folder))
        check_embedder(inventory.info, str(folder))
        return cls(inventory, str(folder))

    @cached_property
    def _model(self) -> Any:
        return load_embedder(self.inventory.info.embedder)

    @cached_property
    def _glossary(self) -> list[SignEntry]:
        return read_glossary(self.folder)[1]

    def encode(self, text: str, language: str | None = None) -> Encoding:
        """Signs of a text of any length, from a paragraph to a book.

        language: ISO 639-1; detected when not given. A language that the inventory has no mean for is encoded with
        the mean of all languages, and a note says so. Raises ValueError for a text without a sentence.
        """
        cleaned = clean(text, language)
        notes = list(cleaned.notes)
        language = language or detect(cleaned.text)[0]
        info = self.inventory.info
        if language not in info.languages:
            known = ", ".join(sorted(info.languages))
            notes.append(
                f"the inventory has no mean for language '{language}' (it knows {known}); the mean of all is used"
            )
        segmentation = info.segmentation
        sentences = split_sentences(
            cleaned.text, cleaned.blocks, language, SentenceOptions(**segmentation.get("sentences", {}))
        )
        if not any(sentence.kind is BlockKind.PARAGRAPH for sentence in sentences):
            raise ValueError("there is no sentence in this text to encode")
        book = Book(text_digest(cleaned.text), "", language, cleaned.text, cleaned.blocks, "")
        segmented = SegmentedBook(book, sentences)
        segmented = segmented.with_fields(vectors=embed_texts(self._model, prose_texts(segmented)))
        starts = find_scenes(segmented, SceneOptions(**segmentation.get("scenes", {})))
        segmented = segmented.with_fields(scene_starts=starts, scene_vectors=pool(segmented, starts))
        row = part_row(segmented)
        codes, distances = self.inventory.assign(row.scene_vectors, language)
        signs = tuple(int(sign) for sign in self.inventory.signs(codes).reshape(-1))
        ends = [*row.scene_start[1:], len(row.text)]
        return Encoding(
            text=row.text,
            language=language,
            signs=signs,
            glyphs=glyphs(signs, info.sizes),
            scenes=tuple(zip(row.scene_start, ends, strict=True)),
            distances=tuple(float(d) for d in distances),
            novel=tuple(bool(d > info.novel_distance) for d in distances),
            notes=tuple(notes),
        )

    def decode(self, text: str) -> list[SignEntry]:
        """The gloss of every glyph of a string; white space is skipped.

        Raises ValueError naming the characters that stand for no sign of this inventory.
        """
        signs, unknown = signs_of(text, self.inventory.info.sizes)
        if unknown:
            raise ValueError(f"no sign of this inventory: {' '.join(unknown)}")
        return self.glosses(signs)

    def glosses(self, signs: Sequence[int]) -> list[SignEntry]:
        """The gloss of each sign."""
        return [self._glossary[sign] for sign in signs]
