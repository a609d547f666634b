"""A staged job in one process whose worker has several threads, as Dataflow's have: from a cold start, with no engine.

    python -m tests.threaded PIPELINE.PB THREADS

Runs the graph and prints how many bundles were under way at once, at most. A program, so that what threads share is not
there before they ask for it; and it is taken away again and again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from apache_beam.portability import python_urns
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.worker.sdk_worker import BundleProcessorCache

from scenesign.pipeline.options.beam import beam_options
from scenesign.schemas.records import Book, Reject, Source
from scenesign.transforms.read import steps
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.support.room import make_room


class Counted:
    """Counts the bundles under way in all workers of this process, each of which runs one at a time."""

    def __init__(self) -> None:
        self.caches: list[BundleProcessorCache] = []
        self.most = 0

    def begin(self) -> None:
        """From now on."""
        get = BundleProcessorCache.get

        def counted(cache: BundleProcessorCache, instruction: str, descriptor: str) -> object:
            found = get(cache, instruction, descriptor)
            if cache not in self.caches:
                self.caches.append(cache)
            self.most = max(self.most, sum(len(c.active_bundle_processors) for c in self.caches))
            return found

        BundleProcessorCache.get = counted


def run_threaded(graph: beam_runner_api_pb2.Pipeline, threads: int) -> int:
    """Runs a graph in this process; the most bundles under way at once."""
    for environment in graph.components.environments.values():
        environment.urn = python_urns.EMBEDDED_PYTHON_GRPC
        environment.payload = b"{}"
        del environment.dependencies[:]
    counted = Counted()
    counted.begin()
    _make_room_for_each_book()
    words = ("--direct_running_mode=multi_threading", f"--direct_num_workers={threads}")
    runner = FnApiRunner()
    runner._num_workers = threads  # told to `run_pipeline` alone, which takes no graph
    result = runner.run_via_runner_api(graph, beam_options(words))
    assert result.wait_until_finish() == "DONE"
    return counted.most


def _make_room_for_each_book() -> None:
    """What is heavy is forgotten whenever a thread begins a book, and others are at theirs."""
    read_books = steps.read_books

    def read_with_room(source: Source, options: ReadOptions) -> Iterator[Book | Reject]:
        make_room()
        yield from read_books(source, options)

    steps.read_books = read_with_room


if __name__ == "__main__":
    staged = beam_runner_api_pb2.Pipeline.FromString(Path(sys.argv[1]).read_bytes())
    print(run_threaded(staged, int(sys.argv[2])))
