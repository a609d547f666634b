"""Makes the font that ships: `python -m scenesign.pipeline.report.make_font NotoSansCJK-Regular.ttc`.

It is cut from Noto Sans CJK (SIL Open Font License 1.1; Debian: fonts-noto-cjk), in the shapes of simplified Chinese:
all that the first two glyphs of a scene can be in a usual inventory.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

from scenesign.pipeline.report.font import FAMILY, FONT, cut_font
from scenesign.transforms.signs.glyphs import COMPOSED_SIGNS, glyphs

TOPICS = 4096
_FACE = "Noto Sans CJK SC"
# Numbers of the name table that are kept as they are: copyright, version, trademark, licence and where it is.
_KEPT_NAMES = (0, 5, 7, 13, 14)
# Those that are ours: family, style, full name, name for PostScript.
_OUR_NAMES = {1: FAMILY, 2: "Regular", 4: FAMILY, 6: FAMILY.replace(" ", "")}


def make_font(collection: Path) -> bytes:
    """The font that ships. Raises ValueError when the file has no face of that name."""
    faces = TTCollection(str(collection), lazy=True).fonts
    face = next((face for face in faces if face["name"].getDebugName(4) == _FACE), None)
    if face is None:
        raise ValueError(f"{collection} has no {_FACE}; give NotoSansCJK-Regular.ttc")
    rename_font(face)
    return cut_font(face, glyphs(range(TOPICS + COMPOSED_SIGNS), (TOPICS, COMPOSED_SIGNS)), plain=False)


def rename_font(face: TTFont) -> None:
    """Gives a face our name, as its licence asks of changed fonts, and keeps whose work it is."""
    names = face["name"]
    kept = {number: names.getDebugName(number) for number in _KEPT_NAMES}
    names.names = []
    for number, text in sorted((kept | _OUR_NAMES).items()):
        if text:
            names.setName(text, number, 3, 1, 0x409)
    face["CFF "].cff.fontNames = [_OUR_NAMES[6]]


if __name__ == "__main__":
    place = Path(__file__).parent / "fonts" / FONT
    place.write_bytes(make_font(Path(sys.argv[1])))
    print(f"{place}: {place.stat().st_size:,} bytes")
