"""The dataset card: README.md with the header that the Hugging Face hub and `datasets` read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import yaml

from scenesign.schemas.manifest import Manifest
from scenesign.schemas.parts import FileEntry
from scenesign.schemas.records import UNEXPECTED, printable
from scenesign.schemas.tables import (
    ATLAS,
    ATLAS_SCENES_FILE,
    CAST,
    REJECTS,
    SCENES,
    SEQUENCES,
    as_stated,
    card_features,
    concepts_table,
)
from scenesign.transforms.metrics.verdicts import verdicts
from scenesign.transforms.support import storage
from scenesign.transforms.text.licences import card_licence, tally

CARD = "README.md"
# Licence statements that the card lists; texts of strangers may each have their own.
_MOST_LICENCES = 20
_HOW_TO_READ = """\
```python
from datasets import load_dataset
from transformers import PreTrainedTokenizerFast

books = load_dataset("PATH", "sequences")
tokenizer = PreTrainedTokenizerFast.from_pretrained("PATH/inventory")
```"""
# `transformers` takes no tokenizer from a dataset's repository.
_HOW_TO_READ_THERE = """\
```python
import scenesign
from datasets import load_dataset

books = load_dataset("REPOSITORY", "sequences")
encoder = scenesign.SignEncoder.from_pretrained("REPOSITORY")
```"""
_CONFIGS = ("sequences", "scenes", "cast", "concepts", "atlas", "rejects")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def size_category(rows: int) -> str:
    """The hub's word for a number of rows."""
    return next((name for limit, name in _SIZES if rows < limit), "1M<n<10M" if rows < 10_000_000 else "n>10M")


def configs_of(manifest: Manifest) -> list[str]:
    """The tables that a dataset has, `sequences` first."""
    return [c for c in _CONFIGS if any(f.config == c for f in manifest.files)]


def stated_schema(config: str, manifest: Manifest) -> pa.Schema:
    """The columns of a dataset's table."""
    schemas = {"sequences": SEQUENCES, "scenes": SCENES, "cast": CAST, "atlas": ATLAS, "rejects": REJECTS}
    if config in schemas:
        return as_stated(schemas[config], manifest.protocol)
    half = manifest.options.get("concepts") == "float16"
    return concepts_table(int(manifest.inventory["dimensions"]), half)


def card_header(manifest: Manifest) -> dict[str, Any]:
    """The YAML header: languages, configs, and features and sizes that agree with the files."""
    configs = configs_of(manifest)
    return {
        "pretty_name": manifest.name,
        "language": sorted(manifest.counts.by_language),
        "license": card_licence(book.license for book in manifest.books),
        "tags": ["scene-signs", "large-concept-model", "discrete-representation", "text-segmentation"],
        "size_categories": [size_category(manifest.counts.scenes)],
        "configs": [_config(c, manifest.files, default=c == "sequences") for c in configs],
        "dataset_info": [_info(c, manifest) for c in configs],
    }


def _splits(config: str, files: Iterable[FileEntry]) -> dict[str, list[FileEntry]]:
    splits: dict[str, list[FileEntry]] = {}
    for entry in files:
        if entry.config == config:
            splits.setdefault(entry.split, []).append(entry)
    # the hub shows splits in the order given; readers expect train first
    return dict(sorted(splits.items(), key=lambda item: (item[0] != "train", item[0])))


def data_files(config: str, files: Iterable[FileEntry]) -> list[dict[str, str]]:
    """Where the files of a table lie: a pattern for each split."""
    single = {"atlas": ATLAS_SCENES_FILE, "rejects": "rejects/*.parquet"}
    pattern = single.get(config, config + "/split={}/*.parquet")
    return [{"split": split, "path": pattern.format(split)} for split in _splits(config, files)]


def _config(config: str, files: Iterable[FileEntry], default: bool) -> dict[str, Any]:
    default_mark = {"default": True} if default else {}
    return {"config_name": config, **default_mark, "data_files": data_files(config, files)}


def _info(config: str, manifest: Manifest) -> dict[str, Any]:
    schema = stated_schema(config, manifest)
    splits = _splits(config, manifest.files)
    return {
        "config_name": config,
        "features": card_features(schema),
        "splits": [
            {
                "name": split,
                "num_bytes": sum(f.memory_bytes for f in found),
                "num_examples": sum(f.rows for f in found),
            }
            for split, found in splits.items()
        ],
        "download_size": sum(f.bytes for found in splits.values() for f in found),
        "dataset_size": sum(f.memory_bytes for found in splits.values() for f in found),
    }


def card_text(manifest: Manifest, embedder_licence: str, embedder_origin: str) -> str:
    """The card for people."""
    counts, inventory = manifest.counts, manifest.inventory
    rows = "\n".join(
        f"| {code} | {c.books:,} | {c.scenes:,} | {c.sentences:,} | {c.characters:,} | "
        f"{c.characters / max(1, c.scenes):,.0f} |"
        for code, c in counts.by_language.items()
    )
    unexpected = counts.rejects_by_reason.get(UNEXPECTED, 0)
    missing = f"\n- Missing by no fault of their own: {unexpected:,}, of reason `{UNEXPECTED}`." if unexpected else ""
    return f"""# {manifest.name}

{counts.books:,} books as sequences of **scene-signs**: every book is cut into scenes, and every scene stands for one
entry ("sign") of an inventory that all books and languages share. Made by scenesign after protocol
`{manifest.protocol}`.

| language | books | scenes | sentences | characters | characters per scene |
|---|---:|---:|---:|---:|---:|
{rows}

## What is in it

- `sequences`: a row per book: its signs in reading order, {_signs(manifest.levels)} per scene, also as a string of
  glyphs.
- `scenes`: a row per scene: its text, place in the book (`start`, `end` in characters), signs, distance. The texts of
  a book's scenes, in order, joined without anything between, are the book's text.
{_cast(manifest)}\
- `atlas`: a row per scene: its place on a map, and the scenes most like it. `embedding-atlas` opens it:
  `embedding-atlas PATH/atlas/scenes.parquet --x x --y y --text text --neighbors neighbors`.
- `inventory/`: the codebook, a tokenizer for `transformers` whose token ids are the signs, starting embeddings, and
  what signs mean: `signs.parquet` has the topics, which are the signs that come first in each scene, `letters.parquet`
  the letters that the other glyphs are spelled with.
- `manifest.json`: options, versions, inputs, and the SHA-256 of every file.

{_HOW_TO_READ}

Other readers of Parquet take the tables too (`docs/tools.md` of scenesign); a split is the folder `split=NAME`.

## How it was made

- {counts.inputs:,} inputs = {counts.books:,} books + {counts.duplicates:,} duplicates + {counts.rejects:,} rejects
  (each reject has its reason in the table `rejects`, where there are any).{missing}
- Embedder: `{inventory["embedder"]}` ({embedder_origin or "as named"}; licence of its weights: {embedder_licence}).
- Inventory: {_inventory(manifest)}.
- Splits are by book (by author where one is named), never by scene.
- What each book was read from, in which encoding, and what was noticed on the way is in `manifest.json`, key `books`;
  the versions of the programs are under `versions`.

## Rights

What the inputs say of their own licence (column `license` of `sequences`), and how many books say it. Statements were
copied, not checked. {_NO_LICENCE}

| licence as stated | identifier | books |
|---|---|---:|
{_licence_rows(manifest)}

Texts in `scenes` and in the glossary are those of the books and under their licences.

## Limits

{_verdicts(manifest)}
- A sign keeps the gist of a scene, not its wording: text can't be rebuilt from signs.
- Two scenes with one sign are alike to the embedder, which is not always alike to a reader; it carries the leanings of
  the texts it was trained on.
- {_cosine_line(manifest)}
- Scene boundaries, languages and headings were found by program and not checked by people.
- Translations of one work are separate books. They are in one split where their files have one name, or they name the
  same author.
- The texts were not filtered for personal data, offence or quality.
"""


def _signs(levels: int) -> str:
    return "one" if levels == 1 else f"{levels}"


def _cast(manifest: Manifest) -> str:
    """Who is in the scenes; empty where nobody looked."""
    members, scenes = (manifest.metrics.get(f"cast/{key}") for key in ("members", "scenes"))
    if not isinstance(members, float) or not isinstance(scenes, float):
        return ""
    named = "as they stand in the book" if manifest.options.get("cast_names") == "yes" else "left out, ids stay"
    return (
        f"- `cast`: a row per member of a book's cast: its recurring names ({named}), numbered from 1 by first\n"
        f"  appearance. The column `cast` of `sequences` and `scenes` lists those whom a scene names, at most "
        f"{manifest.options['cast']}. A book\n  has {members:,.0f} members on average, and {100 * scenes:.0f} % of "
        "scenes name one. They were found by program: some are no persons, and some persons are missing.\n"
    )


def _inventory(manifest: Manifest) -> str:
    """Whose signs these are, and how many."""
    inventory = manifest.inventory
    topics, levels = inventory["sizes"][0], len(inventory["sizes"])
    glyphs = f"{topics:,} topics, {_signs(levels)} glyph{'s' if levels > 1 else ''} a scene"
    fitted = f"{glyphs}, fitted on {inventory['sample_scenes']:,} of {inventory['scenes']:,} scenes"
    if inventory.get("script"):
        return f"the script `{inventory['script']}`, version {inventory['version']}: {fitted}"
    return f"{fitted}, seed {inventory['seed']}"


_NO_LICENCE = "`unknown` means that nothing was stated, not that the text is free."


def _licence_rows(manifest: Manifest) -> str:
    rows = tally(book.license for book in manifest.books)
    shown = [f"| {_cell(text)} | `{name}` | {count:,} |" for text, name, count in rows[:_MOST_LICENCES]]
    if len(rows) > _MOST_LICENCES:
        rest = sum(count for *_, count in rows[_MOST_LICENCES:])
        shown.append(f"| {len(rows) - _MOST_LICENCES:,} more statements | | {rest:,} |")
    return "\n".join(shown)


def _cell(text: str) -> str:
    """A stranger's words in a Markdown table: neither markup nor HTML."""
    return re.sub(r"([\\`*_\[\]<>|&#~$])", lambda found: f"&#{ord(found[0])};", printable(text))


def _verdicts(manifest: Manifest) -> str:
    """What the measures say of this dataset, in plain sentences."""
    return "\n".join(f"- {sentence}" for sentence in verdicts(manifest))


def _cosine_line(manifest: Manifest) -> str:
    cosine = manifest.metrics.get("cosine/mean")
    if not isinstance(cosine, float):
        return "How much signs keep is in `report/metrics.json`."
    return (
        f"The signs keep part of each scene's vector: the mean cosine of vector and codewords is {cosine:.2f}. Further "
        "measures are in `report/metrics.json`."
    )


def with_picture(card: str, path: str, caption: str) -> str:
    """A card that shows a picture of the dataset below its first paragraph; one that does already stays as it is.

    path: of the picture, relative to the card. caption: what it shows, in plain words.
    """
    title = card.find("\n# ")
    below = card.find("\n\n", card.find("\n\n", title + 1) + 2) if title >= 0 else -1
    if f"]({path})" in card or below < 0:
        return card
    return f"{card[:below]}\n\n![{caption}.]({path})\n\n*{caption}.*{card[below:]}"


def card_there(card: str, repo: str) -> str:
    """The card as it reads on the Hugging Face hub, where the dataset is called `USER/NAME`."""
    return card.replace(_HOW_TO_READ, _HOW_TO_READ_THERE.replace("REPOSITORY", repo))


def write_card(folder: str, manifest: Manifest, embedder_licence: str, embedder_origin: str) -> None:
    """Writes README.md into the dataset's folder."""
    header = yaml.safe_dump(card_header(manifest), sort_keys=False, allow_unicode=True)
    text = f"---\n{header}---\n\n{card_text(manifest, embedder_licence, embedder_origin)}"
    storage.write_bytes(storage.join(folder, CARD), text.encode())
