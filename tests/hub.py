"""The Hugging Face hub, played by a server on this machine: repositories in memory, spoken to by `huggingface_hub`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from threading import Lock, Thread
from urllib.parse import parse_qs, unquote, urlsplit

# What goes by LFS there, as the hub's own `.gitattributes` has it; all else is a blob of git.
_LARGE = re.compile(r".*\.(?:parquet|safetensors|faiss|png)")
USER, TOKEN = "ada", "hf_thisIsTheTokenOfAda"


@dataclass
class Repository:
    """Files by path, at each commit; branches by name."""

    commits: dict[str, dict[str, bytes]]
    branches: dict[str, str]
    private: bool = False
    messages: list[str] = field(default_factory=list)

    def files(self, revision: str = "main") -> dict[str, bytes]:
        """What is there at a branch or commit."""
        return self.commits[self.branches.get(revision, revision)]

    def commit(self, branch: str, files: dict[str, bytes], message: str) -> str:
        """Puts a commit on top of a branch."""
        self.messages.append(message)
        oid = hashlib.sha1(f"{len(self.messages)} {message}".encode()).hexdigest()
        self.commits[oid] = files
        self.branches[branch] = oid
        return oid


@dataclass
class Hub:
    """The server. uploads: paths of LFS objects that were sent. refusal: status and words for all that is written."""

    endpoint: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    refusal: tuple[int, str] | None = None
    lock: Lock = field(default_factory=Lock)

    def make(self, key: str, private: bool = False) -> Repository:
        """A new repository, `datasets/USER/NAME` or `models/USER/NAME`."""
        made = Repository({}, {}, private)
        made.commit("main", {".gitattributes": b"*.parquet filter=lfs\n"}, "initial commit")
        self.repositories[key] = made
        return made


def _entry(path: str, data: bytes) -> dict[str, object]:
    oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    large = {"lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}}
    return {"type": "file", "path": path, "size": len(data), "oid": oid, **(large if _LARGE.fullmatch(path) else {})}


def _tree(files: dict[str, bytes], below: str, deep: bool) -> list[dict[str, object]]:
    """What lies in a folder, folders included; of those below only with `deep`."""
    prefix = f"{below}/" if below else ""
    inside = sorted(path for path in files if path.startswith(prefix))
    folders = {str(parent) for path in inside for parent in PurePosixPath(path).parents} - {".", below}
    named = [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in sorted(folders)]
    found = [item for item in named if str(item["path"]).startswith(prefix)] + [_entry(p, files[p]) for p in inside]
    return [item for item in found if deep or "/" not in str(item["path"])[len(prefix) :]]


class _RefusedError(Exception):
    def __init__(self, status: int, words: str, code: str = "") -> None:
        self.status, self.words, self.code = status, words, code


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path = unquote(urlsplit(self.path).path)
        with self.hub.lock:
            self.hub.requests.append(f"{method} {path}")
            try:
                status, headers, data = self._serve(method, path, body)
            except _RefusedError as refused:
                status, data = refused.status, json.dumps({"error": refused.words}).encode()
                headers = {"X-Error-Message": refused.words, **({"X-Error-Code": refused.code} if refused.code else {})}
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if method != "HEAD":
            self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer("GET")

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _serve(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if found := re.fullmatch(r"/lfs/(\w{64})", path):
            if hashlib.sha256(body).hexdigest() != found[1]:
                raise _RefusedError(400, "the object is another")
            self.hub.objects[found[1]] = body
            return 200, {}, b""
        if path == "/api/validate-yaml":
            return _json({"errors": [], "warnings": []})
        if path == "/api/repos/create":
            self._may_write()
            return self._create(json.loads(body))
        if found := re.fullmatch(r"(/datasets)?/([\w.-]+/[\w.-]+)\.git/info/lfs/objects/batch", path):
            self._may_write()
            return self._batch(json.loads(body))
        if found := re.fullmatch(r"(/datasets)?/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)", path):
            return self._resolve(f"{'datasets' if found[1] else 'models'}/{found[2]}", found[3], found[4])
        if found := re.fullmatch(r"/api/((?:datasets|models)/[\w.-]+/[\w.-]+)(?:/([\w-]+)(?:/([^/]+))?)?(/.*)?", path):
            deep = "true" in parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower()
            below = (found[4] or "").strip("/")
            return self._of_repository(found[1], found[2] or "", found[3] or "main", below, deep, body)
        raise _RefusedError(404, f"no such page {path}")

    def _known(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _may_write(self) -> None:
        if self.hub.refusal:
            raise _RefusedError(*self.hub.refusal)
        if not self._known():
            raise _RefusedError(401, "Invalid username or password.")

    def _repository(self, key: str) -> Repository:
        found = self.hub.repositories.get(key)
        if found is None or (found.private and not self._known()):
            raise _RefusedError(404 if self._known() else 401, "Repository not found", "RepoNotFound")
        return found

    def _create(self, asked: dict[str, object]) -> tuple[int, dict[str, str], bytes]:
        repo = f"{asked.get('organization') or USER}/{asked['name']}"
        if not repo.startswith(f"{USER}/"):
            raise _RefusedError(403, f"You don't have the rights to create a repository under {repo.split('/')[0]}")
        key = f"{asked['type']}s/{repo}"
        if key in self.hub.repositories:
            return _json({"error": "You already created this repo", "url": f"{self.hub.endpoint}/{key}"}, 409)
        self.hub.make(key, bool(asked.get("private")) or asked.get("visibility") == "private")
        return _json({"url": f"{self.hub.endpoint}/{key.removeprefix('models/')}", "name": repo})

    def _batch(self, asked: dict[str, list[dict[str, object]]]) -> tuple[int, dict[str, str], bytes]:
        answers = []
        for item in asked["objects"]:
            answer: dict[str, object] = {"oid": item["oid"], "size": item["size"]}
            if item["oid"] not in self.hub.objects:
                answer["actions"] = {"upload": {"href": f"{self.hub.endpoint}/lfs/{item['oid']}", "header": {}}}
            answers.append(answer)
        return _json({"transfer": "basic", "objects": answers})

    def _resolve(self, key: str, revision: str, path: str) -> tuple[int, dict[str, str], bytes]:
        repository = self._repository(key)
        commit = self._commit(repository, revision)
        if path not in repository.commits[commit]:
            raise _RefusedError(404, "Entry not found", "EntryNotFound")
        data = repository.commits[commit][path]
        entry = _entry(path, data)
        lfs = entry.get("lfs")
        etag = lfs["oid"] if isinstance(lfs, dict) else entry["oid"]
        return 200, {"ETag": f'"{etag}"', "X-Repo-Commit": commit, "X-Linked-Size": str(len(data))}, data

    def _commit(self, repository: Repository, revision: str) -> str:
        commit = repository.branches.get(revision, revision)
        if commit not in repository.commits:
            raise _RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit

    def _of_repository(
        self, key: str, what: str, revision: str, below: str, deep: bool, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        repository = self._repository(key)
        if what == "branch":
            self._may_write()
            if revision in repository.branches:
                return _json({"error": "Reference already exists"}, 409)
            repository.branches[revision] = repository.branches["main"]
            return _json({})
        commit = self._commit(repository, revision)
        files = repository.commits[commit]
        if what in ("", "revision"):
            return _json({"id": key.partition("/")[2], "sha": commit, "private": repository.private, "siblings": []})
        if what == "tree":
            return _json(_tree(files, below, deep))
        if what == "paths-info":
            text = body.decode()
            asked = json.loads(text) if text.startswith("{") else parse_qs(text)
            known = {str(item["path"]): item for item in _tree(files, "", True)}
            return _json([known[path] for path in asked["paths"] if path in known])
        self._may_write()
        if what == "preupload":
            modes = []
            for item in json.loads(body)["files"]:
                path = item["path"]
                mode = "lfs" if _LARGE.fullmatch(path) else "regular"
                oid = _entry(path, files[path])["oid"] if path in files else None
                modes.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
            return _json({"files": modes})
        if what == "commit":
            done = self._put_commit(repository, revision, commit, [json.loads(line) for line in body.splitlines()])
            url = f"{self.hub.endpoint}/{key.removeprefix('models/')}/commit/{done}"
            return _json({"commitUrl": url, "commitOid": done, "pullRequestUrl": None})
        raise _RefusedError(404, f"nobody serves {what}")

    def _put_commit(
        self, repository: Repository, branch: str, head: str, lines: list[dict[str, dict[str, str]]]
    ) -> str:
        files = dict(repository.commits[head])
        message = ""
        for line in lines:
            value = line["value"]
            match str(line["key"]):
                case "header":
                    message = value["summary"]
                    if value.get("parentCommit", head) != head:
                        raise _RefusedError(412, "A commit has happened since. Please refresh and try again.")
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.hub.objects[value["oid"]]
                    self.hub.uploads.append(value["path"])
                case "deletedFile":
                    del files[value["path"]]
        return repository.commit(branch, files, message)


def _json(value: object, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


@contextmanager
def hub_server() -> Iterator[Hub]:
    """A hub that knows one user, and nothing else yet."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
