"""Where an inventory was fitted: a passing file beside its draft, for the manifest and for whoever waits for a run."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from scenesign.transforms.support import storage

_FILE = "fitted-on.json"


@dataclass(frozen=True)
class FittedOn:
    """host: the machine's name. kernels: `kernels of LIBRARY` -> those that the process took."""

    host: str
    kernels: Mapping[str, str]


def note_place(draft: str, kernels: Mapping[str, str]) -> None:
    """Writes down that this machine has fitted a draft. draft: its folder."""
    place = FittedOn(socket.gethostname(), kernels)
    storage.write_bytes(storage.join(draft, _FILE), json.dumps(asdict(place)).encode())


def read_place(draft: str) -> FittedOn | None:
    """Where a draft was fitted; None where none was."""
    uri = storage.join(draft, _FILE)
    return FittedOn(**json.loads(storage.read_bytes(uri))) if draft and storage.exists(uri) else None
