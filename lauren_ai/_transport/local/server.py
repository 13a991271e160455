"""The server of the embedded model: one child process a model file, started when first asked.

It owns that child's life; `process.py` is what runs in it, `transport.py` speaks to it.
"""

from __future__ import annotations

import atexit
import json
import secrets
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, ClassVar

from lauren_ai._exceptions import TransportError

EXIT_GRACE_S = 2.0
LOG_HEAD_BYTES = 2000


class LocalServer:
    """Made by `get`, shared by all who ask for the same model, closed by `close` or at exit.

    The child ends with this process, however that ends: it watches its standard input. An interrupt
    of the notebook's kernel does not reach it.

    Attributes:
        base_url: of the OpenAI-compatible API, `/v1` included, on the loopback interface.
        api_key: made for this server; without it every request is refused.
        model: the name to ask for, the file's without its suffix.
    """

    _servers: ClassVar[dict[Path, LocalServer]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, model: Path) -> None:
        self.model = model.stem
        self.api_key = secrets.token_urlsafe(32)
        # A file, not a pipe: nobody need read it for the child to go on.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (close() closes it)
        self._child = _spawn(self._log)
        try:
            self.base_url = self._start(model)
        except BaseException:
            self.close()
            raise

    @classmethod
    def get(cls, model: Path) -> LocalServer:
        """Return the running server of this model, started where there is none or it has died.

        It blocks while the model loads (a second for the embedded one), so call it in a thread.
        Raises TransportError where xllamacpp is not installed or llama.cpp refuses the model.
        """
        path = model.resolve()
        with cls._lock:
            server = cls._servers.get(path)
            if server is None or not server.running:
                if server is not None:
                    server.close()
                server = cls._servers[path] = cls(path)
            return server

    @classmethod
    def close_all(cls) -> None:
        """Close every server; the next `get` starts a new one."""
        with cls._lock:
            while cls._servers:
                cls._servers.popitem()[1].close()

    @property
    def running(self) -> bool:
        """Whether the child lives."""
        return self._child.poll() is None

    def close(self) -> None:
        """End the child. Requests that run are cut off. Closing twice is fine."""
        _pipe(self._child.stdin).close()
        try:
            self._child.wait(EXIT_GRACE_S)
        except subprocess.TimeoutExpired:
            # It is loading a model, and deaf until that is done.
            self._child.kill()
            self._child.wait()
        _pipe(self._child.stdout).close()
        self._log.close()

    def _start(self, model: Path) -> str:
        """Hand the child its task and return its base URL."""
        asked = {"model": str(model), "name": self.model, "key": self.api_key}
        try:
            _pipe(self._child.stdin).write(json.dumps(asked) + "\n")
            _pipe(self._child.stdin).flush()
        except BrokenPipeError as error:
            raise self._error(model, "it ended at once") from error
        line = _pipe(self._child.stdout).readline()
        if not line:
            raise self._error(model, f"it ended with status {self._child.wait()}")
        said = json.loads(line)
        if "missing" in said:
            raise _not_installed(said["missing"])
        if "error" in said:
            raise self._error(model, said["error"])
        return f"{said['url']}/v1"

    def _error(self, model: Path, what: str) -> TransportError:
        self._log.seek(0)
        # The first lines name the cause, the others what followed from it.
        log = self._log.read(LOG_HEAD_BYTES).decode("utf-8", "replace").splitlines()[:2]
        return TransportError(
            f"llama.cpp could not serve {model.name}: {what.rstrip('.')}. Check that the file is a "
            f"whole GGUF model and that memory is free. {' '.join(log)}".rstrip(),
            provider="local",
        )


atexit.register(LocalServer.close_all)


def _spawn(log: IO[bytes]) -> subprocess.Popen[str]:
    child = Path(__file__).with_name("process.py")
    return subprocess.Popen(
        # -P: the child's own folder holds modules whose names are not meant for it.
        [sys.executable, "-P", str(child)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
        # A group of its own: kernels and terminals interrupt whole groups.
        start_new_session=sys.platform != "win32",
        creationflags=_windows_flags(),
    )


def _windows_flags() -> int:
    # Spelt so that mypy, which reads this for one platform at a time, knows the names.
    if sys.platform != "win32":
        return 0
    return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW


def _not_installed(name: str) -> TransportError:
    return TransportError(
        f"The embedded model needs the package {name or 'xllamacpp'}, which is not installed here. "
        'Run `pip install "lauren-nb[local]"`, then try again.',
        provider="local",
    )


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None  # Popen was given PIPE
    return stream
