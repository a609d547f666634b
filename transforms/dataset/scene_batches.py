"""Scenes for training: windows of books in padded batches, streamed from Parquet, in an order that can be gone on with.

The order is of (seed, epoch) alone (`scene_plan`), and batch k of an epoch is the same whoever asks for it. So workers
take turns, and one number says how far a run has come.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from scenesign.transforms.dataset.scene_plan import PLAN_VERSION, EpochPlan, Windows, plan_epoch
from scenesign.transforms.dataset.scene_rows import BookScenes, find_rows

# Scenes of a pool, whose windows are shuffled among each other; some 64 MB with or without vectors. Where a batch is of
# two pools, both are in memory.
POOL_SCENES = 1 << 20
POOL_VECTORS = 1 << 16


@dataclass(frozen=True, eq=False)
class SceneBatch:
    """B windows of T scenes each, padded at the end where a window has fewer.

    signs: ids of the inventory, int64 [B, T, levels]. cast: who is on stage, most present first, 0 for nobody, int64
    [B, T, N]; N is 0 where the dataset has no cast. vectors: float32 [B, T, D], None where they weren't asked for.
    mask: which scenes are there, bool [B, T]; padding is 0 everywhere. books: ids of the books, "" for a window with
    no scene. first: index in the book of each window's first scene, int64 [B].
    """

    signs: torch.Tensor
    cast: torch.Tensor
    vectors: torch.Tensor | None
    mask: torch.Tensor
    books: tuple[str, ...]
    first: torch.Tensor

    def __len__(self) -> int:
        return len(self.books)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> SceneBatch:
        """The same on a device."""
        return self._with(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> SceneBatch:
        """The same in memory that a GPU copies from faster; `DataLoader(pin_memory=True)` calls it."""
        return self._with(torch.Tensor.pin_memory)

    def _with(self, change: Callable[[torch.Tensor], torch.Tensor]) -> SceneBatch:
        return replace(
            self,
            signs=change(self.signs),
            cast=change(self.cast),
            vectors=None if self.vectors is None else change(self.vectors),
            mask=change(self.mask),
            first=change(self.first),
        )


def stack_windows(
    windows: Sequence[tuple[BookScenes, int, int]], context: int, levels: int, members: int, dimensions: int
) -> SceneBatch:
    """A batch of windows, each a book, its first scene and how many. dimensions: of the vectors, 0 for none."""
    size = (len(windows), context)
    signs = np.zeros((*size, levels), np.int64)
    cast = np.zeros((*size, members), np.int64)
    vectors = np.zeros((*size, dimensions), np.float32)
    mask = np.zeros(size, bool)
    for row, (book, first, scenes) in enumerate(windows):
        own = slice(first, first + scenes)
        mask[row, :scenes] = True
        signs[row, :scenes] = book.signs[own]
        before = np.concatenate([[0], book.cast_ends])[first : first + scenes + 1]
        if members and scenes:
            cast[row, :scenes][np.arange(members) < np.diff(before)[:, None]] = book.cast[before[0] : before[-1]]
        if book.vectors is not None:
            vectors[row, :scenes] = book.vectors[own]
    return SceneBatch(
        signs=torch.from_numpy(signs),
        cast=torch.from_numpy(cast),
        vectors=torch.from_numpy(vectors) if dimensions else None,
        mask=torch.from_numpy(mask),
        books=tuple(book.book_id for book, _, _ in windows),
        first=torch.tensor([first for _, first, _ in windows], dtype=torch.int64),
    )


class Scenes(IterableDataset[SceneBatch]):
    """The scenes of a split in batches of windows: every scene of every book once an epoch.

    A window is at most `context` scenes of one book, in reading order. Iterating gives the batches of one epoch, the
    same ones whatever the number of workers: `DataLoader(scenes, batch_size=None, num_workers=4)`. `loader` makes a
    loader that can also be stopped and gone on with.

    >>> from scenesign.torch import Scenes
    >>> scenes = Scenes("out/demo", context=16, batch=4)
    >>> batch = next(iter(scenes))
    >>> batch.signs.shape, batch.mask.shape
    (torch.Size([4, 16, 2]), torch.Size([4, 16]))
    """

    def __init__(
        self,
        dataset: str | os.PathLike[str],
        split: str = "train",
        *,
        context: int = 64,
        batch: int = 16,
        seed: int = 0,
        vectors: bool = False,
        shuffle: bool = True,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        """Opens a split; of its tables only numbers of scenes are read.

        dataset: its folder, local or in an object store. context: scenes of a window, at most. batch: windows of a
        batch, at most. seed: of the order, 0 or more. vectors: whether to read the vectors of scenes as well. shuffle:
        whether cuts and order change with the epoch; else books come as on disk, cut at multiples of `context`.
        rank, world: which of how many processes this is, each with windows of its own. All get as many batches: the
        last of a rank may have fewer windows, or just one without a scene, its mask all False.

        Raises FileNotFoundError when there is no dataset, ValueError for a split that it lacks or that is empty, for
        vectors that it doesn't have, for settings out of range, and naming the file that can't be read.
        """
        super().__init__()
        for name, number, least in (
            ("context", context, 1),
            ("batch", batch, 1),
            ("seed", seed, 0),
            ("world", world, 1),
        ):
            if number < least:
                raise ValueError(f"{name} is {number}; it must be {least} or more")
        if not 0 <= rank < world:
            raise ValueError(f"rank is {rank}; with world={world} it must be from 0 to {world - 1}")
        self.split, self.context, self.batch, self.seed, self.shuffle = split, context, batch, seed, shuffle
        self.rank, self.world, self.vectors = rank, world, vectors
        self._rows = find_rows(dataset, split, vectors)
        self._pool = POOL_VECTORS if vectors else POOL_SCENES
        self._place()

    def _place(self) -> None:
        # epoch, and batches of it that are passed over; shared, so that workers that live on see it change
        self._at = torch.zeros(2, dtype=torch.int64).share_memory_()

    @property
    def epoch(self) -> int:
        """The epoch that iterating gives, from 0."""
        return int(self._at[0])

    @property
    def folder(self) -> str:
        """Of the dataset."""
        return self._rows.folder

    @property
    def settings(self) -> dict[str, str | int | bool]:
        """What the order of batches hangs on, but for the epoch; `dataset` is a digest of the files that are read."""
        return {
            "order": PLAN_VERSION,
            "split": self.split,
            "context": self.context,
            "batch": self.batch,
            "seed": self.seed,
            "shuffle": self.shuffle,
            "vectors": self.vectors,
            "world": self.world,
            "dataset": self._rows.digest,
        }

    def set_epoch(self, epoch: int) -> None:
        """Makes iterating give another epoch, also in workers of a `DataLoader` that live on. Every rank must do it.

        Raises ValueError for a negative one.
        """
        if epoch < 0:
            raise ValueError(f"epoch is {epoch}; it must be 0 or more")
        self._at[:] = torch.tensor([epoch, 0])

    def __len__(self) -> int:
        """Batches of this epoch, as many on every rank. It changes a little with the epoch, as books are cut anew."""
        return self.batches_of(self.epoch)

    def batches_of(self, epoch: int) -> int:
        """Batches of an epoch, as many on every rank."""
        return self._plan(epoch).batches(self.batch, self.world)

    def __iter__(self) -> Iterator[SceneBatch]:
        """The batches of this epoch; in a worker, those that are its turn.

        Raises ValueError naming the file that can't be read, or was replaced since this was made.
        """
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        plan = self._plan(self.epoch)
        return self._batches(plan, range(int(self._at[1]) + first, plan.batches(self.batch, self.world), step))

    def loader(self, workers: int = 0, *, start_method: str | None = None, pin_memory: bool = False) -> SceneLoader:
        """Batches of epoch after epoch, with a count of those that were delivered.

        workers: processes that read ahead; 0 reads when a batch is asked for. start_method: of the workers, `fork`,
        `spawn` or `forkserver`; the system's usual one when not given. All but `fork` import the script that you run,
        so its work belongs under `if __name__ == "__main__":`. pin_memory: for faster copies to a GPU.
        """
        return SceneLoader(self, workers, start_method, pin_memory)

    def _plan(self, epoch: int) -> EpochPlan:
        seed = self.seed if self.shuffle else None
        return plan_epoch(self._rows.counts, self._rows.blocks, self.context, self._pool, seed, epoch)

    def _batches(self, plan: EpochPlan, numbers: Iterable[int]) -> Iterator[SceneBatch]:
        held: dict[int, tuple[Windows, dict[int, BookScenes]]] = {}
        for number in numbers:
            places = plan.places(number, self.batch, self.rank, self.world)
            pools = np.searchsorted(plan.ends, places, side="right")
            # those of the batch before that this one doesn't need are let go first
            held = {pool: held[pool] for pool in np.unique(pools).tolist() if pool in held}
            chosen = []
            for place, pool in zip(places.tolist(), pools.tolist(), strict=True):
                if pool not in held:
                    held[pool] = (plan.windows_of(pool), self._rows.read(plan.pools[pool]))
                windows, books = held[pool]
                at = place - int(plan.ends[pool])
                chosen.append((books[int(windows.book[at])], int(windows.first[at]), int(windows.scenes[at])))
            rows = self._rows
            yield stack_windows(
                chosen or [(rows.no_scenes(), 0, 0)], self.context, rows.levels, rows.members, rows.dimensions
            )


class SceneLoader:
    """Batches of epoch after epoch. Iterating gives what is left of an epoch; the next time, the next epoch.

    epoch: the one under way, from 0. delivered: batches of it that were handed over.

    >>> from scenesign.torch import Scenes
    >>> loader = Scenes("out/demo", context=16, batch=4).loader()
    >>> for batch in loader:
    ...     state = loader.state_dict()  # counts this batch: the next is the first that is not in it
    ...     break
    >>> state["epoch"], state["delivered"]
    (0, 1)
    >>> again = Scenes("out/demo", context=16, batch=4).loader(workers=2)
    >>> again.load_state_dict(state)
    >>> rest = list(again)
    >>> len(rest) == len(again) - 1, again.epoch
    (True, 1)
    """

    def __init__(self, scenes: Scenes, workers: int, start_method: str | None, pin_memory: bool) -> None:
        if workers < 0:
            raise ValueError(f"workers is {workers}; it must be 0 or more")
        self._scenes = copy.copy(scenes)
        self._scenes._place()  # nobody else moves it
        self.epoch, self.delivered = scenes.epoch, 0
        self._turn = 0
        self._loader = DataLoader(
            self._scenes,
            batch_size=None,
            num_workers=workers,
            multiprocessing_context=start_method if workers else None,
            persistent_workers=workers > 0,
            # it draws a seed for workers whenever it begins, and would move the generator that dropout draws from
            generator=torch.Generator().manual_seed(scenes.seed),
            pin_memory=pin_memory,
        )

    def __len__(self) -> int:
        """Batches of this epoch, those that were delivered included."""
        return self._scenes.batches_of(self.epoch)

    def __iter__(self) -> Iterator[SceneBatch]:
        """The batches of this epoch that were not delivered yet.

        Raises ValueError naming the file that can't be read, or was replaced since `Scenes` was made; RuntimeError when
        an iteration is gone on with after another has begun.
        """
        self._turn += 1
        turn = self._turn
        self._scenes._at[:] = torch.tensor([self.epoch, self.delivered])
        for batch in self._loader:
            if turn != self._turn:
                raise RuntimeError("another iteration of this loader has begun; go on with that one")
            self.delivered += 1
            yield batch
        if turn == self._turn:
            self.set_epoch(self.epoch + 1)

    def set_epoch(self, epoch: int) -> None:
        """Goes to the beginning of an epoch. Raises ValueError for a negative one."""
        self._scenes.set_epoch(epoch)
        self._turn += 1
        self.epoch, self.delivered = epoch, 0

    def state_dict(self) -> dict[str, str | int | bool]:
        """How far this has come, in plain values that JSON can hold. It serves every rank, as all have come as far."""
        return self._scenes.settings | {"epoch": self.epoch, "delivered": self.delivered}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Goes on where a state was taken, with the same batches in the same order; the number of workers may differ.

        Raises ValueError, and changes nothing, for a state of another dataset or of other settings.
        """
        own = self._scenes.settings
        if missing := [key for key in (*own, "epoch", "delivered") if key not in state]:
            raise ValueError(f"this is no state of a loader of scenes: it has no '{missing[0]}'")
        for key, value in own.items():
            if state[key] == value:
                continue
            if key == "dataset":
                raise ValueError(
                    f"the state is of another dataset than {self._scenes.folder}, or that was built anew with other "
                    "content since; give the one it was taken of, or begin without the state"
                )
            raise ValueError(
                f"the state has {key}={state[key]!r}, and this loader {key}={value!r}; "
                "make Scenes as they were made then, or begin without the state"
            )
        epoch, delivered = (_whole(key, state[key]) for key in ("epoch", "delivered"))
        batches = self._scenes.batches_of(epoch)
        if delivered > batches:
            raise ValueError(f"the state has delivered={delivered}, and epoch {epoch} has {batches} batches")
        self.set_epoch(epoch)
        self.delivered = delivered


def _whole(key: str, number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(f"the state has {key}={number!r}; it must be a whole number, 0 or more")
    return number
