"""The one Beam graph: books in, scene-sign dataset out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from operator import attrgetter

import apache_beam as beam

from scenesign.pipeline.options.build_options import BuildOptions
from scenesign.pipeline.run.kernels import kernels_in_use
from scenesign.pipeline.run.notebooks import plain_labels
from scenesign.pipeline.run.publish_objects import PublishObjects
from scenesign.pipeline.run.shares import dealt
from scenesign.pipeline.run.versions import package_versions
from scenesign.schemas.parts import BookEntry, PartEntry
from scenesign.schemas.records import Reject, Source
from scenesign.transforms.cast.steps import FindCast
from scenesign.transforms.dataset.summarise import RunFacts, Summarise
from scenesign.transforms.dataset.write import WriteDataset
from scenesign.transforms.embedders.registry import embedder_info, embedder_version, name_for_workers
from scenesign.transforms.parts.resolve import ResolveBooks, book_entry
from scenesign.transforms.parts.skip import SkipFinished, finished_lines
from scenesign.transforms.parts.write import WriteParts
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.steps import ReadBooks
from scenesign.transforms.scenes.embed import EmbedSentences
from scenesign.transforms.scenes.sentences import SentenceOptions
from scenesign.transforms.scenes.steps import FindScenes, SplitSentences
from scenesign.transforms.signs.choose import ChooseInventory
from scenesign.transforms.signs.fit import FitInventory, Provenance
from scenesign.transforms.signs.freeze import FreezeInventory, KeepInventory
from scenesign.transforms.signs.novelty import MeasureNovelty
from scenesign.transforms.signs.quantisers.registry import quantiser_kind
from scenesign.transforms.signs.refine import RefineInventory
from scenesign.transforms.signs.steps import AssignSigns, SampleVectors
from scenesign.transforms.support import storage
from scenesign.transforms.support.lists import ReadList, write_list
from scenesign.transforms.support.rejects import CountReject
from scenesign.transforms.support.submitter import Submitter
from scenesign.transforms.support.unexpected import GatherRejects


@dataclass(frozen=True)
class BuildPlan:
    """A run, settled: what is read, what is there already, where things go.

    Local paths are absolute, but for those in `options`, which are as the user wrote them: workers have working folders
    of their own.
    listed_rejects: inputs refused before anything was read. finished: parts of earlier runs that match.
    parts: folder for new parts. work: folder of this run's passing files. staging: where the dataset grows.
    detached: nobody waits for the run, so the graph itself publishes the dataset.
    processes: that work under the local runner. threads: of the embedder in each; None leaves them to the worker's own
    environment.
    hints: Beam's resource hints for the machines that embed. submitter: what workers know of this machine.
    """

    options: BuildOptions
    sources: tuple[Source, ...]
    listed_rejects: tuple[Reject, ...]
    finished: tuple[PartEntry, ...]
    parts: str
    work: str
    staging: str
    detached: bool = False
    processes: int = 1
    threads: int | None = None
    hints: tuple[tuple[str, str], ...] = ()
    submitter: Submitter = field(default_factory=Submitter)

    def write_lists(self) -> None:
        """Writes down what the graph names but doesn't carry."""
        write_list(self.list_uri("sources"), dealt(self.sources, self.processes))
        write_list(self.list_uri("listed-rejects"), self.listed_rejects)
        write_list(self.list_uri("finished-parts"), self.finished)
        storage.write_bytes(self.finished_list, finished_lines(self.finished))

    def list_uri(self, name: str) -> str:
        """Where such a list lies."""
        return storage.join(self.work, f"{name}.jsonl")

    @property
    def inventory(self) -> str:
        """The folder of the inventory that is published."""
        return storage.join(self.staging, "inventory")

    @property
    def draft(self) -> str:
        """The folder of the inventory as it is first fitted."""
        return storage.join(self.work, "draft")

    @property
    def script(self) -> str:
        """A copy of the script that is taken where the books are too few for an inventory of their own."""
        return storage.join(self.work, "script")

    @property
    def finished_list(self) -> str:
        """The file that names the books of `finished`."""
        return storage.join(self.work, "finished.txt")

    @property
    def refused_list(self) -> str:
        """The table of rejects of a run that ends without a dataset to hold it."""
        return self.options.refused_list

    @property
    def embedder(self) -> str:
        """What workers load: the embedder's name, or its folder."""
        return name_for_workers(self.options.embedder)

    @property
    def sentences(self) -> SentenceOptions:
        """How workers split sentences."""
        model = self.options.sentences.spacy_model
        if model is None or not os.path.isdir(model):
            return self.options.sentences
        from spacy.util import is_package

        if is_package(model):
            return self.options.sentences
        return replace(self.options.sentences, spacy_model=storage.absolute(model))

    def hinted(self, transform: beam.PTransform) -> beam.PTransform:
        """A step of the chain from a book to its part, which embeds.

        All of them get the same hints: steps of different machines can't be fused, and books with their vectors, 20 MB
        for a novel, would travel between them.
        """
        return transform.with_resource_hints(**dict(self.hints)) if self.hints else transform

    def read_options(self) -> ReadOptions:
        """How inputs are read."""
        languages = embedder_info(self.options.embedder).languages
        columns = self.options.columns
        return ReadOptions(
            language=self.options.language,
            supported_languages=languages or None,
            limits=self.options.limits,
            license=self.options.license,
            text_column=columns.text,
            title_column=columns.title,
            author_column=columns.author,
            language_column=columns.language,
            license_column=columns.license,
        )

    def facts(self) -> RunFacts:
        """What the manifest says of the run."""
        info = embedder_info(self.options.embedder)
        return RunFacts(
            name=self.options.dataset_name,
            options=self.options.data_options(),
            options_taken=(self.options.fallback or self.options).data_options(),
            glyphs=self.options.glyphs,
            versions=package_versions(),
            kernels=kernels_in_use(),
            draft=self.draft,
            embedder_licence=info.licence,
            embedder_origin=info.origin,
        )

    def provenance(self) -> Provenance:
        """What the inventory remembers."""
        return Provenance(
            embedder=self.options.embedder,
            embedder_version=embedder_version(self.options.embedder),
            segmentation={"sentences": asdict(self.options.sentences), "scenes": asdict(self.options.scenes)},
        )


@plain_labels()
def build_graph(pipeline: beam.Pipeline, plan: BuildPlan) -> None:
    """Lays the whole job into a pipeline.

    Only names and counts cross its barriers: books go to parts as soon as they are done, the inventory is handed on
    as a path.
    """
    options = plan.options

    read = (
        pipeline
        | "ListInputs" >> ReadList(plan.list_uri("sources"), Source, plan.submitter)
        | "ReadBooks" >> plan.hinted(ReadBooks(plan.read_options(), plan.submitter))
    )
    split = (
        read.books
        | "SkipFinished" >> plan.hinted(beam.ParDo(SkipFinished(plan.finished_list, plan.submitter)))
        | "SplitSentences" >> plan.hinted(SplitSentences(plan.sentences))
    )
    embedded = split.books | "EmbedSentences" >> plan.hinted(EmbedSentences(plan.embedder, plan.threads))
    cut = embedded.books | "FindScenes" >> plan.hinted(FindScenes(options.scenes, plan.embedder))
    written = cut.books | "WriteParts" >> plan.hinted(WriteParts(plan.parts, plan.submitter))

    listed = (
        pipeline
        | "ListedRejects" >> ReadList(plan.list_uri("listed-rejects"), Reject, plan.submitter)
        | "CountListed" >> beam.ParDo(CountReject())
    )
    refused = (listed, read.rejects, split.rejects, embedded.rejects, cut.rejects, written.rejects)
    rejects = refused | "AllRejects" >> GatherRejects(len(plan.sources), options.strict)
    entries = read.books | "Register" >> plan.hinted(beam.Map(book_entry))
    finished = pipeline | "FinishedParts" >> ReadList(plan.list_uri("finished-parts"), PartEntry, plan.submitter)
    parts = (written.parts, finished) | "AllParts" >> beam.Flatten()
    resolved = {"entries": entries, "parts": parts, "rejects": rejects} | "ResolveBooks" >> ResolveBooks(
        plan.refused_list, len(plan.sources), options.max_reject_share
    )

    if options.frozen:
        draft, novel = pipeline | "FrozenInventory" >> beam.Create([plan.inventory]), None
    else:
        draft, novel = _draft(resolved, plan)
    spread = resolved.parts | "SpreadParts" >> beam.Reshuffle()
    assignments = spread | "AssignSigns" >> AssignSigns(storage.join(plan.work, "codes"), draft)
    casts, castless = _casts(spread, resolved.entries, plan)
    inventory = (
        draft | "KeepInventory" >> KeepInventory()
        if novel is None
        else draft | "FreezeInventory" >> FreezeInventory(plan.inventory, assignments, novel)
    )
    files = {
        "entries": resolved.entries,
        "assignments": assignments,
        "casts": casts,
        "inventory": inventory,
    } | "WriteDataset" >> WriteDataset(plan.staging, options.dataset)
    summary = {
        "inventory": inventory,
        "entries": entries,
        "books": resolved.entries,
        "rejects": rejects,
        "duplicates": resolved.duplicates,
        "assignments": assignments,
        "casts": casts,
        "castless": castless,
        "files": files,
    } | "Summarise" >> Summarise(plan.staging, plan.facts())
    if plan.detached:
        _ = summary | "PublishObjects" >> PublishObjects(plan.staging, options.output, plan.work)


def _draft(resolved: beam.pvalue.DoOutputsTuple, plan: BuildPlan) -> tuple[beam.PCollection, beam.PCollection]:
    """The path of a draft inventory, or that of the script where the books are too few for one of their own; and from
    where on a scene is novel, where that was measured."""
    if not plan.options.fallback:
        return _fit(resolved.parts, resolved.entries, plan)
    chosen = resolved.parts | "ChooseInventory" >> ChooseInventory(plan.script, plan.inventory)
    draft, novel = _fit(chosen.parts, resolved.entries, plan)
    return (draft, chosen.taken) | "ChosenInventory" >> beam.Flatten(), novel


def _fit(
    parts: beam.PCollection, entries: beam.PCollection, plan: BuildPlan
) -> tuple[beam.PCollection, beam.PCollection]:
    """A draft is fitted on a sample, then moved to the means of all scenes where asked for."""
    options = plan.options.inventory
    samples = parts | "SampleVectors" >> SampleVectors(storage.join(plan.work, "samples"), options.seed)
    draft = samples | "FitInventory" >> FitInventory(plan.draft, options, plan.provenance(), kernels_in_use)
    novel = samples | "MeasureNovelty" >> MeasureNovelty(entries)
    for turn in range(1, options.refine + 1):
        for step in range(quantiser_kind(options.quantiser).passes(options.glyphs)):
            folder = storage.join(plan.work, f"draft-{turn}-{step + 1}")
            draft = parts | f"RefineInventory{turn}.{step + 1}" >> RefineInventory(folder, step, draft)
    return draft, novel


def _casts(
    parts: beam.PCollection, entries: beam.PCollection, plan: BuildPlan
) -> tuple[beam.PCollection, beam.PCollection]:
    """The casts of the books, where they are asked for, and rejects that name the books without."""
    if not plan.options.dataset.cast:
        none = parts.pipeline | "NoCast" >> beam.Create([])
        return none, none
    found = parts | "FindCast" >> FindCast(storage.join(plan.work, "cast"), plan.sentences.spacy_model)
    by_id = entries | "ById" >> beam.WithKeys(attrgetter("book_id"))
    named = found.failed | "NameCastless" >> beam.ParDo(NameSource(), entries=beam.pvalue.AsDict(by_id))
    return found.casts, (named,) | "Castless" >> GatherRejects(len(plan.sources), plan.options.strict)


class NameSource(beam.DoFn):
    """Reject of a book -> the same with the source of its book."""

    def process(self, reject: Reject, entries: Mapping[str, BookEntry]) -> Iterable[Reject]:
        if entry := entries.get(reject.book_id):
            yield replace(reject, source=entry.source, bytes=entry.bytes)


def graph_steps(pipeline: beam.Pipeline) -> Sequence[str]:
    """The steps of a graph in order, as a person would list them."""
    return [part.full_label for part in pipeline.transforms_stack[0].parts]
