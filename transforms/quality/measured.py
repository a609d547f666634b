"""Measures of books that are no reason to lose one: what fails, twice, measures nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from scenesign.transforms.support.attempts import attempt
from scenesign.transforms.support.counting import count
from scenesign.transforms.support.failures import UnexpectedError

T = TypeVar("T")


def measured(step: str, source: str, measure: Callable[[], T], otherwise: T) -> T:
    """What a function returns on one book, or `otherwise` after an error that nobody foresaw.

    Counts `books/unmeasured`. The machine's own errors are raised as they come.
    """
    try:
        return attempt(step, source, measure)
    except UnexpectedError as error:
        logging.getLogger("scenesign").warning("%s: %s: %s; not measured", step, source, error)
        count("books", "unmeasured")
        return otherwise
