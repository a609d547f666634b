"""The entry of a Dataflow flex template: its parameters, all of the form `--name=value`, as a `scenesign build`.

Beside the parameters of the form, Dataflow's launcher gives options of Beam: those of gcloud's flags, and its own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.parameters import INPUTS, PARAMETERS


def build_arguments(given: Sequence[str]) -> list[str]:
    """The words of `scenesign build` that a template's parameters come to. What is no parameter of ours is Beam's.

    Raises SystemExit naming a parameter that is not of the form `--name=value`, or a required one that is missing.
    """
    inputs: list[str] = []
    ours: list[str] = []
    beams: list[str] = []
    missing = {name: parameter.help for name, parameter in PARAMETERS.items() if parameter.required}
    for word in given:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not (equals or name):
            raise SystemExit(f"{word}: not a parameter of the form --name=value")
        parameter = PARAMETERS.get(name.replace("-", "_"))
        if parameter is None:
            beams.append(word)
        elif value:  # without one it's a field of the form that was left empty
            words = inputs if parameter is INPUTS else ours if parameter.option else beams
            words += parameter.words(value)
            missing.pop(parameter.name, None)
    for name, wanted in missing.items():
        raise SystemExit(f"the parameter {name} is missing. {wanted}")
    return ["build", *inputs, *ours, "--", *beams]


def known_words(words: Sequence[str]) -> list[str]:
    """The words of a build without those after `--` that this version of Beam doesn't know; each is named on stderr.

    Dataflow refuses a user's own mistakes before it launches; a word that only its launcher and a later Beam know
    should not end the job.
    """
    from scenesign.pipeline.options.beam import unknown_words

    at = words.index("--") + 1
    try:
        unknown = unknown_words(words[at:])
    except UsageError:  # a known one's value, of which the command speaks
        return list(words)
    for word in unknown:
        print(f"scenesign: {word}: left out, no option of this Beam", file=sys.stderr)
    return [*words[:at], *(word for word in words[at:] if word not in unknown)]


def run_template() -> None:
    """Runs `scenesign build` with the template's parameters."""
    words = build_arguments(sys.argv[1:])
    from scenesign.pipeline.cli import main as scenesign

    scenesign(args=known_words(words), prog_name="scenesign")


if __name__ == "__main__":
    run_template()
