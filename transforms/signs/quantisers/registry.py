"""The quantisers there are, by the name that `inventory.json` gives them. A new one is a line here."""

from __future__ import annotations

from scenesign.transforms.signs.quantisers.composite import CompositeQuantiser
from scenesign.transforms.signs.quantisers.quantiser import Quantiser
from scenesign.transforms.signs.quantisers.residual import ResidualQuantiser

QUANTISERS: dict[str, type[Quantiser]] = {
    CompositeQuantiser.name: CompositeQuantiser,
    ResidualQuantiser.name: ResidualQuantiser,
}


def quantiser_kind(name: str) -> type[Quantiser]:
    """The class of that name. Raises ValueError naming those there are."""
    if name not in QUANTISERS:
        raise ValueError(f"there is no quantiser '{name}' in this version; it knows {', '.join(sorted(QUANTISERS))}")
    return QUANTISERS[name]
