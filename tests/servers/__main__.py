"""`python -m tests.servers anthropic|openai`: a provider alone, until standard input ends.

It owns the command line; the first line that it prints is the server's URL.
"""

from __future__ import annotations

import argparse
import sys

from tests.servers import FakeAnthropic, FakeOpenAI, text

PROVIDERS = {"anthropic": FakeAnthropic, "openai": FakeOpenAI}

parser = argparse.ArgumentParser(description="A loopback provider that gives one answer for ever.")
parser.add_argument("provider", choices=PROVIDERS)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--events", type=int, default=20, help="text deltas an answer")
parser.add_argument("--piece", default=" token", help="the text of each delta")
parser.add_argument("--tokens-per-s", type=float, default=0.0, help="0: as fast as it goes")
args = parser.parse_args()

with PROVIDERS[args.provider](port=args.port) as server:
    answer = server.script(text([args.piece] * args.events))
    server.default = answer.paced(args.tokens_per_s)
    print(server.url, flush=True)
    sys.stdin.read()
