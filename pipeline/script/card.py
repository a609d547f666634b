"""The card of a script: what it is, what it was made from and under which licences, and what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scenesign.pipeline.script.library import Work
from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.records import printable


def card_of_script(info: InventoryInfo, digest: str, manifest: Manifest, works: Sequence[Work]) -> str:
    """README.md of a script.

    digest: SHA-256 of its `inventory.json`. manifest: of the dataset it was made in. works: those it was fitted on.
    """
    counts = manifest.counts
    return f"""# {info.script}

A script of scenesign: an inventory of signs that was fitted once, is frozen, and comes with the program. Whoever writes
books with it can compare, mix and train on the glyphs of all others who do.

| | |
|---|---|
| name, version | {info.script}, {info.version} |
| SHA-256 of `inventory.json` | `{digest}` |
| signs per level | {" + ".join(f"{size:,}" for size in info.sizes)} |
| quantiser | `{info.quantiser}` |
| embedder | `{info.embedder}` ({info.embedder_version}) |
| protocol | `{info.protocol}` |
| fitted on | {info.sample_scenes:,} of {info.scenes:,} scenes of {counts.books:,} books |

```python
import scenesign

inventory = scenesign.Inventory.load("{info.script.removeprefix("scenesign-")}")
```

Made by `make script`, seed {info.seed}; on one kind of machine the same command gives the same bytes. The programs:
{", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))}.

## Books

| language | books | scenes | sentences | characters |
|---|---:|---:|---:|---:|
{_language_rows(manifest)}

## Figures

Of the books it was fitted on; what each says is in `protocol.md`, section 7.

| measure | value |
|---|---:|
{_metric_rows(manifest.metrics)}

## Sources and licences

All works are in the public domain. Scenes are quoted in `signs.parquet` by their openings alone, and works whose
collection is under a share-alike licence not at all.

| collection | licence stated there | works |
|---|---|---:|
{_collection_rows(works)}

{_attribution(works)}

| language | author | title | in the public domain because | collection |
|---|---|---|---|---|
{_work_rows(works)}
"""


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|") or "not stated"


def _language_rows(manifest: Manifest) -> str:
    return "\n".join(
        f"| {code} | {row.books:,} | {row.scenes:,} | {row.sentences:,} | {row.characters:,} |"
        for code, row in manifest.counts.by_language.items()
    )


def _metric_rows(metrics: Mapping[str, object]) -> str:
    # a cast is its book's: a script knows nobody
    told = {name: value for name, value in metrics.items() if not name.startswith("cast/")}
    numbers = [(name, value) for name, value in sorted(told.items()) if isinstance(value, (int, float))]
    return "\n".join(f"| `{name}` | {value:.4g} |" for name, value in numbers)


def _collection_rows(works: Iterable[Work]) -> str:
    found = Counter((work.repository, work.licence) for work in works)
    return "\n".join(
        f"| {_cell(repository)} | {_cell(licence)} | {count:,} |"
        for (repository, licence), count in sorted(found.items())
    )


def _attribution(works: Iterable[Work]) -> str:
    """Who is to be named: collections whose licence asks for it."""
    asked = {work.repository: _creative_commons(work.licence) for work in works if _creative_commons(work.licence)}
    named = [f"{repository} ({licence})" for repository, licence in sorted(asked.items())]
    return f"Named as their licences ask: {', '.join(named)}." if named else "No collection asks to be named."


def _creative_commons(licence: str) -> str:
    """The Creative Commons licence that a statement names, whatever else it says; "" for none."""
    found = next((part for part in licence.split(";") if "CC BY" in part), "")
    return "" if not found else f"CC BY{found.partition('CC BY')[2].partition('(')[0].rstrip()}"


def _work_rows(works: Iterable[Work]) -> str:
    return "\n".join(
        f"| {work.language} | {_cell(work.author)} | {_cell(work.title or work.file)} | {_cell(work.reason)} | "
        f"{_cell(work.repository)} |"
        for work in works
    )
