"""The form in which Dataflow asks for the parameters of the flex template: `dataflow/metadata.json`.

`python -m scenesign.pipeline.options.template_form > dataflow/metadata.json` writes it. Dataflow refuses a parameter
that isn't in it, but for some options of Beam that it knows itself.
"""

from __future__ import annotations

import json

from scenesign.pipeline.options.parameters import PARAMETERS, Parameter
from scenesign.pipeline.output import settle_output

Entry = dict[str, str | bool | list[str]]


def template_form() -> str:
    """The form as JSON, a line end at its end."""
    form = {
        "name": "scenesign",
        "description": "Turns any pile of books into a dataset of scene-signs: every book a short sequence of discrete "
        "signs.",
        "parameters": [_entry(parameter) for parameter in PARAMETERS.values()],
    }
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


def _entry(parameter: Parameter) -> Entry:
    entry: Entry = {
        "name": parameter.name,
        "label": parameter.label,
        "helpText": parameter.help,
        "isOptional": not parameter.required,
    }
    return entry | {"regexes": [parameter.pattern]} if parameter.pattern else entry


if __name__ == "__main__":
    settle_output()
    print(template_form(), end="")
