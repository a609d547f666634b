"""The card of an inventory that has a repository of its own on the hub."""

from __future__ import annotations

import yaml

from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.signs.inventory import describe_inventory


def card_of_inventory(info: InventoryInfo, sha256: str, repo: str, text: str = "") -> str:
    """README.md of a repository that holds an inventory.

    sha256: in hex, of `inventory.json`. repo: its name there, `USER/NAME`. text: a card that it has already; that gets
    the header alone.
    """
    header = {
        "library_name": "scenesign",
        "language": sorted(info.languages),
        "license": "other",
        "tags": ["scene-signs", "large-concept-model", "discrete-representation"],
    }
    if text.startswith("---\n"):
        return text
    lines = yaml.safe_dump(header, sort_keys=False, allow_unicode=True)
    return f"---\n{lines}---\n\n{text or _text(info, sha256, repo)}"


def _text(info: InventoryInfo, sha256: str, repo: str) -> str:
    return f"""# Inventory of scene-signs

{describe_inventory(info)}. Fitted on {info.sample_scenes:,} of {info.scenes:,} scenes, by scenesign after protocol
`{info.protocol}`.

```python
import scenesign
from transformers import PreTrainedTokenizerFast

encoder = scenesign.SignEncoder.from_pretrained("{repo}", sha256="{sha256}")
tokenizer = PreTrainedTokenizerFast.from_pretrained("{repo}")  # token ids are sign ids
```

The SHA-256 is that of `inventory.json`, which has those of all other files. `signs.parquet` says what the topics mean,
by words and openings of scenes; these are of the books that it was made from, and under their licences.

| language | books |
|---|---:|
{_rows(info)}
"""


def _rows(info: InventoryInfo) -> str:
    return "\n".join(f"| {code} | {books:,} |" for code, books in sorted(info.languages.items()))
