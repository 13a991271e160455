"""Loading gives the magics and unloading takes everything back; importing costs no provider."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import lauren_nb


@pytest.fixture
def shell() -> InteractiveShell:
    return InteractiveShell()


def look_at(shell: InteractiveShell) -> object:
    magics = shell.magics_manager.magics
    return (
        {kind: set(names) for kind, names in magics.items()},
        list(shell.input_transformer_manager.line_transforms),
        list(shell.input_transformer_manager.token_transformers),
        set(shell.user_ns),
    )


def test_unload_leaves_the_shell_as_it_was(shell: InteractiveShell) -> None:
    before = look_at(shell)
    lauren_nb.load_ipython_extension(shell)
    assert look_at(shell) != before
    lauren_nb.unload_ipython_extension(shell)
    assert look_at(shell) == before


def test_loading_twice_is_loading_once(shell: InteractiveShell) -> None:
    lauren_nb.load_ipython_extension(shell)
    once = look_at(shell)
    lauren_nb.load_ipython_extension(shell)
    assert look_at(shell) == once
    lauren_nb.unload_ipython_extension(shell)


def test_reload_begins_anew(shell: InteractiveShell) -> None:
    lauren_nb.load_ipython_extension(shell)
    shell.run_cell("%lauren alias fast local:smollm2")
    lauren_nb.unload_ipython_extension(shell)
    lauren_nb.load_ipython_extension(shell)
    assert not shell.run_cell("%lauren config model=fast").success
    lauren_nb.unload_ipython_extension(shell)


def test_magic_has_its_options_as_help(shell: InteractiveShell) -> None:
    lauren_nb.load_ipython_extension(shell)
    assert "--max-tokens" in shell.find_cell_magic("lauren").__doc__
    lauren_nb.unload_ipython_extension(shell)


@pytest.mark.parametrize(
    ("line", "found"),
    [("%%lauren --max-t", "--max-tokens"), ("%%lauren --format js", "json")],
)
def test_tab_completes_options(shell: InteractiveShell, line: str, found: str) -> None:
    lauren_nb.load_ipython_extension(shell)
    with provisionalcompleter():
        matches = [match.text for match in shell.Completer.completions(line, len(line))]
    assert any(match.endswith(found) for match in matches)
    lauren_nb.unload_ipython_extension(shell)


@pytest.mark.parametrize("module", ["lauren_nb", "lauren_nb._extension"])
def test_import_brings_no_provider(module: str) -> None:
    code = (
        f"import {module}, sys\n"
        "print([m for m in ('anthropic', 'openai', 'httpx', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
