"""The commands of `%lauren`: what a session knows, shown and changed.

None asks a model but `fix`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from lauren_ai import LLMConfig, LLMService, TokenUsage
from lauren_ai._profiles import KNOWN_MODELS, describe
from lauren_ai._servers import SERVERS
from lauren_ai.errors import TransportError
from lauren_nb._display.format import format_cost, format_tokens
from lauren_nb._display.message import describe_message
from lauren_nb._errors import OptionError
from lauren_nb._hazards import neutralise_text, visible
from lauren_nb._magics.cassettes import record, replay
from lauren_nb._magics.panel import show_panel
from lauren_nb._markdown.text import escape_line, write_code_span
from lauren_nb._options.parse import CellOptions
from lauren_nb._options.table import get_markdown_table
from lauren_nb._options.words import split_words
from lauren_nb._run.cell import run_cell
from lauren_nb._session.models import ANY, DEFAULT_MODELS, describe_model, fetch_models
from lauren_nb._session.session import Session, UsageEntry

Command = Callable[[Session, list[str]], Awaitable[None]]


async def run_command(line: str, *, session: Session) -> None:
    """Run one `%lauren` line. Raises OptionError for a command that does not exist."""
    name, *arguments = [word.text for word in split_words(line)] or ["help"]
    command = COMMANDS.get(name)
    if command is None:
        raise OptionError(f"Unknown command {name!r}. The commands: {', '.join(COMMANDS)}.")
    await command(session, arguments)


async def show_help(session: Session, arguments: list[str]) -> None:
    """this text"""
    _refuse("help", arguments)
    rows = [f"| `%lauren {name}` | {command.__doc__} |" for name, command in COMMANDS.items()]
    text = ["| command | what it does |", "| --- | --- |", *rows, ""]
    text += ["`%%lauren` with a question under it asks the model. Its options:", ""]
    _show(session, "\n".join(text) + "\n" + get_markdown_table())


def get_command_text() -> str:
    """The commands as plain text, for `%lauren?`."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.__doc__}" for name, command in COMMANDS.items()]
    return "\n".join(["%lauren COMMAND", "", "Commands:", *lines])


async def show_usage(session: Session, arguments: list[str]) -> None:
    """tokens and cost of this kernel's runs, by model"""
    _refuse("usage", arguments)
    groups: dict[tuple[str, str], list[UsageEntry]] = {}
    for entry in session.ledger:
        how = " (replayed)" if entry.is_replayed else " (local)" if entry.is_free else ""
        groups.setdefault((entry.model, how), []).append(entry)
    rows = ["| model | runs | in | cached | out | cost |", "| --- | --: | --: | --: | --: | --: |"]
    for (model, how), entries in groups.items():
        usage = sum((e.usage for e in entries), TokenUsage(0, 0))
        numbers = (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens)
        about = "~" if usage.is_estimated else ""
        cells = " | ".join(about + format_tokens(n) for n in numbers)
        # A model's name comes from a server: it is text, and no HTML.
        name = escape_line(f"{model}{how}")
        rows.append(f"| {name} | {len(entries)} | {cells} | {_describe_cost(entries)} |")
    _show(session, "\n".join(rows) if groups else "No runs in this kernel yet.")


def _describe_cost(entries: list[UsageEntry]) -> str:
    """What was spent on runs that are all of one kind."""
    if entries[0].is_replayed:
        return "–"
    if entries[0].is_free:
        return "free"
    costs = [e.cost_usd for e in entries if e.cost_usd is not None]
    if len(costs) < len(entries):
        return "unknown"
    about = "~" if any(entry.usage.is_estimated for entry in entries) else ""
    return about + format_cost(sum(costs))


#: Names of one server that are shown: some list thousands.
MAX_LISTED = 500


async def show_models(session: Session, arguments: list[str]) -> None:
    """[PROVIDER or MODEL]: the models that can be named, or what one of them takes"""
    if len(arguments) > 1:
        raise OptionError("Write: %lauren models, with a provider, or with a model.")
    if arguments:
        name = arguments[0].removesuffix(":")
        lines = await (_list_server if name in SERVERS else _describe_model)(session, name)
        _show(session, "\n".join(lines))
        return
    chosen = session.choose(None)
    code = write_code_span
    lines = [f"Without `-m`: **{escape_line(describe_model(chosen))}**", ""]
    lines += [f"- {code(name)} → {code(to)} (alias)" for name, to in session.aliases.items()]
    lines += [f"- `{provider}:{model}` (default)" for provider, model in DEFAULT_MODELS.items()]
    lines += [
        "- `ollama:NAME`, `azure:DEPLOYMENT`, `openrouter:NAME`, `bedrock:NAME`, `vertex:NAME`",
        "- `local:/path/to/file.gguf`, `local:hf:OWNER/REPO/FILE.gguf`",
        "",
        "All of a provider: `%lauren models PROVIDER`. What a model takes: `%lauren models NAME`.",
    ]
    _show(session, "\n".join(lines))


async def _list_server(session: Session, provider: str) -> list[str]:
    """What a server lists now, else the names that are known without it."""
    code = write_code_span
    try:
        names, said = await fetch_models(LLMConfig(provider, ANY)), ""
    except TransportError as error:
        names, said = [*KNOWN_MODELS.get(provider, ())], escape_line(str(error))
    lines = [f"- {code(f'{provider}:{name}')}" for name in names[:MAX_LISTED]]
    if len(names) > MAX_LISTED:
        lines.append(f"- and {len(names) - MAX_LISTED} more")
    return [*([said, ""] if said else []), *(lines or ["No names are known here."])]


async def _describe_model(session: Session, name: str) -> list[str]:
    config = session.choose(name)
    profile = LLMService.from_config(config).get_profile(config.model)
    return [f"- {escape_line(line)}" for line in describe(profile)]


async def show_history(session: Session, arguments: list[str]) -> None:
    """NAME: the messages of a conversation (-c NAME)"""
    for message in await session.store.load(await _get_name(session, arguments)):
        print(f"[{message.role}]\n{neutralise_text(describe_message(message))}\n")


async def forget(session: Session, arguments: list[str]) -> None:
    """NAME: drop a conversation"""
    name = await _get_name(session, arguments)
    await session.store.delete(name)
    print(f"Forgot {name!r}.")


async def configure(session: Session, arguments: list[str]) -> None:
    """model=NAME: the model of this kernel's cells (model= to unset)"""
    if len(arguments) > 1:
        raise OptionError("Write: %lauren config model=provider:name")
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if key != "model" or not equals:
            raise OptionError(f"Unknown setting {argument!r}. Write model=provider:name.")
        if value:
            session.choose(value)
            session.defaults[key] = value
        else:
            session.defaults.pop(key, None)
    chosen = session.choose(None)
    print(f"model={describe_model(chosen)}")


async def alias(session: Session, arguments: list[str]) -> None:
    """NAME provider:model: a short name for -m"""
    if len(arguments) != 2:
        raise OptionError("Write: %lauren alias NAME provider:model")
    name, target = arguments
    target = session.aliases.get(target, target)  # an alias of an alias means the same model
    session.choose(target)
    session.aliases[name] = target
    print(f"{name} → {target}")


async def fix(session: Session, arguments: list[str]) -> None:
    """[-m MODEL]: send the last cell that failed, and its error, and ask for the reason"""
    if arguments and (arguments[0] != "-m" or len(arguments) != 2):
        raise OptionError("Write: %lauren fix, or %lauren fix -m provider:model")
    failed = session.failures.last
    if failed is None:
        raise OptionError(
            "No cell has failed since %load_ext lauren_nb, so there is nothing to fix."
        )
    question = (
        "This notebook cell failed. Say in a few sentences why, then give the corrected cell."
    )
    namespace = session.namespace
    namespace["_lauren_fix"] = failed.write()  # a value is never expanded: the cell's braces stay
    try:
        options = CellOptions(model=arguments[1] if arguments else None)
        await run_cell(options, f"{question}\n\n{{{{ _lauren_fix }}}}", session=session)
    finally:
        namespace.pop("_lauren_fix", None)


def _refuse(name: str, arguments: list[str]) -> None:
    if arguments:
        raise OptionError(f"%lauren {name} takes no argument, and {arguments[0]!r} is one.")


def _show(session: Session, text: str) -> None:
    """Markdown for pages, and as it is for terminals."""
    session.shell.display_pub.publish({"text/markdown": text, "text/plain": text})


async def list_approvals(session: Session, arguments: list[str]) -> None:
    """what Always allows in this kernel; `revoke ID` or `revoke all` takes it back"""
    if arguments[:1] == ["revoke"] and len(arguments) == 2:
        _revoke(session, arguments[1])
    elif arguments:
        raise OptionError("Write: %lauren approvals, or %lauren approvals revoke ID (or all).")
    rows = ["| id | tool | for |", "| --- | --- | --- |"]
    for grant in session.grants.list_grants():
        what = "any arguments" if grant.call is None else visible(grant.call.canonical)
        rows.append(
            f"| {grant.id} | {escape_line(grant.tool.name)} | "
            f"{write_code_span(what, in_table=True)} |"
        )
    _show(session, "\n".join(rows) if len(rows) > 2 else "Nothing runs without being asked.")


def _revoke(session: Session, word: str) -> None:
    if word == "all":
        session.grants.revoke_all()
    elif not word.isdecimal() or not session.grants.revoke(int(word)):
        raise OptionError(f"There is no approval {word!r}. See %lauren approvals.")


async def _get_name(session: Session, arguments: list[str]) -> str:
    if len(arguments) != 1 or not await session.store.load(arguments[0]):
        raise OptionError("Name a conversation that a cell began with -c NAME.")
    return arguments[0]


COMMANDS: dict[str, Command] = {
    "help": show_help,
    "panel": show_panel,
    "usage": show_usage,
    "models": show_models,
    "history": show_history,
    "forget": forget,
    "config": configure,
    "alias": alias,
    "approvals": list_approvals,
    "record": record,
    "replay": replay,
    "fix": fix,
}
