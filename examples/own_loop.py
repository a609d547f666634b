"""A training loop of your own on a dataset's topics, judged beside what needs no training.

    python examples/own_loop.py out/books

A recurrent net reads topics and foretells the next. It learns from the split `train`, and what is printed is its cost
on books of authors that it has not seen: bits per topic, beside those of an even guess and of how frequent topics are
in `train`. Where it is no cheaper than the latter, it has learned nothing that lasts.
"""

from __future__ import annotations

import math
import sys

import torch

import scenesign
from scenesign.torch import SceneBatch, Scenes


class Reader(torch.nn.Module):
    """Topics in, scores of the next one out: int [B, T] to float [B, T, topics]."""

    def __init__(self, topics: int, width: int = 64) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(topics, width)
        self.memory = torch.nn.GRU(width, width, batch_first=True)
        self.scores = torch.nn.Linear(width, topics)

    def forward(self, topics: torch.Tensor) -> torch.Tensor:
        return self.scores(self.memory(self.embedding(topics))[0])


def cost(model: Reader, batch: SceneBatch) -> tuple[torch.Tensor, int]:
    """Bits of all next topics of a batch, and how many there are."""
    topics, there = batch.signs[..., 0], batch.mask[:, 1:]
    loss = torch.nn.functional.cross_entropy(model(topics[:, :-1])[there], topics[:, 1:][there], reduction="sum")
    return loss / math.log(2), int(there.sum())


def main(folder: str, epochs: int = 5) -> dict[str, float]:
    """Trains; gives bits per topic on `test`, or on `train` itself where there is no other split."""
    torch.manual_seed(0)
    dataset = scenesign.Dataset(folder)
    topics = dataset.inventory.info.sizes[0]
    unseen = Scenes(folder, "test" if "test" in dataset.splits else "train", context=64, batch=16, shuffle=False)
    train = Scenes(folder, "train", context=64, batch=16, seed=0)
    model = Reader(topics)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for epoch in range(epochs):
        train.set_epoch(epoch)
        for batch in train:
            bits, count = cost(model, batch)
            optimiser.zero_grad()
            (bits / max(1, count)).backward()
            optimiser.step()
    counts = torch.ones(topics)  # each topic seen once more than it was, so that none is impossible
    for batch in train:
        counts += torch.bincount(batch.signs[..., 0][batch.mask], minlength=topics)
    shares = torch.log2(counts / counts.sum())
    with torch.no_grad():
        costs = [cost(model, batch) for batch in unseen]
        frequent = [-shares[batch.signs[:, 1:, 0][batch.mask[:, 1:]]].sum() for batch in unseen]
    total = sum(count for _, count in costs)
    return {
        "an even guess": math.log2(topics),
        "how frequent topics are": float(sum(frequent)) / total,
        "the net": float(sum(bits for bits, _ in costs)) / total,
    }


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name, bits in main(sys.argv[1]).items():
        print(f"{bits:6.2f} bits a topic: {name}")
