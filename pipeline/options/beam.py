"""Beam's options: what is not known is an error. Beam itself only warns."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence

from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.options.errors import UsageError


def beam_options(arguments: Sequence[str]) -> PipelineOptions:
    """Beam's options from the words after `--`. Raises UsageError for one that Beam doesn't know (Beam only warns)."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    kinds: list[type[PipelineOptions]] = [PipelineOptions, *_all_subclasses(PipelineOptions)]
    for kind in kinds:
        if "_add_argparse_args" in kind.__dict__:
            # two classes may declare one option; the first declaration is the one Beam uses as well
            try:
                kind._add_argparse_args(parser)  # type: ignore[arg-type]  # Beam's own is one that ends the process
            except argparse.ArgumentError:
                continue
    parser.error = _raise_usage  # type: ignore[assignment]
    _, unknown = parser.parse_known_args(list(arguments))
    if unknown:
        word = unknown[0].split("=")[0]
        known = [option for action in parser._actions for option in action.option_strings]
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "see the options of apache_beam.options.pipeline_options"
        raise UsageError(f"unknown Beam option {word}: {hint}")
    # an explicit list: without one Beam reads the command line of whatever program it runs in
    return PipelineOptions(flags=list(arguments))


def _raise_usage(message: str) -> None:
    raise UsageError(f"Beam options after `--`: {message}")


def _all_subclasses(kind: type[PipelineOptions]) -> list[type[PipelineOptions]]:
    found: list[type[PipelineOptions]] = []
    for child in kind.__subclasses__():
        found += [child, *_all_subclasses(child)]
    return found
