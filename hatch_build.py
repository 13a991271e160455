"""The build hook: npm builds js/ into lauren_nb/static/ when that is missing or out of date.

It owns when the front end is built, not how: js/package.json says how.
"""

from __future__ import annotations

import shutil
import subprocess
from itertools import chain
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OUTPUTS = ("lauren_nb/static/loader.js", "lauren_nb/static/runtime.js")
NEED_NODE = "The front end in js/ must be built, which needs Node.js 20 or newer with npm: "


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before hatchling collects a wheel (editable ones too) or an sdist."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        js, outputs = root / "js", [root / name for name in OUTPUTS]
        has_sources = (js / "package.json").is_file()
        if has_sources and is_stale(js, outputs):
            build(js, show=self.app.display_info)
        if missing := [str(path) for path in outputs if not path.is_file()]:
            raise RuntimeError(f"The front end is not there: {', '.join(missing)}")


def is_stale(js: Path, outputs: list[Path]) -> bool:
    """Whether an output is missing, or older than a source that it is built from."""
    if not all(path.is_file() for path in outputs):
        return True
    built = min(path.stat().st_mtime for path in outputs)
    sources = chain(js.glob("*.json"), js.glob("*.mjs"), (js / "src").rglob("*.*"))
    return any(path.stat().st_mtime > built for path in sources)


def build(js: Path, *, show: Any) -> None:
    """Install the front end's packages where they changed, then build it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise RuntimeError(f"{NEED_NODE}none is on PATH. Install it, or install a built wheel.")
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(found.lstrip("v").split(".")[0]) < 20:
        raise RuntimeError(f"{NEED_NODE}{node} is {found.strip()}. Install a newer one.")
    installed, lock = js / "node_modules" / ".package-lock.json", js / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        run(npm, "ci", js=js, show=show)
    run(npm, "run", "build", js=js, show=show)


def run(npm: str, *args: str, js: Path, show: Any) -> None:
    """One npm command, shown as it runs; its failure stops the build."""
    show(f"js: npm {' '.join(args)}")
    if code := subprocess.run([npm, *args], cwd=js).returncode:
        raise RuntimeError(f"`npm {' '.join(args)}` in {js} failed with exit status {code}.")
