"""FreezeInventory: signs in their order, each with its glossary entry; the inventory as it is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
import faiss
import numpy as np

from scenesign.schemas.parts import AssignmentEntry
from scenesign.transforms.parts.format import read_row
from scenesign.transforms.signs.assign import read_assignments
from scenesign.transforms.signs.glosses.gloss import Glosses, gloss
from scenesign.transforms.signs.glosses.glossary import (
    GLOSSARY,
    LETTERS,
    Exemplar,
    LetterEntry,
    SignEntry,
    glossary_file,
    letters_file,
)
from scenesign.transforms.signs.glosses.vocabulary import vocabulary_files
from scenesign.transforms.signs.glyphs import LETTER_VALUES, LETTERS_OF_GLYPH, glyph
from scenesign.transforms.signs.inventory import Inventory, load_inventory, save_inventory
from scenesign.transforms.signs.neutralise import unit
from scenesign.transforms.signs.novelty import seen_beyond
from scenesign.transforms.signs.numbering import FrozenSigns, letter_count, letter_ids
from scenesign.transforms.signs.tally import SceneRef, SignTally, opening, shown_examples
from scenesign.transforms.signs.tokenizer import tokenizer_files
from scenesign.transforms.support import storage
from scenesign.transforms.support.room import make_room

NEIGHBOURS = 5


def tally_signs(
    inventory: Inventory, assignments: Iterable[AssignmentEntry], unquoted: frozenset[str] = frozenset()
) -> tuple[SignTally, SignTally]:
    """Counts of signs, and of letters, over every scene of the run's books.

    unquoted: ids of books that no example is taken from.
    """
    tally = SignTally(inventory.info.signs)
    letters = SignTally(letter_count(len(inventory.info.sizes)))
    for entry in sorted(assignments, key=lambda a: a.part.name):
        used = {book.book_id for book in entry.part.books}
        for book in read_assignments(entry.uri, len(inventory.info.sizes)):
            if book.book_id in used:
                showable = ~book.apparatus & (book.book_id not in unquoted)
                for counted, signs in ((tally, inventory.signs(book.codes)), (letters, letter_ids(book.codes))):
                    counted.add(book.book_id, book.language, signs, book.distances, showable)
    return tally, letters


def read_exemplars(
    wanted: Iterable[SceneRef], assignments: Iterable[AssignmentEntry]
) -> Iterable[tuple[str, int, str, str]]:
    """(book_id, scene, language, text) of the wanted scenes, book by book."""
    scenes: dict[str, set[int]] = {}
    for ref in wanted:
        scenes.setdefault(ref.book_id, set()).add(ref.scene)
    for entry in sorted(assignments, key=lambda a: a.part.name):
        books = [book for book in entry.part.books if book.book_id in scenes]
        if not books:
            continue
        with storage.parquet_reader(entry.part.uri) as reader:
            for book in books:
                row = read_row(reader, book.row)
                texts = row.scene_texts()
                for scene in sorted(scenes[book.book_id]):
                    yield book.book_id, scene, book.language, texts[scene]


def sign_entries(
    inventory: Inventory, tally: SignTally, glosses: Glosses, assignments: Sequence[AssignmentEntry]
) -> list[SignEntry]:
    """The glossary: the entry of every topic, in order of signs."""
    sizes = inventory.info.sizes
    exemplars = [tally.exemplars(sign) for sign in range(sizes[0])]
    examples = _read_examples(exemplars, assignments)
    total = int(tally.counts[: sizes[0]].sum())
    entries = []
    for sign in range(sizes[0]):
        distances = [ref.distance for found in exemplars[sign].values() for ref in found]
        entries.append(
            SignEntry(
                sign=sign,
                glyph=glyph(sign, sizes),
                name=glosses.names[sign],
                count=int(tally.counts[sign]),
                share=float(tally.counts[sign] / max(1, total)),
                books=int(tally.books[sign]),
                languages=_languages(tally, sign),
                keywords=glosses.topics[sign],
                radius=float(np.median(distances)) if distances else 0.0,
                neighbours=tuple(inventory.quantiser.neighbours(sign, NEIGHBOURS)),
                examples=examples[sign],
            )
        )
    return entries


def letter_entries(
    levels: int, tally: SignTally, glosses: Glosses, assignments: Sequence[AssignmentEntry]
) -> list[LetterEntry]:
    """The entry of every value of each letter, in order of ids. levels: of the inventory; tally: of letters."""
    examples = _read_examples([tally.exemplars(letter) for letter in range(tally.signs)], assignments)
    scenes = int(tally.counts[:LETTER_VALUES].sum())
    return [
        LetterEntry(
            level=2 + number // (LETTERS_OF_GLYPH * LETTER_VALUES),
            letter=number // LETTER_VALUES % LETTERS_OF_GLYPH,
            value=number % LETTER_VALUES,
            name=glosses.letter_names[number],
            count=int(tally.counts[number]),
            share=float(tally.counts[number] / max(1, scenes)),
            books=int(tally.books[number]),
            languages=_languages(tally, number),
            keywords=glosses.letters[number],
            examples=examples[number],
        )
        for number in range(letter_count(levels))
    ]


def _languages(tally: SignTally, number: int) -> dict[str, int]:
    return {language: int(seen[number]) for language, seen in sorted(tally.by_language.items()) if seen[number]}


def _read_examples(
    exemplars: Sequence[Mapping[str, Sequence[SceneRef]]], assignments: Sequence[AssignmentEntry]
) -> list[tuple[Exemplar, ...]]:
    """What is shown of every sign, with the openings of its scenes."""
    shown = [shown_examples(by_language) for by_language in exemplars]
    openings = {
        (book_id, scene): opening(text)
        for book_id, scene, _, text in read_exemplars((ref for refs in shown for ref in refs), assignments)
    }
    return [
        tuple(Exemplar(r.book_id, r.scene, r.language, openings[r.book_id, r.scene], r.distance) for r in refs)
        for refs in shown
    ]


def freeze(
    draft: Inventory,
    assignments: Sequence[AssignmentEntry],
    words: str,
    unquoted: frozenset[str] = frozenset(),
    novel: float | None = None,
) -> tuple[Inventory, dict[str, bytes], np.ndarray]:
    """The inventory with its signs in order, the files that go beside its codebook, and the new sign of each old one,
    int32 [signs].

    words: the folder where the words of scenes are kept. unquoted: ids of books that no example is taken from. novel:
    from where on a scene is unlike what the inventory knows, where that was measured.
    """
    tally, letters = tally_signs(draft, assignments, unquoted)
    quantiser, new = draft.quantiser.reorder(tally.counts)
    inventory = Inventory(
        info=replace(
            draft.info,
            scenes=int(tally.counts.sum()) // len(draft.info.sizes),
            novel_distance=seen_beyond(assignments, len(draft.info.sizes)) if novel is None else novel,
        ),
        quantiser=quantiser,
        neutraliser=draft.neutraliser,
    )
    glosses = gloss(inventory, assignments, words)
    entries = sign_entries(inventory, _renumber(tally, new), glosses, assignments)
    files = {GLOSSARY: glossary_file(entries), "index.faiss": _faiss_index(inventory)}
    files |= vocabulary_files(glosses.vocabulary)
    if letters.signs:
        files[LETTERS] = letters_file(letter_entries(len(inventory.info.sizes), letters, glosses, assignments))
    return inventory, files | tokenizer_files(inventory), new


def _renumber(tally: SignTally, new: np.ndarray) -> SignTally:
    ordered = SignTally(tally.signs)
    ordered.counts[new] = tally.counts
    ordered.books[new] = tally.books
    for language, counts in tally.by_language.items():
        ordered.by_language[language] = np.zeros_like(counts)
        ordered.by_language[language][new] = counts
    ordered.nearest = {(int(new[sign]), language): refs for (sign, language), refs in tally.nearest.items()}
    return ordered


def _faiss_index(inventory: Inventory) -> bytes:
    """Level 1 as a flat FAISS index of unit vectors, for users who search it from their own programs."""
    points = unit(inventory.quantiser.points(0))
    index = faiss.IndexFlatIP(points.shape[1])
    index.add(points)
    return faiss.serialize_index(index).tobytes()


class FreezeDraft(beam.DoFn):
    """Path of a draft, assignments as side input -> FrozenSigns of the inventory to publish.

    One that lies there already was taken over, and stays as it is.
    """

    def __init__(self, folder: str, unquoted: frozenset[str] = frozenset()) -> None:
        self.folder = folder
        self.unquoted = unquoted

    def process(
        self, draft_folder: str, assignments: Sequence[AssignmentEntry], novel: Sequence[float]
    ) -> Iterable[FrozenSigns]:
        if draft_folder == self.folder:
            yield from KeepSigns().process(draft_folder)
            return
        make_room()
        inventory, files, new = freeze(
            load_inventory(draft_folder), assignments, draft_folder, self.unquoted, next(iter(novel), None)
        )
        save_inventory(self.folder, inventory, files)
        yield FrozenSigns(
            self.folder,
            tuple(int(sign) for sign in new),
            inventory.info.sizes,
            inventory.info.novel_distance,
            words=draft_folder,
        )


@dataclass
class FreezeInventory(beam.PTransform):
    """Path of a draft inventory -> FrozenSigns of the one to publish.

    unquoted: ids of books that no example is taken from. novel: from where on a scene is unlike what the inventory
    knows; empty where that could not be measured.
    """

    folder: str
    assignments: Any  # PCollection[AssignmentEntry]
    novel: Any  # PCollection[float]
    unquoted: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, draft: beam.PCollection) -> Any:
        sides = {"assignments": beam.pvalue.AsList(self.assignments), "novel": beam.pvalue.AsList(self.novel)}
        return draft | "Freeze" >> beam.ParDo(FreezeDraft(self.folder, self.unquoted), **sides)


class KeepSigns(beam.DoFn):
    """Folder of a frozen inventory -> FrozenSigns, with every sign as it is."""

    def process(self, folder: str) -> Iterable[FrozenSigns]:
        info = load_inventory(folder).info
        yield FrozenSigns(folder, tuple(range(info.signs)), info.sizes, info.novel_distance, taken_over=True)


@dataclass
class KeepInventory(beam.PTransform):
    """Path of a frozen inventory -> its FrozenSigns: nothing is fitted."""

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, frozen: beam.PCollection) -> Any:
        return frozen | "Keep" >> beam.ParDo(KeepSigns())
