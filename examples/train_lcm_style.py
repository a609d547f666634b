"""Trains the continuous twin of the concept model: it foretells the next scene's vector instead of its sign.

    python examples/train_lcm_style.py out/demo

In the terms of the Large Concept Model (Barrault et al. 2024) this is its base model: concept vectors are normalised
and projected (PreNet), a causal Transformer reads them, and what comes out is projected back (PostNet) and trained to
be near the next vector by mean squared error. A concept is a scene here, a sentence there. Reads `concepts`, which
`scenesign build --concepts float16` writes.

Held-out books are asked for: the error per dimension, in units of the training vectors' variance (1: no better than
their mean); the cosine with the true next scene; and how often that is among the k nearest to what was foretold, of
all other scenes of its book. Beside the model stand simpler ways: the book's mean so far, and the scene before again.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from transformers import LlamaConfig, LlamaModel, set_seed

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from examples.held_out_books import hold_out, read_table  # noqa: E402

KS = (1, 5, 10)


class ConceptRegressor(nn.Module):
    """PreNet, causal Transformer, PostNet over vectors of D dimensions.

    mean, deviation: float32 [D], of the training vectors; inputs and outputs are in the vectors' own units.
    """

    def __init__(self, mean: torch.Tensor, deviation: torch.Tensor, width: int, layers: int, context: int) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.prenet = nn.Linear(len(mean), width)
        self.body = LlamaModel(
            LlamaConfig(
                vocab_size=1,
                hidden_size=width,
                intermediate_size=2 * width,
                num_hidden_layers=layers,
                num_attention_heads=width // 32,
                max_position_embeddings=context,
                bos_token_id=None,
                eos_token_id=None,
            )
        )
        self.postnet = nn.Linear(width, len(mean))
        self.context = context

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """What comes after each vector: [batch, scenes, D] -> [batch, scenes, D]."""
        inner = self.prenet((vectors - self.mean) / self.deviation)
        return self.postnet(self.body(inputs_embeds=inner).last_hidden_state) * self.deviation + self.mean

    def error(self, vectors: torch.Tensor) -> torch.Tensor:
        """Mean squared error of the next vectors per dimension, in units of the training variance."""
        return (((self(vectors[:, :-1]) - vectors[:, 1:]) / self.deviation) ** 2).mean()


@dataclass(frozen=True)
class Score:
    """error: normalised MSE. cosine: with the true next vector. at1, at5, at10: retrieval among the book's scenes."""

    error: float
    cosine: float
    at1: float
    at5: float
    at10: float

    def __str__(self) -> str:
        return f"{self.error:9.4f} {self.cosine:9.4f} {self.at1:9.1%} {self.at5:9.1%} {self.at10:9.1%}"


def ranks(told: np.ndarray, book: np.ndarray) -> np.ndarray:
    """Places (0: nearest) of the scenes 1.. of a book among its scenes, by cosine with what was told of each.

    told: [scenes - 1, D]; book: [scenes, D]. The scene just read is no choice, a scene as near as the true one counts
    against it by half.
    """
    near = _unit(told) @ _unit(book).T
    each = np.arange(len(told))
    near[each, each] = -np.inf
    own = near[each, each + 1][:, None]
    return np.asarray((near > own + 1e-9).sum(axis=1) + ((np.abs(near - own) <= 1e-9).sum(axis=1) - 1) / 2)


def judge(books: Sequence[np.ndarray], foretell: Callable[[np.ndarray], np.ndarray], deviation: np.ndarray) -> Score:
    """Scores of a way to foretell: from a book's vectors [scenes, D] to those after each but the last."""
    errors, cosines, places = [], [], []
    for book in books:
        told = foretell(book)
        errors.append((((told - book[1:]) / deviation) ** 2).mean(axis=1))
        cosines.append((_unit(told) * _unit(book[1:])).sum(axis=1))
        places.append(ranks(told, book))
    place = np.concatenate(places)
    return Score(
        float(np.concatenate(errors).mean()),
        float(np.concatenate(cosines).mean()),
        *(float((place < k).mean()) for k in KS),
    )


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12))


def mean_so_far(book: np.ndarray) -> np.ndarray:
    """The mean of the scenes up to each."""
    return np.asarray(np.cumsum(book, axis=0)[:-1] / np.arange(1, len(book))[:, None])


def by_model(model: ConceptRegressor, device: str) -> Callable[[np.ndarray], np.ndarray]:
    """Reads a book in windows that overlap by half."""

    @torch.inference_mode()
    def foretell(book: np.ndarray) -> np.ndarray:
        model.eval()
        told = np.zeros((len(book) - 1, book.shape[1]), np.float32)
        done = 0
        while done < len(told):
            stop = min(len(told), model.context if done == 0 else done + model.context // 2)
            at = max(0, stop - model.context)
            out = model(torch.tensor(book[None, at:stop], device=device))[0].cpu().numpy()
            told[done:stop] = out[done - at :]
            done = stop
        return told

    return foretell


def train(
    model: ConceptRegressor,
    books: Sequence[np.ndarray],
    dev: Callable[[], float],
    steps: int,
    rate: float,
    device: str,
    batch: int = 16,
    every: int = 20,
    patience: int = 5,
) -> int:
    """Trains until the dev error has not fallen for `patience` looks; keeps the best model and returns its step."""
    draw = np.random.default_rng(0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.1)
    length = min(model.context, min(map(len, books)))
    shares = np.asarray([len(book) for book in books], np.float64)
    best = (dev(), 0, copy.deepcopy(model.state_dict()))
    for step in range(1, steps + 1):
        model.train()
        chosen = draw.choice(len(books), batch, p=shares / shares.sum())
        begins = [int(draw.integers(len(books[i]) - length + 1)) for i in chosen]
        rows = np.stack([books[i][b : b + length] for i, b in zip(chosen, begins, strict=True)])
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, step / 20)
        model.error(torch.tensor(rows, device=device)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if step % every == 0 or step == steps:
            now = dev()
            print(f"step {step}: error {now:.4f} on the dev books", flush=True)
            if now < best[0]:
                best = (now, step, copy.deepcopy(model.state_dict()))
            elif step - best[1] >= patience * every:
                break
    model.load_state_dict(best[2])
    return best[1]


def verdict(model: Score, simple: dict[str, Score]) -> str:
    """What the figures say, in a sentence."""
    better = [name for name, found in simple.items() if found.error <= model.error]
    nearer = [name for name, found in simple.items() if found.at10 >= model.at10]
    if better:
        return f"By error the model is no better than {better[0]}: it learned nothing that holds for unseen books."
    if nearer:
        return f"By error the model is the best, but {nearer[0]} finds the next scene as often."
    return "The model foretells unseen books better than any of the simpler ways."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", help="folder that `scenesign build --concepts float16` made")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/lcm-style"))
    parser.add_argument("--steps", type=int, default=400, help="at most [default: 400]")
    parser.add_argument("--context", type=int, default=64, help="scenes in sight [default: 64]")
    parser.add_argument("--width", type=int, default=160, help="a multiple of 32 [default: 160]")
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate [default: 0.001]")
    parser.add_argument("--threads", type=int, default=1, help="of a CPU; a model this small gains little by more")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.width % 32 or options.width < 32 or options.context < 2:
        parser.error("--width must be a multiple of 32, --context at least 2")

    set_seed(options.seed)
    torch.set_num_threads(options.threads)
    source = {row["book_id"]: row for split in read_table(options.dataset, "sequences").values() for row in split}
    concepts = read_table(options.dataset, "concepts")
    splits = {name: [source[row["book_id"]] | dict(row) for row in split] for name, split in concepts.items()}
    books = hold_out(splits)
    vectors = {
        name: [v for row in getattr(books, name) if len(v := np.asarray(row["scene_vectors"], np.float32)) > 1]
        for name in ("train", "dev", "test")
    }
    parts = ", ".join(f"{name} {len(own)} books of {sum(map(len, own)):,} scenes" for name, own in vectors.items())
    print(f"{parts} ({books.how})")
    if not all(vectors.values()):
        raise SystemExit("every part needs a book of two scenes or more; give a larger dataset")
    every = np.concatenate(vectors["train"])
    mean, deviation = every.mean(axis=0), np.maximum(every.std(axis=0), 1e-4)

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = ConceptRegressor(
        torch.from_numpy(mean), torch.from_numpy(deviation), options.width, options.layers, options.context
    ).to(device)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} million parameters on {device}")
    foretell = by_model(model, device)
    simple = {
        "mean of training": judge(vectors["test"], lambda book: np.tile(mean, (len(book) - 1, 1)), deviation),
        "mean so far": judge(vectors["test"], mean_so_far, deviation),
        "scene before again": judge(vectors["test"], lambda book: book[:-1], deviation),
        "untrained": judge(vectors["test"], foretell, deviation),
    }
    began = time.perf_counter()
    step = train(
        model, vectors["train"], lambda: judge(vectors["dev"], foretell, deviation).error,
        options.steps, options.rate, device,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    trained = judge(vectors["test"], foretell, deviation)
    print(f"\n{'held-out books':24} {'MSE':>9} {'cosine':>9} {'R@1':>9} {'R@5':>9} {'R@10':>9}")
    for name, found in (simple | {f"trained ({step} steps)": trained}).items():
        print(f"{name:24} {found}")
    print(verdict(trained, simple))
    options.output.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, options.output / "model.safetensors")
    shape = {"width": options.width, "layers": options.layers, "context": options.context, "dimensions": len(mean)}
    scores = {name: asdict(found) for name, found in (simple | {"trained": trained}).items()}
    (options.output / "config.json").write_text(json.dumps(shape | {"scores": scores}, indent=2) + "\n")
    print(f"{options.output}: model.safetensors and config.json, after {seconds:.0f} s of training")


if __name__ == "__main__":
    main()
