"""Sentences agree with the figures that they are made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenesign.schemas.manifest import Manifest
from scenesign.transforms.metrics.verdicts import (
    alike_translations,
    foretelling,
    marks_of_books,
    unlike_known,
    verdicts,
)


def bits(uniform: float, unigram: float, bigram: float, error: float | None = 0.1) -> dict[str, float]:
    found = {"uniform": uniform, "unigram": unigram, "bigram": bigram, "saved": min(uniform, unigram) - bigram}
    return {f"bits/{key}": value for key, value in found.items()} | ({"bits/saved_error": error} if error else {})


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({}, "too few authors or works"),
        ({"bits/uniform": 9.0, "bits/unigram": float("nan"), "bits/bigram": 1.0}, "too few authors or works"),
        (bits(9.0, 6.9, 7.3), "can't be foretold better than by how frequent topics are."),
        (bits(9.0, 9.4, 9.3), "can't be foretold better than by an even guess."),
        # saved .15 with a standard error of .1: that may be nothing
        (bits(9.0, 8.0, 7.85), "can't be foretold better than by how frequent topics are."),
        (bits(9.0, 8.0, 7.79), "a little better from the one before than by how frequent topics are: that saves 0.21"),
        (bits(9.0, 8.0, 7.0), "somewhat better"),
        (bits(9.0, 9.5, 5.0), "much better from the one before than by an even guess: that saves 4.00 ± 0.20 of"),
        ({"bits/uniform": 9.0, "bits/unigram": 8.0, "bits/bigram": 7.0}, "that saves 1.00 of 8.00 bits."),
    ],
)  # fmt: skip
def test_foretelling_claims_no_more_than_the_figures(metrics: dict[str, float], said: str) -> None:
    assert said in foretelling(metrics)


def test_marks_of_books_by_strength_and_not_of_a_single_book() -> None:
    assert marks_of_books({"ami/sign_book": 0.6}, 1) is None
    assert marks_of_books({"ami/sign_book": None}, 9) is None
    said = [marks_of_books({"ami/sign_book": value}, 9) or "" for value in (-0.1, 0.2, 0.6)]
    assert [word in sentence for word, sentence in zip(("next to nothing", "a little", "much"), said, strict=True)] == [
        True,
        True,
        True,
    ]


def test_translations_are_set_against_chance_where_that_is_not_nothing() -> None:
    found = {"translations/shared": 0.57, "translations/shared_in_order": 0.55}
    chance = {"translations/chance": 0.29, "translations/chance_in_order": 0.21}
    assert alike_translations({}) is None
    assert alike_translations(found | chance) == (
        "Translations of one work share 57 % of their topics, 55 % in the same order; "
        "different works in different languages 29 % and 21 %."
    )
    assert "different" not in (alike_translations(found | dict.fromkeys(chance, 0.0)) or "different")


def test_what_is_so_by_construction_is_not_said() -> None:
    assert unlike_known({"novel/share": 0.001}, taken_over=False) is None
    assert unlike_known({"novel/share": 0.0056}, taken_over=True) == (
        "0.6 % of scenes are unlike all those that the signs were made from."
    )
    assert (unlike_known({"novel/share": 0.0001}, taken_over=True) or "").startswith("Less than .1 % of scenes")
    assert (unlike_known({"novel/share": 0}, taken_over=True) or "").startswith("No scene")


def test_all_of_a_dataset_are_whole_sentences_that_start_with_foretelling(demo: Path) -> None:
    manifest = Manifest.from_json((demo / "manifest.json").read_text(encoding="utf-8"))
    found = verdicts(manifest)
    assert found[0] == foretelling(manifest.metrics)
    assert len(found) > 1
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in found)
