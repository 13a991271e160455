"""Our magics are awaited where they begin a line of a cell, and nothing else is touched."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

import lauren_nb
from lauren_nb._magics import awaiting


@pytest.fixture
def shell() -> InteractiveShell:
    shell = InteractiveShell()
    awaiting.install(shell.input_transformer_manager)
    return shell


@pytest.mark.parametrize("cell", ["%%lauren -o x\nhi", "%lauren usage", "x = 1\n%lauren usage\n"])
def test_magic_at_the_start_of_a_line_is_awaited(shell: InteractiveShell, cell: str) -> None:
    code = shell.transform_cell(cell)
    assert "await get_ipython().run_" in code
    assert "--awaited" in code


def test_line_of_the_user_follows_the_flag(shell: InteractiveShell) -> None:
    code = shell.transform_cell("%%lauren -o x\nhi")
    assert "'lauren', '--awaited -o x', 'hi\\n')" in code


@pytest.mark.parametrize(
    "cell",
    [
        "if True:\n    %lauren usage",
        "def f():\n    %lauren usage",
        "%%time\n%%lauren\nhi",
        "%%timeit\n1",
        "%lsmagic",
        "text = \"get_ipython().run_cell_magic('lauren', '', 'hi')\"",
        "get_ipython().run_cell_magic('other', 'lauren', 'hi')",
        "x = %lauren usage",
        'text = """\n%lauren usage\n%%lauren\n"""',
        "%laurent usage",
    ],
)
def test_nothing_else_is_touched(shell: InteractiveShell, cell: str) -> None:
    assert "await " not in shell.transform_cell(cell)


@pytest.mark.parametrize("kind", ["%%lauren\nhi", "%lauren usage"])
def test_nothing_is_awaited_where_autoawait_is_off(kind: str) -> None:
    shell = InteractiveShell.instance()
    lauren_nb.load_ipython_extension(shell)
    try:
        shell.run_line_magic("autoawait", "False")
        assert "await" not in shell.transform_cell(kind)
        shell.run_line_magic("autoawait", "True")
        assert "await" in shell.transform_cell(kind)
    finally:
        lauren_nb.unload_ipython_extension(shell)
        InteractiveShell.clear_instance()


def test_inside_a_cell_nothing_is_awaited(shell: InteractiveShell) -> None:
    shell.run_cell("code = get_ipython().transform_cell('%%lauren\\nhi')")
    assert "await" not in shell.user_ns["code"]
    assert "await" in shell.transform_cell("%%lauren\nhi")
