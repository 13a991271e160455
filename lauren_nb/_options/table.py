"""The one table of `%%lauren`'s options, and the texts that are made from it.

It parses nothing; `parse.py` reads a line by this table, `completion.py` completes one.
"""

from __future__ import annotations

import textwrap
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lauren_ai._servers import NAMES

#: What a value must be: see `parse.py` for the reader of each.
Kind = Literal[
    "flag", "text", "variable", "name", "names", "count", "budget", "number", "policy", "json"
]

#: From none to all, in the words of most providers.
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
FORMATS = ("markdown", "text", "code", "json")
POLICIES = ("ask", "all", "none")


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One option: `field` is its attribute of `CellOptions`, `metavar` its value in help texts.

    `choices` closes the set of values; `suggestions` only helps Tab completion.
    """

    field: str
    name: str
    _: KW_ONLY
    short: str | None = None
    metavar: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    repeatable: bool = False
    hidden: bool = False

    @property
    def usage(self) -> str:
        """The option as one writes it: `-m, --model MODEL`."""
        names = self.name if self.short is None else f"{self.short}, {self.name}"
        return f"{names} {self.metavar}".rstrip()


OPTIONS: tuple[OptionSpec, ...] = (
    OptionSpec(
        "model", "--model", short="-m", metavar="MODEL", kind="text",
        help="provider:model, or a name defined with %lauren alias. Without it: %lauren config, "
        "LAUREN_MODEL, the keys of the environment, the embedded model.",
        suggestions=(*(f"{name}:" for name in NAMES), "local:smollm2", "replay:"),
    ),
    OptionSpec(
        "output", "--output", short="-o", metavar="NAME", kind="variable",
        help="Put the answer's text, untouched, in this variable.",
    ),
    OptionSpec(
        "agent", "--agent", short="-a", metavar="AGENT", kind="name",
        help="Run this agent of the namespace.",
    ),
    OptionSpec(
        "tools", "--tools", short="-t", metavar="TOOL,…", kind="names",
        help="Functions of the namespace that the model may call; risky ones ask first.",
        repeatable=True,
    ),
    OptionSpec(
        "conversation", "--conversation", short="-c", metavar="NAME", kind="text",
        help="Go on with this conversation. Without it, the model knows this cell only.",
    ),
    OptionSpec("system", "--system", metavar="TEXT", kind="text", help="The system prompt."),
    OptionSpec(
        "thinking", "--thinking", metavar="[TOKENS]", kind="budget",
        help="Let the model think first, within TOKENS if given.",
    ),
    OptionSpec(
        "effort", "--effort", metavar="LEVEL", kind="text",
        help="How much the model thinks and writes: none, minimal, low, medium, high, xhigh, max; "
        "the nearest level that the model has is sent.",
        suggestions=EFFORTS,
    ),
    OptionSpec(
        "max_tokens", "--max-tokens", metavar="N", kind="count",
        help="The longest answer, in tokens.",
    ),
    OptionSpec(
        "temperature", "--temperature", metavar="T", kind="number",
        help="Randomness, from 0 to 2.",
    ),
    OptionSpec(
        "format", "--format", metavar="FORMAT", kind="text",
        help="How the answer is shown: markdown (the default), text, code or json. For code and "
        "json a fence round the whole answer is not shown; -o keeps it.",
        choices=FORMATS,
    ),
    OptionSpec(
        "images", "--image", metavar="NAME|PATH", kind="text",
        help="Send this image or figure of the namespace, or the image file of this path; may be "
        "repeated.",
        repeatable=True,
    ),
    OptionSpec(
        "files", "--file", metavar="PATH|NAME", kind="text",
        help="Send this file too: a PDF, an image or text, by its path, or by a name of the "
        "namespace that holds a path or bytes; may be repeated.",
        repeatable=True,
    ),
    OptionSpec(
        "approve", "--approve", metavar="ask|all|none|TOOL,…", kind="policy",
        help="Who decides on risky tool calls: ask (the default), all or none of them run, "
        "or those of the named tools run.",
        suggestions=POLICIES,
    ),
    OptionSpec(
        "timeout", "--timeout", metavar="SECONDS", kind="number",
        help="How long the model may be silent: before its first content, and between pieces.",
    ),
    OptionSpec(
        "extra", "--extra", metavar="JSON", kind="json",
        help="Fields of the provider's own for the request, merged deep; null leaves a field out.",
    ),
    OptionSpec(
        "max_cost_usd", "--max-cost", metavar="USD", kind="number",
        help="Stop the run at this cost.",
    ),
    OptionSpec(
        "map_over", "--map", metavar="ITEMS", kind="text",
        help="With chain: run it for each item of this list or DataFrame column, as {{ item }}. "
        "Running the cell again runs only what has no result.",
    ),
    OptionSpec(
        "concurrency", "--concurrency", metavar="N", kind="count",
        help="With --map: how many run side by side (4).",
    ),
    OptionSpec(
        "awaited", "--awaited", metavar="", kind="flag",
        help="Set by the input transformer: the cell awaits this magic.",
        hidden=True,
    ),
)  # fmt: skip

BY_NAME: dict[str, OptionSpec] = {
    name: spec for spec in OPTIONS for name in (spec.name, spec.short) if name is not None
}

CHAIN_HELP = "chain [NAME]"
_CHAIN_TEXT = (
    "Run a Chain object of the namespace with the body's inputs, or the body's steps, split by "
    "lines of ---. -o gets the last value."
)


def get_help_text() -> str:
    """The help of `%%lauren?`: plain text, one option a paragraph, at most 88 columns."""
    lines = ["%%lauren [OPTIONS]              the cell's body is the prompt"]
    lines += ["%%lauren chain [NAME] [OPTIONS]", "", "Options:"]
    for spec in OPTIONS:
        if not spec.hidden:
            lines.append(f"  {spec.usage}")
            lines += textwrap.wrap(spec.help, 88, initial_indent=" " * 6, subsequent_indent=" " * 6)
    lines += [f"  {CHAIN_HELP}"]
    lines += textwrap.wrap(_CHAIN_TEXT, 88, initial_indent=" " * 6, subsequent_indent=" " * 6)
    lines.append("")
    lines += ["{{ expr }} in the body is replaced by its value; \\{{ stays as it is, without \\."]
    return "\n".join(lines)


def get_markdown_table() -> str:
    """The options as a Markdown table, for the README."""
    rows = [("Option", "What it does"), ("---", "---")]
    rows += [(f"`{spec.usage}`", spec.help) for spec in OPTIONS if not spec.hidden]
    rows.append((f"`{CHAIN_HELP}`", _CHAIN_TEXT))
    # A bar inside a code span still ends a cell in GitHub's tables.
    return "\n".join(
        "| {} | {} |".format(*(cell.replace("|", "\\|") for cell in row)) for row in rows
    )
