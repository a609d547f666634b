"""A job as it is staged for Dataflow, and the environment of a machine that has nothing of ours but the wheel."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import uuid
import venv
from pathlib import Path

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.run.build import run_build
from scenesign.transforms.support import storage
from tests.conftest import pair_options
from tests.stores import Store

IMAGE = "example.com/team/scenesign:1"


def dataflow(bucket: str, *more: str) -> list[str]:
    arguments = ["--runner=DataflowRunner", "--project=nobody-project", "--region=europe-west4"]
    return [*arguments, f"--temp_location={bucket}/temporary", f"--sdk_container_image={IMAGE}", *more]


def stage_for_dataflow(gcs: Store, pair: Path, folder: Path) -> tuple[str, bytes]:
    """The folder of a dataset that a job is to write, and the job's graph, as staged for the service.

    folder: for the job's template.
    """
    home = f"{gcs.bucket}/{uuid.uuid4().hex}"
    for path in pair.iterdir():
        storage.write_bytes(f"{home}/shelf/{path.name}", path.read_bytes())
    template = folder / "job.json"
    beam = beam_options(dataflow(home, f"--template_location={template}"))
    assert run_build(pair_options(f"{home}/shelf", f"{home}/out"), beam, lambda line: None) is None
    job = json.loads(template.read_text(encoding="utf-8"))
    (uri,) = [uri for uri, _ in storage.match(f"{home}/temporary/**/pipeline.pb")]
    assert uri in json.dumps(job)
    assert not storage.exists(f"{home}/out/manifest.json")
    return f"{home}/out", storage.read_bytes(uri)


def data_files(folder: str) -> dict[str, bytes]:
    """Every file of a dataset but the manifest, which tells the seconds, and the report, which a job leaves to us."""
    if storage.is_local(folder):
        names = [path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()]
    else:
        names = storage.list_tree(folder)
    assert "manifest.json" in names
    kept = [name for name in names if name != "manifest.json" and not name.startswith("report/")]
    return {name: storage.read_bytes(storage.join(folder, name)) for name in kept}


def environment_with(wheel: Path, folder: Path) -> Path:
    """The python of a fresh environment: the libraries of this one, and our code from a wheel."""
    venv.create(folder / "environment", symlinks=True)
    python = folder / "environment" / "bin" / "python"
    (libraries,) = (folder / "environment" / "lib").glob("python*/site-packages")
    shutil.unpack_archive(wheel, libraries, "zip")
    # a folder named so is searched, but the editable install in it is not followed
    (libraries / "libraries.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    told = "import scenesign; print(scenesign.__path__)"
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    found = subprocess.run(
        [python, "-c", told], cwd=folder, env=clean, capture_output=True, text=True, encoding="utf-8"
    )
    assert str(libraries) in found.stdout, (found.stdout, found.stderr)
    return python
