"""The entry of a Dataflow flex template: its parameters, all of the form `--name=value`, as a `scenesign build`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scenesign.pipeline.options.table import BY_NAME, Option

_YES, _NO = ("true", "1", "yes"), ("false", "0", "no", "")


def build_arguments(parameters: Sequence[str]) -> list[str]:
    """The words of `scenesign build` that a template's parameters come to. What is no option of ours is Beam's.

    Raises SystemExit naming a parameter that is not of the form `--name=value`, or `inputs` when it is missing.
    """
    inputs: list[str] = []
    ours: list[str] = []
    beam: list[str] = []
    for word in parameters:
        name, equals, value = word.removeprefix("--").partition("=")
        row = BY_NAME.get(name.replace("-", "_"))
        if not word.startswith("--") or not (equals or name):
            raise SystemExit(f"{word}: not a parameter of the form --name=value")
        if name == "inputs":
            inputs = [given for given in value.split(",") if given]
        elif row and row.form:
            ours += _words(row, value)
        else:
            beam.append(word)
    if not inputs:
        raise SystemExit("the parameter inputs is missing; give gs:// folders, globs or files, separated by commas")
    return ["build", *inputs, *ours, "--", *beam]


def _words(row: Option, value: str) -> list[str]:
    """An option as words; none for an empty parameter, which is one that the form was left without."""
    if row.is_switch:
        if value.lower() not in (*_YES, *_NO):
            raise SystemExit(f"the parameter {row.name} is true or false, not '{value}'")
        return [row.flag] if value.lower() in _YES else []
    values = value.split(",") if row.is_list else [value]
    return [word for given in values if given for word in (row.flag, given)]


def run_template() -> None:
    """Runs `scenesign build` with the template's parameters."""
    from scenesign.pipeline.cli import main as scenesign

    scenesign(args=build_arguments(sys.argv[1:]), prog_name="scenesign")


if __name__ == "__main__":
    run_template()
