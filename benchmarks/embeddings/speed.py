"""Sentences a second, in integers and in floats, and what share of the machine's peak that is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.embeddings.floats import backend, token_ids
from scenesign.transforms.embedders.integers import IntegerProduct
from scenesign.transforms.embedders.universal import UniversalSentenceEncoder

_CHUNK = 64  # sentences that one thread computes in floats
_ROWS, _INPUTS, _OUTPUTS = 768, 1280, 256  # of the product that the peak is taken from
_PRODUCTS = 40


@dataclass(frozen=True)
class Rate:
    """Of some texts on some threads. clock, cpu: seconds; medians. peak: operations a second of the plain product."""

    name: str
    threads: int
    clock: float
    cpu: float
    peak: float


def rates(texts: Sequence[str], threads: int, repeats: int) -> list[Rate]:
    """Floats and integers in turn, so that a machine with other work harms both alike."""
    ours = UniversalSentenceEncoder(threads)
    ours.embed(texts)  # kinds of tokens are learnt once, as in a long run
    times: dict[str, list[tuple[float, float]]] = {"floats": [], "integers": []}
    for _ in range(repeats):
        times["floats"].append(_timed(lambda: _floats(texts, threads)))
        times["integers"].append(_timed(lambda: ours.embed(texts)))
    peaks = {"floats": _peak(_float_product(), threads), "integers": _peak(_integer_product(), threads)}
    return [
        Rate(name, threads, *(statistics.median(column) for column in zip(*found, strict=True)), peaks[name])
        for name, found in times.items()
    ]


def speed_table(found: Sequence[Rate], texts: int, operations: float) -> list[str]:
    """Markdown. operations: of one pass over the texts, as in `UniversalSentenceEncoder.operations`."""
    lines = ["| | threads | sentences a second | to floats | CPU ms a sentence | operations a second, of the peak |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for rate in found:
        floats = next(other for other in found if other.name == "floats" and other.threads == rate.threads)
        share = operations / rate.clock / rate.peak
        lines.append(
            f"| {rate.name} | {rate.threads} | {texts / rate.clock:,.0f} | {floats.clock / rate.clock:.2f} | "
            f"{1000 * rate.cpu / texts:.3f} | {share:.0%} of {rate.peak / 1e9:,.0f}·10⁹ |"
        )
    return lines


def _floats(texts: Sequence[str], threads: int) -> None:
    rows = token_ids(texts)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(backend().encode, [rows[i : i + _CHUNK] for i in range(0, len(rows), _CHUNK)]))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - cpu


def _float_product() -> Callable[[], object]:
    numbers = np.random.default_rng(0)
    rows = numbers.random((_ROWS, _INPUTS), dtype=np.float32)
    weights = numbers.random((_INPUTS, _OUTPUTS), dtype=np.float32)
    return lambda: rows @ weights


def _integer_product() -> Callable[[], object]:
    numbers = np.random.default_rng(0)
    product = IntegerProduct(numbers.integers(-63, 64, (_INPUTS, _OUTPUTS), dtype=np.int8))
    rows = numbers.integers(0, 256, (_ROWS, _INPUTS), dtype=np.uint8)
    return lambda: product(rows)


def _peak(product: Callable[[], object], threads: int) -> float:
    """Operations a second at best, each thread multiplying its own."""
    best = float("inf")
    for _ in range(5):
        with ThreadPoolExecutor(threads) as pool:
            began = time.perf_counter()
            for done in [pool.submit(lambda: [product() for _ in range(_PRODUCTS)]) for _ in range(threads)]:
                done.result()
            best = min(best, time.perf_counter() - began)
    return 2.0 * _ROWS * _INPUTS * _OUTPUTS * _PRODUCTS * threads / best
