"""The concept data card: what the Large Concept Model's trainer looks a dataset up by."""

from __future__ import annotations

import yaml

# The trainer opens the folder as one Parquet dataset, and of other files in it skips only those with a leading
# underscore or dot.
DATACARD = "concepts/_datacard.yaml"


def datacard(name: str) -> dict[str, object]:
    """The card's fields.

    The path is relative to the dataset's folder: a dataset that is moved stays whole.
    """
    return {
        "name": name,
        "parquet_path": {"s3": "concepts"},
        "source_column": "scene_vectors",
        "source_text_column": "text_scenes",
    }


def datacard_text(codebook_digest: str, dimensions: int, splits: tuple[str, ...]) -> str:
    """The card as YAML.

    codebook_digest: SHA-256 in hex, which gives the card a name that no other dataset has, and the same data always.
    """
    name = f"scene_signs_{codebook_digest[:12]}"
    return (
        "# For the trainer of Large Concept Models: append this to its lcm/datacards/datacards.yaml, with the path\n"
        "# under `s3` made absolute (a local path will do) unless the trainer is started in the dataset's folder.\n"
        f"# A split is chosen by name: {', '.join(f'{name}={split}' for split in splits)}.\n"
        f"# Vectors have {dimensions} dimensions: set `sonar_embed_dim: {dimensions}`.\n"
        + yaml.safe_dump(datacard(name), sort_keys=False)
    )
