"""The picture on the dataset's card: its topics as a map, coloured by region and named. Needs the extra `pictures`."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from scenesign.transforms.dataset.card import CARD, with_picture
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import file_inside

if TYPE_CHECKING:
    from scenesign.pipeline.report.atlas import Region
    from scenesign.pipeline.report.data import ReportData

PICTURE = "report/atlas.png"
# Fewer topics make no map.
FEWEST_TOPICS = 30
# Okabe and Ito's palette, told apart by most colour-blind readers, the eighth grey.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A6D3B", "#6B6B6B")
_UNUSED = "#DDDDDD"
_WORDS = 3
# A word of one letter says nothing on a map.
_SHORTEST = 2


def add_picture(folder: str, data: ReportData) -> bool:
    """Draws the picture of a dataset and shows it on its card; whether there is one.

    There is none where matplotlib isn't installed, or too few topics are in use. Raises OSError when it can't be
    written.
    """
    if find_spec("matplotlib") is None or sum(sign.count > 0 for sign in data.signs) < FEWEST_TOPICS:
        return False
    card = file_inside(folder, CARD)
    text = storage.read_bytes(card).decode()
    storage.write_bytes(file_inside(folder, PICTURE), draw_atlas(data))
    pictured = with_picture(text, PICTURE, picture_text(data))
    if pictured != text:
        storage.write_bytes(card, pictured.encode())
    return True


def picture_text(data: ReportData) -> str:
    """What the picture shows, in a sentence, for who can't see it and for below it."""
    used = sum(sign.count > 0 for sign in data.signs)
    return (
        f"The {len(data.signs):,} topics as a map, near where scenes are alike; the {used:,} that occur here in "
        "colour, larger where they have more scenes"
    )


def draw_atlas(data: ReportData) -> bytes:
    """The map of topics as a PNG, the same bytes for the same map and version of matplotlib."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    counts = np.array([sign.count for sign in data.signs], dtype=np.float64)
    points, regions, used = data.atlas.points, data.atlas.regions, counts > 0
    figure = Figure(figsize=(8.0, 6.4), dpi=110, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axis = figure.subplots()
    axis.set_axis_off()
    axis.set_aspect("equal", adjustable="datalim")
    axis.scatter(points[~used, 0], points[~used, 1], s=6, c=_UNUSED, linewidths=0)
    sizes = 10 + 190 * np.sqrt(counts / counts.max())
    colours = np.array(_COLOURS)[regions % len(_COLOURS)]
    axis.scatter(points[used, 0], points[used, 1], s=sizes[used], c=colours[used], alpha=0.75, linewidths=0)
    # names stand below, so that none lies over a dot
    named = {region: name for region in sorted(set(regions[used])) if (name := region_name(data.regions[region]))}
    dots = [Line2D([], [], ls="", marker="o", ms=9, color=_COLOURS[region % len(_COLOURS)]) for region in named]
    legend = figure.legend(
        dots, list(named.values()), loc="outside lower center", ncols=4, frameon=False, fontsize=11, handletextpad=0.1
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    held = io.BytesIO()
    # no date and no version: the same map gives the same file
    canvas.print_png(held, metadata={"Software": None})
    return held.getvalue()


def region_name(region: Region) -> str:
    """What the page calls a region, if the picture's font has the letters; else words of it that the font has."""
    return region.name if region.name and _is_drawn(region.name) else ", ".join(region_words(region.keywords))


def region_words(keywords: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The words of a region that the picture's font has: English ones first, then of the language with most scenes."""
    for language in sorted(keywords, key=lambda code: code != "en"):
        words = tuple(word for word in keywords[language][:_WORDS] if len(word) >= _SHORTEST and _is_drawn(word))
        if words:
            return words
    return ()


def _is_drawn(word: str) -> bool:
    """Whether the font that matplotlib brings has the letters, and they stand one by one from left to right."""
    return all(letter < "\u0530" or "\u1e00" <= letter < "\u2000" for letter in word)
