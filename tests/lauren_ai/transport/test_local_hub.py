"""Weights by the name of a model hub: fetched once, their hash checked, failures in words."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lauren_ai._transport.local import hub
from lauren_ai._transport.local.weights import get_weights
from lauren_ai.errors import TransportError

WEIGHTS = b"GGUF" + bytes(range(256)) * 100
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()


class Hub(BaseHTTPRequestHandler):
    """Just so much of a hub as one file needs."""

    asked: list[str]
    content: bytes

    def do_HEAD(self) -> None:
        self.answer(b"")

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.answer(self.content)

    def answer(self, body: bytes) -> None:
        if not self.path.endswith("/f.gguf"):
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("X-Repo-Commit", "a" * 40)
        self.send_header("ETag", f'"{DIGEST}"')
        self.send_header("Content-Length", str(len(WEIGHTS)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    from huggingface_hub import constants

    kind = type("Served", (Hub,), {"asked": [], "content": WEIGHTS})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        # The package reads its variables when it is imported.
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setenv("LAUREN_CACHE_DIR", str(tmp_path / "cache"))
        yield kind
        server.shutdown()
    thread.join()


def test_a_file_is_fetched_once_and_its_progress_told(served: type[Hub]) -> None:
    seen: list[tuple[int, int]] = []
    path = get_weights("hf:o/r/f.gguf", progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == WEIGHTS
    assert seen[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert get_weights("hf:o/r/f.gguf") == path
    assert [path for path in served.asked if path.endswith("/f.gguf")] == served.asked[-1:]


def test_a_file_with_another_hash_is_removed(served: type[Hub]) -> None:
    served.content = WEIGHTS[:-1] + b"x"
    with pytest.raises(TransportError, match="SHA-256 is another"):
        get_weights("hf:o/r/f.gguf")
    served.content = WEIGHTS
    assert get_weights("hf:o/r/f.gguf").read_bytes() == WEIGHTS


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hf:o/r", "names no file"),
        ("hf:o/r/none.gguf", "o/r has no file none.gguf"),
        ("hf:o/r 2/f.gguf", "is no name of a repository"),
    ],
)
def test_a_name_that_means_nothing_is_told(name: str, words: str) -> None:
    with pytest.raises(TransportError, match=words):
        get_weights(name)


def test_all_parts_of_a_split_model_are_named() -> None:
    assert hub._list_parts("d/m-00002-of-00003.gguf") == [
        f"d/m-0000{number}-of-00003.gguf" for number in (1, 2, 3)
    ]
