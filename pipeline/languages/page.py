"""The comparison as one page that fetches nothing, runs no script, and is the same for the same rows."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from scenesign.pipeline.languages.chart import draw_panels
from scenesign.pipeline.languages.claims import cautions
from scenesign.pipeline.languages.tables import LEDE, Comparison, Table, sections, split_verdict

if TYPE_CHECKING:
    from jinja2 import Template


def render_comparison(comparison: Comparison) -> str:
    """The page: chart, claims and tables. What comes out of corpora and options is escaped."""
    style = "\n".join((_asset("report", "report.css"), _asset("languages", "languages.css")))
    return _template().render(
        style=style,
        policy=f"default-src 'none'; style-src {_digest(style)}; base-uri 'none'; form-action 'none'",
        lede=LEDE,
        cautions=cautions(comparison.corpora),
        panels=draw_panels(comparison.rows),
        sections=sections(comparison),
    )


def _digest(style: str) -> str:
    """How a content security policy names this style, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _asset(package: str, name: str) -> str:
    return files(f"scenesign.pipeline.{package}").joinpath("templates", name).read_text(encoding="utf-8").strip()


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.filters["split_verdict"] = split_verdict
    return environment.from_string(_asset("languages", "languages.html"))
