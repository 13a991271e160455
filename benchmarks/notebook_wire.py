"""What a streaming cell costs between kernel and page, beside whole-text `update_display`.

    python -m benchmarks.notebook_wire [--tokens 1000 5000 10000] [--tokens-per-s 100]

A real kernel, a scripted provider, a client that attaches to the view as JupyterLab does. Bytes are
those of the iopub channel, all frames of all messages counted, the first cell's runtime apart. The
peer shows the same text with `display(Markdown(text), display_id=…)` and one `update` a token, as
most notebook tools do; its growth is that of a square, so it is run at 1,000 tokens and 2,000 only.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from tests.kernel._kernel import Kernel, Run
from tests.servers import FakeAnthropic, text

HOUR_S = 3600.0
WORD = " token"
PEER = """\
import asyncio, time
from IPython.display import Markdown, display
text, due = "", time.monotonic()
handle = display(Markdown(text), display_id=True)
for _ in range({tokens}):
    text += {word!r}
    handle.update(Markdown(text))
    due += 1 / {tokens_per_s}
    await asyncio.sleep(max(0.0, due - time.monotonic()))
"""


@dataclass
class Row:
    name: str
    tokens: int
    run: Run

    @property
    def bytes_per_token(self) -> float:
        return self.run.size / self.tokens

    @property
    def messages_per_s(self) -> float:
        seconds = self.run.messages[-1].at - self.run.messages[0].at
        return len(self.run.messages) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, nargs="+", default=[1000, 5000, 10_000])
    parser.add_argument("--tokens-per-s", type=float, default=100.0)
    args = parser.parse_args()
    with FakeAnthropic() as server, Kernel() as kernel:
        load(kernel, server)
        ours = [run_ours(kernel, server, n, args.tokens_per_s) for n in args.tokens]
        peers = [run_peer(kernel, n, args.tokens_per_s) for n in (1000, 2000)]
    print(f"{'':24}{'tokens':>8}{'kB':>10}{'bytes/token':>13}{'messages/s':>12}")
    for row in [*ours, *peers]:
        print(
            f"{row.name:24}{row.tokens:8,}{row.run.size / 1000:10,.1f}"
            f"{row.bytes_per_token:13,.1f}{row.messages_per_s:12.1f}"
        )
    print_ratios(ours, peers)


def print_ratios(ours: list[Row], peers: list[Row]) -> None:
    for row in ours[1:]:
        growth = row.run.size / ours[0].run.size
        print(f"{row.tokens / ours[0].tokens:.0f} times the tokens: {growth:.2f} times the bytes")
    growth = peers[1].run.size / peers[0].run.size
    print(f"the peer: 2 times the tokens: {growth:.2f} times the bytes")
    at_1000 = next((row for row in ours if row.tokens == peers[0].tokens), None)
    if at_1000:
        ratio = peers[0].run.size / at_1000.run.size
        print(f"at {at_1000.tokens:,} tokens the peer sends {ratio:.0f} times as much")


def load(kernel: Kernel, server: FakeAnthropic) -> None:
    """Load the extension and run one cell, which sends the runtime and imports the SDK."""
    environment = {"ANTHROPIC_API_KEY": "scripted", "ANTHROPIC_BASE_URL": server.base_url}
    kernel.run(f"import os\nos.environ.update({environment})\n%load_ext lauren_nb")
    server.reply(text("ready"))
    first = kernel.run("%%lauren\nhi")
    opening = [m for m in first.messages if m.type in ("comm_open", "display_data")]
    print(f"the first cell opens its view with {sum(m.size for m in opening) / 1000:.0f} kB")


def run_ours(kernel: Kernel, server: FakeAnthropic, tokens: int, tokens_per_s: float) -> Row:
    server.reply(text([WORD] * tokens), tokens_per_s=tokens_per_s)
    return Row("lauren_nb", tokens, kernel.run_watched("%%lauren\ngo", timeout=HOUR_S))


def run_peer(kernel: Kernel, tokens: int, tokens_per_s: float) -> Row:
    code = PEER.format(tokens=tokens, word=WORD, tokens_per_s=tokens_per_s)
    kernel.start(code)
    return Row("whole-text updates", tokens, kernel.wait(timeout=HOUR_S))


if __name__ == "__main__":
    main()
