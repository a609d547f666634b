"""Names of the hub, and what its errors mean."""

from __future__ import annotations

import pytest
from huggingface_hub import errors

from scenesign.transforms.support.hub import HubName, hub_says

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hf:ada/demo", HubName("ada/demo")),
        ("ada/demo", HubName("ada/demo")),
        ("hf://ada/demo.v2_x", HubName("ada/demo.v2_x")),
        ("hf:ada/demo@v1.0", HubName("ada/demo", "v1.0")),
        ("hf:ada/demo@refs/pr/3", HubName("ada/demo", "refs/pr/3")),
        (f"hf:ada/demo#sha256={DIGEST.upper()}", HubName("ada/demo", sha256=DIGEST)),
        (f"hf:ada/demo@main#sha256={DIGEST}", HubName("ada/demo", "main", DIGEST)),
    ],
)
def test_names(text: str, name: HubName) -> None:
    assert HubName.parse(text) == name
    assert HubName.parse(str(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "hf:demo", "hf:", "hf:ada/", "hf:/demo", "hf:ada/demo/more", "hf:ada/../demo", "hf:ada/demo@",
        "hf:ada/demo@../x",
        "hf:ada/demo#sha256=12", f"hf:ada/demo#{DIGEST}", "hf:ada/de mo", "hf:-ada/demo", "hf:ada/a..b", "hf:ada/a--b",
        "https://example.org/ada/demo", "hf:ada/demo\n",
    ],
)  # fmt: skip
def test_what_names_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="names no repository of the hub; write hf:USER/NAME"):
        HubName.parse(text)


class Response:
    """As much of an answer as the library's errors ask for."""

    def __init__(self, status: int) -> None:
        self.status_code, self.headers, self.request = status, {}, None


def failure(status: int, words: str = "") -> errors.HfHubHTTPError:
    return errors.HfHubHTTPError("failed", response=Response(status), server_message=words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (failure(401), "log in by `hf auth login`, or set HF_TOKEN"),
        (failure(403, "no rights"), "your token may not write to it (no rights)"),
        (failure(403, "Private repository storage quota exceeded"), "no room for it"),
        (failure(402), "no room for it"),
        (failure(404), "no such user or repository"),
        (failure(409), "somebody else changed it meanwhile; run the same command again"),
        (failure(412), "somebody else changed it meanwhile; run the same command again"),
        (failure(413), "no room for it"),
        (failure(422, "bad card"), "the hub refuses (422: bad card)"),
        (failure(429), "wait a few minutes"),
        (failure(503), "is out of order (status 503); try again later"),
        (errors.OfflineModeIsEnabled("offline"), "HF_HUB_OFFLINE is set"),
        (errors.LocalEntryNotFoundError("none"), "is not in the cache of this machine"),
        (ConnectionRefusedError(111, "refused"), "can't be reached"),
        (KeyError("odd"), "KeyError: 'odd'"),
    ],
)
def test_errors_say_what_to_do_in_one_line(error: Exception, said: str) -> None:
    line = hub_says(error, HubName("ada/demo"), writing=True)
    assert line.startswith("hf:ada/demo")
    assert said in line
    assert "\n" not in line


def test_a_token_in_an_answer_is_not_repeated() -> None:
    line = hub_says(failure(422, "token hf_abcDEF123 is\nodd"), HubName("ada/demo"))
    assert line.endswith("(422: token hf_… is odd)")
