"""Who was on stage lately: what a book so far says of each member of its cast.

Members are known by their ids in the book alone. What is computed here hangs on where an id stood before and never on
the id itself: it is the same for any numbering of the members.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

# How much of a presence is left a scene later, in the traces that are kept.
FADING = (0.0, 0.5, 0.8, 0.95)
# Numbers that describe what is known of a member: a trace for each fading, and five more.
FEATURES = len(FADING) + 5


@dataclass(frozen=True, eq=False)
class Stage:
    """What is known of each member after each scene; C columns, id i in column i - 1.

    present: 1 where the scene names the member, float [B, T, C]. seen: whether it or an earlier one did, bool
    [B, T, C]. features: float [B, T, C, FEATURES], 0 where not seen.
    """

    present: torch.Tensor
    seen: torch.Tensor
    features: torch.Tensor

    def among(self, scenes: torch.Tensor) -> torch.Tensor:
        """How many members of later scenes have not been seen yet: present float [B, S, C] -> float [B, T, S]."""
        return (~self.seen).to(scenes.dtype) @ scenes.transpose(1, 2)


def presence(cast: torch.Tensor, members: int) -> torch.Tensor:
    """1 where a scene names a member. cast: int64 [B, T, N], 0 for nobody -> float32 [B, T, members]."""
    here = torch.zeros(*cast.shape[:2], members + 1)
    here = here.to(cast.device).scatter_(2, cast, 1.0)
    return here[..., 1:]


def set_stage(cast: torch.Tensor) -> Stage:
    """The stage after each scene. cast: int64 [B, T, N], most present first, 0 for nobody."""
    batch, scenes, slots = cast.shape
    members = max(1, int(cast.max())) if cast.numel() else 1
    present = presence(cast, members)
    time = torch.arange(scenes, device=cast.device)
    seen_at = torch.where(present > 0, time[None, :, None], -1).cummax(dim=1).values
    seen = seen_at >= 0
    count = present.cumsum(dim=1)
    gap = (time[None, :, None] - seen_at).float()
    rank = torch.zeros(batch, scenes, members + 1, device=cast.device)
    weight = 1.0 / torch.arange(1, slots + 1, device=cast.device).float()
    rank = rank.scatter_(2, cast, weight.expand(batch, scenes, slots).contiguous())[..., 1:]
    features = [
        *(fade(scenes, rate, cast.device) @ present for rate in FADING),
        count.log1p(),
        1.0 / (1.0 + gap),
        rank,
        (count / (time[None, :, None] + 1.0)).clamp(min=1e-3).log() / 3,
        gap.log1p() / 3,
    ]
    return Stage(present, seen, torch.stack(features, dim=-1) * seen[..., None])


def fade(scenes: int, rate: float | torch.Tensor, device: torch.device) -> torch.Tensor:
    """Weights with which scenes up to each count, float [scenes, scenes]: 1 for a scene itself, `rate` less for each
    scene that it lies back."""
    time = torch.arange(scenes, device=device)
    lag = time[:, None] - time[None]
    rate = torch.as_tensor(rate, dtype=torch.float32, device=device)
    return torch.where(lag >= 0, rate ** lag.clamp(min=0).float(), torch.zeros((), device=device))
