"""What is said of a model: shares over books, a control that falls to chance, and a verdict that follows from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from scenesign.pipeline.train.choice import CHANCE
from scenesign.pipeline.train.evaluate import MODEL, SHUFFLED, Judgement, book_losses, judge_model, share_of, verdict_of
from scenesign.pipeline.train.record import Share
from scenesign.pipeline.train.trainer import TrainingOptions, new_model, train_in_memory
from tests.pipeline.train.stories import PIECES, TOPICS, codewords, in_memory, rounds

KNOWN, ASKED = in_memory(rounds([40] * 6)), in_memory(rounds([90, 80, 85], first=6))
OPTIONS = TrainingOptions(members=3, epochs=25, context=32, batch=4, rate=1e-2, width=8)


@pytest.fixture(scope="module")
def found() -> Judgement:
    start = new_model(OPTIONS, PIECES, np.concatenate(codewords()), "", KNOWN)
    model = new_model(OPTIONS, PIECES, np.concatenate(codewords()), "", KNOWN)
    trained = train_in_memory(model, KNOWN, in_memory(rounds([42] * 2, first=9)), OPTIONS).finish()
    return judge_model(trained, start, KNOWN, ASKED, TOPICS)


def test_a_share_is_of_all_questions_and_its_interval_of_books() -> None:
    assert share_of(np.array([1.0, 30.0]), np.array([10, 100])).mean == pytest.approx(31 / 110)
    even = share_of(np.array([2.0, 4.0, 6.0]), np.array([10, 20, 30]))
    assert (even.mean, even.low, even.high) == pytest.approx((0.2, 0.2, 0.2))
    two = share_of(np.array([0.0, 10.0]), np.array([10, 10]))
    assert (two.low, two.mean, two.high) == (0.0, 0.5, 1.0)
    assert share_of(np.zeros(0), np.zeros(0)) == Share(0.0, 0.0, 0.0)
    # a book without a question or scene changes nothing, and asks nothing
    assert share_of(np.array([5.0, 0.0]), np.array([10.0, 0.0])).mean == 0.5


def test_a_model_that_learned_the_rule_beats_what_needs_no_training(found: Judgement) -> None:
    others = [share.mean for way, share in found.far.items() if way not in (MODEL, SHUFFLED)]
    assert len(others) == 6
    assert found.far[MODEL].mean > max(others) + 0.05
    assert found.far[MODEL].low > CHANCE
    assert not found.at_chance


def test_scenes_in_any_order_fall_to_chance(found: Judgement) -> None:
    assert found.far[SHUFFLED].low <= 2 * CHANCE
    assert found.far[SHUFFLED].mean < 3 * CHANCE < found.far[MODEL].mean


def test_bits_stand_beside_what_counting_needs(found: Judgement) -> None:
    assert list(found.bits) == ["uniform", "unigram", "bigram", "cache", MODEL]
    assert found.bits["uniform"].mean == pytest.approx(np.log2(TOPICS))
    assert found.letters > 0
    assert found.cast > 0


def test_the_bits_of_the_model_are_those_of_its_losses() -> None:
    model = new_model(OPTIONS, PIECES, np.concatenate(codewords()), "", KNOWN)
    losses = book_losses(model, ASKED)
    judged = judge_model(model, model, KNOWN, ASKED, TOPICS)
    told = sum(len(book) - 1 for book in ASKED)
    assert judged.bits[MODEL].mean == pytest.approx(sum(float(loss.topic) for loss in losses) / told)
    assert judged.cast == pytest.approx(sum(float(loss.cast) for loss in losses) / told)
    # and it starts as its own untrained comparison
    assert judged.far[MODEL] == judged.far["both of the last few"]


def test_judging_leaves_books_and_random_numbers_alone() -> None:
    model = new_model(OPTIONS, PIECES, np.concatenate(codewords()), "", KNOWN)
    before, books = torch.get_rng_state(), [book.seen.clone() for book in ASKED]
    assert judge_model(model, model, KNOWN, ASKED, TOPICS) == judge_model(model, model, KNOWN, ASKED, TOPICS)
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one, book.seen) for one, book in zip(books, ASKED, strict=True))


def test_no_book_long_enough_is_no_figure() -> None:
    model = new_model(OPTIONS, PIECES, np.concatenate(codewords()), "", KNOWN)
    judged = judge_model(model, model, KNOWN, in_memory(rounds([39, 1])), TOPICS)
    assert (dict(judged.far), judged.at_chance) == ({}, True)
    assert verdict_of(judged).startswith("No held-out book is long enough")
    assert judged.bits[MODEL].mean > 0


def judgement(model: Share, best: float, topics: float | None) -> Judgement:
    way = {
        "like the last few": Share(best, best, best),
        "other": Share(0.01, 0.0, 0.02),
        SHUFFLED: Share(0.9, 0.9, 0.9),
    }
    bits = {} if topics is None else {"unigram": Share(7.0, 6.9, 7.1), MODEL: Share(topics, topics, topics)}
    return Judgement(way | {MODEL: model}, way | {MODEL: Share(0.2, 0.1, 0.3)}, bits, 0.0, 0.0)


@pytest.mark.parametrize(
    ("model", "best", "topics", "says"),
    [
        (
            Share(0.3, 0.25, 0.35),
            0.28,
            6.6,
            ["30.0 (25.0 to 35.0) %", "+2.0 points", "(like the last few)", "0.40 bits less"],
        ),
        (Share(0.3, 0.25, 0.35), 0.31, 7.25, ["-1.0 points", "0.25 bits more"]),
        (Share(0.3, 0.25, 0.35), 0.3, None, ["+0.0 points"]),
        (Share(0.05, 0.03, 0.07), 0.04, 6.0, ["at chance", "5.0 (3.0 to 7.0) %", "chance is 3.1 %"]),
    ],
)  # fmt: skip
def test_the_verdict_follows_from_the_figures(model: Share, best: float, topics: float | None, says: list[str]) -> None:
    verdict = verdict_of(judgement(model, best, topics))
    assert all(words in verdict for words in says)
    assert ("unigram" in verdict) == (topics is not None and "at chance" not in verdict)
    assert "--" not in verdict
    assert "-0." not in verdict.replace("-0.0 points", "")


def test_at_chance_is_what_can_not_be_told_from_it() -> None:
    ahead = judgement(Share(0.06, CHANCE + 1e-6, 0.1), 0.02, None)
    assert not ahead.at_chance
    assert replace(ahead, far={**ahead.far, MODEL: Share(0.06, CHANCE, 0.1)}).at_chance
