"""A figure of matplotlib as SVG for the inside of a page whose policy forbids styles in attributes."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What the figure is drawn in, and what of the page it is shown in: white and black change places in the dark.
_OF_THE_PAGE = {
    "#f6d55c": "var(--band)",
    "#000000": "currentColor",
    "#ffffff": "var(--paper)",
    "#f2f2f2": "var(--panel)",
    "#595959": "var(--soft)",
}


def inline_svg(figure: Figure, name: str, label: str) -> str:
    """The figure as an `svg` element. The same figure gives the same text.

    name: goes before its ids, so that several figures can stand in one page. label: what it shows, for those who can't
    see it. Styles become attributes that a style sheet, and no policy, overrides; black, white and greys become the
    page's own colours (`--paper`, `--panel`, `--soft`, and that of the text), the chart's yellow its `--band`.
    """
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r' style="([^"]*)"', lambda found: _attributes(found[1]), text)
    text = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", text)
    box = re.search(r'viewBox="[^"]*"', text)
    assert box, "matplotlib writes one"
    spoken = f'xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-label="{escape(label)}"'
    drawn = 'fill="currentColor" stroke-linejoin="round" stroke-linecap="butt"'
    head = f"<svg {box[0]} {spoken} {drawn}>"
    text = re.sub(r"<svg[^>]*>", lambda _: head, text, count=1)
    return re.sub(r"\n\s*", "\n", text).strip()


def _attributes(style: str) -> str:
    """`fill: #ffffff; opacity: 0.5` as attributes, each before whose name stands a space."""
    pairs = (part.split(":", 1) for part in style.split(";") if part.strip())
    return "".join(f' {key.strip()}="{_OF_THE_PAGE.get(value.strip(), value.strip())}"' for key, value in pairs)
