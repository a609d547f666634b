"""PyTorch stays away from who only looks for it, and is there for who uses it."""

from __future__ import annotations

from pathlib import Path

from tests.runs import printed_by

SPARED = """
import sys
from scenesign.transforms.support.spared_torch import give_torch_to_spacy, spare_torch

spare_torch()
import spacy

print("torch" in sys.modules, len(spacy.blank("en")("It rained.")))
"""
USED = """
import numpy, torch
from thinc.api import PyTorchWrapper

sums = torch.nn.Linear(2, 1, bias=False)
sums.weight.data[:] = 1
print(PyTorchWrapper(sums).predict(numpy.array([[2, 3]], dtype="float32")).tolist())
"""


def test_spacy_is_imported_without_it(tmp_path: Path) -> None:
    assert printed_by("-c", SPARED, folder=tmp_path) == "False 3\n"


def test_everybody_else_imports_it(tmp_path: Path) -> None:
    code = SPARED + "import torch\nprint(torch.ones(2).sum().item())"
    assert printed_by("-c", code, folder=tmp_path) == "False 3\n2.0\n"


def test_a_trained_pipeline_gets_it_even_late(tmp_path: Path) -> None:
    code = SPARED + "give_torch_to_spacy()" + USED
    assert printed_by("-c", code, folder=tmp_path) == "False 3\n[[5.0]]\n"
    # and without that call it would not compute
    code = SPARED + USED.replace("print(", "try:\n    print(") + "except Exception:\n    print('none')\n"
    assert printed_by("-c", code, folder=tmp_path) == "False 3\nnone\n"


def test_who_has_it_already_keeps_it(tmp_path: Path) -> None:
    code = "import torch" + SPARED + USED
    assert printed_by("-c", code, folder=tmp_path) == "True 3\n[[5.0]]\n"


def test_a_program_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    code = SPARED.replace("\nspare_torch()\n", "") + USED
    assert printed_by("-c", code, folder=tmp_path) == "True 3\n[[5.0]]\n"
