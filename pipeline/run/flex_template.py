"""The entry of a Dataflow flex template: its parameters, all of the form `--name=value`, as a `scenesign build`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

# Parameters that are options of `scenesign build`; a list is separated by commas. All others are Beam's.
_OURS = (
    "output",
    "parts",
    "language",
    "embedder",
    "accelerator",
    "signs",
    "levels",
    "min-sentences",
    "max-sentences",
    "seed",
    "splits",
    "concepts",
    "name",
)
_FLAGS = ("overwrite",)


def build_arguments(parameters: Sequence[str]) -> list[str]:
    """The words of `scenesign build` that a template's parameters come to.

    Raises SystemExit naming a parameter that is not of the form `--name=value`, or `inputs` when it is missing.
    """
    inputs: list[str] = []
    ours: list[str] = []
    beam: list[str] = []
    for word in parameters:
        name, equals, value = word.removeprefix("--").partition("=")
        option = name.replace("_", "-")
        if not word.startswith("--") or not (equals or name):
            raise SystemExit(f"{word}: not a parameter of the form --name=value")
        if option == "inputs":
            inputs = [given for given in value.split(",") if given]
        elif option in _OURS:
            # an empty parameter is one that the form was left without
            ours += [f"--{option}", value] if value else []
        elif option in _FLAGS:
            ours += [f"--{option}"] if value.lower() in ("true", "1", "yes") else []
        else:
            beam.append(word)
    if not inputs:
        raise SystemExit("the parameter inputs is missing; give gs:// folders, globs or files, separated by commas")
    return ["build", *inputs, *ours, "--", *beam]


def main() -> None:
    """Runs `scenesign build` with the template's parameters."""
    from scenesign.pipeline.cli import main as scenesign

    scenesign(args=build_arguments(sys.argv[1:]), prog_name="scenesign")


if __name__ == "__main__":
    main()
