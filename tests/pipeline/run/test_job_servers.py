"""What Beam needs to send a job to Flink or Spark is missed before anything is read or sent, and by its name."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import apache_beam
import pytest
from apache_beam.utils.subprocess_server import JavaJarServer

from scenesign.pipeline.options.beam import beam_options
from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.run.endpoints import check_endpoints

JAVA = f"--job_server_java_launcher={sys.executable}"  # a program that is there
NO_JAVA = "--job_server_java_launcher=no-such-java"
POOL = ("--environment_type=EXTERNAL", "--environment_config=localhost:50000")


class Answers(BaseHTTPRequestHandler):
    """Flink's REST interface, for the one question that is asked."""

    says = b'{"refresh-interval": 3000, "flink-version": "1.20.1"}'

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v1/config" else 404)
        self.end_headers()
        self.wfile.write(self.says)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def flink() -> Iterator[str]:
    """The address of what answers as Flink 1.20.1 does."""
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What would be downloaded; nothing can."""
    found: list[str] = []

    def download(url: str, *_: object) -> None:
        found.append(url)
        raise OSError("<no\nnetwork>")

    monkeypatch.setattr(JavaJarServer, "JAR_CACHE", str(tmp_path / "jars"))
    monkeypatch.setattr(JavaJarServer, "_download_jar_to_cache", download)
    return found


def check(*words: str) -> None:
    check_endpoints(beam_options([*words, *POOL]))


def test_a_job_server_that_can_not_be_had_is_told_in_a_line(flink: str, asked: list[str], tmp_path: Path) -> None:
    for engine, words in (
        ("Flink", ("--runner=FlinkRunner", f"--flink_master={flink}", "--flink_version=1.20")),
        ("Spark", ("--runner=SparkRunner", "--spark_master_url=spark://host:7077")),
    ):
        flag = f"--{engine.lower()}_job_server_jar"
        with pytest.raises(UsageError, match=rf"for {engine} isn't .*\(<no network>\); give its file with {flag}="):
            check(JAVA, *words)
        with pytest.raises(UsageError, match=f"{flag}={tmp_path / 'x.jar'}: no such file"):
            check(JAVA, *words, f"{flag}={tmp_path / 'x.jar'}")
    names = [url.rsplit("/")[-1].rsplit("-", 1)[0] for url in asked]
    assert names == ["beam-runners-flink-1.20-job-server", "beam-runners-spark-3-job-server"]


def test_a_file_that_is_here_is_taken_as_it_is(flink: str, asked: list[str], tmp_path: Path) -> None:
    jar = tmp_path / "server.jar"
    jar.write_bytes(b"PK")
    # of which version of Flink it is, its user knows
    check("--runner=FlinkRunner", f"--flink_master={flink}", JAVA, f"--flink_job_server_jar={jar}")
    check("--runner=SparkRunner", "--spark_master_url=spark://host:7077", JAVA, f"--spark_job_server_jar={jar}")
    (tmp_path / f"beam-runners-spark-3-job-server-{apache_beam.__version__}.jar").write_bytes(b"PK")
    check("--runner=SparkRunner", "--spark_master_url=spark://host:7077", JAVA, f"--jar_cache_dir={tmp_path}")
    assert asked == []


def test_another_version_of_flink_is_told_with_the_word_that_mends_it(flink: str, asked: list[str]) -> None:
    with pytest.raises(UsageError, match=f"--flink_master={flink}: that Flink is 1.20, .*; give --flink_version=1.20"):
        check("--runner=FlinkRunner", f"--flink_master={flink}", JAVA)
    # one that Beam asks itself gets what it wants
    with pytest.raises(UsageError, match="can't be had"):
        check("--runner=FlinkRunner", f"--flink_master=http://{flink}", "--flink_submit_uber_jar")
    assert [url.rsplit("/")[-1].rsplit("-", 1)[0] for url in asked] == ["beam-runners-flink-1.20-job-server"]


@pytest.mark.parametrize("says", [b"", b"{}", b"[]", b'{"flink-version": "9.9.9"}', b'{"flink-version": null}'])
def test_a_flink_that_says_no_known_version_is_let_be(
    flink: str, asked: list[str], says: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answers, "says", says)
    with pytest.raises(UsageError, match="can't be had"):
        check("--runner=FlinkRunner", f"--flink_master={flink}", JAVA)
    assert "beam-runners-flink-2.2-job-server" in asked[0]


def test_where_no_flink_is_nothing_else_is_asked(flink: str, asked: list[str]) -> None:
    with pytest.raises(UsageError, match=r"--flink_master=host.invalid:8081: nobody answers \(.+\); it is the address"):
        check("--runner=FlinkRunner", "--flink_master=host.invalid:8081", JAVA)
    assert asked == []


def test_java_is_missed_by_what_starts_it_alone(flink: str, asked: list[str]) -> None:
    for words in (["--runner=FlinkRunner"], ["--runner=SparkRunner"]):
        with pytest.raises(UsageError, match="is a Java program and there is no no-such-java here"):
            check(*words, NO_JAVA)
    assert asked == []
    with pytest.raises(UsageError, match="can't be had"):
        check("--runner=SparkRunner", "--spark_submit_uber_jar", "--spark_rest_url=http://h:1", NO_JAVA)


def test_a_job_service_that_runs_already_needs_none(asked: list[str]) -> None:
    check_endpoints(beam_options(["--runner=FlinkRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"]))
    assert asked == []
