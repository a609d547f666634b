"""The inventory as a tokenizer that `transformers` loads: one token per sign, and its id is the sign."""

from __future__ import annotations

import json

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

from scenesign.schemas.inventory import CAST_TOKENS, SPECIAL_TOKENS
from scenesign.transforms.signs.glyphs import glyph
from scenesign.transforms.signs.inventory import EMBEDDINGS, Inventory, embeddings_file


def token_ids(sizes: tuple[int, ...], cast_tokens: tuple[str, ...] = CAST_TOKENS) -> dict[str, int]:
    """Glyphs at their sign ids, then the special tokens, then those of a book's members."""
    signs = sum(sizes)
    tokens = {glyph(sign, sizes): sign for sign in range(signs)}
    return tokens | {token: signs + i for i, token in enumerate((*SPECIAL_TOKENS, *cast_tokens))}


def build_tokenizer(sizes: tuple[int, ...]) -> Tokenizer:
    """A tokenizer whose tokens are glyphs and members of a cast, `<e1>`; white space between them is ignored, anything
    else is `<unk>`."""
    tokenizer = Tokenizer(WordLevel(token_ids(sizes), unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(Regex(r"\S"), behavior="removed", invert=True)
    tokenizer.decoder = Fuse()
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    # found in a text as those are, and unlike them never skipped where tokens become text
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in CAST_TOKENS])
    return tokenizer


def tokenizer_files(inventory: Inventory) -> dict[str, bytes]:
    """`tokenizer.json`, its configuration, and starting embeddings in token order."""
    sizes = inventory.info.sizes
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": "<pad>",
        "bos_token": "<book>",
        "eos_token": "</book>",
        "unk_token": "<unk>",
        "extra_special_tokens": {"chapter_token": "<chapter>"},
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1_000_000,
    }
    return {
        "tokenizer.json": build_tokenizer(sizes).to_str(pretty=False).encode(),
        "tokenizer_config.json": (json.dumps(config, indent=2) + "\n").encode(),
        EMBEDDINGS: embeddings_file(inventory),
    }
