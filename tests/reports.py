"""Reports made by hand, of any size and with any text in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenesign.pipeline.report.atlas import AtlasMap, describe_regions
from scenesign.pipeline.report.cast import StripMember
from scenesign.pipeline.report.data import BookSize, ExampleScene, LetterCard, Refused, ReportData, SignCard
from scenesign.pipeline.report.scatter import Scatter
from scenesign.pipeline.report.strips import BookStrip
from scenesign.schemas.manifest import Counts, LanguageCounts, Manifest
from scenesign.schemas.parts import BookEntry, FileEntry
from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, glyph, glyphs
from scenesign.transforms.signs.numbering import first_signs

LANGUAGES = ("en", "ru", "zh")


def manifest(name: str = "hand made", books: int = 1, scenes: int = 6, levels: int = 1) -> Manifest:
    """A manifest of `books` equal books, the languages in turn."""
    entries = tuple(
        BookEntry(f"{i:032x}", f"{i}.txt", f"book {i}", "", LANGUAGES[i % 3], 1000 * scenes, 1000 * scenes, "utf-8")
        for i in range(books)
    )
    spoken = {code: sum(e.language == code for e in entries) for code in LANGUAGES[: min(3, books)]}
    return Manifest(
        name=name,
        options={
            "embedder": "minilm",
            "glyphs": levels,
            "inventory": {"signs": 8, "glyphs": levels, "seed": 3},
            "splits": "train=0.9,test=0.1",
        },
        levels=levels,
        versions={"scenesign": "0.1.0"},
        counts=Counts(
            inputs=books + 1,
            books=books,
            duplicates=0,
            rejects=1,
            scenes=books * scenes,
            by_language={
                code: LanguageCounts(n, n * scenes, 9 * n * scenes, 1000 * n * scenes, 1000 * n * scenes)
                for code, n in spoken.items()
            },
            rejects_by_reason={"binary": 1},
        ),
        inventory={
            "sizes": [8, 4096, 4096, 4096][:levels],
            "embedder": "minilm",
            "embedder_version": "1",
            "sample_scenes": 9,
            "seed": 3,
            "script": "",
            "version": "",
        },
        metrics={},
        books=entries,
        files=(FileEntry("inventory/inventory.json", "", "", 0, 10, 0, "ab" * 32),),
    )


def card(sign: int, signs: int, word: str = "", text: str = "It was a dark night.", title: str = "book 0") -> SignCard:
    """A sign with one keyword of its own."""
    return SignCard(
        sign=sign,
        glyph=glyph(sign, (signs,)),
        name=f"name {sign}",
        count=signs - sign,
        share=1 / signs,
        books=1,
        languages={"en": signs - sign},
        keywords={"en": (word or f"word{sign}", "night")},
        examples=(ExampleScene("en", title, 0, text),),
        neighbours=((sign + 1) % signs,),
    )


def letters(levels: int) -> tuple[LetterCard, ...]:
    """Each letter with one keyword of its own."""
    return tuple(
        LetterCard(level, letter, value, f"letter {level}.{letter}.{value}", 2, {"en": (f"w{level}{letter}{value:x}",)})
        for level in range(2, levels + 1)
        for letter in range(3)
        for value in range(16)
    )


def scatter(signs: int, scenes: int) -> Scatter:
    """The scenes of `report`'s book, and as many of one that has no strip."""
    rng = np.random.default_rng(scenes)
    topics = np.tile(np.arange(scenes) % signs, 2)
    return Scatter(
        places=rng.random((2 * scenes, 2)),
        topics=topics,
        books=np.repeat([0, 1], scenes),
        scenes=np.tile(np.arange(scenes), 2),
        titles=(("book 0", "", "en"), ("book 1", "Somebody", "ru")),
        texts=tuple(f"Scene {i} as the map has it." for i in range(2 * scenes)),
        chapters=("", *["Chapter I"] * (2 * scenes - 1)),
        all_scenes=10 * scenes,
    )


def report(signs: int = 8, scenes: int = 6, levels: int = 1, **changes: object) -> ReportData:
    """A report of one book that walks through the topics; scene i has code 16 i on each further level."""
    rng = np.random.default_rng(signs)
    cards = tuple(card(sign, signs) for sign in range(signs))
    regions = np.arange(signs) % 4
    sizes = (signs, *[COMPOSED_SIGNS] * (levels - 1))
    written = [
        int(first) + (i % signs if level == 0 else 16 * i % COMPOSED_SIGNS)
        for i in range(scenes)
        for level, first in enumerate(first_signs(sizes))
    ]
    strip = BookStrip(
        title="book 0",
        author="",
        language="en",
        source="0.txt",
        work="0",
        scenes=scenes,
        signs=tuple(written),
        glyphs=glyphs(written, sizes),
        lengths=(1000,) * scenes,
        openings=tuple(f"Scene number {i}." for i in range(scenes)),
        novel=(1,),
        chapters=(0, 4),
        titles=("CHAPTER I · The Letter", ""),
        cast=(
            StripMember("Anna", scenes, tuple(range(scenes))),
            StripMember("Peter", (scenes + 1) // 2, tuple(range(0, scenes, 2))),
        ),
    )
    data = ReportData(
        manifest=manifest(scenes=scenes, levels=levels),
        metrics={"novel/share": 0.01, "ami/sign_book": 0.2},
        signs=cards,
        letters=letters(levels),
        atlas=AtlasMap(rng.random((signs, 2)), regions, "by hand"),
        regions=describe_regions(
            regions.tolist(), [c.keywords for c in cards], [c.languages for c in cards], [c.name for c in cards]
        ),
        scatter=scatter(signs, scenes),
        books=(BookSize("en", 1000 * scenes, scenes),),
        strips=(strip,),
        rejects=(Refused("noise.bin", "ReadBooks", "binary", "not text; convert it"),),
        samples={"en": ("It was a dark night. " * 20,)},
        trimmed=("openings of scenes cut at 160 bytes",),
    )
    return replace(data, **changes)  # type: ignore[arg-type]
