"""The same bits whatever the processor: with the kernels that libraries have for others, and on others."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from functools import cache

import pytest

from scenesign.pipeline.run.kernels import PINNED, pin_kernels
from tests.conftest import LIBRARY, ROOT

BOOKS = [str(LIBRARY / language / "the-bell-of-saltmarsh.txt") for language in ("en", "ru", "zh")]
# Those of numpy for AVX-512; a processor that lacks one takes no notice.
WIDE = "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_ICL AVX512_SPR"
FORCED = {
    "matrices as on Zen": {"OPENBLAS_CORETYPE": "Zen"},
    "matrices as on Sandy Bridge": {"OPENBLAS_CORETYPE": "Sandybridge"},
    "matrices as on Skylake-X": {"OPENBLAS_CORETYPE": "SkylakeX"},
    "matrices as on Cooper Lake": {"OPENBLAS_CORETYPE": "Cooperlake"},
    "numpy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": WIDE},
    "numpy without AVX2": {"NPY_DISABLE_CPU_FEATURES": f"X86_V3 AVX2 FMA3 {WIDE}"},
}
NEEDED = {"SkylakeX": "AVX512_SKX", "Cooperlake": "AVX512BF16"}

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64") or sys.platform != "linux", reason="kernels of x86-64 under Linux"
)


def has(feature: str) -> bool:
    from numpy._core._multiarray_umath import __cpu_features__

    return bool(__cpu_features__.get(feature))


@cache
def computed(forced: tuple[tuple[str, str], ...] = (), emulator: tuple[str, ...] = ()) -> dict[str, str]:
    """Digests of what a process computes; a fit with the kernels that our command takes where none are forced."""
    names = (*PINNED, "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES")
    environment = {name: value for name, value in os.environ.items() if name not in names} | dict(forced)
    pin_kernels(environment)
    done = subprocess.run(
        [*emulator, sys.executable, "-W", "ignore", "-m", "tests.arithmetic", *BOOKS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,
        env=environment | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def without_fit(told: dict[str, str]) -> dict[str, str]:
    """A fit is promised to be the same where nobody chose other kernels, on processors that have AVX2."""
    return {name: digest for name, digest in told.items() if name != "fit"}


@pytest.mark.parametrize("forced", FORCED.values(), ids=FORCED)
def test_no_kernel_changes_a_vector_a_scene_or_a_code(forced: dict[str, str]) -> None:
    if (needed := NEEDED.get(forced.get("OPENBLAS_CORETYPE", ""))) and not has(needed):
        pytest.skip(f"this processor has no {needed}")
    found, usual = computed(tuple(forced.items())), computed()
    if "OPENBLAS_CORETYPE" in forced:
        found, usual = without_fit(found), without_fit(usual)
    assert found == usual


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="qemu-user is not installed")
def test_a_processor_without_wide_registers_computes_the_same() -> None:
    assert computed(emulator=("qemu-x86_64", "-cpu", "EPYC-Rome")) == computed()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="qemu-user is not installed")
def test_a_processor_without_avx_computes_the_same() -> None:
    forced = ("OPENBLAS_CORETYPE", "Nehalem")  # what Linux tells of the processor is the host's, under an emulator too
    found = computed((forced,), ("qemu-x86_64", "-cpu", "Nehalem"))
    assert without_fit(found) == without_fit(computed())
