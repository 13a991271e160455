"""`%lauren fix` sends the cell that failed, whatever ran since, and nothing that it must not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

import lauren_nb
from lauren_ai._secrets import PLACEHOLDER
from lauren_nb._session.failures import MAX_CHARS
from tests.servers import FakeOpenAI, text

KEY = "sk-0123456789abcdefSECRET"


@pytest.fixture
def shell(openai_server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("LAUREN_MODEL", "openai:test-model")
    shell = InteractiveShell()
    lauren_nb.load_ipython_extension(shell)
    yield shell
    lauren_nb.unload_ipython_extension(shell)


def ask(shell: InteractiveShell, server: FakeOpenAI) -> str:
    server.reply(text("Because."))
    assert shell.run_cell("%lauren fix", store_history=True).success
    return str(server.requests[-1].body["messages"][-1]["content"])


def test_fix_sends_the_failed_cell_though_others_ran_since(
    shell: InteractiveShell, openai_server: FakeOpenAI
) -> None:
    failing = "items = {'a': 1}\nitems['{{ b }}']"
    shell.run_cell(failing, store_history=True)
    shell.run_cell("fine = 1", store_history=True)
    shell.run_cell("%lauren usage", store_history=True)
    asked = ask(shell, openai_server)
    assert failing in asked
    assert "KeyError: '{{ b }}'" in asked
    assert "fine = 1" not in asked
    assert failing in ask(shell, openai_server)  # and again, after the fix itself ran
    assert "_lauren_fix" not in shell.user_ns


def test_fix_sends_a_cell_that_cannot_be_parsed(
    shell: InteractiveShell, openai_server: FakeOpenAI
) -> None:
    shell.run_cell("def f(:", store_history=True)
    asked = ask(shell, openai_server)
    assert "def f(:" in asked
    assert "SyntaxError" in asked


def test_fix_sends_no_locals_no_keys_and_a_bounded_error(
    shell: InteractiveShell, openai_server: FakeOpenAI
) -> None:
    shell.run_cell(
        "import base64, os\n"
        "AWAY = 'sk-ant-' + 'api03-0123456789abcdef'\n"
        "def call():\n"
        "    hidden = 'local' + 'value'\n"
        "    told = base64.b64encode(os.environ['OPENAI_API_KEY'].encode())\n"
        f"    raise ValueError('. ' * {3 * MAX_CHARS}, os.environ['OPENAI_API_KEY'], told, AWAY)\n"
        "call()"
    )
    asked = ask(shell, openai_server)
    assert "localvalue" not in asked
    assert KEY not in asked
    assert "sk-ant-api03" not in asked
    assert asked.count(PLACEHOLDER) == 3
    assert len(asked) < MAX_CHARS + 1_000


def test_fix_says_when_no_cell_has_failed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("1")
    shell.run_cell("raise KeyboardInterrupt")  # a person's stop is no failure
    assert not shell.run_cell("%lauren fix").success
    assert "No cell has failed" in capsys.readouterr().out


def test_a_fence_in_the_cell_cannot_end_its_block(
    shell: InteractiveShell, openai_server: FakeOpenAI
) -> None:
    shell.run_cell("'''\n```\n'''\n1/0")
    assert "````python" in ask(shell, openai_server)
