"""Which of their kernels the numeric libraries take: inner loops for one kind of processor, each with bits of its own.

Vectors, scenes and the signs of a given inventory don't hang on them. A fit does, as k-means, eigenvectors and systems
of equations are left to FAISS and LAPACK: so it is made with the same kernels on every x86-64 processor that has AVX2.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, MutableMapping

# Of OpenBLAS those for AVX2, of FAISS those for any processor: what its k-means leaves to OpenBLAS is most of the work.
# Releases of FAISS know the one or the other of its names.
PINNED = {"OPENBLAS_CORETYPE": "Haswell", "FAISS_SIMD_LEVEL": "NONE", "FAISS_OPT_LEVEL": "generic"}
_PINNED_FAISS = {PINNED["FAISS_SIMD_LEVEL"], PINNED["FAISS_OPT_LEVEL"].upper()}


def pin_kernels(environment: MutableMapping[str, str] = os.environ) -> None:
    """Sets PINNED where nothing else is set, on a processor that can compute so, for this process and those it starts.

    Libraries look once, when they are loaded; so this comes before numpy is imported.
    """
    if _has_avx2():
        for name, value in PINNED.items():
            environment.setdefault(name, value)


def _has_avx2() -> bool:
    """Only Linux says so to a program that has not loaded a library yet."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            return any(line.startswith("flags") and {"avx2", "fma"} <= set(line.split()) for line in lines)
    except OSError:
        return False


def kernels_in_use() -> dict[str, str]:
    """The kernels that this process computes with, as `kernels of LIBRARY` to their names."""
    return {f"kernels of {library}": names for library, names in sorted(_kernels())}


def unpinned(kernels: Mapping[str, str]) -> str:
    """Those of the kernels that `pin_kernels` would not have taken, as words; empty where there are none.

    kernels: as `kernels_in_use` tells them. Of numpy's none are pinned: no fit hangs on them.
    """
    odd = []
    for name, taken in kernels.items():
        library = name.removeprefix("kernels of ")
        wanted = _PINNED_FAISS if library == "faiss" else {PINNED["OPENBLAS_CORETYPE"]}
        if library != "numpy" and not wanted & set(taken.split()):
            odd.append(f"{library}: {taken}")
    return ", ".join(odd)


def _kernels() -> Iterator[tuple[str, str]]:
    import faiss
    import numpy as np
    from threadpoolctl import threadpool_info

    for pool in threadpool_info():
        # scipy's draws the report's map, in which bits don't count, and is loaded or not by what ran before
        if pool["user_api"] == "blas" and (owner := _owner(pool["filepath"])) != "scipy":
            names = (pool["internal_api"], pool["version"], pool.get("architecture"))
            yield f"matrices in {owner}", " ".join(filter(None, names))
    level = getattr(faiss, "SIMDConfig", None)
    yield "faiss", level.get_level_name() if level else faiss.get_compile_options().strip()
    features = np.show_config(mode="dicts").get("SIMD Extensions", {})  # kinds of which there are none are left out
    yield "numpy", " ".join([*features.get("baseline", ()), *features.get("found", ())])


def _owner(path: str) -> str:
    """Whose library a file is. Wheels bring a copy each, in a folder such as `numpy.libs`, on macOS `numpy/.dylibs`."""
    folder, name = os.path.split(os.path.dirname(path))
    return name.partition(".")[0] or os.path.basename(folder)
