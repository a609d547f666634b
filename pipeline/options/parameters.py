"""The parameters of the Dataflow template, each declared once.

From these come its form, which Dataflow holds a launch to, and how the template's entry reads them. Options of a build
come from their table; here are the inputs, which are no option, and options of Beam that gcloud has no flag for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import click

from scenesign.pipeline.options.table import OPTIONS, FormField, Option

_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    name: of an option of Beam that is Beam's own.
    pattern: regular expression of what may be entered; empty where anything may.
    option: that of a build which it sets; None for inputs and for an option of Beam.
    """

    name: str
    label: str
    help: str
    pattern: str = ""
    required: bool = False
    option: Option | None = None

    def words(self, value: str) -> list[str]:
        """What a value comes to on the command line of a build. Raises SystemExit naming a switch that is neither on
        nor off."""
        row = self.option
        if self is INPUTS:
            return [given for given in value.split(",") if given]
        if row is None:
            return [f"--{self.name}={value}"]
        if row.is_switch:
            if value.lower() not in (*_YES, *_NO):
                raise SystemExit(f"the parameter {self.name} is true or false, not '{value}'")
            return [row.flag] if value.lower() in _YES else []
        values = value.split(",") if row.is_list else [value]
        return [word for given in values if given for word in (row.flag, given)]


INPUTS = Parameter(
    "inputs",
    "Books",
    "Folders, globs or files, separated by commas: text, Markdown, HTML, EPUB, FB2, JSONL or Parquet.",
    "^(gs|s3)://.+$",
    required=True,
)
OF_BEAM = (
    Parameter(
        "sdk_container_image",
        "Image of the workers",
        "The image that the template was built from; workers of another have no scenesign.",
        r"^\S+$",
        required=True,
    ),
    Parameter("disk_size_gb", "Disk of a worker", "Gigabytes; the image takes some of them.", "^[0-9]*$"),
    Parameter(
        "min_cpu_platform",
        "Oldest processor",
        "For N1 machines in zones that have some without AVX2, e.g. Intel Haswell.",
    ),
    Parameter(
        "number_of_worker_harness_threads",
        "Threads of a worker process",
        "Books at once in a process [default: Dataflow's choice]. Fewer of them take less memory.",
        "^[0-9]*$",
    ),
    Parameter(
        "dataflow_service_options",
        "Dataflow service options",
        "Separated by commas, e.g. worker_accelerator=type:nvidia-tesla-t4;count:1;install-nvidia-driver",
    ),
    Parameter("s3_endpoint_url", "Address of an S3 store", "Where s3:// is not Amazon's.", "^(https?://.+)?$"),
    Parameter("s3_region_name", "Region of an S3 store", "Keys come from the image's environment, not from here."),
)


def _parameter(row: Option, field: FormField) -> Parameter:
    # false and true are what a form can say; a command line has only the one
    default = "false" if row.is_switch else row.default if row.shown_default else None
    more = " Separated by commas." if row.is_list else ""
    if isinstance(row.type, click.Choice):
        more = f" One of {', '.join(map(str, row.type.choices))}."
    return Parameter(
        row.name,
        field.label,
        row.help + more + (f" [default: {default}]" if default is not None else ""),
        field.pattern or _pattern(row),
        row.required,
        row,
    )


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


PARAMETERS: Mapping[str, Parameter] = {
    parameter.name: parameter
    for parameter in (INPUTS, *(_parameter(row, row.form) for row in OPTIONS if row.form), *OF_BEAM)
}
