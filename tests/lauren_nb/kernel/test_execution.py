"""Code of a model runs in the user's namespace as a cell would, and what becomes of it is told."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_nb._kernel import execution
from lauren_nb._kernel.execution import MAX_PRINTED, Execution, execute
from lauren_nb._kernel.interrupts import stop_on_sigint


@pytest.fixture
def shell() -> InteractiveShell:
    return InteractiveShell()


async def fail(code: str, shell: InteractiveShell) -> str:
    done = await execute(code, shell=shell)
    assert done.error is not None
    return done.error


@pytest.mark.parametrize(
    "code, done",
    [
        ("", Execution("", None, None)),
        ("# only a comment", Execution("", None, None)),
        ("1 + 1", Execution("", 2, None)),
        ("x = 1", Execution("", None, None)),
        ("x = 2\nx * 3", Execution("", 6, None)),
        ("print('a')\nprint('b', end='')", Execution("a\nb", None, None)),
        ("import sys\nprint('e', file=sys.stderr)\n'v'", Execution("e\n", "v", None)),
        ("for i in range(3):\n    print(i)", Execution("0\n1\n2\n", None, None)),
        ("await_me = 3\nawait_me", Execution("", 3, None)),
        ("import asyncio\nawait asyncio.sleep(0, 5)", Execution("", 5, None)),
        (
            "import asyncio\nx = await asyncio.sleep(0, 5)\nprint(x)\nx + 1",
            Execution("5\n", 6, None),
        ),
        ("%who_ls int", Execution("", [], None)),
        ("%%capture out\nprint('hidden')", Execution("", None, None)),
    ],
)
async def test_prints_and_the_last_value_come_back(
    shell: InteractiveShell, code: str, done: Execution
) -> None:
    assert await execute(code, shell=shell) == done


async def test_what_code_defines_stays(shell: InteractiveShell) -> None:
    shell.user_ns["given"] = 40
    await execute("def add(n: int) -> int:\n    return given + n\nanswer = add(2)", shell=shell)
    assert shell.user_ns["answer"] == 42
    assert shell.user_ns["add"](3) == 43
    assert (await execute("add(answer)", shell=shell)).value == 82


async def test_annotations_are_values_as_in_a_cell(shell: InteractiveShell) -> None:
    """This module's own `from __future__ import annotations` made text of them."""
    await execute("def f(n: int): ...", shell=shell)
    assert shell.user_ns["f"].__annotations__ == {"n": int}


async def test_coroutine_that_the_code_does_not_await_is_a_value(shell: InteractiveShell) -> None:
    code = "async def work():\n    print('ran')\nwork()"
    done = await execute(code, shell=shell)
    assert asyncio.iscoroutine(done.value)
    done.value.close()
    assert done.printed == ""


async def test_traceback_begins_at_the_code_and_shows_its_lines(shell: InteractiveShell) -> None:
    error = await fail("def divide(n):\n    return 1 / n\n\nprint('before')\ndivide(0)", shell)
    assert error.startswith("Traceback (most recent call last):\n")
    assert "line 5, in <module>\n    divide(0)\n" in error
    assert "line 2, in divide\n    return 1 / n\n" in error
    assert error.endswith("ZeroDivisionError: division by zero\n")
    assert "execution.py" not in error
    assert sys.executable not in error


async def test_failure_after_an_await_shows_only_the_code(shell: InteractiveShell) -> None:
    error = await fail("import asyncio\nawait asyncio.sleep(0)\nnowhere", shell)
    assert "line 3, in <module>" in error
    assert "execution.py" not in error


async def test_what_was_printed_before_a_failure_is_kept(shell: InteractiveShell) -> None:
    done = await execute("print('half')\nx = 1\n1 / 0", shell=shell)
    assert (done.printed, done.value) == ("half\n", None)
    assert shell.user_ns["x"] == 1


async def test_older_code_shows_its_own_lines_when_it_fails_later(shell: InteractiveShell) -> None:
    await execute("def first():\n    raise ValueError('one')", shell=shell)
    error = await fail("'another code'\nfirst()", shell)
    assert "raise ValueError('one')" in error
    assert "    first()\n" in error


@pytest.mark.parametrize("code", ["x = = 1", "if True:", "def f(:", "'\x00'", "(" * 10_000])
async def test_code_that_cannot_be_read_is_a_result(shell: InteractiveShell, code: str) -> None:
    error = await fail(code, shell)
    assert "Error" in error
    assert "execution.py" not in error
    assert "ast.py" not in error


@pytest.mark.parametrize("code", ["import sys\nsys.exit(3)", "raise SystemExit(3)"])
async def test_exit_ends_the_code_and_not_the_kernel(shell: InteractiveShell, code: str) -> None:
    assert (await fail(code, shell)).endswith("SystemExit: 3\n")


async def test_unknown_magic_is_a_result(shell: InteractiveShell) -> None:
    done = await execute("%nowhere 1", shell=shell)
    assert "nowhere" in done.printed + (done.error or "")


async def test_endless_output_keeps_head_and_tail(shell: InteractiveShell) -> None:
    done = await execute("for i in range(200_000):\n    print(i)", shell=shell)
    assert len(done.printed) < MAX_PRINTED + 100
    assert done.printed.startswith("0\n1\n2\n")
    assert done.printed.endswith("\n199998\n199999\n")
    assert "characters left out" in done.printed
    assert (await execute("print('short')", shell=shell)).printed == "short\n"


async def test_standard_output_is_put_back_when_two_codes_run_in_turns(
    shell: InteractiveShell,
) -> None:
    before = sys.stdout, sys.stderr
    code = "import asyncio\nfor i in range(3):\n    print({0})\n    await asyncio.sleep(0)"
    both = await asyncio.gather(*(execute(code.format(n), shell=shell) for n in (1, 2)))
    assert [done.printed for done in both] == ["1\n" * 3, "2\n" * 3]
    assert (sys.stdout, sys.stderr) == before


async def test_memory_of_sources_is_bounded(shell: InteractiveShell) -> None:
    for number in range(execution.MAX_SOURCES + 20):
        await execute(f"x = {number}", shell=shell)
    names = {name for name in execution.linecache.cache if name.startswith(execution._PREFIX)}
    assert len(names) <= execution.MAX_SOURCES


BUSY = "began.set()\nwhile True:\n    pass"


@pytest.mark.parametrize("code", [BUSY, f"import asyncio\nawait asyncio.sleep(0)\n{BUSY}"])
async def test_interrupt_reaches_code_that_never_awaits(shell: InteractiveShell, code: str) -> None:
    """A kernel interrupts an awaited cell by cancelling it, which busy code would never see."""
    began = shell.user_ns["began"] = threading.Event()

    def interrupt() -> None:
        began.wait(30)
        signal.raise_signal(signal.SIGINT)

    task = asyncio.ensure_future(execute(code, shell=shell))
    before = sys.stdout
    threading.Thread(target=interrupt).start()
    with stop_on_sigint(task.cancel), pytest.raises(asyncio.CancelledError):
        await task
    assert sys.stdout is before


async def test_cancelling_reaches_code_that_awaits(shell: InteractiveShell) -> None:
    code = (
        "import asyncio\nbegan.set()\ntry:\n    await asyncio.Event().wait()\n"
        "finally:\n    print('cleaned up')\n    cleaned = True"
    )
    began = shell.user_ns["began"] = asyncio.Event()
    task = asyncio.ensure_future(execute(code, shell=shell))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert shell.user_ns["cleaned"]
