"""A waiting loop keeps waking, so that a signal's handler can run."""

from __future__ import annotations

import asyncio
import signal
import threading

from lauren_nb._kernel.interrupts import BEAT_S, heartbeat, stop_on_sigint


async def test_idle_loop_wakes_until_the_block_ends() -> None:
    loop = asyncio.get_running_loop()
    handles = len(loop._scheduled)  # type: ignore[attr-defined]
    with heartbeat():
        await asyncio.sleep(3 * BEAT_S)
        assert [h for h in loop._scheduled if not h.cancelled()]  # type: ignore[attr-defined]
    assert len([h for h in loop._scheduled if not h.cancelled()]) == handles  # type: ignore[attr-defined]


async def test_ctrl_c_stops_once_and_the_handler_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    stopped = asyncio.Event()
    with stop_on_sigint(stopped.set):
        signal.raise_signal(signal.SIGINT)
        await asyncio.wait_for(stopped.wait(), 5)
    assert signal.getsignal(signal.SIGINT) is before


async def test_in_another_thread_no_handler_is_set() -> None:
    async def run() -> object:
        with stop_on_sigint(lambda: None):
            return signal.getsignal(signal.SIGINT)

    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(run())))
    thread.start()
    await asyncio.to_thread(thread.join)
    assert found == [signal.getsignal(signal.SIGINT)]
