"""What a text costs as signs, by hand, and what the glyphs of the script that ships really are to tokenizers."""

from __future__ import annotations

import math

import pytest
from tokenizers import Tokenizer

from scenesign.pipeline.languages.signs import (
    COMPOSED,
    TOPICS,
    bits_lost,
    glyph_costs,
    measure_signs,
    sign_streams,
    vocabulary_price,
    written_signs,
)
from scenesign.pipeline.languages.tokenizers import ANCHORS
from scenesign.schemas.inventory import DEFAULT_SCRIPT
from scenesign.schemas.languages import ModelShape, ParallelText
from scenesign.transforms.signs.glyphs import glyph
from scenesign.transforms.signs.inventory import load_inventory, scripts
from scenesign.transforms.signs.tokenizer import build_tokenizer

SHAPE = ModelShape("tiny", parameters=1_000_000, layers=2, kv_heads=3, head_dim=4, width=5)
TEXT = ParallelText(
    "c", {"en": ("one", "two", "three"), "ru": ("раз", "два", "три")}, documents=("x", "x", "y"), source_language="en"
)


def test_signs_by_document() -> None:
    asked = []

    def encode(whole: str, language: str) -> list[int]:
        asked.append((whole, language))
        return [0, 1] if whole == "one\n\ntwo" else [0]

    streams = sign_streams(TEXT, encode)
    assert asked == [("one\n\ntwo", "en"), ("three", "en"), ("раз\n\nдва", "ru"), ("три", "ru")]
    assert streams == {"en": [[0, 1], [0]], "ru": [[0], [0]]}
    rows = {r.language: r for r in measure_signs(TEXT, streams, vocabulary=16, source="inventory i", shape=SHAPE)}
    en, ru = rows["en"], rows["ru"]
    assert (en.tokenizer, en.kind, en.unit, en.segments) == ("signs", "signs", "document", 2)
    assert (en.tokens, en.attention_pairs, en.vocabulary_used) == (3, 5, 2)
    assert (ru.tokens, ru.premium) == (2, 2 / 3)
    # en: signs 0, 1, 0; a scene's share of the text's bits less the entropy of the signs
    entropy = -(2 / 3 * math.log2(2 / 3) + 1 / 3 * math.log2(1 / 3))
    assert en.bits_lost_per_scene == pytest.approx(en.compressed_bits / 3 - entropy)


def test_no_signs_without_documents_and_no_loss_without_signs() -> None:
    unrelated = ParallelText("c", {"en": ("a",), "ru": ("б",)})
    streams = sign_streams(unrelated, lambda text, language: [0])
    assert streams == {}
    assert measure_signs(unrelated, streams, 1, "i", SHAPE) == []
    assert bits_lost(100, [[], []], 1) is None
    # two signs a scene: 4 signs are 2 scenes; four equally likely signs hold 2 bits each
    assert bits_lost(100, [[0, 1, 2, 3]], 2) == 100 / 2 - 2 * 2


def test_signs_written_as_text_cost_what_their_characters_do() -> None:
    both = [ANCHORS["bytes"], ANCHORS["characters"]]
    text = {(name, language): 100 for name in ("bytes", "characters") for language in ("en", "ru")}
    found = written_signs(TEXT, {"en": [[0, 3], [1]], "ru": [[], []]}, (3, 4096), both, text)
    # 丂, 가 and so on: three bytes each; nothing is said of a language without a sign
    assert [(one.language, one.tokenizer, one.glyphs, one.tokens, one.share) for one in found] == [
        ("en", "bytes", 3, 9, 0.09),
        ("en", "characters", 3, 3, 0.03),
    ]


def test_every_glyph_that_there_is_is_counted() -> None:
    costs = {
        (g.tokenizer, g.script): g for name in ("bytes", "characters") for g in glyph_costs(ANCHORS[name], (512, 4096))
    }
    assert costs["bytes", TOPICS].tokens_per_glyph == costs["bytes", COMPOSED].tokens_per_glyph == 3
    assert costs["characters", TOPICS].tokens_per_glyph == 1
    assert (costs["bytes", TOPICS].glyphs, costs["bytes", COMPOSED].glyphs) == (512, 4096)
    (flat,) = glyph_costs(ANCHORS["bytes"], (8, 8), composed=False)  # as inventories of protocol 1 are
    assert (flat.script, flat.glyphs) == (TOPICS, 16)


def test_the_weights_that_a_vocabulary_gains() -> None:
    price = vocabulary_price("i", (512, 4096), SHAPE)
    assert (price.topics, price.composed, price.letters) == (512, 4096, 48)
    assert price.weights == (512 + 4096) * 5 * 2  # embeddings and output layer
    assert price.weights_by_letters == (512 + 3 * 16) * 5 * 2
    assert price.share == price.weights / 1_000_000
    tied = vocabulary_price("i", (512, 4096, 4096), ModelShape("t", 1e6, 1, 1, 1, width=5, tied=True))
    assert (tied.weights, tied.weights_by_letters) == ((512 + 8192) * 5, (512 + 96) * 5)
    flat = vocabulary_price("i", (8, 8), SHAPE, composed=False)
    assert (flat.topics, flat.composed, flat.letters) == (16, 0, 0)
    assert flat.weights == flat.weights_by_letters == 16 * 5 * 2


def test_a_glyph_of_the_script_is_one_token_in_its_own_vocabulary() -> None:
    """What the price per row rests on: no glyph is unknown, or two tokens."""
    folder = scripts()[DEFAULT_SCRIPT]
    sizes = load_inventory(folder).info.sizes
    with open(f"{folder}/tokenizer.json", encoding="utf-8") as file:
        shipped = Tokenizer.from_str(file.read())
    assert shipped.to_str() == build_tokenizer(tuple(sizes)).to_str()
    every = range(sum(sizes))
    assert shipped.encode("".join(glyph(sign, sizes) for sign in every)).ids == list(every)
