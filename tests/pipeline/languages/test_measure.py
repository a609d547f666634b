import bz2
from pathlib import Path

import numpy as np
import pytest

from scenesign.pipeline.languages.measure import (
    attention_pairs,
    compressed_bits,
    count_tokens,
    inference_flops,
    kv_cache_bytes,
    measure_text,
    measure_tokens,
    ratios_with_intervals,
    resample,
    training_flops,
    word_counter,
)
from scenesign.pipeline.languages.parallel import read_parallel
from scenesign.pipeline.languages.tokenizers import LoadedTokenizer, load
from scenesign.schemas.languages import LANGUAGE_COSTS, MODEL_SHAPES, ModelShape, ParallelText, costs_table

SHARED = Path(__file__).parents[4] / "shared" / "data" / "parallel" / "flores_dev"
SHAPE = ModelShape("tiny", parameters=10, layers=2, kv_heads=3, head_dim=4, width=5)
# ids by word: "a" -> 1, "bb" -> 2
WORDS = LoadedTokenizer("words", "subword", 8, "here", lambda texts: [[len(w) for w in t.split()] for t in texts])


def corpus(en: tuple[str, ...], ru: tuple[str, ...], documents: tuple[str, ...] = ()) -> ParallelText:
    return ParallelText("c", {"en": en, "ru": ru}, documents, source_language="en")


def test_every_figure_against_a_count_by_hand():
    # tokens en 3 + 1 = 4, ru 2 + 4 = 6; distinct ids en {1, 2}, ru {1}
    text = corpus(("a bb a", "bb"), ("я я", "я я я я"))
    rows = {row.language: row for row in measure_tokens(text, [WORDS], SHAPE)}
    ru = rows["ru"]
    assert (rows["en"].tokens, ru.tokens, ru.words, ru.segments) == (4, 6, 6, 2)
    assert (ru.characters, ru.bytes) == (3 + 7, 5 + 11)
    assert ru.tokens_per_word == 1.0
    assert ru.tokens_per_character == 6 / 10
    assert ru.tokens_per_byte == 6 / 16
    assert (ru.vocabulary, ru.vocabulary_used, ru.vocabulary_share) == (8, 1, 1 / 8)
    assert (rows["en"].vocabulary_used, rows["en"].premium) == (2, 1.0)
    assert ru.premium == 6 / 4
    assert (ru.premium_low, ru.premium_high) == (None, None)  # two segments are too few for an interval
    assert (rows["en"].attention_pairs, ru.attention_pairs) == (3**2 + 1, 2**2 + 4**2)
    assert ru.attention_ratio == 20 / 10
    assert ru.training_flops == 6 * 10 * 6
    assert ru.inference_flops == 2 * 10 * 6
    assert ru.kv_cache_bytes == 2 * 2 * 3 * 4 * 2 * 6
    packed = 8 * len(bz2.compress("я я\nя я я я".encode(), 9))
    assert (ru.compressed_bits, ru.bits_per_token) == (packed, packed / 6)
    assert ru.bits_lost_per_scene is None


def test_anchors_against_a_count_by_hand():
    text = corpus(("Aя",), ("中",))
    rows = {(r.tokenizer, r.language): r for r in measure_tokens(text, [load("bytes"), load("characters")], SHAPE)}
    assert [rows[t, lang].tokens for t in ("bytes", "characters") for lang in ("en", "ru")] == [3, 3, 2, 1]
    assert rows["characters", "ru"].premium == 0.5


def test_formulas_for_a_named_shape():
    shape = MODEL_SHAPES["llama-3-8b"]
    assert training_flops(shape.parameters, 1000) == pytest.approx(6 * 8.03e9 * 1000)
    assert inference_flops(shape.parameters, 1000) == pytest.approx(2 * 8.03e9 * 1000)
    assert kv_cache_bytes(shape, 1) == 131_072  # 128 KiB a token: 32 layers x 8 heads x 128 x 2 x 2 bytes
    assert attention_pairs(np.array([1, 2, 3])) == 14


def test_the_interval_is_the_percentiles_of_the_resampled_ratios():
    base = np.ones(5)
    costs = np.array([1, 2, 3, 4, 5])
    # two samples: the first segment five times (ratio 1), and the last five times (ratio 5)
    weights = np.array([[5, 0, 0, 0, 0], [0, 0, 0, 0, 5]], dtype=float)
    same, other = ratios_with_intervals(np.stack([base, costs], axis=1), 0, weights)
    assert (same.value, same.low, same.high) == (1, 1, 1)
    assert other.value == 3
    assert other.low == pytest.approx(1 + 0.025 * 4)
    assert other.high == pytest.approx(1 + 0.975 * 4)


def test_a_constant_ratio_has_no_width_and_a_varying_one_covers_its_value():
    weights = resample(50, 400, seed=1)
    assert weights.shape == (400, 50)
    assert set(weights.sum(axis=1)) == {50}
    base = np.arange(1, 51)
    noisy = base + np.arange(50) % 7
    _, double, varying = ratios_with_intervals(np.stack([base, 2 * base, noisy], axis=1), 0, weights)
    assert (double.low, double.high) == (2, 2)
    assert varying.low < varying.value < varying.high


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    lines = tuple("a " * (1 + i % 3) for i in range(20))
    text = corpus(lines, (*reversed(lines[:-1]), "a a a a"))
    first, again, other = (measure_tokens(text, [WORDS], SHAPE, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first[1].premium_low != other[1].premium_low


@pytest.mark.parametrize(
    ("language", "text", "words", "rule"),
    [
        ("en", "Don't stop, well-known 3 men!", 7, "spaCy en"),  # Do|n't stop well|known 3 men
        ("ru", "Кто-нибудь дома? — Да, 2.", 4, "razdel"),
        ("zh", "我来到北京清华大学。", 4, "jieba"),
        ("zh-Hant", "，。", 0, "jieba"),
        ("de", "Das ist gut.", 3, "spaCy de"),
    ],
)
def test_words(language, text, words, rule):
    count, said = word_counter(language)
    assert (count(text), said) == (words, rule)


def test_a_language_without_a_word_rule_has_no_words():
    assert word_counter("xq") is None
    assert measure_text("xq", ["a b"]).words is None
    rows = measure_tokens(ParallelText("c", {"en": ("a",), "xq": ("b",)}), [WORDS], SHAPE)
    assert rows[1].tokens_per_word is None


def test_compressed_bits_are_few_for_a_repetitive_text():
    assert compressed_bits("ab" * 10_000) < 1_000
    assert compressed_bits("ab") == 8 * len(bz2.compress(b"ab", 9))


def test_counting_goes_batch_by_batch(monkeypatch):
    monkeypatch.setattr("scenesign.pipeline.languages.tokenizers.BATCH", 2)
    counts = count_tokens(WORDS, ["a", "a bb", "", "ccc", "a a a"])
    assert counts.tokens.tolist() == [1, 2, 0, 1, 3]
    assert counts.used == 3


def test_rows_fit_the_declared_table():
    table = costs_table(measure_tokens(corpus(("a",), ("б",)), [WORDS], SHAPE))
    assert table.schema == LANGUAGE_COSTS
    assert not LANGUAGE_COSTS.field("tokens").nullable
    assert LANGUAGE_COSTS.field("premium_low").nullable


# Ratios to English on dev + devtest of FLORES, measured apart from this code; the dev half may differ by a
# percent or two.
FLORES = {
    "mistral-v1": (58_492, 109_511, 95_012),
    "tekken": (54_305, 82_196, 76_890),
    "llama-3": (52_963, 86_232, 68_361),
    "qwen-3": (53_876, 95_024, 54_612),
    "o200k": (52_409, 74_783, 65_875),
    "cl100k": (52_983, 131_355, 99_570),
}


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared/data")
@pytest.mark.parametrize("name", FLORES)
def test_flores_agrees_with_the_figures_of_both_halves(name):
    tokenizer = load(name)
    if not isinstance(tokenizer, LoadedTokenizer):
        pytest.skip(tokenizer.reason)
    (text,) = read_parallel(SHARED)
    tokens = [int(count_tokens(tokenizer, text.texts[lang]).tokens.sum()) for lang in ("en", "ru", "zh")]
    whole = FLORES[name]
    assert tokens[1] / tokens[0] == pytest.approx(whole[1] / whole[0], rel=0.02)
    assert tokens[2] / tokens[0] == pytest.approx(whole[2] / whole[0], rel=0.02)
    assert [2009 / 997 * count for count in tokens] == pytest.approx(whole, rel=0.03)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared/data")
def test_flores_bytes_are_the_sizes_of_its_files():
    (text,) = read_parallel(SHARED)
    for language, name in (("en", "eng_Latn.dev"), ("ru", "rus_Cyrl.dev"), ("zh", "zho_Hans.dev")):
        counted = int(count_tokens(load("bytes"), text.texts[language]).tokens.sum())
        assert counted == (SHARED / name).stat().st_size - 997  # a line break ends each sentence
