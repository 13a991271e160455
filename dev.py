"""Set up and run this project from a clone: `python dev.py lab` or `python dev.py test`.

It owns the environment (the active virtual one, else `.venv` here) and the order of the checks; it
needs nothing but Python 3.11 and Node.js 20, and what it runs is in pyproject.toml and js/.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tests.side_by_side import Step, run_steps

if TYPE_CHECKING:  # an older Python gets as far as to be told that it is too old
    Commands = Iterator[tuple[str, list[str]]]
    Check = Callable[[str, dict[str, str]], Commands]
ROOT = Path(__file__).resolve().parent
BUILT = ROOT / "lauren_nb" / "static" / "runtime.js"
EXAMPLES = ROOT / "notebooks"
MINE = ROOT / "my-notebooks"
TOUR = "00-tour.ipynb"
WINDOWS = os.name == "nt"
NODE = 20
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    os.path.expandvars("%ProgramFiles%/Google/Chrome/Application/chrome.exe"),
    os.path.expandvars("%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe"),
)
FOREIGN = (
    *("PYTHON", "PYTEST_", "MYPY", "RUFF_", "LANG", "LC_", "TZ", "COLUMNS", "LINES", "NO_COLOR"),
    *("FORCE_COLOR", "NODE_ENV", "NODE_OPTIONS", "JUPYTER", "IPYTHON", "MPL"),
    *("ANTHROPIC_", "OPENAI_", "OLLAMA_", "LAUREN_"),
)
"""How the variables begin that would change what a check finds."""
PLACES = {"LAUREN_CHROMIUM", "LAUREN_KERNELS_DIR", "LAUREN_CACHE_DIR"}
INCLUDED = {"lab": {"lab", "dev"}, "dev": {"dev"}}
"""Which installed extras hold each extra that a command wants."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lab", help="open JupyterLab on the tour; further arguments go to it")
    test = commands.add_parser("test", help="run every check, or the steps that are named")
    test.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    test.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="steps that run side by side"
    )
    args, rest = parser.parse_known_args()
    if args.command == "lab":
        lab(rest)
    elif unknown := [*rest, *(set(args.steps) - set(STEPS))]:
        parser.error(f"unknown: {' '.join(unknown)}; the steps are {', '.join(STEPS)}")
    else:
        test_all(args.steps or list(STEPS), jobs=max(1, args.jobs))


# The two commands.


def lab(arguments: list[str]) -> None:
    """Fetch the embedded model, open JupyterLab on a copy of the tour."""
    python = get_environment("lab")
    heading("The embedded model (fetched once)")
    if subprocess.call([python, "-m", "lauren_nb._cli", "fetch", "smollm2"], cwd=ROOT):
        print("Going on without it: cells can use any provider that has a key.", flush=True)
    copy_examples()
    heading(f"JupyterLab in {MINE}")
    root = ["--allow-root"] if not WINDOWS and os.geteuid() == 0 else []
    # The address that Jupyter prints leads to the tour too, for those whose browser is elsewhere.
    url = f"--LabApp.default_url=/lab/tree/{TOUR}"
    command = [python, "-m", "jupyterlab", str(MINE / TOUR), url, *root, *arguments]
    if not WINDOWS:
        os.execv(python, command)  # so that Ctrl-C is Jupyter's alone
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(subprocess.call(command))


def copy_examples() -> None:
    """Copy the example notebooks to MINE, which git ignores: JupyterLab saves what it opens.

    A file that its user has changed stays as it is, also where the example has changed since.
    """
    stamp = MINE / ".copied.json"
    copied = read_json(stamp)
    for source in sorted([*EXAMPLES.glob("*.ipynb"), *EXAMPLES.glob("[!.]*/*.*")]):
        name = source.relative_to(EXAMPLES).as_posix()
        target, new = MINE / name, get_hash(source)
        if not target.exists() or get_hash(target) == copied.get(name):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            copied[name] = new
        elif new not in (copied.get(name), get_hash(target)):
            print(f"{target} is yours and stays; remove it to get the newer {name}.", flush=True)
    stamp.write_text(json.dumps(copied), "utf-8")


def test_all(names: Sequence[str], *, jobs: int) -> None:
    """Run the steps, some side by side; what failed is named at the end, and stops no other."""
    python = get_environment("dev")
    variables = {
        name: value
        for name, value in os.environ.items()
        if name in PLACES or not name.startswith(FOREIGN)
    }
    if "js" in names:
        get_npm()
    if "browser" in names:
        variables["LAUREN_CHROMIUM"] = get_chromium(python)
    with tempfile.TemporaryDirectory(prefix="lauren-", ignore_cleanup_errors=True) as folder:
        steps = [make_step(name, python, Path(folder), variables) for name in names]
        run_steps(steps, jobs=jobs)
        heading("What took longest")
        print(", ".join(f"{step.name} {step.seconds:.0f} s" for step in steps), flush=True)
        slow = sorted(chain(*(step.get_slow_tests() for step in steps)), reverse=True)
    for seconds, test in slow[:SLOWEST]:
        print(f"{seconds:7.1f} s  {test}", flush=True)
    if failed := [f"  {step.name}: {what}" for step in steps for what in step.failed]:
        fail("\n".join([f"Failed: {len(failed)}", *failed]))
    heading(f"All passed: {', '.join(names)}")


def make_step(name: str, python: str, folder: Path, variables: dict[str, str]) -> Step:
    # Neither what a user's IPython is set to nor what it remembers is for the tests.
    own = {**variables, "IPYTHONDIR": str(folder / name)}
    return Step(name, STEPS[name](python, own), variables=own, log=folder / f"{name}.log")


# The checks: each yields titles and commands, and may change the variables of its own.


def lint(python: str, variables: dict[str, str]) -> Commands:
    yield "ruff check", [python, "-m", "ruff", "check", "."]
    yield "ruff format", [python, "-m", "ruff", "format", "--check", "."]


def types(python: str, variables: dict[str, str]) -> Commands:
    yield "mypy --strict", [python, "-m", "mypy", "--strict", "lauren_ai", "lauren_nb"]


def front_end(python: str, variables: dict[str, str]) -> Commands:
    npm = get_npm()
    yield "types", [npm, "--prefix", "js", "run", "check"]
    yield "tests", [npm, "--prefix", "js", "test"]


def unit(python: str, variables: dict[str, str]) -> Commands:
    yield "the embedded model (fetched once)", [python, "-m", "lauren_nb._cli", "fetch", "smollm2"]
    marked = ["-m", "not browser and not kernels and not notebooks"]
    yield "pytest", pytest(python, *marked, "--ignore=tests/kernel")


def kernels(python: str, variables: dict[str, str]) -> Commands:
    """One kernel for all that cells do; then those whose messages differ, each in an environment
    of its own, outside of the clone."""
    yield "pytest in a kernel", pytest(python, "-m", "not browser", "tests/kernel")
    module = "tests.kernel_matrix.environments"
    yield "the kernels' environments (made once)", [python, "-m", module]
    yield "pytest on each kernel", pytest(python, "-m", "kernels", "tests/kernel_matrix")


def browser(python: str, variables: dict[str, str]) -> Commands:
    # On its own: Playwright keeps an event loop running in the main thread, and pytest-asyncio
    # could start none there.
    yield "pytest in Chromium", pytest(python, "-m", "browser")


def notebooks(python: str, variables: dict[str, str]) -> Commands:
    """Replaying: the tour, too, whose users have the embedded model."""
    variables["LAUREN_CASSETTE"] = str(EXAMPLES / "cassettes" / TOUR.replace(".ipynb", ".json"))
    variables["LAUREN_CASSETTE_MODE"] = "replay"
    # On a new machine matplotlib lists its fonts, and says so in the cell that imports it.
    yield "matplotlib's fonts (listed once)", [python, "-c", "import matplotlib.font_manager"]
    options = "--nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg"
    yield "nbval", pytest(python, *options.split(), "notebooks")
    marked = pytest(python, "-m", "notebooks", "tests/notebooks")
    yield "papermill, nbconvert, what they hold", marked


def pytest(python: str, *options: str) -> list[str]:
    slowest = [f"--durations={SLOWEST}", "--durations-min=1"]
    return [python, "-m", "pytest", *slowest, *options]


STEPS: dict[str, Check] = {
    "lint": lint,
    "types": types,
    "js": front_end,
    "unit": unit,
    "browser": browser,
    "kernels": kernels,
    "notebooks": notebooks,
}
SLOWEST = 10

# The environment.


def get_environment(extra: str) -> str:
    """Return the Python to use, with this project and the extra installed in it."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file runs before pip can check)
        fail(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}.")
    folder = Path(sys.prefix) if sys.prefix != sys.base_prefix else ROOT / ".venv"
    python = folder / ("Scripts/python.exe" if WINDOWS else "bin/python")
    if not python.is_file():
        make_environment(folder)
    install(str(python), folder / "lauren-dev.json", extra)
    return str(python)


def make_environment(folder: Path) -> None:
    heading(f"A virtual environment in {folder}")
    if subprocess.call([sys.executable, "-m", "venv", str(folder)]):
        shutil.rmtree(folder, ignore_errors=True)
        fail(
            f"{sys.executable} could not make a virtual environment. On Debian and Ubuntu run "
            "`sudo apt-get install python3-venv`; elsewhere install Python from python.org. Or "
            "activate a virtual environment of your own, and run this again."
        )


def install(python: str, stamp: Path, extra: str) -> None:
    """Install the project editable; skipped where nothing has changed since the last time."""
    state = {"sources": get_sources_hash(), "root": str(ROOT), "extra": extra}
    last = read_json(stamp)
    has = last.get("extra") in INCLUDED[extra] and {**last, "extra": extra} == state
    if has and BUILT.is_file() and (ROOT / "js" / "node_modules").is_dir():
        return
    heading(f"Installing lauren-nb[{extra}] into {stamp.parent}")
    npm = get_npm()
    ensure_pip(python)
    # The build hook would do this too, but pip hides what a hook prints.
    run([npm, "--prefix", "js", "ci"])
    run([npm, "--prefix", "js", "run", "build"])
    run([python, "-m", "pip", "install", "--disable-pip-version-check", "-e", f".[{extra}]"])
    stamp.write_text(json.dumps(state), "utf-8")


def read_json(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def get_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def get_sources_hash() -> str:
    """Return a digest of all that an editable install is made from."""
    js = ROOT / "js"
    sources = [js.glob("*.json"), js.glob("*.mjs"), (js / "src").rglob("*.*")]
    digest = hashlib.sha256()
    for path in sorted([ROOT / "pyproject.toml", ROOT / "hatch_build.py", *chain(*sources)]):
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def ensure_pip(python: str) -> None:
    """An environment made by uv, or left half made, has none."""
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return
    if subprocess.call([python, "-m", "ensurepip"]):
        fail(
            f"{python} has no pip, and ensurepip could not bring it. Install pip into that "
            "environment, or remove or deactivate it, and run this again."
        )


def get_npm() -> str:
    """Return npm's path, where Node.js is there and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    need = f"Install Node.js {NODE} or newer, which brings npm, and run this again."
    if not node or not npm:
        fail(f"{'npm' if node else 'node'} is not on PATH. {need}")
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    version = re.match(r"v(\d+)\.", said)
    if not version or int(version[1]) < NODE:
        fail(f"{node} is {said or 'no Node.js'}. {need}")
    return npm


def get_chromium(python: str) -> str:
    """Return a Chromium's path: the system's, Playwright's own, or one that CI installs now."""
    if CI_CAN_INSTALL and not find_chromium(python):
        heading("Chromium for the browser tests")
        # So that it asks nothing, and does not say of each package that it could not have asked.
        quiet = {"DEBIAN_FRONTEND": "noninteractive", "DEBCONF_NOWARNINGS": "yes"}
        run("apt-get update -qq".split(), **quiet)
        packages = "chromium fonts-dejavu"
        run(f"apt-get install -y -qq --no-install-recommends {packages}".split(), **quiet)
    found = find_chromium(python)
    if not found:
        fail(
            "The browser tests need a Chromium, Chrome or Edge. Install one: `sudo apt-get install "
            f"chromium`, `brew install chromium`, or `{python} -m playwright install chromium`."
        )
    return found


CI_CAN_INSTALL = os.environ.get("CI") == "true" and shutil.which("apt-get") and os.geteuid() == 0


def find_chromium(python: str) -> str | None:
    for name in (os.environ.get("LAUREN_CHROMIUM", ""), *BROWSERS):
        if path := shutil.which(name):
            return path
    code = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    own = subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()
    return own if own and Path(own).is_file() else None


# Talking and running.


def heading(title: str) -> None:
    print(f"\n=== {title}", flush=True)


def run(command: list[str], **variables: str) -> None:
    """Run a command here, its output shown; its failure ends this script."""
    if code := subprocess.call(command, cwd=ROOT, env={**os.environ, **variables}):
        fail(f"`{' '.join(command)}` failed with exit status {code}.", code)


def fail(message: str, code: int = 1) -> NoReturn:
    print(f"\ndev.py: {message}", file=sys.stderr, flush=True)
    raise SystemExit(code)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("Stopped. Run it again: it goes on where something is missing.", 130)
