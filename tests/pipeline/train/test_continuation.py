"""A story goes on by name: what is read of it, where real scenes come from, and what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenesign.pipeline.train import continuation as module
from scenesign.pipeline.train.continuation import RefusalError, go_on
from scenesign.pipeline.train.record import RECORD
from scenesign.pipeline.train.saved import SavedModel, open_model
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.signs.encoder import Encoding
from tests.models import copy_model, record, save_model

STORY = """The wind tore the sail from the mast, and Anna held the rope. A wave broke over the deck and Anna fell.

In the morning Anna woke on the shore. "The boat is gone," said Anna. The sand was cold, and Anna looked for help."""


@pytest.fixture(scope="module")
def models(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SavedModel]:
    folder = tmp_path_factory.mktemp("models")
    return {on: open_model(save_model(folder / on, demo, on)) for on in ("glyphs", "vectors")}


@pytest.fixture(scope="module")
def story(models: dict[str, SavedModel], library: Path) -> Encoding:
    """A whole book of the dataset."""
    text = (library / "en" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")
    return models["glyphs"].encoder.encode(text)


@pytest.mark.parametrize("on", ["glyphs", "vectors"])
def test_a_story_goes_on_with_topics_people_and_real_scenes(
    on: str, models: dict[str, SavedModel], story: Encoding, demo: Path
) -> None:
    found = go_on(models[on], story, scenes=2, top=4)
    books = {book.book_id: book for book in Dataset(demo)}
    assert len(found) == 2
    for outlook in found:
        assert len(outlook.scenes) == 4
        probabilities = [scene.probability for scene in outlook.scenes]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) < 1
        for scene in outlook.scenes:
            book = books[scene.match.book.book_id]
            (own,) = [real for real in book.scenes() if real.index == scene.match.scene.index]
            assert own.text == scene.match.scene.text
            assert -1 <= scene.match.similarity <= 1.0001
        assert {member.member for member in outlook.cast} <= set(story.cast)
        assert outlook.cast
        assert all(topic.entry.level == 1 for topic in outlook.topics)
    assert found[0].scenes[0].match.scene.text not in {scene.match.scene.text for scene in found[1].scenes}


@pytest.mark.parametrize("on", ["glyphs", "vectors"])
def test_the_storys_own_scenes_are_no_choice(
    on: str, models: dict[str, SavedModel], story: Encoding, demo: Path
) -> None:
    """It is in the dataset itself, and its last scene is what is most like its last scene."""
    told = {scene.text for scene in story}
    total = Dataset(demo).manifest.counts.scenes
    found = go_on(models[on], story, top=total)
    assert found.choices == len(found[0].scenes) == total - len(told)
    assert not told & {scene.match.scene.text for scene in found[0].scenes}
    assert sum(scene.probability for scene in found[0].scenes) == pytest.approx(1.0)
    chances = [scene.times_chance / scene.probability for scene in found[0].scenes]
    assert chances == pytest.approx([found.choices] * found.choices)


def test_the_same_story_goes_on_the_same_way(models: dict[str, SavedModel], story: Encoding) -> None:
    first, again = (go_on(models["glyphs"], story, scenes=3) for _ in range(2))
    assert first.outlooks == again.outlooks


def test_a_text_is_read_as_the_inventory_writes_it(models: dict[str, SavedModel]) -> None:
    for model in (models["glyphs"], models["glyphs"].folder):
        found = go_on(model, STORY, language="English")
        assert found.language == "en"
        assert found.read.signs == models["glyphs"].encoder.encode(STORY, "en").signs
        assert {coming.member.name for coming in found[0].cast} == {"Anna"}


def test_what_a_model_reads_of_a_text_is_what_it_was_trained_on(
    models: dict[str, SavedModel], demo: Path, library: Path
) -> None:
    """The same book gives the same pieces, places and cast from the text and from the dataset."""
    (book,) = [book for book in Dataset(demo) if book.source.endswith("en/the-bell-of-saltmarsh.txt")]
    text = (library / "en" / "the-bell-of-saltmarsh.txt").read_text(encoding="utf-8")
    read = models["glyphs"].encoder.encode(text, "en")
    levels = book.levels
    pieces = models["glyphs"].pieces.split(np.array(book.signs).reshape(-1, levels)[:, :2])
    assert module._story(models["glyphs"], read).seen.tolist() == pieces.tolist()
    cast = module._story(models["glyphs"], read).cast
    assert [tuple(row[row > 0]) for row in cast] == [ids[:4] for ids in book.scene_cast]
    shelf = module._shelve(models["vectors"], Dataset(demo), frozenset())
    own = [row for row, name in enumerate(shelf.books) if name == book.book_id]
    stored = shelf.real.seen[own]  # of vectors in 16 bits
    assert stored == pytest.approx(module._story(models["vectors"], read).seen, abs=5e-3)


def test_of_an_endless_text_the_end_is_read(
    models: dict[str, SavedModel], story: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_READ", 3)
    found = go_on(models["glyphs"], story)
    end = replace(story, scenes=story.scenes[-3:])
    assert found[0].topics == go_on(models["glyphs"], end)[0].topics
    assert any(f"has {len(story):,} scenes; the model reads the last 3" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "language", "message"),
    [
        ("The wind tore the sail.", "en", "too short for a scene: it has 1 sentence, and a scene 3"),
        ("", "en", "no sentence of prose.*give more of the story"),
        (STORY, "de", "in language 'de', which the model has never read; it knows en, ru, zh"),
    ],
)
def test_what_a_model_cannot_read_is_refused(
    models: dict[str, SavedModel], text: str, language: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        go_on(models["glyphs"], text, language=language)
    assert "\n" not in str(refused.value)


def test_a_model_at_chance_is_refused_whatever_the_text(demo: Path, tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", demo, at_chance=True)
    for text in (STORY, ""):
        with pytest.raises(RefusalError, match=r"would only pretend to know.* in 3\.0 .*chance is 3\.1 %"):
            go_on(folder, text)


def test_unknown_languages_and_no_scenes_are_refused(models: dict[str, SavedModel]) -> None:
    with pytest.raises(ValueError, match="gibberish"):
        go_on(models["glyphs"], STORY, language="gibberish")
    with pytest.raises(ValueError, match="scenes is 0"):
        go_on(models["glyphs"], STORY, scenes=0)


def change_codebook(dataset: Path) -> None:
    path = dataset / "inventory" / "inventory.json"
    info = json.loads(path.read_text(encoding="utf-8"))
    info["files"]["codebook.safetensors"] = "0" * 64
    path.write_text(json.dumps(info), encoding="utf-8")


def without_concepts(dataset: Path) -> None:
    path = dataset / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = [file for file in manifest["files"] if file["config"] != "concepts"]
    path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def changed(demo: Path, tmp_path: Path) -> Path:
    """A copy of the dataset that may be changed."""
    return Path(shutil.copytree(demo, tmp_path / "changed"))


def test_a_dataset_of_another_inventory_is_refused(
    models: dict[str, SavedModel], story: Encoding, changed: Path
) -> None:
    change_codebook(changed)
    with pytest.raises(ValueError, match=f"{changed} is written in another inventory"):
        go_on(models["glyphs"], story, dataset=changed)


def test_a_dataset_that_was_built_anew_since_is_told_of(
    models: dict[str, SavedModel], story: Encoding, changed: Path
) -> None:
    change_codebook(changed)
    found = go_on(replace(models["glyphs"], record=record(changed)), story)
    assert found[0].scenes == ()
    assert any(f"no real scenes: {changed} is written in another inventory" in note for note in found.notes)


def test_a_text_that_is_too_long_is_not_asked_for_more(
    models: dict[str, SavedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scenesign.schemas.records import RejectError
    from scenesign.transforms.scenes import segment

    def refuse(text: str, language: str | None = None) -> None:
        raise RejectError("too-large", "more than a book may be")

    monkeypatch.setattr(segment, "book_of_text", refuse)
    with pytest.raises(ValueError, match=r"more than a book may be$"):
        go_on(models["glyphs"], STORY, language="en")


def test_a_folder_without_a_dataset_is_named(models: dict[str, SavedModel], story: Encoding, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"{tmp_path} is no dataset"):
        go_on(models["glyphs"], story, dataset=tmp_path)


def test_a_dataset_that_is_gone_is_missed_in_a_note(demo: Path, story: Encoding, tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", demo)
    (folder / RECORD).write_text(record(tmp_path / "gone").to_json(), encoding="utf-8")
    found = go_on(folder, story, scenes=2)
    assert [outlook.scenes for outlook in found] == [(), ()]
    assert all(outlook.topics and outlook.cast for outlook in found)
    assert any(f"{tmp_path / 'gone'}, which the model was trained on, is gone" in note for note in found.notes)
    assert found.choices == 0
    named = go_on(folder, story, dataset=demo)
    assert named[0].topics == found[0].topics
    assert len(named[0].scenes) == 5


def test_without_vectors_there_are_no_real_scenes_for_a_model_of_vectors(
    models: dict[str, SavedModel], story: Encoding, changed: Path
) -> None:
    without_concepts(changed)
    with pytest.raises(ValueError, match="--concepts float16"):
        go_on(models["vectors"], story, dataset=changed)
    found = go_on(replace(models["vectors"], record=record(changed)), story)
    assert (found[0].scenes, found[0].topics) == ((), ())
    assert found[0].cast
    assert any("--concepts float16" in note for note in found.notes)
    assert len(go_on(models["glyphs"], story, dataset=changed)[0].scenes) == 5


@pytest.mark.parametrize("folder", ["scenes", "concepts"])
def test_a_damaged_table_is_named(models: dict[str, SavedModel], story: Encoding, changed: Path, folder: str) -> None:
    shard = next((changed / folder).rglob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-50])
    with pytest.raises(ValueError, match=str(shard)):
        go_on(models["vectors"], story, dataset=changed)


def test_signs_of_no_level_are_refused(models: dict[str, SavedModel], story: Encoding, changed: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    shard = next((changed / "scenes").rglob("*.parquet"))
    table = pq.read_table(shard)
    at = table.schema.get_field_index("signs")
    wrong = pa.array([[99, 99]] * len(table), table.schema.field(at).type)
    pq.write_table(table.set_column(at, table.schema.field(at), wrong), shard)
    with pytest.raises(ValueError, match=f"{shard}: a scene has a sign of no level"):
        go_on(models["glyphs"], story, dataset=changed)


def test_a_model_that_reads_more_people_than_a_text_gives_says_so(
    demo: Path, models: dict[str, SavedModel], story: Encoding, tmp_path: Path
) -> None:
    folder = copy_model(Path(models["glyphs"].folder), tmp_path / "model")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"members": 8}), encoding="utf-8")
    assert any("up to 8 people" in note for note in go_on(folder, story).notes)
