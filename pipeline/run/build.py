"""One run of `scenesign build`, from checked options to a published dataset."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace

import grpc
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.options.errors import BuildError, UsageError
from scenesign.pipeline.options.frozen_inventory import place_inventory
from scenesign.pipeline.options.values import check_name
from scenesign.pipeline.report.page import write_report
from scenesign.pipeline.run.endpoints import check_endpoints
from scenesign.pipeline.run.graph import BuildPlan, build_graph
from scenesign.pipeline.run.kernels import unpinned
from scenesign.pipeline.run.locks import holder
from scenesign.pipeline.run.parts_key import parts_key
from scenesign.pipeline.run.places import check_apart, check_output
from scenesign.pipeline.run.pools import pools_of
from scenesign.pipeline.run.progress import Display, watching
from scenesign.pipeline.run.publish import (
    clear_staging,
    exclusive,
    exclusive_output,
    output_lock,
    parts_lock,
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
    times_of,
)
from scenesign.pipeline.run.shares import few_processes, processes_for, usual_processes
from scenesign.pipeline.run.step_errors import cause_line, host_of
from scenesign.pipeline.run.stopping import LeftAloneError, Stop, stoppable
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import PartEntry
from scenesign.schemas.records import Reject, Source
from scenesign.transforms.embedders.registry import BUNDLED, DEFAULT_EMBEDDER, load_embedder, need_embedder
from scenesign.transforms.embedders.tokens import shared_tokens
from scenesign.transforms.parts.format import SUFFIX, check_bytes, read_entry
from scenesign.transforms.parts.resolve import too_many_rejects, write_rejects
from scenesign.transforms.read.inputs import InputError, list_inputs
from scenesign.transforms.read.paths import absolute_uri
from scenesign.transforms.read.registry import supported_suffixes
from scenesign.transforms.signs.fitted_on import read_place
from scenesign.transforms.support import storage
from scenesign.transforms.support.attempts import forget_attempts
from scenesign.transforms.support.extras import need, need_store
from scenesign.transforms.support.failures import OutOfReachError, is_full, one_line, stop_message, strict_message
from scenesign.transforms.support.room import make_room
from scenesign.transforms.support.submitter import Submitter
from scenesign.transforms.support.threads import cores

Say = Callable[[str], None]
# An error of gRPC as text: several lines, the last of them a lone `>`.
_BROKEN_CHANNEL = re.compile(r'status = StatusCode\.(?P<status>\w+)\s+details = "(?P<details>[^\n]*)"')


@dataclass(frozen=True)
class Listing:
    """What the inputs name."""

    sources: tuple[Source, ...]
    rejects: tuple[Reject, ...]


def check(options: BuildOptions, beam_options: PipelineOptions) -> Listing:
    """Everything that can be wrong before work begins. Raises UsageError, and MissingExtraError."""
    need_embedder(options.embedder)
    for uri in (options.output, options.parts_folder, *options.inputs):
        need_store(uri)
    if beam_options.view_as(StandardOptions).runner == "DataflowRunner":
        need("gcp", "Dataflow")
    storage.use_options(beam_options)
    for option, place in (("-o", options.output), ("--parts", options.parts_folder)):
        if storage.is_local(place):
            check_name(option, place)
    check_output(options.output, options.overwrite)
    check_apart(options.output, options.parts_folder, options.inputs, ())
    try:
        sources, rejects = list_inputs(options.inputs)
    except InputError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"the inputs can't be listed ({error})") from error
    check_apart(options.output, options.parts_folder, (), sources)
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


def finished_parts(folder: str, say: Say, dry: bool = False) -> list[PartEntry]:
    """Parts of earlier runs; one that is damaged is named and removed, and its books are done again.

    dry: nothing is removed, and of each part only its index is read. Raises BuildError where a part can't be read for
    another reason than what is in it; it stays then.
    """
    entries = []
    for uri in storage.list_files(folder, SUFFIX):
        try:
            entry = read_entry(uri)
            if storage.is_local(uri) and not dry:  # stores check for themselves, and reading twice has its price there
                check_bytes(uri)
            entries.append(entry)
        except (OSError, ValueError, KeyError, TypeError) as error:
            if not _is_damage(error):
                raise BuildError(
                    f"the finished books in {uri} can't be read ({one_line(error)}); they are kept, run the same "
                    "command again once that is mended"
                ) from error
            say(f"part {uri} is damaged ({one_line(error)}); its books will be done again")
            # what an object store hands out wrong may be right there
            if not dry and (storage.is_local(uri) or not isinstance(error, OSError)):
                storage.remove(uri)
    return entries


def _is_damage(error: Exception) -> bool:
    """Whether an error is of the bytes of a file. What the system says has a number; Arrow's errors have none."""
    return not isinstance(error, OutOfReachError) and not (isinstance(error, OSError) and error.errno)


def at_work(options: BuildOptions) -> str:
    """A word on the run that holds the output or the parts of this one; "" without any."""
    for path, lock in ((options.output, output_lock), (options.parts_folder, parts_lock)):
        if storage.is_local(path) and (who := holder(lock(path))):
            return f"another run is at work on {path} ({who}); this one can't begin before it ends"
    return ""


def plan_build(
    options: BuildOptions, beam_options: PipelineOptions, listing: Listing, work: str, say: Say, dry: bool = False
) -> BuildPlan:
    """Settles a run. From here on local paths are absolute. dry, and what is raised: see `finished_parts`."""
    parts = storage.join(storage.absolute(options.parts_folder), parts_key(options))
    work, staging = storage.absolute(work), storage.absolute(staging_folder(options.output))
    # the cores of this machine say nothing about those of another
    processes, threads = len(pools_of(beam_options)) or 1, None
    if runs_here(beam_options):
        processes = processes_for(listing.sources, options.workers or usual_processes())
        threads = max(1, cores() // processes)
        if processes < (options.workers or 0):
            say(few_processes(processes, options.workers or 0, listing.sources))
    return BuildPlan(
        options=options,
        sources=tuple(replace(source, uri=absolute_uri(source.uri)) for source in listing.sources),
        listed_rejects=listing.rejects,
        finished=tuple(finished_parts(parts, say, dry)),
        parts=parts,
        work=work,
        staging=staging,
        detached=is_detached(beam_options),
        processes=processes,
        threads=threads,
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
    finally:
        if display:
            display.close()


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
        raise BuildError(nothing_usable(listing.rejects, options))
    if options.strict and listing.rejects:
        raise BuildError(strict_message(listing.rejects[0]))
    started = time.perf_counter()
    with exclusive_output(options.output), exclusive(options.parts_folder, detached) as work:
        try:
            with stop.breakable():
                clear_staging(options.output)
                plan = plan_build(options, beam_options, listing, work, say)
            return _run(plan, beam_options, say, display, stop, started)
        except (UsageError, BuildError):
            raise
        except Exception as error:
            raise _broken(error, options) from error


def _run(
    plan: BuildPlan,
    beam_options: PipelineOptions,
    say: Say,
    display: Display | None,
    stop: Stop[Manifest | None],
    started: float,
) -> Manifest | None:
    """Runs what is settled, and publishes it. started: when the run began, by `time.perf_counter`."""
    options = plan.options
    pipeline = make_pipeline(beam_options, plan.processes)
    build_graph(pipeline, plan)
    try:
        with stop.breakable():
            if storage.exists(plan.refused_list):  # of an earlier run
                storage.remove(plan.refused_list)
            if options.frozen:
                place_inventory(options.frozen, plan.inventory)
            if options.fallback and options.fallback.frozen:
                place_inventory(options.fallback.frozen, plan.script)
            storage.make_folder(plan.staging)
            plan.write_lists()
            if plan.detached:
                pipeline.run()
                return None
        several = plan.processes > 1 and runs_here(beam_options)
        shared = shared_tokens() if several and plan.embedder == DEFAULT_EMBEDDER else nullcontext()
        far = bool(pools_of(beam_options))
        refused = len(plan.listed_rejects)
        with shared, watching(plan.sources, refused, display, far, plan.processes) as counters:
            result = run_to_end(pipeline, stop)
            counters.update(counters_of(result))
        with stop.breakable():
            manifest_uri = storage.join(plan.staging, "manifest.json")
            manifest = Manifest.from_json(storage.read_bytes(manifest_uri).decode(), manifest_uri)
            _write_report(plan.staging, options.output, say)
            run = {"seconds": round(time.perf_counter() - started, 1), "counters": counters, "steps": times_of(result)}
            manifest = replace(manifest, run=run)
            storage.write_bytes(manifest_uri, manifest.to_json().encode())
            if not runs_here(beam_options):
                _tell_kernels(plan.draft, say)
        publish(plan.staging, options.output, stop.breakable)
    finally:
        if not plan.detached:
            with suppress(Exception):  # an object store out of reach; a later run removes it
                storage.remove(plan.staging)
    return manifest


def _tell_kernels(draft: str, say: Say) -> None:
    """A worker that lacks the environment of the command and of the image fits with what its own processor likes."""
    if (place := read_place(draft)) and (odd := unpinned(place.kernels)):
        say(
            f"the inventory was fitted on {place.host} with kernels of its own ({odd}): fitted elsewhere it may differ "
            "in last bits, and signs with it; section 6.7 of protocol.md says how to have the same everywhere"
        )


def _write_report(folder: str, output: str, say: Say) -> None:
    """The page to look at. A dataset is whole without it, so only a full disk stops the run."""
    make_room()
    try:
        write_report(folder)
    except OSError:
        raise
    except Exception as error:
        say(f"no report was made ({type(error).__name__}: {error}); `scenesign report {output}` tries again")


def nothing_usable(rejects: Sequence[Reject], options: BuildOptions) -> str:
    """Why there is nothing to do. What was refused is listed where a run that ends at its rejects lists them."""
    named = ", ".join(options.inputs)
    if not rejects:
        return f"{named}: no file in it; scenesign reads {' '.join(supported_suffixes())}"
    with exclusive(options.parts_folder):
        write_rejects(options.refused_list, rejects)
    return f"{named}: {too_many_rejects((), rejects, 0, None)}; each is listed in {options.refused_list}"


def _broken(error: BaseException, options: BuildOptions) -> BuildError:
    text = str(error)
    if not (told := stop_message(error)):
        return BuildError(explain(error, options))
    # what a machine lacks, or can't reach, is that machine's trouble; any other stop is of the run
    host = "" if "RunStoppedError: " in text else host_of(text)
    return BuildError(f"{host}: {told}" if host else told)


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
    if any(map(is_full, _causes(error))):
        if host := host_of(text):
            return f"a disk of {host} is full ({cause_line(text)}); free some space there; {kept}"
        places = f"{options.output} or {options.parts}" if options.parts else options.output
        other = "-o or --parts" if options.parts else "-o"
        return f"the disk that holds {places} is full; free some space or choose another {other}; {kept}"
    broken = next((c for c in _causes(error) if isinstance(c, grpc.RpcError)), None)
    if isinstance(broken, grpc.Call) and broken.code() == grpc.StatusCode.UNIMPLEMENTED:
        said = " ".join(str(broken.details()).split())[:200]
        return f"the run broke: who answers at --job_endpoint is no job service ({said}); {kept}"
    if broken is not None:
        details = str(broken.details()) if isinstance(broken, grpc.Call) else str(broken)
        said = " ".join(details.split())[:200] or type(broken).__name__
        return f"the run broke: the job server has gone ({said}), and its own log may say why; {kept}"
    if told := _BROKEN_CHANNEL.search(text):  # as a worker, or Beam, has written it down
        said = " ".join(told["details"].split())[:200]
        return f"the run broke: a worker or its server has gone ({told['status']}: {said}); {kept}"
    return f"the run broke: {cause_line(text) or type(error).__name__}; {kept}"
