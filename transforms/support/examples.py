"""The example library that comes with the package: four stories, each in English, Russian and Chinese."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = (Path(__file__).parents[2] / "examples").resolve()  # a link in a clone


def example_library() -> Path:
    """The folder of the library: a folder per language (`en`, `ru`, `zh`), in each a text file per story, of one name.

    >>> import scenesign
    >>> sorted(folder.name for folder in scenesign.example_library().iterdir())
    ['en', 'ru', 'zh']
    """
    return EXAMPLES / "library"


def example_alignment() -> Path:
    """The library as aligned text: a row per paragraph, a column per language; the TOML beside it says what it is."""
    return EXAMPLES / "alignment" / "library.tsv"
