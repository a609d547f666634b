"""The inventory on disk: what `inventory.json` says. Arrays are in `codebook.safetensors` beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields
from typing import Any

from scenesign.schemas.version import (
    FIRST_COMPOSED,
    PROTOCOL,
    PROTOCOL_VERSION,
    check_protocol,
    has_cast,
    major_version,
)

SPECIAL_TOKENS = ("<pad>", "<book>", "</book>", "<chapter>", "<unk>")
# A book's cast has no more members than this. The tokenizer has a token for each.
MOST_MEMBERS = 256
CAST_TOKENS = tuple(f"<e{number}>" for number in range(1, MOST_MEMBERS + 1))
# The script, or published inventory, that is used where none is named.
DEFAULT_SCRIPT = "script-1"
# The quantiser of an inventory that names none: for a time there was but one.
FIRST_QUANTISER = "residual"
# What inventories are fitted with.
USUAL_QUANTISER = "composite"


@dataclass(frozen=True)
class InventoryInfo:
    """Provenance and settings of an inventory.

    script, version: name and version of a published inventory; empty where it is fitted on a dataset's own books.
    quantiser: the way from a neutral vector to codes, by name.
    sizes: signs of each level that it can write; sign ids run through the levels without a gap.
    languages: books per language that the language means were learned from.
    prior_scenes: scenes that give a book's own mean half of the weight in neutralisation.
    novel_distance: the strangeness beyond which a scene is marked as novel; up to protocol 1 the distance.
    sample_scenes, scenes: how many scenes the codebook was fitted on, of how many.
    segmentation: options under which the scenes were found, so that new text is cut alike.
    """

    embedder: str
    embedder_version: str
    dimensions: int
    sizes: tuple[int, ...]
    languages: Mapping[str, int]
    prior_scenes: float
    novel_distance: float
    seed: int
    sample_scenes: int
    scenes: int
    segmentation: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    quantiser: str = FIRST_QUANTISER
    script: str = ""
    version: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    protocol: str = f"{PROTOCOL}/{PROTOCOL_VERSION}"

    @property
    def signs(self) -> int:
        """Signs of all levels together."""
        return sum(self.sizes)

    @property
    def cast_tokens(self) -> tuple[str, ...]:
        """Tokens of a book's members, by id from 1 on; there were none before protocol 2.1."""
        return CAST_TOKENS if has_cast(self.protocol) else ()

    @property
    def composed(self) -> bool:
        """Whether signs of further levels are spelled with letters, which they weren't before protocol 2."""
        return major_version(self.protocol) >= FIRST_COMPOSED

    def to_json(self) -> str:
        """Readable JSON with sorted keys."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str = "inventory.json") -> InventoryInfo:
        """Reads `inventory.json`.

        Raises ValueError naming the file and key when it isn't one, or is of another protocol's major version.
        """
        try:
            fields = json.loads(text)
            fields["sizes"] = tuple(int(size) for size in fields["sizes"])
            fields["notes"] = tuple(fields["notes"])
            known = {item.name for item in dataclass_fields(cls)}
            # a later minor version of the protocol may add keys
            info = cls(**{key: value for key, value in fields.items() if key in known})
            if not all(isinstance(digest, str) for digest in info.files.values()):
                raise TypeError("a digest in `files` is no text")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"{name} is not the description of an inventory ({error})") from error
        check_protocol(info.protocol, name)
        return info
