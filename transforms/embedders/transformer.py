"""A SentenceTransformer that threads may share."""

from __future__ import annotations

import threading
from typing import Any

from sentence_transformers import SentenceTransformer

from scenesign.transforms.support.threads import one_thread_at_a_time


class SharedTransformer(SentenceTransformer):
    """A `SentenceTransformer` whose threads take turns at tokenising, and compute side by side.

    A fast tokenizer of transformers sets its padding and truncation at each call, and refuses that ("Already borrowed")
    while another thread is inside. Tokens are a hundredth or two of the time that their vectors take.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lock = threading.RLock()
        super().__init__(*args, **kwargs)

    @one_thread_at_a_time
    def preprocess(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Texts to what the first module takes, as the base class does it."""
        return super().preprocess(*args, **kwargs)  # type: ignore[no-any-return]
