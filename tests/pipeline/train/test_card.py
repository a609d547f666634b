"""The page of a model: what it was trained on, its figures, and how it is loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from scenesign.pipeline.train.card import figure_rows, model_card
from scenesign.pipeline.train.evaluate import MODEL, SHUFFLED
from scenesign.pipeline.train.record import Share
from tests.models import record

FIGURES = {
    name: Share(mean, mean - 0.01, mean + 0.01) for name, mean in ((MODEL, 0.3), (SHUFFLED, 0.03), ("like", 0.2))
}
RECORD = replace(
    record(Path("out/demo")), far=FIGURES, near=FIGURES, books=(1_200, 30, 40), scenes=(90_000, 1, 1), judged_on="test"
)


def test_the_model_comes_last_of_its_figures() -> None:
    assert [way for way, _, _ in figure_rows(RECORD)] == ["like", SHUFFLED, MODEL]


def test_it_says_what_there_is_to_say() -> None:
    card = model_card("tales", RECORD)
    assert "1,200 books (90,000 scenes), stopped by 30, judged on 40 of test" in card
    assert RECORD.verdict in card
    assert f"| {MODEL} | 30.0 (29.0 to 31.0) | 30.0 (29.0 to 31.0) |" in card
    assert 'ConceptModel.from_pretrained("tales")' in card
    assert "bits per scene" not in card
    assert "| unigram | 7.00 (6.00 to 8.00) |" in model_card("m", replace(RECORD, bits={"unigram": Share(7, 6, 8)}))


def test_its_head_is_read_by_the_hub() -> None:
    _, head, _ = model_card("tales", RECORD).split("---\n", 2)
    assert yaml.safe_load(head) == {"library_name": "transformers", "tags": ["scenesign", "concept-model"]}


def test_what_was_not_asked_has_no_table() -> None:
    card = model_card("tales", replace(RECORD, far={}, near={}))
    assert "far, %" not in card
