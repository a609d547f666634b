from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from scenesign.pipeline.validate.books import misfit
from scenesign.transforms.signs.quantisers.residual import ResidualQuantiser

ALONG, ACROSS = np.array([0.8, 0.6], np.float32), np.array([-0.6, 0.8], np.float32)
# What level 1 leaves of ALONG lies as near to both words of level 2: rebuilt with one it is ALONG, with the other not.
LEVELS = (0.6 * ALONG[None], np.stack([0.7 * ALONG, 0.4 * ALONG + 0.3 * ACROSS]))
OTHER = 1.0 - 1.0 / np.sqrt(1.09)


def told(across: float, distance: float, slack: float = 5e-3) -> str | None:
    """What is said of a scene that level 1 alone is written of. across: how far its vector is from ALONG."""
    quantiser = ResidualQuantiser(LEVELS)
    info = SimpleNamespace(sizes=quantiser.sizes)
    inventory = SimpleNamespace(info=info, quantiser=quantiser, neutraliser=lambda vectors, language: vectors)
    book = SimpleNamespace(scene_signs=np.array([[0]]), distances=np.array([distance]), language="en")
    vectors = (ALONG + across * ACROSS)[None].astype(np.float32)
    return misfit(cast(Any, inventory), vectors, cast(Any, book), slack)


@pytest.mark.parametrize("across", [-2e-4, 2e-4])
@pytest.mark.parametrize("distance", [0.0, OTHER])
def test_what_rounding_chose_at_a_level_that_is_not_written_is_no_fault(across: float, distance: float) -> None:
    assert told(across, distance) is None


def test_rounding_explains_no_other_distance() -> None:
    assert told(-2e-4, OTHER / 2) == "scene 0: distance 0.0211, its vector gives 0.0000"


@pytest.mark.parametrize(("across", "slack"), [(-0.03, 5e-3), (-2e-4, 1e-4)])
def test_a_codeword_that_rounding_could_not_reach_is_a_fault(across: float, slack: float) -> None:
    said = told(across, OTHER, slack)
    assert said is not None
    assert said.startswith("scene 0: distance 0.0422, its vector gives 0.000")
