"""The font of a page: the glyphs that it uses, cut from the free font that ships, so that no machine shows boxes.

The cut is plain OpenType, uncompressed: what compresses differs between machines, and equal datasets give equal pages.
"""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Scenesign Glyphs"
FONT = "glyphs.otf"


def font_face(characters: Collection[str]) -> str:
    """A rule of CSS that carries the glyphs of these characters; empty where the font draws none of them."""
    drawn = sorted(set(characters) & drawn_characters())
    if not drawn:
        return ""
    font = TTFont(io.BytesIO(_shipped()))
    content = base64.b64encode(cut_font(font, drawn)).decode()
    return f'@font-face {{ font-family: "{FAMILY}"; src: url(data:font/otf;base64,{content}) format("opentype"); }}'


@cache
def drawn_characters() -> frozenset[str]:
    """The characters that the font has a glyph for."""
    return frozenset(map(chr, TTFont(io.BytesIO(_shipped()), lazy=True).getBestCmap()))


def cut_font(font: TTFont, characters: Collection[str], plain: bool = True) -> bytes:
    """The font with the glyphs of these characters alone: no hinting, no features. The font itself is used up.

    plain: whether its outlines are so already, which needs not be looked for in each of them.
    """
    options = Options()
    options.hinting = plain
    options.desubroutinize = not plain
    options.notdef_outline = False
    options.glyph_names = False
    options.layout_features = []
    options.name_IDs = ["*"]
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "gasp", "vhea", "vmtx"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in characters])
    with _without_lists_of_glyphs():
        subsetter.subset(font)
    font.recalcTimestamp = font.recalcBBoxes = False
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()


@contextmanager
def _without_lists_of_glyphs() -> Iterator[None]:
    """Keeps back what the library says of each step: 40 kB of names and numbers of glyphs."""
    log = logging.getLogger("fontTools.subset")
    before = log.level
    log.setLevel(max(before, logging.WARNING))
    try:
        yield
    finally:
        log.setLevel(before)


def _shipped() -> bytes:
    return files("scenesign.pipeline.report").joinpath("fonts", FONT).read_bytes()
