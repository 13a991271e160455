"""What runs in the child process of `LocalServer`: llama.cpp, until standard input ends.

It owns the server's settings and imports nothing of ours, so that it starts at once. The child is
there because xllamacpp 2026.10 holds the GIL while it loads a model: seconds in which no event loop
of the same process would move, not even for an interrupt.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

CONTEXT_TOKENS = 8192
"""At most; llama.cpp lowers it to what the model was trained on."""
LOG_ERRORS_ONLY = 1


def main() -> None:
    """Read one JSON line (model, name, key), print one (url or error), serve until the input ends.

    The key comes this way because other users of the machine can read command lines.
    """
    asked = json.loads(sys.stdin.readline())
    try:
        server = start(asked["model"], asked["name"], asked["key"])
        said = {"url": server.listening_address}
    except ModuleNotFoundError as error:
        said = {"missing": error.name or ""}
    except (RuntimeError, OSError, ImportError) as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)
    sys.stdin.read()
    # llama.cpp's threads may be in the middle of an answer that nobody waits for any more.
    os._exit(0)


def start(model: str, name: str, key: str) -> Any:
    """Return the running server, which answers to that key only, on the loopback interface."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {name}  # else every response would tell the file's path
    params.api_keys = [key]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT_TOKENS
    params.verbosity = LOG_ERRORS_ONLY
    params.ui = False
    params.endpoint_slots = False
    params.cors_origins = ""  # no web page may ask it
    params.cache_ram_mib = 256  # of old prompts; its own default is 8 GB
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
