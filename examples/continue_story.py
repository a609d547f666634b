"""Reads a text, writes it as signs, and lets a concept model go on: prints what the next scenes may mean.

    python examples/continue_story.py out/concept-model out/demo examples/library/en/the-bell-of-saltmarsh.txt
    echo "The wind tore the sail. A wave broke over the deck." | python examples/continue_story.py MODEL DATASET -

MODEL is what train_concept_model.py saved from DATASET, whose inventory encodes the text and holds the glosses.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel, set_seed

from scenesign import Dataset, SignEncoder, SignEntry
from scenesign.transforms.signs.glyphs import glyphs


def allowed_signs(prompt: int, sizes: Sequence[int], asked: int) -> list[int]:
    """Ids that may follow `asked` tokens, of which `prompt` were given: those of the level whose turn it is."""
    level = (asked - prompt) % len(sizes)
    first = sum(sizes[:level])
    return list(range(first, first + sizes[level]))


def next_signs(
    model: PreTrainedModel, signs: Sequence[int], sizes: Sequence[int], scenes: int, temperature: float
) -> list[int]:
    """Signs of the next scenes, sampled, or the likeliest ones at temperature 0.

    signs: what went before; as much of its end is read as leaves room in the model's context.
    """
    levels = len(sizes)
    wanted = scenes * levels
    room = (model.config.n_positions - wanted - 1) // levels * levels
    if room < levels:
        raise SystemExit(f"{scenes} scenes don't fit the model's context of {model.config.n_positions} signs")
    # a window into the middle of a book, as in training, does not open with <book>
    read = [model.config.bos_token_id, *signs] if len(signs) <= room else list(signs[-room:])
    ids = torch.tensor([read], device=model.device)
    sampling = {"do_sample": True, "temperature": temperature} if temperature > 0 else {"do_sample": False}
    found = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        min_new_tokens=wanted,
        max_new_tokens=wanted,
        pad_token_id=model.config.eos_token_id,
        prefix_allowed_tokens_fn=lambda _, seen: allowed_signs(len(read), sizes, len(seen)),
        **sampling,
    )
    return [int(sign) for sign in found[0, len(read) :]]


def tell(entry: SignEntry, language: str) -> str:
    """A topic's glyph and name, its keywords in the text's language where it has any, and a scene that is like it."""
    known = entry.keywords.get(language) or next(iter(entry.keywords.values()), ())
    opening = " ".join(entry.examples[0].text.split())[:90] if entry.examples else ""
    told = ": ".join(filter(None, (entry.name, " ".join(known[:6]))))
    return f"  {entry.glyph}  {told}\n     as in: {opening} …"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", help="folder that train_concept_model.py wrote")
    parser.add_argument("dataset", type=Path, help="the dataset it was trained on")
    parser.add_argument("text", help="a file of text, or - for standard input")
    parser.add_argument("--scenes", type=int, default=3, help="how many scenes to go on [default: 3]")
    parser.add_argument("--temperature", type=float, default=0.8, help="0: always the likeliest sign [default: 0.8]")
    parser.add_argument("--language", help="ISO 639-1; else it is detected")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.scenes < 1 or options.temperature < 0:
        parser.error("--scenes must be 1 or more, --temperature 0 or more")

    set_seed(options.seed)
    torch.set_num_threads(1)
    if not (Path(options.model) / "config.json").is_file():
        raise SystemExit(f"{options.model} holds no model; examples/train_concept_model.py makes one")
    model = AutoModelForCausalLM.from_pretrained(options.model).eval()
    encoder = SignEncoder(options.dataset)
    info = encoder.inventory.info
    if getattr(model.config, "inventory", None) != info.files["codebook.safetensors"]:
        raise SystemExit(
            f"{options.model} speaks the signs of another inventory than {options.dataset}; train it again"
        )
    text = sys.stdin.read() if options.text == "-" else Path(options.text).read_text(encoding="utf-8")
    try:
        read = encoder.encode(text, options.language)
    except ValueError as error:
        raise SystemExit(f"{options.text}: {error}") from error
    for note in read.notes:
        print(f"note: {note}", file=sys.stderr)
    levels = Dataset(options.dataset).manifest.levels
    sizes = info.sizes[:levels]
    signs = [sign for scene in read for sign in scene.signs[:levels]]
    print(f"read {len(read)} scenes ({read.language}): {glyphs(signs, sizes)}")
    found = next_signs(model, signs, sizes, options.scenes, options.temperature)
    print(f"may go on: {glyphs(found, sizes)}")
    for entry in (encoder.glossary[sign] for sign in found[::levels]):
        print(tell(entry, read.language))


if __name__ == "__main__":
    main()
