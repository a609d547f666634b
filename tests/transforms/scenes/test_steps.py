"""Sentences and scenes in a pipeline: a book that can't be done is a reject, and the others go on."""

from __future__ import annotations

import apache_beam as beam
import numpy as np
from apache_beam.testing import test_pipeline
from apache_beam.testing.util import assert_that, equal_to

from scenesign.schemas.records import BlockKind
from scenesign.transforms.scenes.find import SceneOptions, find_scenes
from scenesign.transforms.scenes.steps import FindScenes
from tests.transforms.scenes.test_find import book

P = BlockKind.PARAGRAPH


def test_transform_sets_scenes_and_rejects_a_broken_book() -> None:
    good, bad = book([P] * 8), book([P] * 8, np.eye(3, dtype=np.float32))
    starts = find_scenes(good)
    with test_pipeline.TestPipeline() as pipeline:
        result = pipeline | beam.Create([good, bad]) | FindScenes(SceneOptions())
        done = result.books | "Done" >> beam.Map(lambda b: (b.scene_starts, b.scene_vectors.shape))
        assert_that(done, equal_to([(starts, (len(starts), 6))]), "books")
        refused = result.rejects | "Refused" >> beam.Map(lambda r: (r.stage, r.reason, r.source, r.book_id, r.bytes))
        assert_that(refused, equal_to([("FindScenes", "unexpected", "a.txt", "id", 7)]), "rejects")
