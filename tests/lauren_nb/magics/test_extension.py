"""Loading gives the magics and unloading takes everything back; importing costs no provider."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import lauren_nb
from lauren_nb._magics.extension import _NEEDED
from lauren_nb.panel._host import get_host_session


@pytest.fixture
def shell() -> InteractiveShell:
    return InteractiveShell()


def look_at(shell: InteractiveShell) -> object:
    magics = shell.magics_manager.magics
    return (
        {kind: set(names) for kind, names in magics.items()},
        list(shell.input_transformer_manager.line_transforms),
        list(shell.input_transformer_manager.token_transformers),
        list(shell.Completer.custom_matchers),
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


@pytest.mark.parametrize("name", sorted({name for names in _NEEDED.values() for name in names}))
def test_what_is_imported_ahead_can_be_imported(name: str) -> None:
    import_module(name)


def test_reload_begins_anew(shell: InteractiveShell) -> None:
    lauren_nb.load_ipython_extension(shell)
    shell.run_cell("%lauren alias fast local:smollm2")
    lauren_nb.unload_ipython_extension(shell)
    lauren_nb.load_ipython_extension(shell)
    assert not shell.run_cell("%lauren config model=fast").success
    lauren_nb.unload_ipython_extension(shell)


def test_a_panels_session_is_that_of_the_magics(shell: InteractiveShell) -> None:
    session = get_host_session(shell)
    assert "lauren" in shell.magics_manager.magics["cell"]
    shell.run_cell("%lauren alias fast local:smollm2")
    assert session.aliases == {"fast": "local:smollm2"}
    lauren_nb.unload_ipython_extension(shell)
    assert get_host_session(shell) is not session
    assert "lauren" in shell.magics_manager.magics["cell"]
    lauren_nb.unload_ipython_extension(shell)


def test_a_panel_takes_the_session_of_an_extension_that_nobody_loaded_by_its_name(
    shell: InteractiveShell,
) -> None:
    lauren_nb.load_ipython_extension(shell)
    shell.run_cell("%lauren alias fast local:smollm2")
    assert get_host_session(shell).aliases == {"fast": "local:smollm2"}
    lauren_nb.unload_ipython_extension(shell)


def test_magic_has_its_options_as_help(shell: InteractiveShell) -> None:
    lauren_nb.load_ipython_extension(shell)
    assert "--max-tokens" in shell.find_cell_magic("lauren").__doc__
    lauren_nb.unload_ipython_extension(shell)


NAMESPACE = """
from lauren_ai import PromptTemplate, agent, tool
def plot(column: str): ...
@tool
class Count:
    def run(self, step: int) -> int: ...
@agent()
class Helper: ...
pipeline = PromptTemplate("{a}") | PromptTemplate("{b}")
pixels = 3
import os as plumbing
"""


def complete(shell: InteractiveShell, text: str) -> list[str]:
    """The lines that Tab would make of the last one of `text`, in IPython's order."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(text, len(text)))
    return [(text[: one.start] + one.text).split("\n")[-1] for one in found]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("%%lauren --max-t", ["%%lauren --max-tokens"]),
        ("%%lauren --format js", ["%%lauren --format json"]),
        ("%%lauren --format=j", ["%%lauren --format=json"]),
        ("%%lauren ch", ["%%lauren chain"]),
        ("%%lauren chain pi", ["%%lauren chain pipeline"]),
        ("%%lauren -t pl", ["%%lauren -t plot"]),
        ("%%lauren -t plot,C", ["%%lauren -t plot,Count"]),
        ("%%lauren -t ker", ["%%lauren -t kernel"]),
        ("%%lauren --approve pl", ["%%lauren --approve plot"]),
        ("%%lauren -a H", ["%%lauren -a Helper"]),
        ("%%lauren --image pix", ["%%lauren --image pixels"]),
        ("%%lauren -m fas", ["%%lauren -m fast"]),
        ("\n%%lauren --fo", ["%%lauren --format"]),
        ("%lauren us", ["%lauren usage"]),
        ("%lauren re", ["%lauren record", "%lauren replay"]),
        ("%lauren config model=fa", ["%lauren config model=fast"]),
        ("%lauren fix -m fa", ["%lauren fix -m fast"]),
        ("x = 1\n%lauren approvals ", ["%lauren approvals revoke"]),
        ("%lauren panel --", ["%lauren panel --dock"]),
        ("%%lauren\n{{ pix", ["{{ pixels"]),
    ],
)
def test_tab_completes_lines_and_nothing_else(
    shell: InteractiveShell, text: str, lines: list[str]
) -> None:
    lauren_nb.load_ipython_extension(shell)
    shell.run_cell(NAMESPACE)
    shell.run_cell("%lauren alias fast local:smollm2")
    assert complete(shell, text) == lines
    lauren_nb.unload_ipython_extension(shell)


def test_tab_offers_all_options_and_no_name_of_python(shell: InteractiveShell) -> None:
    lauren_nb.load_ipython_extension(shell)
    assert complete(shell, "%%lauren --")[:2] == ["%%lauren --model", "%%lauren --output"]
    assert [line for line in complete(shell, "%%lauren --") if "--abs" in line] == []
    lauren_nb.unload_ipython_extension(shell)


def test_help_of_the_line_has_the_commands_and_the_options(shell: InteractiveShell) -> None:
    lauren_nb.load_ipython_extension(shell)
    text = str(shell.find_line_magic("lauren").__doc__)
    assert "  usage " in text
    assert "--max-tokens" in text
    lauren_nb.unload_ipython_extension(shell)


@pytest.mark.parametrize("module", ["lauren_nb", "lauren_nb._magics.extension"])
def test_import_brings_no_provider(module: str) -> None:
    code = (
        f"import {module}, sys\n"
        "print([m for m in ('anthropic', 'openai', 'httpx', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
