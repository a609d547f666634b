"""Tokens: signs at their ids, then special ones, then the members of a cast; and where all of them start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from transformers import PreTrainedTokenizerFast

from scenesign.schemas.inventory import CAST_TOKENS, MOST_MEMBERS, SPECIAL_TOKENS
from scenesign.transforms.signs.glyphs import glyph
from scenesign.transforms.signs.inventory import cast_embeddings, load_inventory
from scenesign.transforms.signs.tokenizer import build_tokenizer, token_ids

SIZES = (3, 4096)
SIGNS = sum(SIZES)


def test_ids_go_on_from_signs_to_special_tokens_to_members() -> None:
    ids = token_ids(SIZES)
    assert sorted(ids.values()) == list(range(SIGNS + 5 + 256))
    assert [ids[token] for token in SPECIAL_TOKENS] == list(range(SIGNS, SIGNS + 5))
    assert (ids["<e1>"], ids["<e256>"]) == (SIGNS + 5, SIGNS + 260)
    assert {token: number for token, number in ids.items() if number < SIGNS + 5} == token_ids(SIZES, ())


def test_a_text_of_signs_and_members_is_cut_as_it_was_put_together() -> None:
    tokenizer = build_tokenizer(SIZES)
    tokens = ["<book>", "<chapter>", "<e1>", "<e12>", "<e256>", glyph(0, SIZES), glyph(3, SIZES), "<e2>", "</book>"]
    for text in ("".join(tokens), " ".join(tokens), "\n".join(tokens)):
        assert tokenizer.encode(text, add_special_tokens=False).tokens == tokens
    unknown = tokenizer.encode("<e257>").tokens
    assert set(unknown) == {"<unk>"}


def test_members_stay_where_special_tokens_are_skipped(demo: Path) -> None:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(demo / "inventory")
    first = load_inventory(str(demo / "inventory")).info.signs
    assert tokenizer.convert_tokens_to_ids(list(CAST_TOKENS)) == list(range(first + 5, first + 5 + MOST_MEMBERS))
    ids = tokenizer("<book><e3>一<e11></book>")["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "") == "<e3>一<e11>"
    assert tokenizer.decode(ids).replace(" ", "") == "<book><e3>一<e11></book>"


def test_every_token_has_a_row_to_start_from(demo: Path) -> None:
    inventory = load_inventory(str(demo / "inventory"))
    rows = load((demo / "inventory" / "embeddings.safetensors").read_bytes())["embeddings"]
    signs = inventory.info.signs
    assert rows.shape[0] == len(token_ids(inventory.info.sizes)) == signs + 5 + 256
    assert not rows[signs : signs + 5].any()
    members = rows[signs + 5 :]
    lengths = np.linalg.norm(members.astype(np.float64), axis=1)
    assert np.allclose(lengths, np.linalg.norm(rows[:signs].astype(np.float64), axis=1).mean(), rtol=1e-5)
    assert len(np.unique(members, axis=0)) == 256


@pytest.mark.parametrize("width", [2, 64, 512])
def test_members_start_apart_and_nowhere_in_particular(width: int) -> None:
    signs = np.random.default_rng(0).normal(size=(40, width)).astype(np.float32)
    rows = cast_embeddings(signs, CAST_TOKENS)
    assert (rows.shape, rows.dtype) == ((256, width), np.float32)
    assert len(np.unique(rows, axis=0)) == 256
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    likeness = (unit @ unit.T)[~np.eye(256, dtype=bool)]
    # of random directions the cosine is 0 in the mean, and deviates by one over the root of the width
    assert abs(likeness.mean()) < 0.05
    assert likeness.std() == pytest.approx(width**-0.5, rel=0.1)


def test_a_row_is_that_of_the_protocol() -> None:
    """Of `<e1>`, by the words of section 6.5, for signs of length 2."""
    import hashlib

    signs = np.array([[2.0, 0.0, 0.0], [0.0, -2.0, 0.0]], np.float32)
    stream = hashlib.shake_128(b"<e1>").digest(12)
    numbers = [(int.from_bytes(stream[4 * i : 4 * i + 4], "little") + 0.5) / 2**31 - 1 for i in range(3)]
    length = sum(number**2 for number in numbers) ** 0.5
    assert cast_embeddings(signs, ("<e1>",))[0] == pytest.approx([2 * number / length for number in numbers], rel=1e-6)
