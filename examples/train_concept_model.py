"""Trains a small GPT on the signs of a dataset: a concept model.

    python examples/train_concept_model.py out/demo -o out/concept-model
    python examples/train_concept_model.py out/demo --from-scratch

Reads `sequences` by `datasets` and the inventory's own tokenizer, in which a token is a sign. The embeddings start from
the codewords, so that signs of like meaning start alike; --from-scratch starts them at random, to compare. Whole books
are held out, and what the model knows of them is told beside what counting knows. A CPU does it in minutes; a GPU is
used where there is one. `AutoModelForCausalLM.from_pretrained(OUT)` of transformers loads it.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, set_seed

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from examples.held_out_books import Score, by_counting, hold_out, mean_score, read_table, score  # noqa: E402
from examples.start_embeddings import start_from  # noqa: E402
from scenesign.schemas.inventory import InventoryInfo  # noqa: E402

IGNORED = -100


def make_model(inventory: Path, context: int, width: int, layers: int, from_scratch: bool) -> GPT2LMHeadModel:
    """A GPT-2 whose vocabulary is the inventory's; `width` must be a multiple of 32."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(inventory)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(tokenizer),
            n_positions=context,
            n_embd=width,
            n_layer=layers,
            n_head=width // 32,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    # whose signs it speaks: ids of another inventory mean other things
    model.config.inventory = InventoryInfo.from_json((inventory / "inventory.json").read_text()).files[
        "codebook.safetensors"
    ]
    if not from_scratch:
        start_from(model.get_input_embeddings().weight, load_file(inventory / "embeddings.safetensors")["embeddings"])
    return model


def windows(books: Sequence[np.ndarray], context: int, ends: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Books between <book> and </book>, in windows that overlap by half; int64 ids and labels [windows, context].

    Each sign is a label once, with at least half a window before it where the book has that.
    """
    ids, labels = [], []
    for book in books:
        row = np.concatenate([[ends[0]], book, [ends[1]]])
        told = 1
        while told < len(row):
            stop = min(len(row), context if told == 1 else told + context // 2)
            at = max(0, stop - context)
            asked = np.where(np.arange(at, stop) >= told, row[at:stop], IGNORED)
            padding = (0, context - (stop - at))
            ids.append(np.pad(row[at:stop], padding, constant_values=ends[1]))
            labels.append(np.pad(asked, padding, constant_values=IGNORED))
            told = stop
    return torch.tensor(np.stack(ids)), torch.tensor(np.stack(labels))


@torch.inference_mode()
def ask(model: GPT2LMHeadModel, books: Sequence[np.ndarray]) -> Score:
    """What the model foretells of books; ends of books are not counted, but what it spends on them is."""
    model.eval()
    ids, labels = windows(books, model.config.n_positions, (model.config.bos_token_id, model.config.eos_token_id))
    scores = []
    for some_ids, some in zip(ids.split(16), labels.split(16), strict=True):
        shares = model(input_ids=some_ids.to(model.device)).logits[:, :-1].double().softmax(dim=-1).cpu().numpy()
        told = some[:, 1:].numpy()
        signs = (told != IGNORED) & (told != model.config.eos_token_id)
        scores.append(score(shares[signs], told[signs]))
    return mean_score(scores)


def train(
    model: GPT2LMHeadModel,
    books: Sequence[np.ndarray],
    dev: Callable[[], float],
    steps: int,
    rate: float,
    batch: int = 8,
    every: int = 20,
    patience: int = 5,
) -> tuple[int, float]:
    """Trains until dev bits have not fallen for `patience` looks; keeps the best model, the untrained one included.

    Returns the step and the dev bits of the best.
    """
    draw = np.random.default_rng(0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.1)
    context, start, end = model.config.n_positions, model.config.bos_token_id, model.config.eos_token_id
    text = np.concatenate([np.concatenate([[start], book, [end]]) for book in books])
    best = (dev(), 0, copy.deepcopy(model.state_dict()))
    for step in range(1, steps + 1):
        model.train()
        begins = draw.integers(0, max(1, len(text) - context + 1), batch)
        ids = torch.tensor(np.stack([text[b : b + context] for b in begins]), device=model.device)
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, step / 20)
        model(input_ids=ids, labels=ids).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if step % every == 0 or step == steps:
            now = dev()
            print(f"step {step}: {now:.3f} bits per sign of the dev books", flush=True)
            if now < best[0]:
                best = (now, step, copy.deepcopy(model.state_dict()))
            elif step - best[1] >= patience * every:
                break
    model.load_state_dict(best[2])
    return best[1], best[0]


def verdict(model: Score, counted: dict[str, Score], untrained: Score) -> str:
    """What the figures say, in a sentence."""
    name, least = min(((name, s.bits) for name, s in counted.items()), key=lambda pair: pair[1])
    if untrained.bits <= model.bits:
        return "The untrained model does as well: training taught it nothing that holds for unseen books."
    if model.bits < least:
        return f"The model beats counting: {least - model.bits:.3f} bits per sign below the {name}."
    return (
        f"The model learned nothing that counting does not know: {model.bits - least:.3f} bits per sign above the "
        f"{name}. More books would help more than more steps."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", help="folder that `scenesign build` made")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/concept-model"))
    parser.add_argument("--from-scratch", action="store_true", help="random embeddings instead of codewords")
    parser.add_argument("--steps", type=int, default=400, help="at most [default: 400]")
    parser.add_argument("--context", type=int, default=64, help="signs in sight [default: 64]")
    parser.add_argument("--width", type=int, default=160, help="a multiple of 32 [default: 160]")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate [default: 0.001]")
    parser.add_argument("--threads", type=int, default=1, help="of a CPU; a model this small gains little by more")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.width % 32 or options.width < 32 or options.context < 4:
        parser.error("--width must be a multiple of 32, --context at least 4")

    set_seed(options.seed)
    torch.set_num_threads(options.threads)
    inventory = Path(options.dataset) / "inventory"
    books = hold_out(read_table(options.dataset, "sequences"))
    info = InventoryInfo.from_json((inventory / "inventory.json").read_text())
    sizes = info.sizes[: books.train[0]["levels"]]
    signs = {name: [np.asarray(row["signs"]) for row in getattr(books, name)] for name in ("train", "dev", "test")}
    parts = ", ".join(f"{name} {len(own)} books of {sum(map(len, own)):,} signs" for name, own in signs.items())
    print(f"{parts} ({books.how})")

    model = make_model(inventory, options.context, options.width, options.layers, options.from_scratch)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    print(f"GPT-2 of {model.num_parameters() / 1e6:.1f} million parameters on {model.device}")
    untrained = ask(model, signs["test"])
    began = time.perf_counter()
    step, _ = train(model, signs["train"], lambda: ask(model, signs["dev"]).bits, options.steps, options.rate)
    seconds = time.perf_counter() - began
    counted = by_counting(signs["train"], signs["test"], sizes)
    scores = counted | {"untrained": untrained, f"trained ({step} steps)": ask(model, signs["test"])}
    print(f"\n{'held-out books':24} {'bits/sign':>9} {'top-1':>9} {'top-5':>9}")
    for name, found in scores.items():
        print(f"{name:24} {found}")
    trained = list(scores.values())[-1]
    print(verdict(trained, counted, untrained))

    model.save_pretrained(options.output)
    PreTrainedTokenizerFast.from_pretrained(inventory).save_pretrained(options.output)
    told = {name: asdict(found) for name, found in scores.items()} | {"seconds": round(seconds, 1)}
    (options.output / "scores.json").write_text(json.dumps(told, indent=2) + "\n")
    print(f"{options.output}: model and tokenizer, after {seconds:.0f} s of training")


if __name__ == "__main__":
    main()
