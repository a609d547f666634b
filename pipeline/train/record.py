"""What is written down of a training: settings, what was measured on unseen books, and what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

RECORD = "training.json"


@dataclass(frozen=True)
class Share:
    """A mean over books, weighed by questions or scenes, with the middle 95 % over samples of the books."""

    mean: float
    low: float
    high: float

    def show(self, percent: bool = False) -> str:
        """`12.3 (10.1-14.5)`."""
        numbers = [100 * number if percent else number for number in (self.mean, self.low, self.high)]
        form = "{:.1f}" if percent else "{:.2f}"
        mean, low, high = (form.format(number) for number in numbers)
        return f"{mean} ({low} to {high})"


@dataclass(frozen=True)
class TrainingRecord:
    """How a model came to be and what it knows.

    dataset: the folder it was trained on. digest: of the files that were read. on: `glyphs` or `vectors`. epochs: that
    were gone through; best: the one that was kept, 0 for the model as it was before training. books: of train, of
    validation and of the books that it was judged on. judged_on: the split those are from. held_out: whether
    validation books had to be taken from train. far, near: share of next scenes that were chosen among 32, by way;
    the model's own is `model`, before training `both of the last few` or `like the last few`. bits: of the next topic,
    per scene, by way. letters, cast: bits per scene of the next scene's. curve: bits per scene of the validation books,
    at the start and after each epoch; None where a training ran off to no number. flops: floating-point operations of
    the training. at_chance: whether the model chooses no better than chance. verdict: all that in a sentence.
    """

    dataset: str
    digest: str
    on: str
    settings: Mapping[str, int | float | str]
    epochs: int
    best: int
    books: tuple[int, int, int]
    scenes: tuple[int, int, int]
    judged_on: str
    held_out: bool
    far: Mapping[str, Share]
    near: Mapping[str, Share]
    bits: Mapping[str, Share]
    letters: float
    cast: float
    curve: tuple[float | None, ...]
    flops: float
    device: str
    at_chance: bool
    verdict: str

    def to_json(self) -> str:
        """Sorted and indented, with a line end."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_record(folder: str | Path) -> TrainingRecord:
    """The record of a saved model.

    Raises FileNotFoundError when the folder is no model, ValueError when the record is none.
    """
    path = Path(folder) / RECORD
    if not path.is_file():
        raise FileNotFoundError(f"{folder} is no model: there is no {RECORD} in it; give the folder that `train` wrote")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        for key in ("far", "near", "bits"):
            found[key] = {name: Share(**share) for name, share in found[key].items()}
        for key in ("books", "scenes", "curve"):
            found[key] = tuple(found[key])
        return TrainingRecord(**found)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is no record of a training ({error}); train the model again") from error
