"""What builds are measured against, each in a process of its own.

python -m benchmarks.cost.tasks encode|plain|bertopic SENTENCES OUT     (SENTENCES: JSON, a list of sentences per book)
python -m benchmarks.cost.tasks build STEPS ARGUMENT ...                (ARGUMENTs of `scenesign build`)
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

WINDOW = 12  # sentences per scene for those that have no search for scenes
CLUSTERS = 64


def encode(sentences: Path, out: Path) -> None:
    """All sentences in one call of `encode`; OUT gets how long loading and the call took, by clock and in CPU time."""
    texts = [text for book in json.loads(sentences.read_text(encoding="utf-8")) for text in book]
    began = time.perf_counter()
    from scenesign.transforms.embedders.registry import load_embedder
    from scenesign.transforms.embedders.texts import embed_texts

    model = load_embedder()
    model.embed(texts[:1])
    ready, cpu = time.perf_counter(), time.process_time()
    embed_texts(model, texts)
    times = {"load": ready - began, "seconds": time.perf_counter() - ready, "cpu": time.process_time() - cpu}
    out.write_text(json.dumps(times), encoding="utf-8")


def windows(sentences: Path) -> tuple[list[int], list[list[str]]]:
    """Book number and sentences of every fixed window."""
    books = json.loads(sentences.read_text(encoding="utf-8"))
    cut = [(n, book[i : i + WINDOW]) for n, book in enumerate(books) for i in range(0, len(book), WINDOW)]
    return [n for n, _ in cut], [texts for _, texts in cut]


def plain(sentences: Path, out: Path) -> None:
    """What a user would write: encode, average fixed windows, k-means, a Parquet file with pandas."""
    import numpy as np
    import pandas as pd
    from sklearn.cluster import KMeans

    from scenesign.transforms.embedders.registry import load_embedder

    books, scenes = windows(sentences)
    vectors = load_embedder().embed([text for scene in scenes for text in scene])
    starts = np.cumsum([0, *map(len, scenes[:-1])])
    pooled = np.add.reduceat(vectors, starts) / np.array([[len(scene)] for scene in scenes])
    fitted = KMeans(min(CLUSTERS, len(pooled)), random_state=0, n_init=1).fit(pooled)
    frame = pd.DataFrame({"book": books, "text": [" ".join(s) for s in scenes], "sign": fitted.labels_})
    frame.to_parquet(out)


def bertopic(sentences: Path, out: Path) -> None:
    """BERTopic on the same windows, as its documentation begins; each window is one document."""
    import pandas as pd
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder

    from scenesign.transforms.embedders.registry import load_embedder

    class Ours(BaseEmbedder):
        def embed(self, documents: list[str], verbose: bool = False) -> np.ndarray:
            return load_embedder().embed(list(documents))

    books, scenes = windows(sentences)
    documents = [" ".join(scene) for scene in scenes]
    topics, _ = BERTopic(embedding_model=Ours(), language="multilingual").fit_transform(documents)
    pd.DataFrame({"book": books, "text": documents, "sign": topics}).to_parquet(out)


def build(steps: Path, arguments: list[str]) -> None:
    """`scenesign build`; STEPS gets the size of the graph, bytes, and the seconds that its steps took.

    Those of the graph's steps are as Beam samples them, in all processes together; `Report` is by the clock.
    """
    from scenesign.pipeline.run.kernels import pin_kernels

    pin_kernels()  # as the command does, before numpy is imported
    from scenesign.transforms.support.spared_torch import spare_torch

    spare_torch()  # and this
    from scenesign.pipeline.cli import main
    from scenesign.pipeline.run import build as module

    run, report = module.run_to_end, module.write_report
    found: dict[str, Any] = {}

    def keep(pipeline: Any, stop: Any) -> Any:
        found["graph"] = pipeline.to_runner_api().ByteSize()
        result = run(pipeline, stop)
        found["steps"] = seconds_by_step(result.monitoring_infos())
        return result

    def timed(folder: str) -> None:
        began = time.perf_counter()
        report(folder)
        found["steps"]["Report"] = time.perf_counter() - began

    module.run_to_end, module.write_report = keep, timed
    try:
        main(["build", *arguments])
    finally:
        steps.write_text(json.dumps(found), encoding="utf-8")


def seconds_by_step(infos: Any) -> dict[str, float]:
    """From Beam's samples of what a worker is at; a label is a path in the graph."""
    from apache_beam.metrics.monitoring_infos import extract_counter_value

    spent: Counter[str] = Counter()
    for info in infos:
        if info.urn.startswith("beam:metric:pardo_execution_time:"):
            spent[info.labels["PTRANSFORM"]] += extract_counter_value(info) / 1000
    return dict(spent)


if __name__ == "__main__":
    task, first, *rest = sys.argv[1:]
    if task == "build":
        build(Path(first), rest)
    else:
        {"encode": encode, "plain": plain, "bertopic": bertopic}[task](Path(first), Path(rest[0]))
