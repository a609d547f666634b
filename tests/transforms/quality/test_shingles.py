"""Samples of shingles: what they pass over, what they keep of texts of any length, and that they are numbers alone."""

from __future__ import annotations

import hashlib
import random
import textwrap
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.parts import ShingleSample
from scenesign.transforms.quality import shingles
from scenesign.transforms.quality.shingles import FEWEST, LONG, RATE, SHORT, sample_hashes, shingle_sample
from tests.conftest import LIBRARY

TEXT = (LIBRARY / "en" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")
CHINESE = (LIBRARY / "zh" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")
EVERYTHING = 2**64 - 1


def sample(text: str, language: str = "en") -> ShingleSample:
    return shingle_sample("a", text, language)


def noise(letters: int, seed: int = 0) -> str:
    draw = random.Random(seed)
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=letters))


@pytest.mark.parametrize("text", ["", "One", "word " * 3, " \n\n…", "\ud800", "a" * (LONG - 1)])
def test_a_text_shorter_than_a_shingle_has_none(text: str) -> None:
    assert sample(text) == ShingleSample("a", EVERYTHING, b"")


def test_the_shingles_of_a_short_text_are_all_kept() -> None:
    assert len(sample_hashes(sample(noise(LONG)))) == 1
    assert len(sample_hashes(sample(noise(LONG + 9)))) == 10
    assert len(sample_hashes(sample("中" * SHORT, "zh"))) == 1
    assert len(sample_hashes(sample("a" * 10_000))) == 1, "one shingle, however often"


def test_the_hash_of_a_shingle_is_what_it_was() -> None:
    # a dataset of tomorrow is compared by the same numbers, on any machine
    counting = " ".join(map(str, range(3_000)))
    digests = [hashlib.sha256(sample(counting, language).hashes).hexdigest()[:16] for language in ("en", "ja")]
    assert digests == ["b07f4f4e8c78f9f4", "75f3636b0e039a58"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\n".join(textwrap.wrap(text, 40)),
        str.upper,
        lambda text: text.replace("“", '"').replace("”", '"').replace(",", " ,"),
        lambda text: text.replace("e", "é").replace("o", "ö"),
    ],
    ids=["wrapped", "in capitals", "other marks", "accents"],
)
def test_what_no_word_hangs_on_changes_nothing(change: object) -> None:
    assert callable(change)
    assert sample(change(TEXT)) == sample(TEXT)


def test_chinese_is_the_same_in_traditional_characters() -> None:
    from opencc import OpenCC

    traditional = OpenCC("s2t").convert(CHINESE)
    assert traditional != CHINESE
    assert sample(traditional, "zh") == sample(CHINESE, "zh")


@pytest.mark.parametrize("letters", [1_000, 60_000, 300_000, 700_000])
def test_a_sample_grows_with_its_text_and_is_never_small(letters: int) -> None:
    found = sample(noise(letters))
    hashes = sample_hashes(found)
    assert np.all(hashes < found.bound)
    assert np.all(np.diff(hashes.astype(object)) > 0)
    assert len(hashes) >= FEWEST or found.bound == EVERYTHING or letters > 2 * FEWEST * RATE
    assert len(hashes) <= max(FEWEST, 1.4 * letters / RATE)
    if letters > 2 * FEWEST * RATE:
        assert len(hashes) > 0.7 * letters / RATE


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 400), st.integers(0, 9))
def test_pieces_lose_no_shingle(at_once: int, seed: int) -> None:
    text = noise(700, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingles, "_AT_ONCE", at_once)
        pieces = sample(text)
    assert pieces == sample(text)


def test_a_paragraph_of_ten_megabytes_takes_little_memory() -> None:
    text = noise(100_000) * 100
    sample(text[:1_000])
    tracemalloc.start()
    found = sample(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20
    assert 0 < len(sample_hashes(found)) < 100
