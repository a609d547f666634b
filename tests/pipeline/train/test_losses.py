"""What training makes small: bits by hand, sums that add up, and padding that costs nothing."""

from __future__ import annotations

import math

import pytest
import torch

from scenesign.pipeline.train.losses import Losses, losses_of
from scenesign.pipeline.train.trainer import stack
from tests.pipeline.train.stories import PIECES, in_memory, rounds
from tests.pipeline.train.test_model import small

NAMES = ("choice", "topic", "letters", "cast", "chosen", "told")


def losses(seen: torch.Tensor, cast: torch.Tensor, mask: torch.Tensor | None = None) -> Losses:
    with torch.no_grad():
        return losses_of(
            small(stirred=True), seen, cast, torch.ones(seen.shape[:2], dtype=torch.bool) if mask is None else mask
        )


def shelf(*counts: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Books whose topics and letters `small` has rows for."""
    assert PIECES.rows <= 16
    return [
        (torch.stack([b.seen[:, 0] % 5, *(b.seen[:, 1] + 16 * i for i in range(3))], dim=-1), b.cast)
        for b in in_memory(rounds(counts))
    ]


def test_bits_by_hand() -> None:
    """A model of one topic and two values that knows nothing: every guess is even."""
    model = small()
    ((seen, cast),) = shelf(12)
    with torch.no_grad():
        model.table.weight.zero_()
        model.likeness.zero_()
        model.company.zero_()
        found = losses_of(model, seen[None], torch.zeros_like(cast)[None], torch.ones(1, 12, dtype=torch.bool))
    assert (found.chosen, found.told) == (4, 11)  # with 11, 10, 9 and 8 scenes to choose from
    assert float(found.choice) == pytest.approx(math.log2(11 * 10 * 9 * 8), abs=1e-4)
    assert float(found.topic) == pytest.approx(11 * math.log2(5), rel=1e-5)
    assert float(found.letters) == pytest.approx(11 * 3 * 4, rel=1e-5)
    assert float(found.cast) == 0
    assert float(found.objective()) == pytest.approx(math.log2(7920) / 4 + 0.3 * math.log2(5) + 0.1 * 12, rel=1e-5)


def test_the_cast_costs_a_yes_or_no_of_each_who_was_seen() -> None:
    """At the start each is thought to come with log-odds of -2."""
    ((seen, _),) = shelf(3)
    cast = torch.tensor([[[1], [2], [1]]])
    with torch.no_grad():
        found = losses_of(small(), seen[None], cast, torch.ones(1, 3, dtype=torch.bool))
    there, away = -math.log2(1 / (1 + math.exp(2))), -math.log2(1 - 1 / (1 + math.exp(2)))
    # after scene 0 member 1 stays away; after scene 1 member 1 comes, and 2 stays away
    assert float(found.cast) == pytest.approx(there + 2 * away, rel=1e-5)


def test_sums_of_books_add_up() -> None:
    one, other = shelf(20, 20)
    both = losses(torch.stack([one[0], other[0]]), torch.stack([one[1], other[1]]))
    added = losses(one[0][None], one[1][None]) + losses(other[0][None], other[1][None])
    for name in NAMES:
        assert float(getattr(both, name)) == pytest.approx(float(getattr(added, name)), rel=1e-4)


def test_padding_costs_nothing() -> None:
    books = shelf(20, 13, 1)
    alone = [losses(seen[None], cast[None]) for seen, cast in books]
    seen, cast, mask = stack(books)
    assert mask.sum(dim=1).tolist() == [20, 13, 1]
    together = losses(seen, cast, mask)
    added = alone[0] + alone[1] + alone[2]
    for name in NAMES:
        assert float(getattr(together, name)) == pytest.approx(float(getattr(added, name)), rel=1e-4)
    # whatever stands in the padding
    seen[1, 13:], cast[1, 13:], cast[2, 1:] = seen[0, :7], cast[0, :7], 3
    again = losses(seen, cast, mask)
    for name in NAMES:
        assert float(getattr(again, name)) == pytest.approx(float(getattr(together, name)), rel=1e-4)


@pytest.mark.parametrize("scenes", [1, 2, 8])
def test_too_few_scenes_to_choose_from_are_no_question(scenes: int) -> None:
    ((seen, cast),) = shelf(scenes)
    found = losses(seen[None], cast[None])
    assert (found.chosen, found.told, float(found.choice)) == (0, scenes - 1, 0.0)
    assert math.isfinite(float(found.objective()))


def test_a_window_with_nothing_to_ask_can_be_learned_from_all_the_same() -> None:
    model = small(stirred=True).train()
    ((seen, cast),) = shelf(1)
    losses_of(model, seen[None], cast[None], torch.ones(1, 1, dtype=torch.bool)).objective().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
