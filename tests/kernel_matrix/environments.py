"""Makes the virtual environments of the kernel matrix.

Run it as `python -m tests.kernel_matrix.environments`. It owns a folder of them, LAUREN_KERNELS_DIR
or one in the user's cache; it starts no kernel.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import platformdirs

ROOT = Path(__file__).parent.parent.parent
KERNELS = {"6.31": "ipykernel==6.31.*", "7.2": "ipykernel==7.2.*", "newest": "ipykernel"}
"""What pip installs for each row of the matrix."""
NEWEST_LASTS_S = 7 * 86_400
"""Seconds until the newest kernel is looked for again."""


def get_folder() -> Path:
    """Where the environments are."""
    named = os.environ.get("LAUREN_KERNELS_DIR")
    return Path(named) if named else platformdirs.user_cache_path("lauren-nb", False) / "kernels"


def get_python(name: str) -> str:
    """The interpreter of one environment, which is made first where there is none."""
    folder = get_folder() / f"{name}-py{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not _is_ready(folder, name):
        _make(folder, python, name)
    return str(python)


def _is_ready(folder: Path, name: str) -> bool:
    try:
        stamp = json.loads((folder / "lauren.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    if name == "newest" and time.time() - stamp["made"] > NEWEST_LASTS_S:
        return False
    return bool(stamp["of"] == _get_hash(name))


def _make(folder: Path, python: Path, name: str) -> None:
    """What the project needs to run, and the kernel. The project itself is on the kernel's path, so
    that what is here is what is tested."""
    print(f"Making {folder} with {KERNELS[name]} (once)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install"]
    options = ["--quiet", "--prefer-binary", "--no-compile"]
    subprocess.run([*pip, *options, *_get_requirements(name)], check=True)
    stamp = {"of": _get_hash(name), "made": time.time()}
    (folder / "lauren.json").write_text(json.dumps(stamp), "utf-8")


def _get_requirements(name: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], KERNELS[name]]


def _get_hash(name: str) -> str:
    return hashlib.sha256("\n".join(_get_requirements(name)).encode()).hexdigest()


def main() -> None:
    for name in KERNELS:
        began = time.monotonic()
        python = get_python(name)
        code = "from importlib.metadata import version; print(version('ipykernel'))"
        found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
        spent = time.monotonic() - began
        print(f"{name}: ipykernel {found.stdout.strip()}, ready in {spent:.0f} s", flush=True)


if __name__ == "__main__":
    main()
