"""Who was on stage: traces by hand, alike under any numbering, and never a word of scenes to come."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scenesign.pipeline.train.stage import FADING, FEATURES, fade, presence, set_stage

MEMBERS = 5


@st.composite
def casts(draw: st.DrawFn) -> torch.Tensor:
    """Two books of up to nine scenes, each naming up to three of the members once."""
    scenes = draw(st.integers(1, 9))
    order = draw(arrays.arrays(np.float64, (2, scenes, MEMBERS), elements=st.floats(0, 1, width=16)))
    number = draw(arrays.arrays(np.int64, (2, scenes, 1), elements=st.integers(0, 3)))
    ids = np.argsort(order, axis=-1)[..., :3] + 1
    return torch.from_numpy(np.where(np.arange(3) < number, ids, 0))


def test_by_hand() -> None:
    """Member 1 in scenes 0 and 1, member 2 in scene 1, nobody in scene 2."""
    stage = set_stage(torch.tensor([[[1, 0], [2, 1], [0, 0]]]))
    assert stage.present.tolist() == [[[1, 0], [1, 1], [0, 0]]]
    assert stage.seen.tolist() == [[[True, False], [True, True], [True, True]]]
    assert stage.features.shape == (1, 3, 2, FEATURES)
    traces = [[1.0, 1.0 + rate, rate + rate * rate] for rate in FADING]
    for number, trace in enumerate(traces):
        assert stage.features[0, :, 0, number].tolist() == pytest.approx(trace)
    count, near, rank, share, gap = stage.features[0, 2, 0, len(FADING) :].tolist()
    assert (count, near, rank) == pytest.approx((math.log(3), 1 / 2, 0))
    assert (share, gap) == pytest.approx((math.log(2 / 3) / 3, math.log(2) / 3))
    assert stage.features[0, 1, :, len(FADING) + 2].tolist() == [0.5, 1.0]  # named second and first
    assert not stage.features[0, 0, 1].any()  # of member 2 nothing is known yet


def test_traces_of_those_often_there_count_less() -> None:
    stage = set_stage(torch.tensor([[[1], [1], [1], [2]]]))
    last = [trace[0, 3].tolist() for trace in stage.traces()]
    for rate, (often, once) in zip(FADING, last, strict=True):
        assert often == pytest.approx((rate + rate**2 + rate**3) / math.sqrt(4))
        assert once == pytest.approx(1 / math.sqrt(2))


def test_newcomers_are_counted_by_what_was_seen_so_far() -> None:
    stage = set_stage(torch.tensor([[[1, 0], [2, 0]]]))
    scenes = presence(torch.tensor([[[1, 2], [0, 0], [2, 0]]]), 2)
    assert stage.among(scenes).tolist() == [[[1, 0, 1], [0, 0, 0]]]


@settings(max_examples=50, deadline=None)
@given(cast=casts())
def test_the_circle_is_what_a_loop_says(cast: torch.Tensor) -> None:
    stage = set_stage(cast)
    found = stage.circle()
    for book in range(2):
        for scene in range(cast.shape[1]):
            past = [set(row.tolist()) - {0} for row in cast[book, : scene + 1]]

            def both(j: int, k: int, past: list[set[int]] = past) -> int:
                return sum({j, k} <= here for here in past)

            for k in range(1, found.shape[2] + 1):
                others = past[-1] - {k}
                expected = sum(both(j, k) / math.sqrt(both(j, j) * both(k, k)) for j in others if both(k, k))
                assert float(found[book, scene, k - 1]) == pytest.approx(expected, abs=1e-5)


@settings(max_examples=50, deadline=None)
@given(cast=casts(), order=st.permutations(range(1, MEMBERS + 1)))
def test_another_numbering_of_the_members_changes_nothing(cast: torch.Tensor, order: list[int]) -> None:
    new = torch.tensor([0, *order])
    # member 9 is in the last scene of both, so that both have the same columns
    cast = torch.cat([cast, torch.tensor([9, 0, 0]).expand(2, 1, 3)], dim=1)
    one, other = set_stage(cast), set_stage(new[cast.clamp(max=MEMBERS)].where(cast <= MEMBERS, cast))
    columns = torch.tensor([*(number - 1 for number in order), *range(MEMBERS, 9)])
    for name in ("present", "seen", "features"):
        assert torch.allclose(getattr(one, name).float(), getattr(other, name)[:, :, columns].float(), atol=1e-6)
    assert torch.allclose(one.circle(), other.circle()[:, :, columns], atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(cast=casts(), cut=st.integers(1, 9))
def test_scenes_to_come_change_nothing_of_those_before(cast: torch.Tensor, cut: int) -> None:
    whole, part = set_stage(cast), set_stage(cast[:, :cut])
    columns = part.present.shape[2]
    assert not whole.seen[:, : part.seen.shape[1], columns:].any()
    pairs = [(getattr(whole, name), getattr(part, name)) for name in ("present", "seen", "features")]
    for one, other in [*pairs, (whole.circle(), part.circle())]:
        assert torch.allclose(one[:, : part.seen.shape[1], :columns].float(), other.float(), atol=1e-6)


def test_fading_weights_fall_by_their_rate_and_never_look_ahead() -> None:
    assert fade(3, 0.5, torch.device("cpu")).tolist() == [[1, 0, 0], [0.5, 1, 0], [0.25, 0.5, 1]]
    assert fade(2, 0.0, torch.device("cpu")).tolist() == [[1, 0], [0, 1]]
