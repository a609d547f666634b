"""Which kernels a run takes, and that the manifest says so."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from scenesign.pipeline.run import kernels
from scenesign.pipeline.run.kernels import PINNED, kernels_in_use, pin_kernels
from tests.conftest import ROOT
from tests.container import instructions


def test_what_a_user_chose_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_has_avx2", lambda: True)
    environment = {"OPENBLAS_CORETYPE": "Zen"}
    pin_kernels(environment)
    assert environment == PINNED | {"OPENBLAS_CORETYPE": "Zen"}


def test_an_old_processor_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_has_avx2", lambda: False)
    environment: dict[str, str] = {}
    pin_kernels(environment)
    assert environment == {}


def test_the_image_of_workers_has_the_same() -> None:
    set_there = dict(
        pair.split("=", 1) for word, rest in instructions() if word == "ENV" for pair in rest.split() if "=" in pair
    )
    assert PINNED.items() <= set_there.items()


@pytest.mark.parametrize(
    ("told", "kernels_of_numpy"),
    [
        ({"SIMD Extensions": {"baseline": ["SSE2", "SSE3"], "found": ["AVX2"]}}, "SSE2 SSE3 AVX2"),
        ({"SIMD Extensions": {"baseline": ["SSE2", "SSE3"], "not found": ["AVX2"]}}, "SSE2 SSE3"),
        ({}, ""),
    ],
)
def test_numpy_leaves_out_what_it_has_not(
    told: dict[str, dict[str, list[str]]], kernels_of_numpy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(np, "show_config", lambda mode: told)
    assert kernels.kernels_in_use()["kernels of numpy"] == kernels_of_numpy


def test_whose_kernels_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = ("/site/numpy.libs/a.so", "/site/faiss/.dylibs/b.dylib", "/usr/lib/c.so", "/site/scipy.libs/d.so")
    pools = [{"user_api": "blas", "internal_api": "openblas", "version": "1", "filepath": path} for path in paths]
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: pools)
    names = [name for name, kernel in kernels_in_use().items() if kernel == "openblas 1"]
    assert names == [f"kernels of matrices in {owner}" for owner in ("faiss", "lib", "numpy")]


@pytest.mark.skipif(not kernels._has_avx2(), reason="this processor has no AVX2")
@pytest.mark.parametrize("start", ["script", "module"])
def test_the_command_computes_with_them(start: str) -> None:
    """Set too late, they would be without effect."""
    (script,) = re.findall(
        r'^scenesign = "([\w.]+):entry"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M
    )
    run = {
        "script": f"from {script} import entry; entry()\n",
        "module": "import runpy; runpy.run_module('scenesign', run_name='__main__')\n",
    }
    code = (
        "import sys, scenesign\n"
        "sys.argv = ['scenesign', '--version']\n"
        "import os; os._exit = lambda code: None\n"
        f"{run[start]}"
        "from scenesign.pipeline.run.kernels import kernels_in_use\n"
        "import json\n"
        "print(json.dumps(kernels_in_use()))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in PINNED}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert "Haswell" in found["kernels of matrices in numpy"]
    assert "Haswell" in found["kernels of matrices in faiss_cpu"]
    assert found["kernels of faiss"] == "NONE"
