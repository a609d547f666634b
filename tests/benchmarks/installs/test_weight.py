"""What an install weighs, and whose it is."""

from __future__ import annotations

from pathlib import Path

from benchmarks.installs.weight import Package, Weight, extras_of, extras_table, heaviest, main_table, weigh_packages
from tests.conftest import ROOT


def distribution(site: Path, name: str, files: dict[str, int]) -> None:
    """Puts a distribution with files of such sizes into a folder of packages."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    for file, size in files.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_bytes(b"1" * size)
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in (*files, "torch/not_there.py")), encoding="utf-8")


def test_packages_weigh_their_files_and_cuda_is_told_apart(tmp_path: Path) -> None:
    lib = "torch/lib/lib"
    libraries = {f"{lib}torch_cuda.so": 500, f"{lib}c10_cuda.so": 20, f"{lib}torch_nvshmem.so": 3}
    distribution(tmp_path, "torch", libraries | {f"{lib}torch_cpu.so": 400, "torch/cuda/graphs.py": 50})
    distribution(tmp_path, "nvidia_cublas", {"nvidia/cublas.so": 2000})
    distribution(tmp_path, "triton", {"triton/it.so": 100})
    distribution(tmp_path, "cuda_bindings", {"cuda/it.so": 10})
    distribution(tmp_path, "Barracuda.fish", {"barracuda.py": 7})
    packages = weigh_packages(tmp_path)
    assert packages == (
        Package("nvidia-cublas", 2000, 2000),
        Package("torch", 973, 523),
        Package("triton", 100, 100),
        Package("cuda-bindings", 10, 10),
        Package("barracuda-fish", 7, 0),
    )
    weight = Weight(3200, packages)
    assert (weight.cuda_packages, weight.cuda_libraries) == (2110, 523)
    assert heaviest(weight).endswith(": torch 0.0, barracuda-fish 0.0.")


MAIN = Weight(
    6_000_000_000,
    (Package("nvidia-x", 3_500_000_000, 3_500_000_000), Package("torch", 1_200_000_000, 500_000_000)),
    250_000_000,
)


def test_the_estimate_is_what_is_left_without_both() -> None:
    sizes = [row[1] for row in main_table(MAIN).rows]
    assert sizes == ["6.00", "3.50", "2.50", "0.50", "2.00", "0.25"]


def test_an_extra_is_what_it_adds_and_one_that_fails_is_a_row() -> None:
    more = Weight(6_030_000_000, (*MAIN.packages, Package("b", 26_000_000, 0), Package("c", 4_000_000, 0)))
    rows = extras_table(MAIN, {"office": more, "fuzz": "uv: no wheel"}).rows
    assert rows == (("office", "30", "2", "b 26, c 4"), ("fuzz", "", "", "uv: no wheel"))


def test_every_extra_of_the_project_is_weighed() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = extras_of(project)
    assert {"office", "aws", "dev"} <= set(extras)
    assert all(f"\n{extra} = [\n" in project for extra in extras)
