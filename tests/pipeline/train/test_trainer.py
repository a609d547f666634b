"""Training: the best epoch is kept, be it none; every scene is learned from once an epoch; running off does no harm."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from scenesign.pipeline.train.books import ConceptBook
from scenesign.pipeline.train.evaluate import book_losses
from scenesign.pipeline.train.model import ConceptModel
from scenesign.pipeline.train.trainer import (
    Training,
    TrainingOptions,
    new_model,
    run_epoch,
    stack,
    train_in_memory,
    windows_of,
)
from tests.pipeline.train.stories import PIECES, SECONDS, TOPICS, codewords, in_memory, rounds

OPTIONS = TrainingOptions(members=3, epochs=6, context=32, batch=4, rate=1e-2, width=8)
KNOWN, UNSEEN = in_memory(rounds([40] * 6)), in_memory(rounds([42] * 2, first=6))


def start(options: TrainingOptions = OPTIONS) -> ConceptModel:
    return new_model(options, PIECES, np.concatenate(codewords()), "", KNOWN)


def same(one: ConceptModel, other: ConceptModel) -> bool:
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


def cost(model: ConceptModel) -> float:
    first, *others = book_losses(model, UNSEEN)
    return float(sum(others, start=first).objective())


def test_it_learns_a_rule_that_is_there() -> None:
    """Who has been away longest comes next; untrained, those who were here last are expected."""
    training = train_in_memory(start(), KNOWN, UNSEEN, OPTIONS)
    assert training.best_epoch > 0
    assert cost(training.finish()) == pytest.approx(min(training.losses), abs=1e-4)
    assert min(training.losses) < cost(start()) - 1
    choice = [float(sum(loss.choice for loss in book_losses(model, UNSEEN))) for model in (start(), training.finish())]
    assert choice[1] < 0.8 * choice[0]


def test_where_there_is_nothing_to_learn_the_model_is_no_worse_than_its_start() -> None:
    """It learns one order, and is judged on the other."""
    backwards = [
        replace(book, seen=book.seen.flip(0), cast=book.cast.flip(0) % 8 + 1, topics=book.topics[::-1])
        for book in UNSEEN
    ]
    training = train_in_memory(start(), KNOWN[:1], backwards, replace(OPTIONS, rate=3e-2))
    assert min(training.losses) == training.losses[training.best_epoch] <= training.losses[0]
    first, *others = book_losses(training.finish(), backwards)
    assert float(sum(others, start=first).objective()) == pytest.approx(min(training.losses), abs=1e-4)


@pytest.mark.parametrize(
    ("told", "kept", "epochs"),
    [
        ([5.0, 4.0, 3.0, 3.5, 3.2, 2.9, 1.0], 5, 6),
        ([5.0, 4.0, 4.5, 4.5, 4.5, 1.0, 1.0], 1, 4),
        ([5.0, 6.0, 7.0, 8.0, 1.0, 1.0, 1.0], 0, 3),
        ([5.0, 5.0, 5.0, 5.0, 1.0, 1.0, 1.0], 0, 3),
        ([5.0, math.inf, 4.0, 4.5, 4.5, 4.5, 1.0], 2, 5),
    ],
)
def test_the_best_epoch_is_kept_and_enough_is_enough(
    told: list[float], kept: int, epochs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three epochs without a better one are enough; equals are not better."""
    costs = iter(told)
    monkeypatch.setattr(Training, "look", lambda self: next(costs))
    if epochs == 6:
        told = told[:6]
        costs = iter([*told, 9.0])
    training = Training(start(), UNSEEN, OPTIONS, 100)
    states = [start()]
    while not training.done:
        run_epoch(training, windows_of(KNOWN[:1], OPTIONS, 0))
        states.append(start())
        states[-1].load_state_dict(training.model.state_dict())
    assert (training.best_epoch, len(training.losses) - 1) == (kept, epochs)
    assert same(training.finish(), states[kept])


def test_without_books_to_stop_by_the_last_epoch_is_kept() -> None:
    training = train_in_memory(start(), KNOWN[:1], (), OPTIONS)
    assert len(training.losses) - 1 == training.best_epoch == OPTIONS.epochs
    kept = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    assert all(torch.equal(kept[name], tensor) for name, tensor in training.finish().state_dict().items())


@pytest.mark.parametrize("rate", [1e3, 1e30])
def test_a_training_that_runs_off_keeps_its_start(rate: float) -> None:
    training = train_in_memory(start(), KNOWN, UNSEEN, replace(OPTIONS, rate=rate))
    assert training.best_epoch == 0
    assert same(training.finish(), start())


def test_no_epoch_is_the_start() -> None:
    training = train_in_memory(start(), KNOWN, UNSEEN, replace(OPTIONS, epochs=0))
    assert (training.step, len(training.losses)) == (0, 1)
    assert same(training.finish(), start())


def test_the_same_seed_gives_the_same_model() -> None:
    def model(seed: int) -> ConceptModel:
        options = replace(OPTIONS, seed=seed, epochs=1)
        return train_in_memory(start(options), KNOWN, UNSEEN, options).model

    assert same(model(3), model(3))
    assert not same(model(3), model(4))


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_windows_hold_every_scene_once(epoch: int) -> None:
    books = in_memory(rounds([40, 1, 32, 33, 100, 7]))
    options = replace(OPTIONS, context=32, batch=3)
    found: Counter[tuple[int, ...]] = Counter()
    for seen, cast, mask in windows_of(books, options, epoch):
        assert len(mask) <= 3
        assert mask.shape[1] <= 32
        assert not cast[~mask].any()
        found.update(tuple(row) for row in torch.cat([seen, cast], dim=2)[mask].tolist())
    whole = [torch.cat([book.seen, book.cast], dim=1).tolist() for book in books]
    assert found == Counter(tuple(row) for book in whole for row in book)


def test_windows_are_cut_and_ordered_anew_each_epoch() -> None:
    books = in_memory(rounds([100, 90]))

    def lengths(epoch: int, seed: int = 0) -> list[list[int]]:
        return [mask.sum(dim=1).tolist() for _, _, mask in windows_of(books, replace(OPTIONS, seed=seed), epoch)]

    assert lengths(0) == lengths(0)
    assert len({str(lengths(epoch)) for epoch in range(6)}) > 2
    assert lengths(0) != lengths(0, seed=1)


def test_shorter_windows_are_padded_without_anybody() -> None:
    (one, other) = in_memory(rounds([3, 1]))
    seen, cast, mask = stack([(one.seen, one.cast), (other.seen, other.cast)])
    assert mask.tolist() == [[True] * 3, [True, False, False]]
    assert torch.equal(seen[0], one.seen)
    assert torch.equal(cast[1, :1], other.cast)
    assert not cast[1, 1:].any()
    assert (seen >= 0).all()
    assert (seen < TOPICS + SECONDS).all()


def test_topics_start_as_frequent_as_they_are() -> None:
    model = start()
    counts = torch.bincount(torch.cat([book.seen[:, 0] for book in KNOWN]), minlength=TOPICS) + 0.5
    assert torch.allclose(model.bias[:TOPICS].softmax(0), counts / counts.sum(), atol=1e-6)
    table = np.concatenate(codewords())
    assert np.allclose(model.table.weight.detach().numpy(), table)


def test_a_model_of_vectors_learns_too() -> None:
    words = np.concatenate(codewords())

    def moved(book: ConceptBook) -> ConceptBook:
        places = torch.from_numpy(words)[book.seen].sum(dim=1)
        return replace(book, seen=places)

    options = replace(OPTIONS, on="vectors")
    model = new_model(options, PIECES, words, "", ())
    training = train_in_memory(model, [moved(b) for b in KNOWN], [moved(b) for b in UNSEEN], options)
    assert min(training.losses) < training.losses[0] - 1
