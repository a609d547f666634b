"""Elements of HTML by what they do to the lines of a page."""

from __future__ import annotations

from typing import Any

from scenesign.transforms.read.xml import local_name

SKIPPED = frozenset(
    {"script", "style", "head", "noscript", "template", "svg", "math", "iframe", "object", "audio", "video", "canvas"}
    | {"select", "button", "textarea", "datalist", "rp", "rt", "rtc", "case"}
)
RUBY = frozenset({"rb", "rt", "rp"})
# What HTML lays out on lines of its own. Everything else, known or not, stands in its line.
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "col", "colgroup", "dd", "details"}
    | {"dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "header"}
    | {"hgroup", "html", "isindex", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "option", "p"}
    | {"plaintext", "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"}
    | {"xmp", "frame", "noframes"}
    | {f"h{level}" for level in range(1, 7)}
)
HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
KEEP_LINES = frozenset({"pre", "listing", "xmp", "plaintext"})
CELLS = frozenset({"td", "th"})
_PREFIXES = frozenset({"svg", "epub", "html", "xhtml", "h", "m", "math", "ops"})
WITHIN_TEXT = frozenset({"blockquote", "article", "section", "figure", "td", "li"})


def element_name(tag: Any) -> str:
    """An element's name; one of Word's (`o:p`) is not HTML's of that name."""
    prefix, colon, _ = tag.rpartition(":") if isinstance(tag, str) else ("", "", "")
    return f"{prefix}-".lower() if colon and "}" not in prefix and prefix.lower() not in _PREFIXES else local_name(tag)


def link_stays(href: str) -> bool:
    """Whether a link leads to a place in the same book or site."""
    return ":" not in href.split("#")[0] and not href.startswith("//") and href not in ("", "#")
