"""The form in which Dataflow asks for the parameters of the flex template: `dataflow/metadata.json`.

`python -m scenesign.pipeline.options.template_form > dataflow/metadata.json` writes it from the table of options.
"""

from __future__ import annotations

import json

import click

from scenesign.pipeline.options.table import OPTIONS, FormField, Option
from scenesign.pipeline.output import settle_output

Entry = dict[str, str | bool | list[str]]

_INPUTS: Entry = {
    "name": "inputs",
    "label": "Books",
    "helpText": "Folders, globs or files, separated by commas: text, Markdown, HTML, EPUB, FB2, JSONL or Parquet.",
    "isOptional": False,
    "regexes": ["^(gs|s3)://.+$"],
}


def template_form() -> str:
    """The form as JSON, a line end at its end."""
    form = {
        "name": "scenesign",
        "description": "Turns any pile of books into a dataset of scene-signs: every book a short sequence of discrete "
        "signs.",
        "parameters": [_INPUTS, *(_entry(row, row.form) for row in OPTIONS if row.form)],
    }
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


def _entry(row: Option, field: FormField) -> Entry:
    # false and true are what a form can say; a command line has only the one
    default = "false" if row.is_switch else row.default if row.shown_default else None
    more = " Separated by commas." if row.is_list else ""
    if isinstance(row.type, click.Choice):
        more = f" One of {', '.join(map(str, row.type.choices))}."
    entry: Entry = {
        "name": row.name,
        "label": field.label,
        "helpText": row.help + more + (f" [default: {default}]" if default is not None else ""),
        "isOptional": not row.required,
    }
    pattern = field.pattern or _pattern(row)
    return entry | {"regexes": [pattern]} if pattern else entry


def _pattern(row: Option) -> str:
    """What may be entered, or nothing, as far as the option's type says."""
    kind = row.type
    if row.is_switch:
        return "^(true|false)?$"
    if isinstance(kind, click.Choice):
        return f"^({'|'.join(map(str, kind.choices))})?$"
    if isinstance(kind, click.IntRange) and kind.max is not None and kind.max <= 9:
        return f"^[{kind.min}-{kind.max}]?$"
    if isinstance(kind, type(click.INT)):
        return "^[0-9]*$"
    return r"^([0-9]*\.?[0-9]+)?$" if isinstance(kind, click.FloatRange) else ""


if __name__ == "__main__":
    settle_output()
    print(template_form(), end="")
