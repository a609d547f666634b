"""The model reads no scene before its time, starts as the untrained comparison, and knows nobody by number."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from scenesign.pipeline.train.model import TRAILS, ConceptConfig, ConceptModel, Foresight
from scenesign.pipeline.train.pieces import Pieces

PIECES = Pieces((5, 4_096), (False, True))
SCENES, SLOTS = 24, 3


def small(on: str = "glyphs", stirred: bool = False) -> ConceptModel:
    """A model of random codewords, as it starts, or with something learned at random everywhere."""
    torch.manual_seed(1)
    config = ConceptConfig(
        on=on, levels=PIECES.levels, composed=PIECES.composed, dimensions=6, members=SLOTS, width=8, layers=2, reach=5
    )
    model = ConceptModel(config).eval()
    with torch.no_grad():
        if on == "glyphs":
            model.table.weight.normal_()
        if stirred:
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.3)
    return model


def read(on: str = "glyphs", seed: int = 0, highest: int = 7) -> tuple[torch.Tensor, torch.Tensor]:
    """Two books of scenes, and their cast."""
    draw = np.random.default_rng(seed)
    signs = np.stack([draw.integers(0, 5, (2, SCENES)), 5 + draw.integers(0, 4_096, (2, SCENES))], axis=-1)
    ids = np.argsort(draw.random((2, SCENES, highest)), axis=-1)[..., :SLOTS] + 1
    cast = np.where(np.arange(SLOTS) < draw.integers(0, SLOTS + 1, (2, SCENES, 1)), ids, 0)
    seen = PIECES.split(signs) if on == "glyphs" else draw.normal(size=(2, SCENES, 6)).astype(np.float32)
    return torch.from_numpy(seen), torch.from_numpy(cast)


@torch.no_grad()
def scores_of(model: ConceptModel, seen: torch.Tensor, cast: torch.Tensor) -> torch.Tensor:
    held = model(seen, cast)
    return model.choose(held, held.scenes, cast)


@pytest.mark.parametrize("on", ["glyphs", "vectors"])
@torch.no_grad()
def test_what_is_held_after_a_scene_hangs_on_no_later_one(on: str) -> None:
    model = small(on, stirred=True)
    seen, cast = read(on)
    whole: Foresight = model(seen, cast)
    for cut in (1, 2, 9):
        part: Foresight = model(seen[:, :cut], cast[:, :cut])
        columns = part.company.shape[2]
        pairs = [(whole.query, part.query), (whole.told, part.told), *zip(whole.trails, part.trails, strict=True)]
        pairs += [(whole.company[..., :columns], part.company), (whole.coming[..., :columns], part.coming)]
        if on == "glyphs":
            pairs += zip(model.spell(whole), model.spell(part), strict=True)
        for one, other in pairs:
            assert torch.allclose(one[:, :cut], other, atol=1e-5)
        # the same scenes to choose from, after the same scenes read
        scores = model.choose(whole, whole.scenes, cast)[:, :cut]
        assert torch.allclose(scores, model.choose(part, whole.scenes, cast), atol=1e-4)


@pytest.mark.parametrize("on", ["glyphs", "vectors"])
def test_at_the_start_it_chooses_as_the_untrained_comparison(on: str) -> None:
    """4 times the cosine with a mixture of trails, and 4 times what is left of members in common by root of members."""
    model = small(on)
    seen, cast = read(on)
    scores = scores_of(model, seen, cast).double().numpy()
    table = model.table.weight.detach().double().numpy() if on == "glyphs" else None
    for book in range(2):
        places = table[seen[book]].sum(axis=1) if table is not None else seen[book].double().numpy()
        places /= np.linalg.norm(places, axis=1, keepdims=True)
        people = [{i for i in row.tolist() if i} for row in cast[book]]
        for now in range(SCENES):
            query = np.zeros(6)
            for weight, rate in zip((0.5, 1.0, 0.5, 0.2), TRAILS, strict=True):
                trail = sum(rate ** (now - at) * places[at] for at in range(now + 1))
                query += weight * trail / np.linalg.norm(trail)
            query /= np.linalg.norm(query)
            left: dict[int, float] = {}
            for member in set().union(*people[: now + 1]):
                here = [at for at in range(now + 1) if member in people[at]]
                left[member] = sum(0.5 ** (now - at) for at in here) / math.sqrt(1 + len(here))
            expected = [
                4 * query @ places[at]
                + 4 * sum(left.get(i, 0) for i in people[at]) / math.sqrt(max(1, len(people[at])))
                for at in range(SCENES)
            ]
            assert scores[book, now] - scores[book, now, 0] == pytest.approx(np.array(expected) - expected[0], abs=2e-4)


def test_another_numbering_of_the_members_changes_no_choice() -> None:
    model = small(stirred=True)
    seen, cast = read()
    new = torch.tensor([0, 4, 7, 1, 3, 2, 6, 5])
    assert torch.allclose(scores_of(model, seen, cast), scores_of(model, seen, new[cast]), atol=1e-4)


@torch.no_grad()
def test_members_that_were_not_seen_yet_are_alike() -> None:
    model = small(stirred=True)
    seen, cast = read(highest=4)
    held = model(seen, cast)
    offered = torch.tensor([[[5, 1, 0]], [[6, 5, 2]]]).repeat(1, 3, 1)
    others = torch.tensor([0, 1, 2, 3, 4, 256, 9])[offered]
    places = held.scenes[:, :3]
    assert torch.allclose(model.choose(held, places, offered), model.choose(held, places, others), atol=1e-5)
    known = torch.tensor([0, 1, 2, 3, 4, 1, 2])[offered]
    assert not torch.allclose(model.choose(held, places, offered), model.choose(held, places, known), atol=1e-2)


@torch.no_grad()
def test_likelihoods_of_each_piece_add_up_to_one() -> None:
    model = small(stirred=True)
    told = model.spell(model(*read()))
    assert [one.shape[-1] for one in told] == list(PIECES.values)
    for shares in told:
        assert torch.allclose(shares.exp().sum(dim=-1), torch.ones(2, SCENES), atol=1e-5)


@pytest.mark.parametrize("on", ["glyphs", "vectors"])
def test_a_saved_model_comes_back_as_it_was(on: str, tmp_path: Path) -> None:
    model = small(on, stirred=True)
    model.save_pretrained(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"config.json", "model.safetensors"}
    assert not {path.suffix for path in tmp_path.iterdir()} & {".bin", ".pt", ".pkl"}
    again = ConceptModel.from_pretrained(tmp_path).eval()
    seen, cast = read(on)
    assert torch.equal(scores_of(model, seen, cast), scores_of(again, seen, cast))
    assert (again.config.on, again.config.reach) == (on, 5)
    assert tuple(again.config.levels) == PIECES.levels


def test_codewords_stay_where_they_are() -> None:
    assert not small().table.weight.requires_grad


@torch.no_grad()
def test_nobody_on_stage_and_a_single_scene_are_read_too() -> None:
    model = small(stirred=True)
    seen, cast = read()
    for some, people in ((seen, torch.zeros_like(cast)), (seen[:, :1], cast[:, :1]), (seen, cast[..., :1])):
        scores = scores_of(model, some, people)
        assert scores.shape == (2, some.shape[1], some.shape[1])
        assert scores.isfinite().all()
