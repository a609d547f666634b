"""The machine that a run was submitted from. A local path is its name for a file, and may mean nothing elsewhere."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field

from scenesign.transforms.support import storage
from scenesign.transforms.support.failures import RunStoppedError


@dataclass(frozen=True)
class Submitter:
    """Goes with the steps to the workers, so that they can tell a file that is gone from one that they can't see.

    host: the machine's name. folders: where the run writes, there from its start to its end.
    """

    host: str = field(default_factory=socket.gethostname)
    folders: tuple[str, ...] = ()

    def check_listed(self, path: str) -> None:
        """Raises RunStoppedError where a local file that was listed is out of this worker's sight.

        One that may have been deleted since is left for its reader to say: its folder is there, on the same machine.
        """
        if os.path.lexists(path):
            return
        if socket.gethostname() != self.host or not os.path.isdir(os.path.dirname(path)):
            raise self._out_of_sight(path, "listed")

    def check_written(self, uri: str) -> None:
        """Raises RunStoppedError where this worker can't see a file that was written for the whole run."""
        if storage.is_local(uri) and not os.path.exists(uri):
            raise self._out_of_sight(uri, "wrote")

    def check_folders(self) -> None:
        """Raises RunStoppedError where this worker can't see the run's folders: it would make its own, for nobody."""
        for folder in self.folders:
            self.check_written(folder)

    def _out_of_sight(self, path: str, did: str) -> RunStoppedError:
        return RunStoppedError(
            f"worker {socket.gethostname()} can't see {path}, which {self.host} {did}: unless it was removed since, "
            "inputs, parts and output must lie where all workers reach them under the same name (a shared folder, "
            "gs:// or s3://)"
        )
