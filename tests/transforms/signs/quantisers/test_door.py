"""The door: a quantiser of a test's own goes through the whole program by its line in the registry alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow.dataset as ds
import pytest

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.report.data import read_report_data
from scenesign.pipeline.run.build import run_build
from scenesign.pipeline.validate.dataset import validate_dataset
from scenesign.transforms.dataset.write import DatasetOptions
from scenesign.transforms.signs.encoder import SignEncoder
from scenesign.transforms.signs.fit import InventoryOptions
from scenesign.transforms.signs.glosses.glossary import read_glossary
from scenesign.transforms.signs.neutralise import cosine, unit
from scenesign.transforms.signs.quantisers.quantiser import CodeSum, Quantiser, TrainingScenes, take_tensor
from scenesign.transforms.signs.quantisers.registry import QUANTISERS
from scenesign.transforms.signs.search import search_topics
from tests.conftest import LIBRARY

TOPIC_BITS, GLYPH_BITS = 3, 12


def bits_of(levels: int) -> list[int]:
    """Bits of a code on each level: three letters of four bits from the second on."""
    return [TOPIC_BITS] + [GLYPH_BITS] * (levels - 1)


@dataclass(frozen=True, eq=False)
class Hyperplanes(Quantiser):
    """Codes of bits: the sides of some planes that a scene lies on, each plane's normal its share of it.

    normals: float32 [bits of all levels, D]. What a sign means follows from its number, so signs are never renumbered.
    """

    normals: np.ndarray
    name: ClassVar[str] = "hyperplanes"
    by_frequency: ClassVar[bool] = False

    @classmethod
    def fit(
        cls, training: TrainingScenes, signs: int | None, levels: int, seed: int
    ) -> tuple[Hyperplanes, tuple[str, ...]]:
        # every scene of the library is in the sample, so that the places run through each book
        for owner in np.unique(training.owners):
            own = training.places[training.owners == owner]
            assert own.tolist() == list(range(len(own)))
        size = training.vectors.shape[1]
        normals = unit(np.random.default_rng(seed).normal(size=(sum(bits_of(levels)), size)))
        return cls(normals * np.float32(0.3)), ("a note of its own",)

    @property
    def bits(self) -> list[int]:
        return bits_of(1 + (len(self.normals) - TOPIC_BITS) // GLYPH_BITS)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(2**bits for bits in self.bits)

    def _margins(self, vectors: np.ndarray) -> np.ndarray:
        """How far on the upper side of each plane vectors lie, float64 [n, bits]."""
        return np.asarray(vectors.astype(np.float64) @ self.normals.astype(np.float64).T)

    def _upper(self, codes: np.ndarray) -> np.ndarray:
        """The sides that codes stand for, bool [n, bits of their levels]."""
        columns = zip(np.asarray(codes).T, self.bits, strict=False)
        return np.concatenate([(column[:, None] >> np.arange(bits) & 1) > 0 for column, bits in columns], axis=1)

    def assign(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        levels = np.split(self._margins(vectors) > 0, np.cumsum(self.bits)[:-1], axis=1)
        codes = np.stack([sides @ (1 << np.arange(sides.shape[1])) for sides in levels], axis=1).astype(np.int32)
        return codes, 1.0 - cosine(vectors, self.decode(codes))

    def decode(self, codes: np.ndarray, levels: int | None = None) -> np.ndarray:
        upper = self._upper(np.asarray(codes)[:, :levels])
        return np.asarray(np.where(upper, 1.0, -1.0) @ self.normals[: upper.shape[1]], dtype=np.float32)

    def reorder(self, counts: np.ndarray) -> tuple[Hyperplanes, np.ndarray]:
        return self, np.arange(len(counts), dtype=np.int32)

    @classmethod
    def passes(cls, levels: int) -> int:
        return 1

    def accumulate(self, vectors: np.ndarray, step: int) -> Iterator[tuple[int, CodeSum]]:
        sides = np.where(self._margins(vectors) > 0, 1, -1)
        whole = np.rint(vectors.astype(np.float64) * 2.0**32).astype(np.int64)
        for key, side in enumerate(sides.T):
            yield key, CodeSum(len(vectors), (side[:, None] * whole).sum(axis=0))

    def move(self, step: int, sums: Iterable[tuple[int, CodeSum]]) -> Hyperplanes:
        means = {key: found.mean for key, found in sums}
        assert sorted(means) == list(range(len(self.normals)))
        return Hyperplanes(np.stack([means[key] for key in sorted(means)]))

    def embeddings(self) -> np.ndarray:
        rows = []
        for normals in np.split(self.normals, np.cumsum(self.bits)[:-1]):
            upper = np.arange(2 ** len(normals))[:, None] >> np.arange(len(normals)) & 1
            rows.append(np.where(upper, 1.0, -1.0) @ normals)
        return np.concatenate(rows).astype(np.float32)

    def misfit(self, vectors: np.ndarray, codes: np.ndarray, slack: float) -> tuple[int, int] | None:
        said = self._upper(codes)
        margins = self._margins(vectors)[:, : said.shape[1]]
        at = np.argwhere(((margins > 0) != said) & (np.abs(margins) > slack))
        levels = np.repeat(np.arange(len(self.bits)), self.bits)
        return (int(at[0][0]), int(levels[at[0][1]])) if len(at) else None

    def check(self) -> Iterator[str]:
        if not self.normals.any(axis=1).all():
            yield "a plane has no direction"

    def tensors(self) -> dict[str, np.ndarray]:
        return {"normals": self.normals}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray], sizes: Sequence[int], dimensions: int) -> Hyperplanes:
        return cls(take_tensor(tensors, "normals", (sum(bits_of(len(sizes))), dimensions)))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A dataset of the example library in signs of the test's own quantiser, refined once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(QUANTISERS, Hyperplanes.name, Hyperplanes)
        output = tmp_path_factory.mktemp("hyperplanes") / "out"
        options = BuildOptions(
            inputs=(str(LIBRARY),),
            output=str(output),
            inventory=InventoryOptions(glyphs=3, refine=1, quantiser=Hyperplanes.name),
            dataset=DatasetOptions(concepts="float16", glyphs=2),
        )
        assert run_build(options, beam_options([]), lambda line: None)
        yield output


def test_a_dataset_of_another_quantiser_is_valid(built: Path) -> None:
    verdict = validate_dataset(str(built))
    assert (verdict.counts, verdict.incomplete, verdict.books) == ({}, "", 12)


def test_its_inventory_is_loaded_by_the_name_it_has(built: Path) -> None:
    inventory = SignEncoder(built).inventory
    assert isinstance(inventory.quantiser, Hyperplanes)
    assert (inventory.info.quantiser, inventory.info.sizes) == ("hyperplanes", (8, 4_096, 4_096))
    assert inventory.info.notes == ("a note of its own",)
    first = unit(np.random.default_rng(0).normal(size=(TOPIC_BITS + 2 * GLYPH_BITS, inventory.info.dimensions)))
    assert not np.allclose(unit(inventory.quantiser.normals), first)  # a pass over all scenes has moved them


def test_a_book_is_encoded_as_in_the_dataset_and_read_back(built: Path) -> None:
    encoder = SignEncoder(built)
    rows = ds.dataset(built / "sequences").to_table().to_pylist()
    (row,) = [row for row in rows if row["source"] == "en/the-ferrymans-debt.txt"]
    found = encoder.encode((LIBRARY / row["source"]).read_text(encoding="utf-8"))
    assert "".join(scene.glyphs[:2] for scene in found) == row["glyphs"]
    assert [sign for scene in found for sign in scene.signs[:2]] == row["signs"]
    topics = row["signs"][::2]
    assert [told.topic.sign for told in encoder.decode(row["glyphs"])] == topics


def test_search_and_report_know_its_signs(built: Path) -> None:
    found = search_topics(built, "a storm at sea", language="en", top=None).matches
    assert sorted(match.sign for match in found) == list(range(8))
    likeness = [match.similarity for match in found]
    assert likeness == sorted(likeness, reverse=True)
    _, glossary = read_glossary(str(built / "inventory"))
    for entry in glossary:
        others = {other.sign for other in glossary if other.level == entry.level} - {entry.sign}
        assert len(set(entry.neighbours) & others) == 5
    assert len(read_report_data(str(built)).atlas.points) == 8


def test_damage_is_named_by_the_quantiser_itself(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hyperplanes, "check", lambda self: iter(["a plane is bent"]))
    monkeypatch.setattr(Hyperplanes, "misfit", lambda self, vectors, codes, slack: (1, 0))
    verdict = validate_dataset(str(built))
    assert set(verdict.counts) == {"inventory.codebook", "concepts.signs"}
    assert any(finding.detail == "a plane is bent" for finding in verdict.findings)
    assert any("scene 1: sign" in finding.detail and "of level 1" in finding.detail for finding in verdict.findings)
