from dataclasses import replace

import pytest

from scenesign.pipeline.languages.claims import MOST_EXPENSIVE, SIGNS, cautions, judge
from scenesign.pipeline.languages.measure import measure_tokens
from scenesign.pipeline.languages.tokenizers import ANCHORS
from scenesign.schemas.languages import UNSTATED, LanguageCost, ModelShape, ParallelText, WrittenSigns

SHAPE = ModelShape("tiny", 1, 1, 1, 1, 1)
TEXT = ParallelText("c", {"en": ("a",), "zh": ("中",)}, source_language="en")
EN, ZH = (replace(row, kind="subword") for row in measure_tokens(TEXT, [ANCHORS["characters"]], SHAPE))


def row(language: str, tokenizer: str, premium: float, per_word: float = 1.0, corpus: str = "c") -> LanguageCost:
    base = EN if language == "en" else ZH
    return replace(
        base, language=language, tokenizer=tokenizer, premium=premium, tokens_per_word=per_word, corpus=corpus
    )  # fmt: skip


def verdict(rows: list[LanguageCost], start: str):
    (found,) = [v for v in judge(rows) if v.claim.startswith(start)]
    return found


def test_a_claim_holds_if_every_measurement_agrees_and_fails_if_none_does():
    rows = [row("zh", "t", 0.5), row("zh", "u", 0.7), row("en", "t", 1.0, 1.49), row("en", "u", 1.0, 2.51)]
    fewer = verdict(rows, "Chinese takes 30")
    assert (fewer.verdict, fewer.agree, fewer.of) == ("holds", 2, 2)
    assert fewer.measured == "50 % fewer to 30 % fewer; fewer at all in 2 of 2"
    assert fewer.corpora == ("c (from en)",)
    assert verdict(rows, "English takes").verdict == "fails"


def test_a_claim_that_holds_sometimes_says_when():
    rows = [
        row("zh", "t", 1, 1.5), row("zh", "u", 1, 1.5), row("zh", "v", 1, 3.0), row("zh", "w", 1, 2.0),
        row("zh", "t", 1, 1.6, "d"), row("zh", "u", 1, 2.6, "d"),
        row("zh", "v", 1, 2.6, "d"), row("zh", "w", 1, 1.0, "d"),
    ]  # fmt: skip
    found = verdict(rows, "Chinese takes 1-2")
    assert found.verdict == "only when the tokenizer is t or w; or u on c"
    assert (found.agree, found.of, found.measured) == (5, 8, "1.00 to 3.00 tokens per word")


@pytest.mark.parametrize(
    ("chinese", "russian", "expected", "measured"),
    [
        (0.8, 0.9, "holds", "the cheapest in 0 of 1 measurements"),
        (0.8, 1.2, "fails", "the cheapest in 0 of 1 measurements"),
        (1.1, 1.2, "fails", "the cheapest in 1 of 1 measurements"),
    ],
)
def test_the_most_expensive(chinese, russian, expected, measured):
    rows = [row("en", "t", 1.0), row("zh", "t", chinese), row("ru", "t", russian)]
    found = verdict(rows, MOST_EXPENSIVE)
    assert (found.verdict, found.measured) == (expected, measured)


def test_anchors_and_other_bases_do_not_count():
    rows = [replace(row("zh", "bytes", 0.6), kind="byte"), replace(row("zh", "t", 0.6), base_language="de")]
    assert verdict(rows, "Chinese takes 30").verdict.startswith("not measured")


def test_without_a_language_or_an_inventory_a_claim_is_not_measured():
    found = {v.claim: v.verdict for v in judge([row("en", "t", 1.0)])}
    assert found["Russian takes 1.2-1.5 tokens per word"] == "not measured: no corpus has Russian"
    assert found[SIGNS].startswith("not measured: needs signs")
    assert all(v.verdict.startswith("not measured") for v in judge([]))


def test_signs_hold_on_conditions_that_the_verdict_names():
    text = replace(row("zh", "t", 1.0), tokens=1000)
    signs = replace(text, kind="signs", tokenizer="signs", tokens=10, bits_lost_per_scene=2500.0)
    cheap, dear = (WrittenSigns("c", "zh", name, 10, tokens, tokens / 1000) for name, tokens in (("t", 16), ("u", 720)))
    found = {}
    for name, written in (("unknown", []), ("cheap", [cheap]), ("dear", [cheap, dear])):
        (found[name],) = [v for v in judge([text, signs], written) if v.claim == SIGNS]
    row_each = (
        "only when every sign is a row of the model's own vocabulary, and 2,500 to 2,500 bits of each scene may go"
    )
    assert found["unknown"].verdict == found["dear"].verdict == row_each
    assert found["cheap"].verdict == "only when 2,500 to 2,500 bits of each scene may go"
    assert found["unknown"].measured == "1.00 to 1.00 % of the text's tokens"
    assert found["dear"].measured == (
        "1.00 to 1.00 % of the text's tokens with a row per sign, 1.60 to 72.00 % written as text"
    )
    (without,) = [v for v in judge([text, replace(signs, bits_lost_per_scene=None)], [cheap]) if v.claim == SIGNS]
    assert without.verdict == "holds"
    (long,) = [v for v in judge([text, replace(signs, tokens=900)], [cheap]) if v.claim == SIGNS]
    assert long.verdict == "fails"


def test_cautions():
    one = replace(TEXT, name="a")
    assert "One corpus only" in cautions([one])[0]
    same = cautions([one, replace(one, name="b")])
    assert len(same) == 1
    assert "written in en" in same[0]
    assert cautions([one, replace(one, name="b", source_language="ru")]) == []
    unknown = cautions(
        [one, replace(one, name="b", source_language="ru"), replace(one, name="d", source_language=UNSTATED)]
    )
    assert "--source 'd=LANGUAGE'" in unknown[0]
