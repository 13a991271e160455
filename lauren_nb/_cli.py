"""The command `lauren-nb`: fetches the embedded model ahead of its first use, shows cassettes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lauren_ai import LaurenAIError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 1 with a message on standard error."""
    parser = argparse.ArgumentParser(prog="lauren-nb", description="Tools of lauren-nb.")
    commands = parser.add_subparsers(dest="command", required=True)
    fetch = commands.add_parser("fetch", help="fetch the weights of an embedded model")
    fetch.add_argument("model", nargs="?", default="smollm2")
    cassette = commands.add_parser("cassette", help="look into recorded answers")
    actions = cassette.add_subparsers(dest="action", required=True)
    show = actions.add_parser("show", help="print the requests, the answers and their usage")
    show.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.command == "cassette":
            show_cassette(options.file)
        else:
            fetch_model(options.model)
    except LaurenAIError as error:
        print(f"\nlauren-nb: {error}", file=sys.stderr)
        return 1
    return 0


def show_cassette(path: Path) -> None:
    """Print a cassette. Raises CassetteError."""
    from lauren_nb._display.cassette import describe_cassette

    text = describe_cassette(path) + "\n"
    # Whatever the terminal's encoding: what it lacks is shown as an escape.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def fetch_model(name: str) -> None:
    """Fetch the weights unless they are there, with a line of progress. Raises TransportError."""
    from lauren_ai._transport.local import get_weights

    def report(done: int, total: int | None) -> None:
        share = f"{100 * done // total} %" if total else f"{done >> 20} MB"
        print(f"\rFetching {name}: {share} ", end="", flush=True)

    path = get_weights(name, progress=report)
    print(f"\r{name} is ready: {path}")


if __name__ == "__main__":
    sys.exit(main())
