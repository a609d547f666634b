"""PyTorch is not imported by spaCy only to look whether it is there, at the cost of seconds and much memory.

spaCy's matrix library, thinc, wants it for trained pipelines, which it is given when one is asked for; tokenizers never
compute with it. This is for processes of our own: a program of somebody else's, which may load pipelines of its own,
gets all that it has installed.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType

from scenesign.transforms.support.threads import made_once

_THINC = "thinc.compat"  # the one module of thinc that imports it; the others have from it what is there


class _Keeper(MetaPathFinder):
    """Says that there is no PyTorch, to thinc alone; whoever else imports it, in any thread, gets it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "torch" and _importer(sys._getframe(1)) == _THINC:
            raise ModuleNotFoundError("No module named 'torch' for who doesn't need it", name=fullname)
        return None


def _importer(frame: FrameType | None) -> str | None:
    """The module whose import statement runs."""
    while frame and frame.f_globals.get("__name__", "").startswith("importlib."):
        frame = frame.f_back
    return frame.f_globals.get("__name__") if frame else None


_keeper = _Keeper()


def spare_torch() -> None:
    """From now on importing spaCy doesn't import PyTorch. What is imported already stays."""
    if _keeper not in sys.meta_path:
        sys.meta_path.insert(0, _keeper)


@made_once()
def give_torch_to_spacy() -> None:
    """From now on spaCy finds PyTorch where it is installed, also when it was imported without."""
    if _keeper not in sys.meta_path:
        return
    sys.meta_path.remove(_keeper)
    thinc = sys.modules.get(_THINC)
    if thinc is None or thinc.has_torch:
        return
    before = {name: value for name, value in vars(thinc).items() if not name.startswith("_")}
    importlib.reload(thinc)
    for module in [module for name, module in sys.modules.items() if name.startswith("thinc.")]:
        for name, value in before.items():
            if vars(module).get(name, thinc) is value:
                setattr(module, name, getattr(thinc, name))
