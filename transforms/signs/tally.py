"""What is counted of every sign over all scenes, and the scenes that show it best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

# Nearest scenes that are kept per sign and language, and how many of a sign's are shown.
NEAREST_SCENES = 24
SHOWN_EXAMPLES = 6
EXAMPLE_CHARACTERS = 120


@dataclass(frozen=True)
class SceneRef:
    """A scene by book and index, with its distance from the sign's codeword."""

    distance: float
    book_id: str
    scene: int
    language: str


@dataclass
class SignTally:
    """What is counted about each sign while assignments stream by.

    counts: int64 [signs]; books: distinct books per sign, int64 [signs]; by_language: scenes per language,
    int64 [signs] each. nearest: per (sign, language) the NEAREST_SCENES nearest scenes.
    """

    signs: int
    counts: np.ndarray = field(init=False)
    books: np.ndarray = field(init=False)
    by_language: dict[str, np.ndarray] = field(default_factory=dict)
    nearest: dict[tuple[int, str], list[SceneRef]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.counts = np.zeros(self.signs, dtype=np.int64)
        self.books = np.zeros(self.signs, dtype=np.int64)

    def add(
        self,
        book_id: str,
        language: str,
        signs: np.ndarray,
        distances: np.ndarray,
        showable: np.ndarray | None = None,
    ) -> None:
        """Counts one book.

        signs: int [scenes, levels]. distances: float [scenes]. showable: scenes that may be shown as examples, bool
        [scenes]; all when not given.
        """
        tally = np.bincount(signs.reshape(-1), minlength=self.signs)
        self.counts += tally
        self.books += tally > 0
        self.by_language.setdefault(language, np.zeros(self.signs, dtype=np.int64))[:] += tally
        shown = range(len(signs)) if showable is None else np.flatnonzero(showable).tolist()
        for scene in shown:
            for sign in signs[scene].tolist():
                refs = self.nearest.setdefault((sign, language), [])
                refs.append(SceneRef(float(distances[scene]), book_id, scene, language))
                if len(refs) >= 4 * NEAREST_SCENES:
                    refs[:] = _closest(refs, NEAREST_SCENES)

    def exemplars(self, sign: int) -> dict[str, list[SceneRef]]:
        """The nearest scenes of a sign in each language, nearest first."""
        return {
            language: _closest(self.nearest[sign, language], NEAREST_SCENES)
            for language in sorted(self.by_language)
            if (sign, language) in self.nearest
        }


def _closest(refs: Sequence[SceneRef], count: int) -> list[SceneRef]:
    return sorted(refs, key=lambda r: (r.distance, r.book_id, r.scene))[:count]


def shown_examples(exemplars: Mapping[str, Sequence[SceneRef]]) -> list[SceneRef]:
    """Scenes to show for a sign: the languages take turns, and within one, books not seen yet come first.

    They are SHOWN_EXAMPLES, or one for each language where these are more.
    """
    queues = {}
    for language, refs in exemplars.items():
        books: Counter[str] = Counter()
        turns = []
        for ref in refs:
            turns.append((books[ref.book_id], ref.distance, ref))
            books[ref.book_id] += 1
        queues[language] = [ref for *_, ref in sorted(turns, key=lambda t: t[:2])]
    shown: list[SceneRef] = []
    for turn in range(SHOWN_EXAMPLES):
        shown.extend(queue[turn] for queue in queues.values() if turn < len(queue))
    return shown[: max(SHOWN_EXAMPLES, len(queues))]


def opening(text: str, length: int = EXAMPLE_CHARACTERS) -> str:
    """The first words of a scene on one line, `…` where there are more; `length` characters at most."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"
