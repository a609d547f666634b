"""The page of a dataset: self-contained, and the same for the same dataset."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from scenesign.pipeline.options.reproduce import build_command
from scenesign.schemas.language_names import language_name
from scenesign.transforms.metrics.verdicts import verdicts
from scenesign.transforms.support import storage
from scenesign.transforms.support.failures import OutOfReachError
from scenesign.transforms.support.inside import file_inside

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

    from scenesign.pipeline.report.data import ReportData
    from scenesign.schemas.manifest import Manifest

PAGE = "report.html"
_SCRIPTS = ("labels.js", "scatter.js", "atlas.js", "strip.js", "score.js", "search.js", "report.js")
# Counts only as the first statement of all.
_STRICT = '"use strict";'
_FREQUENT = 16
_FREQUENT_BYTES = 220
_MOST_NOTES = 100


def write_report(dataset: str, output: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Writes the page of a dataset and returns where it lies and what it leaves out.

    With it goes the picture on the dataset's card, unless the page is to lie elsewhere.

    Raises ReportError when the folder is no dataset or damaged, OSError when the page can't be written.
    """
    from scenesign.pipeline.report.data import read_report_data
    from scenesign.pipeline.report.picture import add_picture

    data = read_report_data(dataset)
    if output is None:
        add_picture(dataset, data)
    uri = output or file_inside(dataset, "report", PAGE)
    page = render(data).encode()
    try:
        storage.write_bytes(uri, page)
    except OutOfReachError:  # says more, and ends a run by its own line
        raise
    except OSError as error:
        raise OSError(f"{uri} can't be written ({error.strerror or error}); give another place with -o") from error
    return uri, data.trimmed


def render(data: ReportData) -> str:
    """The page: everything that comes out of books is escaped, in the markup and in the data of its script."""
    from scenesign.pipeline.report.charts import charts
    from scenesign.pipeline.report.figures import MODEL, TOKENIZER, cost_rows, measure_samples, size_rows
    from scenesign.pipeline.report.font import drawn_characters, font_face
    from scenesign.pipeline.report.shelf import shelf_quality

    manifest = data.manifest
    glyphs = {sign.glyph for sign in data.signs}.union(*(strip.glyphs for strip in data.strips))
    drawn = drawn_characters()
    style = f"{_asset('report.css')}\n{font_face(glyphs)}"
    script = "\n".join((_STRICT, *map(_asset, _SCRIPTS)))
    samples = measure_samples(data.samples)
    noted = [book for book in manifest.books if book.notes]
    return _template().render(
        data=data,
        manifest=manifest,
        style=style,
        script=script,
        policy=_policy(style, script),
        page_json=embed_json(_page_data(data) | {"undrawn": "".join(sorted(glyphs - drawn))}),
        drawn=drawn,
        verdicts=verdicts(replace(manifest, metrics=data.metrics)),
        frequent=sorted((sign for sign in data.signs if sign.count), key=lambda sign: -sign.count)[:_FREQUENT],
        sizes=size_rows(data, samples),
        costs=cost_rows(data, samples),
        charts=charts(data),
        shelf=shelf_quality(manifest),
        samples=samples,
        model=MODEL,
        tokenizer=TOKENIZER,
        noted=noted[:_MOST_NOTES],
        all_noted=len(noted),
        command=build_command(manifest.options),
        fingerprint=fingerprint(manifest),
        options=json.dumps(manifest.options, indent=1, sort_keys=True, ensure_ascii=False),
    )


def embed_json(value: object) -> Markup:
    """JSON that may stand inside a `script` element: no text in it can end the element or open a comment."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}))


def _policy(style: str, script: str) -> str:
    """A content security policy under which only our own style, script and font count, and nothing is fetched."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; font-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _page_data(data: ReportData) -> dict[str, object]:
    """What the script draws from, as columns with short names: `atlas.js` and `strip.js` say what they are."""
    from scenesign.pipeline.report.atlas import nearest_named
    from scenesign.pipeline.report.scatter import scatter_data

    spoken = {code for sign in data.signs for code in (*sign.languages, *sign.keywords)}
    languages = sorted(spoken | {code for letter in data.letters for code in letter.keywords})
    titles: dict[str, int] = {}
    # embedding-atlas and people have y grow upwards, canvases downwards
    points = ([0, 1] + data.atlas.points * [1, -1]) * 10_000
    points = points.round().astype(int)
    return {
        "languages": {code: language_name(code) for code in languages},
        "levels": data.levels,
        "scenes": data.manifest.counts.scenes,
        "map": {
            "x": points[:, 0].tolist(),
            "y": points[:, 1].tolist(),
            "region": data.atlas.regions.tolist(),
            "regions": [
                {"scenes": region.scenes, "words": region.keywords, "name": region.name} for region in data.regions
            ],
        },
        "letters": [{"name": letter.name, "words": _words(letter.keywords)} for letter in data.letters],
        "glyphs": [sign.glyph for sign in data.signs],
        "names": [sign.name for sign in data.signs],
        "akin": nearest_named(data.atlas.points, [sign.name for sign in data.signs]),
        "scatter": scatter_data(data.scatter, data.strips) if data.scatter else None,
        "counts": [sign.count for sign in data.signs],
        "books": [sign.books for sign in data.signs],
        "spoken": [sign.languages for sign in data.signs],
        "words": [_words(sign.keywords) for sign in data.signs],
        "examples": [
            [[e.language, titles.setdefault(e.title, len(titles)), e.scene, e.text] for e in sign.examples]
            for sign in data.signs
        ],
        "near": [sign.neighbours for sign in data.signs],
        "titles": list(titles),
        "strips": [
            {
                "title": strip.title,
                "author": strip.author,
                "language": strip.language,
                "source": strip.source,
                "work": strip.work,
                "scenes": strip.scenes,
                "signs": strip.signs,
                "glyphs": strip.glyphs,
                "lengths": strip.lengths,
                "openings": strip.openings,
                "novel": strip.novel,
                "chapters": strip.chapters,
                "headings": strip.titles,
                "cast": [[member.name, member.scenes, member.named] for member in strip.cast],
            }
            for strip in data.strips
        ],
    }


def _words(keywords: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {code: ", ".join(words) for code, words in keywords.items()}


def fingerprint(manifest: Manifest) -> str:
    """SHA-256 over names and digests of all data files: two datasets with one fingerprint are equal to the byte."""
    lines = "".join(f"{entry.sha256}  {entry.path}\n" for entry in manifest.files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _asset(name: str) -> str:
    return files("scenesign.pipeline.report").joinpath("templates", name).read_text(encoding="utf-8").strip()


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    from scenesign.pipeline.report.cut import first_words

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "thousands": lambda value: f"{value:,.0f}",
        "amount": amount,
        "quoted": shlex.quote,
        "factor": lambda value: f"{value:,.0f}" if value >= 10 else f"{value:.2g}",
        "language": language_name,
        "shorten": lambda text: first_words(text, _FREQUENT_BYTES),
        "metric": lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True),
    }
    return environment.from_string(_asset(PAGE))


def amount(value: float, unit: str = "") -> str:
    """A quantity to three figures: `1.98 PFLOP`, `450 MB`; without a unit `3,431` or `2.35 × 10¹²`."""
    if not unit:
        power = len(f"{value:.0f}") - 1
        exponent = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{value:,.0f}" if power < 9 else f"{value / 10**power:.2f} × 10{exponent}"
    for prefix in ("", "k", "M", "G", "T", "P"):
        if abs(value) < 999.5:
            return f"{value:.3g} {prefix}{unit}"
        value /= 1000
    return f"{value:,.0f} E{unit}"
