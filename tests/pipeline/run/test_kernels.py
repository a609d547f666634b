"""Which kernels a run takes, and that the manifest says so."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.frozen_inventory import apply_frozen
from scenesign.pipeline.run import kernels
from scenesign.pipeline.run.build import run_build
from scenesign.pipeline.run.kernels import PINNED, kernels_in_use, pin_kernels, unpinned
from tests.conftest import ROOT, pair_options
from tests.container import instructions

FROM_AFAR = (
    "--runner=PortableRunner",
    "--job_endpoint=embed",
    "--environment_type=beam:env:harness_subprocess_python:v1",
)
WORKER = f"exec {sys.executable} -m apache_beam.runners.worker.sdk_worker_main"


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


@pytest.mark.parametrize(
    ("taken", "odd"),
    [
        ({"matrices in numpy": "openblas 0.3.31 Haswell", "matrices in faiss_cpu": "openblas 0.3.15 Haswell"}, ""),
        ({"matrices in numpy": "openblas 0.3.31 Zen", "faiss": "NONE"}, "matrices in numpy: openblas 0.3.31 Zen"),
        ({"matrices in lib": "mkl 2024.2", "faiss": "OPTIMIZE GENERIC"}, "matrices in lib: mkl 2024.2"),
        ({"faiss": "AVX512_SPR", "numpy": "X86_V2 AVX512_ICL"}, "faiss: AVX512_SPR"),
        ({"faiss": "OPTIMIZE AVX2", "matrices in numpy": "Haswell"}, "faiss: OPTIMIZE AVX2"),
        ({}, ""),
    ],
)
def test_kernels_that_are_not_the_pinned_ones_are_named(taken: dict[str, str], odd: str) -> None:
    assert unpinned({f"kernels of {library}": names for library, names in taken.items()}) == odd


def built_from_afar(pair: Path, folder: Path, worker: str, inventory: str = "") -> tuple[dict[str, str], list[str]]:
    """The versions in the manifest of a dataset that another process builds, and what the command says of it."""
    said: list[str] = []
    beam = beam_options([*FROM_AFAR, f"--environment_config=cd {ROOT} && {worker}"])
    asked = pair_options(pair, folder / "out")
    manifest = run_build(apply_frozen(asked, beam, inventory) if inventory else asked, beam, said.append)
    assert manifest
    return dict(manifest.versions), said


@pytest.mark.slow
@pytest.mark.skipif(not kernels._has_avx2(), reason="this processor has no AVX2")
def test_a_worker_with_kernels_of_its_own_is_named_and_so_are_they(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of Sandy Bridge stand for another processor's: they run wherever Haswell's do."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    found, said = built_from_afar(pair, tmp_path / "odd", f"export OPENBLAS_CORETYPE=Sandybridge && {WORKER}")
    assert found["kernels of matrices in numpy"].endswith(" Sandybridge")
    (line,) = said
    assert line.startswith(
        f"the inventory was fitted on {socket.gethostname()} with kernels of its own (matrices in faiss"
    )
    assert f"matrices in numpy: {found['kernels of matrices in numpy']})" in line

    found, said = built_from_afar(pair, tmp_path / "pinned", WORKER)
    assert (found["kernels of matrices in numpy"].split()[-1], found["kernels of faiss"], said) == (
        "Haswell",
        "NONE",
        [],
    )


@pytest.mark.slow
@pytest.mark.skipif(not kernels._has_avx2(), reason="this processor has no AVX2")
def test_where_nothing_is_fitted_a_workers_kernels_are_nobodys_concern(
    pair: Path, bell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    found, said = built_from_afar(pair, tmp_path, f"export OPENBLAS_CORETYPE=Sandybridge && {WORKER}", str(bell))
    assert (found["kernels of matrices in numpy"].split()[-1], said) == ("Haswell", [])
