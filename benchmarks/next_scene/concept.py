"""How the experiment trains and asks the concept model: the one place that knows the product's trainer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.next_scene.questions import Question
from benchmarks.next_scene.shelf import Told
from scenesign.pipeline.train.books import ConceptBook
from scenesign.pipeline.train.choice import by_model
from scenesign.pipeline.train.evaluate import book_losses
from scenesign.pipeline.train.model import ConceptModel
from scenesign.pipeline.train.pieces import pieces_of
from scenesign.pipeline.train.trainer import TrainingOptions, new_model, train_in_memory
from scenesign.transforms.signs.inventory import CODEBOOK, Inventory
from scenesign.transforms.signs.numbering import sign_ids


@dataclass(frozen=True)
class ConceptForm:
    """What a concept model reads. glyphs: of each scene; 0 for its vector. cast: whether it reads who is on stage."""

    name: str
    glyphs: int
    cast: bool

    def options(self, seed: int, members: int) -> TrainingOptions:
        """Those of the product. members: ids of a scene's cast that are told."""
        options = TrainingOptions(seed=seed, members=members if self.cast else 0)
        return replace(options, glyphs=self.glyphs) if self.glyphs else replace(options, on="vectors")


FORMS = (
    ConceptForm("two glyphs + cast", 2, True),
    ConceptForm("vectors + cast", 0, True),
    ConceptForm("two glyphs", 2, False),
    ConceptForm("four glyphs + cast", 4, True),
    ConceptForm("topics + cast", 1, True),
    ConceptForm("topics", 1, False),
    ConceptForm("four glyphs", 4, False),
)


@dataclass(frozen=True, eq=False)
class Trained:
    """epochs: that were trained. best: the one that is kept. start: before training; model: at its best."""

    epochs: int
    best: int
    start: ConceptModel
    model: ConceptModel


def train(
    form: ConceptForm,
    inventory: Inventory,
    books: Sequence[Told],
    validation: Sequence[Told],
    seed: int,
    epochs: int | None = None,
) -> Trained:
    """Trains the product's model on books, choosing by others. epochs: at most; those of the product without it."""
    options = form.options(seed, books[0].cast.shape[1])
    options = replace(options, epochs=epochs or options.epochs)
    read = [concept_book(form, inventory, told) for told in books]
    own = [concept_book(form, inventory, told) for told in validation]
    pieces = pieces_of(inventory.info.sizes, inventory.info.quantiser, options.glyphs)

    def fresh() -> ConceptModel:
        return new_model(
            options, pieces, inventory.quantiser.embeddings(), inventory.info.files.get(CODEBOOK, ""), read
        )

    training = train_in_memory(fresh(), read, own, options)
    return Trained(len(training.losses) - 1, training.best_epoch, fresh(), training.finish())


def concept_book(form: ConceptForm, inventory: Inventory, told: Told) -> ConceptBook:
    """A book as the product's model reads it in this form."""
    sizes = inventory.info.sizes
    signs = sign_ids(told.codes, sizes)[:, : form.glyphs or 1].astype(np.int64)
    seen = pieces_of(sizes, inventory.info.quantiser, form.glyphs).split(signs) if form.glyphs else told.vectors
    cast = told.cast if form.cast else np.zeros((told.scenes, 1), np.int64)
    return ConceptBook(
        told.book_id, told.language, "", torch.from_numpy(np.array(seen)), torch.from_numpy(cast), signs[:, 0]
    )


def in_any_order(told: Told, seed: int = 0) -> Told:
    """A book with its scenes in an order that tells nothing."""
    order = np.random.default_rng([seed, told.scenes]).permutation(told.scenes)
    return replace(told, codes=told.codes[order], vectors=told.vectors[order], cast=told.cast[order])


class Concept:
    """Answers questions with a concept model; each book is read once."""

    def __init__(self, form: ConceptForm, model: ConceptModel, inventory: Inventory, books: Sequence[Told]) -> None:
        self.model, self.books = model.eval(), [concept_book(form, inventory, told) for told in books]
        self._fits: tuple[int, np.ndarray] | None = None

    def scores(self, question: Question) -> np.ndarray:
        """Scores of a question's choices, float64 [choices]."""
        if self._fits is None or self._fits[0] != question.book:
            self._fits = question.book, self.read(question.book)
        return np.asarray(self._fits[1][question.next - 1, list(question.choices)], np.float64)

    def read(self, book: int) -> np.ndarray:
        """How well each scene of a book fits after each: float32 [scenes, scenes]."""
        return by_model(self.model)(self.books[book])

    def topic_bits(self, book: int) -> float:
        """Bits of the topics of all scenes but the first; 0 where the model reads vectors."""
        return float(book_losses(self.model, [self.books[book]])[0].topic)
