"""Sentences of a library, by language and by halves of its authors."""

from __future__ import annotations

import random
import zipfile
import zlib
from collections import defaultdict
from pathlib import Path

from scenesign.pipeline.script.library import Work, read_works
from scenesign.schemas.records import BlockKind
from scenesign.transforms.scenes.segment import book_of_text
from scenesign.transforms.scenes.sentences import split_sentences


def is_fitted(work: Work) -> bool:
    """Whether a work's author is of the half that ranges are fitted on."""
    return zlib.crc32(work.file.split("_")[0].encode()) % 2 == 0


def sentences_of(library: Path, fitted: bool, each: int, seed: int = 0) -> dict[str, list[str]]:
    """Different sentences of prose, `each` of every language where it has as many, as evenly over works as can be.

    fitted: of which half of the authors.
    """
    pools: defaultdict[str, list[list[str]]] = defaultdict(list)
    for work in read_works(library):
        if is_fitted(work) == fitted:
            with zipfile.ZipFile(library / f"{work.language}.zip") as archive:
                text = archive.read(work.file).decode("utf-8-sig")
            found = list(dict.fromkeys(_prose(text, work.language)))
            random.Random(f"{seed} {work.file}").shuffle(found)
            pools[work.language].append(found)
    return {language: _evenly(works, each) for language, works in sorted(pools.items())}


def _evenly(works: list[list[str]], each: int) -> list[str]:
    turns = (work[i] for i in range(max(map(len, works))) for work in works if i < len(work))
    return [text for _, text in zip(range(each), turns, strict=False)]


def _prose(text: str, language: str) -> list[str]:
    book = book_of_text(text, language)
    spans = split_sentences(book.text, book.blocks, language)
    return [book.text[span.start : span.end] for span in spans if span.kind is BlockKind.PARAGRAPH]
