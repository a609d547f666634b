"""How the experiment trains and asks the concept model: the one place that knows the product's trainer.

It asks of `scenesign.pipeline.train`:

- `ConceptModel`, whose `forward(seen, cast)` holds a book scene by scene, `choose(held, scenes, cast)` scores scenes as
  the next one, `places(seen)` puts them where `choose` compares them, and `spell(held)` gives log-probabilities of the
  pieces of the next scene, the topic first;
- `Spelling.split(signs)`: signs as rows of pieces;
- a trainer for books in memory, `train_books` below, with early stopping on validation books, which leaves the model at
  its best, a limit on epochs, and a seed that decides everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.next_scene.questions import Question
from benchmarks.next_scene.shelf import Told
from scenesign.transforms.signs.inventory import Inventory

TRAINER = "scenesign.pipeline.train.trainer"


@dataclass(frozen=True)
class ConceptForm:
    """What a concept model reads. glyphs: of each scene; 0 for its vector. cast: whether it reads who is on stage."""

    name: str
    glyphs: int
    cast: bool


FORMS = (
    ConceptForm("topics", 1, False),
    ConceptForm("two glyphs", 2, False),
    ConceptForm("four glyphs", 4, False),
    ConceptForm("topics + cast", 1, True),
    ConceptForm("two glyphs + cast", 2, True),
    ConceptForm("four glyphs + cast", 4, True),
    ConceptForm("vectors + cast", 0, True),
)


@dataclass(frozen=True, eq=False)
class Training:
    """epochs: that were trained. best: the epoch that is kept. model: as it was then."""

    epochs: int
    best: int
    model: Any


def available() -> bool:
    """Whether this version of the product has a trainer."""
    return find_spec("scenesign.pipeline.train") is not None and find_spec(TRAINER) is not None


def train(
    form: ConceptForm,
    inventory: Inventory,
    books: Sequence[Told],
    validation: Sequence[Told],
    seed: int,
    epochs: int | None = None,
) -> Training:
    """Trains the product's model on books, choosing by others. epochs: at most; those of the product without it."""
    from scenesign.pipeline.train.trainer import train_books

    found = train_books(
        [_book(form, told) for told in books],
        [_book(form, told) for told in validation],
        inventory,
        on="glyphs" if form.glyphs else "vectors",
        seed=seed,
        epochs=epochs,
    )
    return Training(found.epochs, found.best, found.model)


def _book(form: ConceptForm, told: Told) -> tuple[np.ndarray, np.ndarray]:
    """What a model reads of a book: codes int64 [scenes, glyphs] or vectors, and its cast int64 [scenes, N]."""
    seen = told.codes[:, : form.glyphs].astype(np.int64) if form.glyphs else told.vectors
    return seen, told.cast if form.cast else told.cast[:, :0]


class Concept:
    """Answers questions with a trained model; each book is read once."""

    def __init__(self, form: ConceptForm, model: Any, inventory: Inventory, books: Sequence[Told]) -> None:
        self.form, self.model, self.inventory, self.books = form, model.eval(), inventory, books
        self._held: dict[int, np.ndarray] = {}

    def scores(self, question: Question) -> np.ndarray:
        """Scores of a question's choices, float64 [choices]."""
        if question.book not in self._held:
            self._held = {question.book: self._read(question.book)}
        return np.asarray(self._held[question.book][question.next - 1, list(question.choices)])

    def _read(self, book: int) -> np.ndarray:
        """How well each scene of a book fits after each: float64 [scenes, scenes]."""
        import torch

        seen, cast = self._tensors(book)
        with torch.inference_mode():
            held = self.model(seen, cast)
            fits = self.model.choose(held, held.scenes, cast)[0]
        return np.asarray(fits.double())

    def _tensors(self, book: int) -> tuple[Any, Any]:
        import torch

        seen, cast = _book(self.form, self.books[book])
        if self.form.glyphs:
            seen = self.model.spelling.split(seen)
        return torch.from_numpy(seen)[None], torch.from_numpy(cast)[None]

    def topic_bits(self, book: int) -> np.ndarray:
        """Bits of the topic of each scene but the first, float64 [scenes - 1]; none where it reads vectors."""
        import torch

        if not self.form.glyphs:
            return np.zeros(0)
        seen, cast = self._tensors(book)
        with torch.inference_mode():
            shares = self.model.spell(self.model(seen, cast))[0][0]
        topics = torch.from_numpy(self.books[book].codes[1:, 0].astype(np.int64))
        return np.asarray(-shares[:-1].gather(1, topics[:, None])[:, 0].double() / np.log(2.0))
