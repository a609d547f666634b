"""The concept model: scenes so far in, what the next scene is like out.

One step per scene. A scene goes in as the sum of its pieces' embeddings (a topic and letters, or its vector) and of its
cast's. Out comes what is held of the story: where its last scenes are, how likely each topic and letter is next, who
was on stage lately and how likely each is to be there. Any scene can be asked how well it fits as the next one.

The model starts as the best that needs no training: a scene fits that is where the last ones are and whose members were
there, lately and not often. What is learned is added to that, and begins at nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel

from scenesign.pipeline.train.pieces import Pieces
from scenesign.pipeline.train.stage import FADING, FEATURES, Stage, fade, presence, set_stage
from scenesign.transforms.cast.cast import MOST_MEMBERS

# Trails of the last scenes, by what is left of a scene one later; the query starts as the sum of the unit trails.
TRAILS = (0.0, 0.4, 0.7, 0.9)
# What is looked at to choose a scene: likeness to the query and to each trail, company and each trace of the members
# in common, their circle, and four numbers of members and newcomers.
_ASPECTS = 1 + len(TRAILS) + 1 + len(FADING) + 1 + 4
# How the untrained model weighs likeness and members in common: see benchmarks/convergence.py, which chose it.
_LIKENESS, _COMPANY = 4.0, 4.0


class ConceptConfig(PretrainedConfig):
    """What a model is made for.

    on: `glyphs` or `vectors`. levels, composed: of `Pieces`. dimensions: of the space of scenes. members: most
    ids that a scene gives. inventory: digest of the codebook whose signs (or vectors) it reads. reach: scenes that it
    looks back to, but for its trails and traces, which never end.
    """

    model_type = "scenesign-concept"

    def __init__(
        self,
        on: str = "glyphs",
        levels: tuple[int, ...] = (),
        composed: tuple[bool, ...] = (),
        dimensions: int = 64,
        members: int = 0,
        inventory: str = "",
        width: int = 64,
        layers: int = 2,
        heads: int = 4,
        reach: int = 32,
        dropout: float = 0.2,
        **others: Any,
    ) -> None:
        self.on = on
        self.levels = list(levels)
        self.composed = list(composed)
        self.dimensions = dimensions
        self.members = members
        self.inventory = inventory
        self.width = width
        self.layers = layers
        self.heads = heads
        self.reach = reach
        self.dropout = dropout
        super().__init__(**others)


@dataclass(frozen=True, eq=False)
class Foresight:
    """What a model holds of books after each scene.

    query: where the last scenes are, float [B, T, M], unit length; trails: the same for each of TRAILS. told: the query
    moved to where topics and letters of the next scene are expected. scenes: where the scenes themselves are, float
    [B, T, M], unit length. stage: who was there. company: what each member's presence in a scene adds to its score,
    float [B, T, C]. coming: log-odds that each member is in the next scene, float [B, T, C]. echo: how often each value
    of the first piece was there, float [B, T, K, 2], or None.
    """

    query: torch.Tensor
    told: torch.Tensor
    trails: tuple[torch.Tensor, ...]
    scenes: torch.Tensor
    stage: Stage
    company: torch.Tensor
    coming: torch.Tensor
    echo: torch.Tensor | None


class LookBack(nn.Module):
    """A step of a transformer whose scenes look back `reach` scenes, with a learned weight for each distance."""

    def __init__(self, width: int, heads: int, reach: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.reach, self.dropout = heads, reach, dropout
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.distance = nn.Parameter(torch.zeros(heads, reach))
        self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(dropout)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        batch, scenes, width = states.shape
        parts = self.attend(self.before(states)).view(batch, scenes, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        time = torch.arange(scenes, device=states.device)
        lag = time[:, None] - time[None]
        bias = self.distance[:, lag.clamp(0, self.reach - 1)]
        bias = bias.masked_fill((lag < 0) | (lag >= self.reach), float("-inf"))
        looked = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=bias[None])
        states = states + self.drop(self.mix(looked.transpose(1, 2).reshape(batch, scenes, width)))
        return states + self.drop(self.think(self.between(states)))


class ConceptModel(PreTrainedModel):
    """See the module. Loads by `from_pretrained`, saves by `save_pretrained`."""

    config_class = ConceptConfig
    config: ConceptConfig
    judge: nn.Sequential
    doubt: nn.Sequential

    def __init__(self, config: ConceptConfig) -> None:
        super().__init__(config)
        pieces = Pieces(tuple(config.levels), tuple(config.composed)).values
        self.pieces = pieces
        if config.on == "glyphs":
            # codewords know where scenes are, and learning from some hundred books only blurs that: it costs choices
            self.table = nn.Embedding(sum(pieces), config.dimensions).requires_grad_(False)
            self.bias = nn.Parameter(torch.zeros(sum(pieces)))
            self.sharpness = nn.Parameter(torch.full((len(pieces),), 1.0))
            self.echoes = nn.Parameter(torch.zeros(2))
        self.trails = nn.Parameter(torch.tensor([0.5, 1.0, 0.5, 0.2]))
        self.likeness = nn.Parameter(torch.tensor(_LIKENESS))
        self.enter = nn.Linear(config.dimensions + 4, config.width)
        self.who = nn.Embedding(MOST_MEMBERS + 1, config.width, padding_idx=0)
        self.blocks = nn.ModuleList(
            LookBack(config.width, config.heads, config.reach, config.dropout) for _ in range(config.layers)
        )
        self.leave = nn.LayerNorm(config.width)
        self.tell = nn.Linear(config.width, config.dimensions)
        self.judge = nn.Sequential(nn.Linear(FEATURES, 32), nn.GELU(), nn.Linear(32, 2))
        self.company = nn.Parameter(torch.tensor(_COMPANY))
        self.crowd = nn.Parameter(torch.tensor(0.5))
        self.weigh = nn.Linear(_ASPECTS, 1)
        self.doubt = nn.Sequential(nn.Linear(_ASPECTS, 32), nn.GELU(), nn.Linear(32, 1))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            module.weight.data.normal_(std=0.02 if isinstance(module, nn.Embedding) else module.weight.shape[1] ** -0.5)
            if isinstance(module, nn.Embedding):
                module.weight.data[0] = 0.0
            elif module.bias is not None:
                module.bias.data.zero_()
        if isinstance(module, ConceptModel):
            # what is learned begins at nothing
            for last in (module.tell, module.judge[-1], module.weigh, module.doubt[-1]):
                for parameter in last.parameters():
                    parameter.data.zero_()

    def places(self, seen: torch.Tensor) -> torch.Tensor:
        """Where scenes are, float [B, T, M], unit length. seen: pieces int64 [B, T, P], or places [B, T, M]."""
        return functional.normalize(self.table(seen).sum(dim=-2) if self.config.on == "glyphs" else seen, dim=-1)

    def forward(self, seen: torch.Tensor, cast: torch.Tensor) -> Foresight:
        """What the model holds after each scene. seen: see `places`; cast: int64 [B, T, N], 0 for nobody."""
        scenes = self.places(seen)
        stage = set_stage(cast)
        length = scenes.shape[1]
        trails = [functional.normalize(fade(length, rate, scenes.device) @ scenes, dim=-1) for rate in TRAILS]
        query = torch.stack([weight * trail for weight, trail in zip(self.trails, trails, strict=True)]).sum(dim=0)
        states = self.enter(torch.cat([scenes * scenes.shape[-1] ** 0.5, self._crowd(stage)], dim=-1))
        states = states + self.who(cast).sum(dim=2)
        for block in self.blocks:
            states = block(states)
        query = functional.normalize(query, dim=-1)
        told = query + self.tell(self.leave(states))
        learned = self.judge(stage.features)
        start = stage.features[..., 1] * (-0.5 * stage.features[..., len(TRAILS)]).exp()
        company = (self.company * start + learned[..., 0]) * stage.seen
        echo = self._echo(seen) if self.config.on == "glyphs" else None
        return Foresight(query, told, tuple(trails), scenes, stage, company, learned[..., 1] - 2.0, echo)

    def _crowd(self, stage: Stage) -> torch.Tensor:
        """What a scene's members are like, taken together: how many, how many new, how usual."""
        here = stage.present
        new = here * (stage.features[..., 4] < 0.7)
        return torch.stack(
            [
                here.sum(-1) / 4,
                new.sum(-1) / 4,
                (here * stage.features[..., 2]).sum(-1),
                (here * stage.features[..., 3]).sum(-1),
            ],
            dim=-1,
        )

    def _echo(self, seen: torch.Tensor) -> torch.Tensor:
        first = functional.one_hot(seen[..., 0], self.pieces[0]).float()
        lately = fade(first.shape[1], 0.8, first.device) @ first
        return torch.stack([lately.log1p(), first.cumsum(dim=1).log1p()], dim=-1)

    def choose(self, held: Foresight, scenes: torch.Tensor, cast: torch.Tensor) -> torch.Tensor:
        """How well each of S scenes fits as the next one after each of T, float [B, T, S]; only differences count.

        scenes: where they are, float [B, S, M]. cast: int64 [B, S, N]; ids that weren't seen yet are alike.
        """
        columns = held.stage.present.shape[-1]
        here = presence(cast, max(columns, int(cast.max()) if cast.numel() else 0))
        later = here[..., columns:].sum(-1)
        here = here[..., :columns]
        number = (here.sum(-1) + later)[:, None]
        new = held.stage.among(here) + later[:, None]
        shared = number.clamp(min=1) ** self.crowd
        likeness = held.query @ scenes.transpose(1, 2)
        company = (held.company @ here.transpose(1, 2)) / shared
        aspects = [
            likeness * self.likeness,
            *(4 * trail @ scenes.transpose(1, 2) for trail in held.trails),
            company,
            *((trace @ here.transpose(1, 2)) / shared for trace in held.stage.traces()),
            (held.stage.circle() @ here.transpose(1, 2)) / shared,
            new / 4,
            new / number.clamp(min=1),
            (number / 4).expand_as(new),
            (number == 0).to(new.dtype).expand_as(new),
        ]
        seen = torch.stack(aspects, dim=-1)
        return aspects[0] + company + self.weigh(seen)[..., 0] + self.doubt(seen)[..., 0]

    def spell(self, held: Foresight) -> list[torch.Tensor]:
        """Log-probabilities of each piece of the next scene: P tensors float [B, T, values]."""
        found = []
        rows = self.table.weight.split(list(self.pieces))
        for number, (table, bias) in enumerate(zip(rows, self.bias.split(list(self.pieces)), strict=True)):
            scores = bias + self.sharpness[number] * (held.told @ table.T)
            if not number and held.echo is not None:
                scores = scores + held.echo @ self.echoes
            found.append(scores.log_softmax(dim=-1))
        return found
