"""One run of `scenesign build`, from checked options to a published dataset."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import grpc
from apache_beam.options.pipeline_options import PipelineOptions

from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.options.errors import BuildError, UsageError
from scenesign.pipeline.options.frozen_inventory import place_inventory
from scenesign.pipeline.report.page import write_report
from scenesign.pipeline.run.endpoints import check_endpoints
from scenesign.pipeline.run.graph import BuildPlan, build_graph
from scenesign.pipeline.run.parts_key import parts_key
from scenesign.pipeline.run.progress import Display, watching
from scenesign.pipeline.run.publish import (
    check_inputs_apart,
    check_output,
    clear_staging,
    exclusive,
    make_writable,
    publish,
    staging_folder,
)
from scenesign.pipeline.run.runners import (
    counters_of,
    is_detached,
    make_pipeline,
    resource_hints,
    run_to_end,
    runs_here,
)
from scenesign.pipeline.run.stopping import LeftAloneError, Stop, stoppable
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import PartEntry
from scenesign.schemas.records import Reject, Source
from scenesign.transforms.parts.format import SUFFIX, check_bytes, read_entry
from scenesign.transforms.read.inputs import InputError, list_inputs
from scenesign.transforms.read.paths import absolute_uri
from scenesign.transforms.read.registry import supported_suffixes
from scenesign.transforms.scenes.embedders import BUNDLED, DEFAULT_EMBEDDER, load_embedder
from scenesign.transforms.support import storage
from scenesign.transforms.support.attempts import forget_attempts
from scenesign.transforms.support.failures import stop_message, strict_message
from scenesign.transforms.support.submitter import Submitter

Say = Callable[[str], None]


@dataclass(frozen=True)
class Listing:
    """What the inputs name."""

    sources: tuple[Source, ...]
    rejects: tuple[Reject, ...]


def check(options: BuildOptions, beam_options: PipelineOptions) -> Listing:
    """Everything that can be wrong before work begins. Raises UsageError."""
    storage.use_options(beam_options)
    check_output(options.output, options.overwrite)
    check_inputs_apart(options.output, options.inputs)
    try:
        sources, rejects = list_inputs(options.inputs)
    except InputError as error:
        raise UsageError(str(error)) from error
    resource_hints(beam_options, options.accelerator)
    if options.accelerator and options.embedder == DEFAULT_EMBEDDER:
        raise UsageError(
            f"--accelerator: the embedder {DEFAULT_EMBEDDER} has no use for one; choose another --embedder"
        )
    if options.embedder not in BUNDLED:
        try:
            load_embedder(options.embedder)
        except ValueError as error:
            raise UsageError(f"--embedder: {error}") from error
    return Listing(tuple(sources), tuple(rejects))


def finished_parts(folder: str, say: Say) -> list[PartEntry]:
    """Parts of earlier runs; a damaged one is named and put aside, and its books are done again."""
    entries = []
    for uri in storage.list_files(folder, SUFFIX):
        try:
            entry = read_entry(uri)
            if storage.is_local(uri):  # object stores check for themselves, and reading twice has its price there
                check_bytes(uri)
            entries.append(entry)
        except (OSError, ValueError, KeyError, TypeError) as error:
            say(f"part {uri} is damaged ({error}); its books will be done again")
            # out of reach is not damaged
            if storage.is_local(uri) or not isinstance(error, OSError):
                storage.remove(uri)
    return entries


def plan_build(
    options: BuildOptions, beam_options: PipelineOptions, listing: Listing, work: str, say: Say
) -> BuildPlan:
    """Settles a run. From here on local paths are absolute."""
    parts = storage.join(storage.absolute(options.parts_folder), parts_key(options))
    work, staging = storage.absolute(work), storage.absolute(staging_folder(options.output))
    return BuildPlan(
        options=options,
        sources=tuple(replace(source, uri=absolute_uri(source.uri)) for source in listing.sources),
        listed_rejects=listing.rejects,
        finished=tuple(finished_parts(parts, say)),
        parts=parts,
        work=work,
        staging=staging,
        detached=is_detached(beam_options),
        # the cores of this machine say nothing about those of another
        threads=options.threads if runs_here(beam_options) else None,
        hints=tuple(resource_hints(beam_options, options.accelerator).items()),
        submitter=Submitter(folders=(work, staging)),
    )


def run_build(
    options: BuildOptions, beam_options: PipelineOptions, say: Say, display: Display | None = None
) -> Manifest | None:
    """Runs the whole job and publishes the dataset.

    say: takes a line for the user. display: shows how far the run is. Both are called from a thread of the run.
    None instead of a manifest when the job was only written down and publishes by itself (a template).
    Raises UsageError for wrong use, BuildError when nothing could be built or the run broke; an earlier dataset is
    then still there, and finished books are kept for the next try. Ctrl-C, or any other exception in the wait, ends
    the run within seconds and is raised then.
    """
    forget_attempts()
    try:
        return stoppable(lambda stop: _build(options, beam_options, say, display, stop))
    except LeftAloneError as left:
        raise _broken(left.__cause__ or left, options) from left.__cause__


def _build(
    options: BuildOptions, beam_options: PipelineOptions, say: Say, display: Display | None, stop: Stop[Manifest | None]
) -> Manifest | None:
    with stop.breakable():
        check_endpoints(beam_options)
        listing = check(options, beam_options)
    detached = is_detached(beam_options)
    if detached and storage.is_local(options.output):
        raise UsageError(f"a template runs elsewhere and can't write to {options.output}; give -o a gs:// folder")
    if not listing.sources:
        raise BuildError(nothing_usable(listing.rejects, options.inputs))
    if options.strict and listing.rejects:
        raise BuildError(strict_message(listing.rejects[0]))
    if storage.is_local(options.output):
        make_writable(os.path.dirname(os.path.abspath(options.output)))
    started = time.perf_counter()
    with exclusive(options.parts_folder, detached) as work:
        with stop.breakable():
            clear_staging(options.output)
            plan = plan_build(options, beam_options, listing, work, say)
        pipeline = make_pipeline(beam_options, options.workers)
        build_graph(pipeline, plan)
        try:
            with stop.breakable():
                if storage.exists(plan.refused_list):  # of an earlier run
                    storage.remove(plan.refused_list)
                if options.frozen:
                    place_inventory(options.frozen, plan.inventory)
                storage.make_folder(plan.staging)
                plan.write_lists()
                if detached:
                    pipeline.run()
                    return None
            with watching(plan.sources, display) as counters:
                counters.update(counters_of(run_to_end(pipeline, stop)))
            with stop.breakable():
                manifest_uri = storage.join(plan.staging, "manifest.json")
                manifest = Manifest.from_json(storage.read_bytes(manifest_uri).decode(), manifest_uri)
                _write_report(plan.staging, options.output, say)
                run = {"seconds": round(time.perf_counter() - started, 1), "counters": counters}
                manifest = replace(manifest, run=run)
                storage.write_bytes(manifest_uri, manifest.to_json().encode())
            publish(plan.staging, options.output, stop.breakable)
        except UsageError:
            raise
        except Exception as error:
            raise _broken(error, options) from error
        finally:
            if not detached:
                with suppress(Exception):  # an object store out of reach; a later run removes it
                    storage.remove(plan.staging)
    return manifest


def _write_report(folder: str, output: str, say: Say) -> None:
    """The page to look at. A dataset is whole without it, so only a full disk stops the run."""
    try:
        write_report(folder)
    except OSError:
        raise
    except Exception as error:
        say(f"no report was made ({type(error).__name__}: {error}); `scenesign report {output}` tries again")


def nothing_usable(rejects: Sequence[Reject], inputs: Sequence[str]) -> str:
    """Why there is nothing to do."""
    named = ", ".join(inputs)
    if not rejects:
        return f"{named}: no file in it; scenesign reads {' '.join(supported_suffixes())}"
    first = rejects[0]
    of = "the only file can't" if len(rejects) == 1 else f"none of {len(rejects):,} files can"
    return f"{named}: {of} be used; first: {first.source}: {first.detail}"


def _broken(error: BaseException, options: BuildOptions) -> BuildError:
    return BuildError(stop_message(error) or explain(error, options))


def _causes(error: BaseException) -> list[BaseException]:
    """The error, what brought it, and so on."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and cause not in causes:
        causes.append(cause)
    return causes


def explain(error: BaseException, options: BuildOptions) -> str:
    """One line for a failed run: the root cause, and what is kept."""
    kept = f"finished books are kept in {options.parts_folder}; the same command goes on from there"
    text = str(error)
    full = any(isinstance(c, OSError) and c.errno == errno.ENOSPC for c in _causes(error))
    if full or os.strerror(errno.ENOSPC) in text:
        return f"the disk that holds {options.output} is full; free some space or choose another -o; {kept}"
    if isinstance(error, grpc.RpcError):
        said = " ".join(str(error.details()).split()) if isinstance(error, grpc.Call) else text
        if isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.UNIMPLEMENTED:
            return f"the run broke: who answers at --job_endpoint is no job service ({said[:200]}); {kept}"
        return f"the run broke: the job server has gone ({said[:200]}), and its own log may say why; {kept}"
    lines = [line for line in text.strip().splitlines() if line.strip()]
    # a worker process reports a whole traceback as text; its last line is the cause
    line = next((x for x in reversed(lines) if "Error" in x), lines[-1] if lines else type(error).__name__)
    return f"the run broke: {line.strip()[:400]}; {kept}"
