"""Weights of a model hub by name (`hf:OWNER/REPO/FILE.gguf`), through `huggingface_hub`.

That package owns the download, its cache, HF_ENDPOINT, HF_HOME and HF_TOKEN; this file what is
fetched, and the check of its hash. Works with huggingface_hub 1.0 and later.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lauren_ai._exceptions import TransientTransportError, TransportError

Progress = Callable[[int, int], None]

PREFIX = "hf:"
READ_BYTES = 1 << 20
MAX_PARTS = 200
MAX_NAMED = 8
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: llama.cpp finds the others beside the first.
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf\Z")


def fetch_from_hub(name: str, checked: Path, progress: Progress) -> Path:
    """The file of `hf:OWNER/REPO/FILE`, or the first of its parts, fetched where it is not in the
    hub's cache; that works without a network. `checked` is a folder that remembers which files
    have the hash that their names tell. Blocks. Raises TransportError."""
    owner, _, rest = name.removeprefix(PREFIX).partition("/")
    repo, _, file = rest.partition("/")
    if not (owner and repo and file):
        raise TransportError(
            f"local:{name} names no file. Write local:hf:OWNER/REPO/FILE.gguf as the hub lists it.",
            provider="local",
        )
    paths = [_fetch(f"{owner}/{repo}", part, checked, progress) for part in _list_parts(file)]
    return paths[0]


def _list_parts(file: str) -> list[str]:
    match = _PART.search(file)
    if match is None:
        return [file]
    count = min(int(match[2]), MAX_PARTS)
    head = file[: match.start()]
    return [f"{head}-{number:05}-of-{match[2]}.gguf" for number in range(1, count + 1)]


def _fetch(repo: str, file: str, checked: Path, progress: Progress) -> Path:
    try:
        import httpx
        from huggingface_hub import (  # type: ignore[import-not-found,unused-ignore]
            hf_hub_download,
            try_to_load_from_cache,
        )
        from huggingface_hub.errors import (  # type: ignore[import-not-found,unused-ignore]
            EntryNotFoundError,
            GatedRepoError,
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
            RepositoryNotFoundError,
        )
    except ImportError as error:
        raise TransportError(
            "Models of a hub need the package huggingface_hub, which is not installed here. Run "
            '`pip install "lauren-nb[hub]"`, then try again.',
            provider="local",
        ) from error
    try:
        found = try_to_load_from_cache(repo, file)
        if not isinstance(found, str):
            found = hf_hub_download(repo, file, tqdm_class=_make_bar(progress))
    except GatedRepoError as error:
        raise _failed(
            repo, "asks for its terms to be accepted", "Accept them there, and set HF_TOKEN"
        ) from error
    except LocalEntryNotFoundError as error:
        raise TransientTransportError(
            f"{repo} is not on this machine, and the hub could not be reached. Check the network, "
            "and HF_ENDPOINT where the hub is a mirror.",
            provider="local",
        ) from error
    except RepositoryNotFoundError as error:
        raise _failed(repo, "is not on the hub", "Check its name, or set HF_TOKEN") from error
    except EntryNotFoundError as error:
        raise _failed(repo, f"has no file {file}", _name_files(repo)) from error
    except HFValidationError as error:
        raise _failed(repo, "is no name of a repository", "Write OWNER/REPO/FILE") from error
    except (HfHubHTTPError, httpx.HTTPError, OSError) as error:
        raise TransientTransportError(
            f"{file} of {repo} could not be fetched ({type(error).__name__}). Check the network, "
            "HF_ENDPOINT and the space on the disk, then try again.",
            provider="local",
        ) from error
    path = Path(found)
    _check(path, file, checked)
    return path


def _failed(repo: str, what: str, do: str) -> TransportError:
    return TransportError(f"{repo} {what}. {do}.", provider="local")


def _name_files(repo: str) -> str:
    from huggingface_hub import list_repo_files
    from huggingface_hub.errors import HfHubHTTPError

    try:
        names = [name for name in list_repo_files(repo) if name.endswith(".gguf")]
    except (HfHubHTTPError, OSError):
        names = []
    return f"It has {', '.join(names[:MAX_NAMED])}" if names else "Check the file's name"


def _make_bar(progress: Progress) -> type[Any]:
    """What huggingface_hub tells of bytes; an exception of `progress` stops the download."""
    from tqdm import tqdm  # type: ignore[import-untyped,unused-ignore]

    class Bar(tqdm):  # type: ignore[misc,unused-ignore]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{**options, "file": io.StringIO(), "disable": False})

        def update(self, n: float | None = 1) -> bool | None:
            shown: bool | None = super().update(n)
            progress(int(self.n), int(self.total or 0))
            return shown

    return Bar


def _check(path: Path, file: str, checked: Path) -> None:
    """The hub keeps large files under their SHA-256. Raises TransportError where one has another;
    it is removed."""
    blob = Path(os.path.realpath(path))
    if _SHA256.fullmatch(blob.name) is None:  # a small file, or a cache without links
        return
    stat = blob.stat()
    mark = checked / f"{blob.name}-{stat.st_size}-{stat.st_mtime_ns}"
    if mark.exists():
        return
    digest = hashlib.sha256()
    with blob.open("rb") as content:
        while data := content.read(READ_BYTES):
            digest.update(data)
    if digest.hexdigest() != blob.name:
        path.unlink(missing_ok=True)
        blob.unlink(missing_ok=True)
        raise TransportError(
            f"What came for {file} is not what the hub names: its SHA-256 is another. It was "
            "removed; try again.",
            provider="local",
        )
    checked.mkdir(parents=True, exist_ok=True)
    mark.touch()
