"""Where an inventory was fitted."""

from __future__ import annotations

import socket
from pathlib import Path

from scenesign.transforms.signs.fitted_on import FittedOn, note_place, read_place


def test_what_a_machine_wrote_down_is_read_by_another(tmp_path: Path) -> None:
    assert read_place(str(tmp_path)) is None
    assert read_place("") is None
    note_place(str(tmp_path), {"kernels of faiss": "NONE"})
    assert read_place(str(tmp_path)) == FittedOn(socket.gethostname(), {"kernels of faiss": "NONE"})
