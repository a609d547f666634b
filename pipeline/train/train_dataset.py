"""A model from a dataset: reads it, trains, measures on unseen books, publishes a folder that is whole or not there."""

from __future__ import annotations

import copy
import hashlib
import itertools
import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch.utils.flop_counter import FlopCounterMode
from transformers.utils.logging import disable_progress_bar

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.values import check_name
from scenesign.pipeline.run.locks import held
from scenesign.pipeline.train.books import ConceptBook, SceneReader, places_of
from scenesign.pipeline.train.card import model_card
from scenesign.pipeline.train.checkpoint import Checkpoint, read_checkpoint, remove_checkpoint, write_checkpoint
from scenesign.pipeline.train.evaluate import judge_model, verdict_of
from scenesign.pipeline.train.losses import losses_of
from scenesign.pipeline.train.model import ConceptModel
from scenesign.pipeline.train.pieces import pieces_of
from scenesign.pipeline.train.record import RECORD, TrainingRecord
from scenesign.pipeline.train.trainer import Training, TrainingOptions, Window, new_model
from scenesign.schemas.records import printable
from scenesign.transforms.dataset.read import Dataset
from scenesign.transforms.dataset.scene_batches import SceneBatch, Scenes
from scenesign.transforms.dataset.splits import position
from scenesign.transforms.signs.inventory import CODEBOOK, copy_inventory
from scenesign.transforms.support import storage
from scenesign.transforms.support.failures import is_full, one_line
from scenesign.transforms.support.threads import settle_threads

TRAIN, VALIDATION, TEST = "train", "validation", "test"
# The share of train whose authors are held out where the dataset has no validation books.
_HELD_OUT = 0.15
# Steps between two states on disk.
_STEPS_PER_STATE = 50

Tell = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class _Shelf:
    """The books of a training. held: ids of books of train that validate; known: the others."""

    reader: SceneReader
    known: tuple[ConceptBook, ...]
    validation: tuple[ConceptBook, ...]
    asked: tuple[ConceptBook, ...]
    judged_on: str
    held: frozenset[str]


def train_dataset(
    dataset: str,
    output: str,
    options: TrainingOptions,
    *,
    device: str = "auto",
    overwrite: bool = False,
    tell: Tell = lambda line: None,
) -> TrainingRecord:
    """Trains a concept model on a dataset and writes it to a folder that `ConceptModel.from_pretrained` loads.

    dataset: its folder. output: a local folder. device: `auto`, `cpu`, `cuda` or what else torch calls one. tell: hears
    lines for people. What was done is kept beside the output, so that the same call goes on after an interruption,
    and gives the same model.

    Raises UsageError when the dataset, an option or the device won't do; nothing is written then. Raises OSError
    when the disk is full.
    """
    if not storage.is_local(output):
        raise UsageError(f"-o {output}: a model is written to a folder of this machine; copy it from there")
    check_name("-o", output)
    target = Path(output)
    if os.path.lexists(target) and not overwrite:
        raise UsageError(f"{output} is there already; give --overwrite to replace it, or another -o")
    if os.path.lexists(target) and not _replaceable(target):
        raise UsageError(f"{output} is no model, so --overwrite leaves it alone; give another -o")
    chosen = device_of(device)
    opened = Dataset(dataset)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(f"{target}.lock").open("ab").close()
    except OSError as error:
        raise UsageError(f"-o {output}: can't write there ({error.strerror}); give another folder") from error
    with held(f"{target}.lock", output):
        settle_threads()
        try:
            return _train(opened, target, options, chosen, tell)
        except (SafetensorError, OSError) as error:
            if not is_full(error):
                raise
            why = f"can't be written ({one_line(error)}); free some space, and the same command goes on where it was"
            raise OSError(f"{output} {why}") from error


def _replaceable(target: Path) -> bool:
    return (target / RECORD).is_file() or (target.is_dir() and not any(target.iterdir()))


def device_of(name: str) -> torch.device:
    """The device that a name means; `auto` is a GPU where there is one. Raises UsageError where it can't be used."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(f"--device: torch can't use '{name}' here; leave it out, or give cpu") from error
    return device


def _train(
    dataset: Dataset, target: Path, options: TrainingOptions, device: torch.device, tell: Tell
) -> TrainingRecord:
    options = _fitting(dataset, options, tell)
    inventory = dataset.inventory
    shelf = _shelve(dataset, options, tell)
    embeddings = inventory.quantiser.embeddings()
    start = new_model(options, shelf.reader.pieces, embeddings, inventory.info.files[CODEBOOK], shelf.known)
    torch.nn.Module.to(start, device)
    scenes = Scenes(dataset.folder, TRAIN, context=options.context, batch=options.batch, seed=options.seed)
    loader = scenes.loader()
    steps = sum(scenes.batches_of(epoch) for epoch in range(options.epochs))
    training = Training(copy.deepcopy(start), shelf.validation, options, steps)
    settings = asdict(options) | {"device": device.type, "dataset": digest_of(dataset, options.on)}
    state = Path(f"{target}.state")
    found, begun = read_checkpoint(state), None
    if found and dict(found.settings) == settings:
        try:
            training.restore(found)
            loader.load_state_dict(found.loader)
        except (RuntimeError, ValueError, KeyError) as error:
            raise UsageError(f"{state} is no state of this training; remove it, and it begins anew") from error
        begun = found if loader.delivered else None
        tell(f"going on from step {training.step:,} of an earlier run")
    elif found:
        tell(f"an unfinished run of other settings or books in {state} is given up; this one begins anew")
    flops = next((_flops(start, window) for batch in scenes if (window := _window(shelf, batch))), 0.0)
    while not training.done:
        batches = iter(loader)
        first = list(itertools.islice(batches, 1))
        if begun:  # beginning to read has drawn a random number, and an epoch that is gone on with had drawn its own
            training.restore_random(begun)
            begun = None
        for batch in itertools.chain(first, batches):
            window = _window(shelf, batch)
            if window is None:
                continue
            training.learn(window)
            if training.step % _STEPS_PER_STATE == 0:
                write_checkpoint(state, _checkpoint(training, settings, loader.state_dict()))
        loss = training.end_epoch()
        epoch = len(training.losses) - 1
        best = ", the best so far" if training.best_epoch == epoch else ""
        tell(f"epoch {epoch}: {loss:.3f} bits per scene of the validation books{best}")
        write_checkpoint(state, _checkpoint(training, settings, loader.state_dict()))
    record = _record(dataset, training, start, shelf, settings, flops)
    _publish(dataset, training.finish(), record, target)
    remove_checkpoint(state)
    return record


def _fitting(dataset: Dataset, options: TrainingOptions, tell: Tell) -> TrainingOptions:
    """The options as the dataset allows them. Raises UsageError where it can't be trained on."""
    if TRAIN not in dataset.splits:
        raise UsageError(
            f"{dataset.folder} has no books in a split '{TRAIN}', it has {', '.join(dataset.splits) or 'none'}; "
            "build it with --splits that name one"
        )
    if options.on == "vectors" and not dataset.has_concepts:
        raise UsageError(f"{dataset.folder} has no vectors of scenes; build it with --concepts float16")
    levels = dataset.manifest.levels
    if options.on == "glyphs" and options.glyphs > levels:
        raise UsageError(
            f"--glyphs {options.glyphs}: {dataset.folder} has {levels} a scene; build it with more, or ask for fewer"
        )
    if options.members and not dataset.has_cast:
        tell("the dataset has no cast (made before protocol 2.1, or with --cast 0): training on glyphs alone")
        options = replace(options, members=0)
    return options


def _shelve(dataset: Dataset, options: TrainingOptions, tell: Tell) -> _Shelf:
    info = dataset.inventory.info
    reader = SceneReader(
        pieces_of(info.sizes, info.quantiser, options.glyphs if options.on == "glyphs" else 1),
        options.members,
        places_of(dataset) if options.on == "vectors" else None,
    )
    splits = {
        split: tuple(reader.whole(book) for book in dataset.books(split=split) if len(book))
        for split in (TRAIN, VALIDATION, TEST)
        if split in dataset.splits
    }
    known, validation = splits[TRAIN], splits.get(VALIDATION, ())
    if not known:
        raise UsageError(f"{dataset.folder}: the books of '{TRAIN}' have no scenes; build a dataset of more books")
    out: frozenset[str] = frozenset()
    if not validation:
        out = hold_out(known)
        if not out:
            raise UsageError(
                f"{dataset.folder}: one book can't be trained on and held out; build a dataset of more books"
            )
        tell(f"no validation books: {len(out)} of {len(known)} books of '{TRAIN}' are held out to tell when to stop")
        validation = tuple(book for book in known if book.book_id in out)
        known = tuple(book for book in known if book.book_id not in out)
    asked = splits.get(TEST, ())
    return _Shelf(reader, known, validation, asked or validation, TEST if asked else VALIDATION, out)


def digest_of(dataset: Dataset, on: str) -> str:
    """Of what a training reads: the tables of all splits that it looks at, and the codebook."""
    tables = ("sequences", "concepts") if on == "vectors" else ("sequences",)
    files = [
        file for file in dataset.manifest.files if file.config in tables and file.split in (TRAIN, VALIDATION, TEST)
    ]
    told = "".join(f"{file.path} {file.sha256}\n" for file in files) + dataset.inventory.info.files[CODEBOOK]
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def hold_out(books: Sequence[ConceptBook]) -> frozenset[str]:
    """Ids of some books, all of an author or none, that training does without; none where there is but one."""
    lots: dict[str, list[str]] = {}
    for book in books:
        lots.setdefault(book.author or book.book_id, []).append(book.book_id)
    if len(lots) < 2:
        lots = {book.book_id: [book.book_id] for book in books}
    if len(lots) < 2:
        return frozenset()
    ordered = sorted(lots, key=lambda lot: (position(lot, 0), lot))
    chosen: list[str] = []
    for lot in ordered[:-1]:
        if chosen and len(chosen) + len(lots[lot]) > max(1, _HELD_OUT * len(books)):
            break
        chosen += lots[lot]
    return frozenset(chosen)


def _window(shelf: _Shelf, batch: SceneBatch) -> Window | None:
    """What is learned from a batch, cut to its longest window; None where all its books are held out."""
    rows = [row for row, book in enumerate(batch.books) if book and book not in shelf.held]
    if not rows:
        return None
    mask = batch.mask[rows]
    longest = int(mask.sum(dim=1).max())
    return shelf.reader.seen(batch)[rows, :longest], shelf.reader.cast(batch)[rows, :longest], mask[:, :longest]


def _flops(model: ConceptModel, window: Window) -> float:
    """Floating-point operations of a step on such a window, there and back, as torch counts products of matrices."""
    own = copy.deepcopy(model).train()
    with torch.random.fork_rng(), FlopCounterMode(display=False) as counter:
        losses_of(own, *(tensor.to(model.device) for tensor in window)).objective().backward()
    return float(counter.get_total_flops())


def _checkpoint(
    training: Training, settings: Mapping[str, int | float | str], loader: Mapping[str, str | int | bool]
) -> Checkpoint:
    return Checkpoint(
        settings=settings,
        loader=loader,
        step=training.step,
        losses=tuple(training.losses),
        model=training.model.state_dict(),
        best=training.best,
        moments=training.moments(),
        random=random_state(training.model.device),
    )


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """Torch's generators, by device."""
    found = {"cpu": torch.get_rng_state()}
    return found | ({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


def _record(
    dataset: Dataset, training: Training, start: ConceptModel, shelf: _Shelf,
    settings: Mapping[str, int | float | str], flops: float,
) -> TrainingRecord:  # fmt: skip
    model = training.finish()
    found = judge_model(model, start, shelf.known, shelf.asked, dataset.inventory.info.sizes[0])
    groups = (shelf.known, shelf.validation, shelf.asked)
    return TrainingRecord(
        dataset=printable(os.path.abspath(dataset.folder) if storage.is_local(dataset.folder) else dataset.folder),
        digest=str(settings["dataset"]),
        on=training.options.on,
        settings=settings,
        epochs=len(training.losses) - 1,
        best=training.best_epoch,
        books=tuple(len(books) for books in groups),  # type: ignore[arg-type]
        scenes=tuple(sum(len(book) for book in books) for books in groups),  # type: ignore[arg-type]
        judged_on=shelf.judged_on,
        held_out=bool(shelf.held),
        far=found.far,
        near=found.near,
        bits=found.bits,
        letters=found.letters,
        cast=found.cast,
        curve=tuple(loss if math.isfinite(loss) else None for loss in training.losses),
        flops=flops * training.step,
        device=str(training.model.device),
        at_chance=found.at_chance,
        verdict=verdict_of(found),
    )


def _publish(dataset: Dataset, model: ConceptModel, record: TrainingRecord, target: Path) -> None:
    """Writes beside and renames."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    disable_progress_bar()
    torch.nn.Module.to(model, "cpu").save_pretrained(fresh)
    copy_inventory(storage.join(dataset.folder, "inventory"), str(fresh / "inventory"))
    (fresh / RECORD).write_text(record.to_json(), encoding="utf-8", newline="\n")
    (fresh / "README.md").write_text(model_card(target.name, record), encoding="utf-8", newline="\n")
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    os.rename(fresh, target)
    shutil.rmtree(old, ignore_errors=True)
