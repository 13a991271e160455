"""Owns one JupyterLab server with a folder, a settings folder and a runtime folder of its own.

It knows no notebook and no browser; benchmarks use it as the tests do.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import nbformat
from nbformat.sign import NotebookNotary

ROOT = Path(__file__).parent.parent.parent
START_TIMEOUT_S = 60.0
#: A developer's own keys and defaults must not decide what a test asks.
FOREIGN = ("ANTHROPIC_", "OPENAI_", "OLLAMA_", "LAUREN_", "JUPYTER_")
#: The news extension asks the network, and its notification covers the page.
PAGE_CONFIG = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


class Lab:
    """A context manager: the server runs inside; `root` is the folder of its notebooks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "notebooks"
        self.url = f"http://127.0.0.1:{_get_free_port()}"

    def __enter__(self) -> Self:
        self.root.mkdir(parents=True)
        settings = self._folder / "config" / "labconfig" / "page_config.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(PAGE_CONFIG))
        with (self._folder / "lab.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._get_command(), env=self._get_environment(), stdout=log, stderr=log
            )
        self._wait()
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.terminate()
        self._process.wait()

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that Jupyter's REST API answers; None for an empty answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=START_TIMEOUT_S) as response:
            text = response.read()
        return json.loads(text) if text else None

    def trust(self, notebook: nbformat.NotebookNode) -> None:
        """Sign a notebook as one that the user has trusted."""
        notary = NotebookNotary(data_dir=str(self._folder / "data"))
        with closing(notary.store):  # Python 3.13 warns of a database that nobody closed
            notary.sign(notebook)

    def _get_command(self) -> list[str]:
        port = self.url.rpartition(":")[2]
        root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", *root),
            *("--ServerApp.token=", "--ServerApp.password=", f"--ServerApp.root_dir={self.root}"),
            *("--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"),
            "--ServerApp.disable_check_xsrf=True",
            f"--LabApp.user_settings_dir={self._folder / 'settings'}",
            f"--LabApp.workspaces_dir={self._folder / 'workspaces'}",
        ]

    def _get_environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join(paths),
            "JUPYTER_CONFIG_DIR": str(self._folder / "config"),
            "JUPYTER_DATA_DIR": str(self._folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._folder / "runtime"),
            "IPYTHONDIR": str(self._folder / "ipython"),
        }

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.request("GET", "status")
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self._process.kill()
        log = (self._folder / "lab.log").read_text("utf-8", "replace")
        raise RuntimeError(f"JupyterLab did not start:\n{log[-2000:]}")


def _get_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
