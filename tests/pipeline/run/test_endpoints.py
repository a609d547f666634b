"""A service that isn't there is named before anything is read or sent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from apache_beam.options.pipeline_options import PrismRunnerOptions
from apache_beam.runners.portability.prism_runner import PrismJobServer

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.errors import BuildError, UsageError
from scenesign.pipeline.run import endpoints
from scenesign.pipeline.run.build import run_build
from scenesign.pipeline.run.endpoints import check_endpoints
from tests.conftest import pair_options


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    monkeypatch.setattr(endpoints, "_SECONDS", 1.5)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An endpoint that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def mute() -> Iterator[str]:
    """An endpoint that takes calls and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def service() -> Iterator[str]:
    """A gRPC service, of whatever kind."""
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)


def portable(endpoint: str, *more: str) -> list[str]:
    return ["--runner=PortableRunner", f"--job_endpoint={endpoint}", *more]


def pool(endpoint: str) -> list[str]:
    return ["--environment_type=EXTERNAL", f"--environment_config={endpoint}"]


@pytest.mark.timeout(60)
def test_a_job_service_that_does_not_answer_is_named_and_nothing_is_begun(
    nobody: str, mute: str, pair: Path, tmp_path: Path
) -> None:
    for endpoint, says in ((nobody, "nobody answers"), (mute, "has not answered as a gRPC service")):
        with pytest.raises(UsageError, match=f"--job_endpoint={endpoint}: .*{says}.*; start a job service there"):
            run_build(pair_options(pair, tmp_path / "out"), beam_options(portable(endpoint)), lambda line: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize("endpoint", ["host.invalid:8099", "127.0.0.1:port", "127.0.0.1:123456789"])
def test_what_is_no_endpoint_is_named(endpoint: str) -> None:
    with pytest.raises(UsageError, match=f"--job_endpoint={endpoint}: (nobody answers|not HOST:PORT)"):
        check_endpoints(beam_options(portable(endpoint)))


def test_a_service_that_answers_is_let_be(service: str) -> None:
    check_endpoints(beam_options(portable(service)))
    check_endpoints(beam_options(portable("embed", *pool(service))))
    check_endpoints(beam_options([]))
    check_endpoints(beam_options(portable("embed", "--environment_type=LOOPBACK")))


@pytest.mark.timeout(60)
def test_another_service_in_the_place_of_a_job_service_is_called_that(service: str, pair: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="who answers at --job_endpoint is no job service"):
        run_build(pair_options(pair, tmp_path / "out"), beam_options(portable(service)), lambda line: None)


@pytest.mark.timeout(60)
def test_a_pool_is_looked_for_where_the_engine_is_on_this_machine(nobody: str, service: str) -> None:
    in_json = f'{{"url": "{nobody}", "params": {{}}}}'
    for config in (nobody, in_json):
        said = f"--environment_config={nobody}: nobody answers.*; start `scenesign worker`"
        with pytest.raises(UsageError, match=said):
            check_endpoints(beam_options(portable("embed", *pool(config))))
    with pytest.raises(UsageError, match=f"--environment_config={nobody}"):
        check_endpoints(beam_options(["--runner=PrismRunner", *pool(nobody)]))
    # `localhost:50000` of a task manager is not ours
    check_endpoints(beam_options(portable(service, *pool(nobody))))


def test_prism_that_can_not_be_had_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(url: str, **more: object) -> str:
        raise RuntimeError(f"Unable to fetch remote prism binary at {url}:\n<no network>")

    monkeypatch.setattr(PrismJobServer, "local_bin", staticmethod(download))
    with pytest.raises(
        UsageError, match=r"can't be had \(Unable to fetch .* <no network>\); give its file with"
    ) as told:
        check_endpoints(beam_options(["--runner=PrismRunner"]))
    assert "\n" not in str(told.value)
    for place in (tmp_path, tmp_path / "prism"):
        with pytest.raises(UsageError, match=f"--prism_location={place}: no such file; docs/runners.md"):
            check_endpoints(beam_options(["--runner=PrismRunner", f"--prism_location={place}"]))
    check_endpoints(beam_options(["--runner=PrismRunner", "--job_endpoint=embed"]))  # no Prism is started then


def test_prism_is_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = tmp_path / "prism"
    binary.write_bytes(b"\x7fELF")
    options = beam_options(["--runner=PrismRunner", f"--prism_location={binary}"])
    check_endpoints(options)
    assert options.view_as(PrismRunnerOptions).prism_location == str(binary)

    # Beam would look for a bare name on the path
    monkeypatch.chdir(tmp_path)
    options = beam_options(["--runner=PrismRunner", "--prism_location=prism"])
    check_endpoints(options)
    assert options.view_as(PrismRunnerOptions).prism_location == str(binary)

    monkeypatch.setattr(PrismJobServer, "local_bin", staticmethod(lambda url, **more: str(binary)))
    options = beam_options(["--runner=PrismRunner"])
    check_endpoints(options)
    assert options.view_as(PrismRunnerOptions).prism_location == str(binary)
