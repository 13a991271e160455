from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_nb._errors import OptionError
from lauren_nb._options.completion import complete_line
from lauren_nb._options.parse import CellOptions, parse_line
from lauren_nb._options.table import OPTIONS, get_help_text, get_markdown_table
from lauren_nb._options.words import split_words


def words(line: str) -> list[str]:
    return [word.text for word in split_words(line)]


def message_of(line: str) -> str:
    with pytest.raises(OptionError) as caught:
        parse_line(line)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_empty_line_asks_for_nothing() -> None:
    assert parse_line("") == parse_line("   # only a comment") == CellOptions()


def test_long_and_short_names_mean_the_same() -> None:
    line = "-m openai:gpt-x -o out -a bot -t f,g -c chat"
    long = "--model openai:gpt-x --output=out --agent bot --tools=f,g --conversation chat"
    assert parse_line(line) == parse_line(long)
    assert parse_line(line) == CellOptions(
        model="openai:gpt-x", output="out", agent="bot", tools=("f", "g"), conversation="chat"
    )


def test_every_other_option_is_read() -> None:
    options = parse_line(
        '--system "Be brief." --thinking 2000 --max-tokens 300 --temperature 0.5 --format json '
        "--image fig --image figs.second --approve none --max-cost 0.05 --awaited"
    )
    assert options == CellOptions(
        system="Be brief.",
        thinking=2000,
        max_tokens=300,
        temperature=0.5,
        format="json",
        images=("fig", "figs.second"),
        approve="none",
        max_cost_usd=0.05,
        awaited=True,
    )


def test_the_example_of_the_design_with_its_comment() -> None:
    line = "-t delete_rows,plot            # tools from the namespace; it's -x \"risky"
    assert parse_line(line) == CellOptions(tools=("delete_rows", "plot"))


def test_a_hash_inside_a_word_or_quotes_is_no_comment() -> None:
    assert words("-m local:/a#b --system 'C# expert' # not 'this") == [
        "-m", "local:/a#b", "--system", "C# expert",
    ]  # fmt: skip


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_the_backslashes_of_a_windows_path_survive(quote: str) -> None:
    path = r"local:C:\new\table\x.gguf"
    assert parse_line(f"-m {quote}{path}{quote}").model == path


def test_quotes_group_words_and_escape_only_a_double_quote() -> None:
    assert parse_line(r'--system "say \"no\" to C:\dir"').system == r'say "no" to C:\dir'
    assert words("""local:'C:\\My Models'\\x a"b c"d""") == [r"local:C:\My Models\x", "ab cd"]


def test_a_quoted_value_may_look_like_an_option() -> None:
    assert parse_line('--system "--thinking is off"').system == "--thinking is off"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--thinking", True),
        ("--thinking -o x", True),
        ("--thinking 4_000", 4000),
        ("--thinking=16", 16),
        ("--thinking chain", True),
        ("", False),
    ],
)
def test_thinking_takes_a_budget_or_none(line: str, expected: bool | int) -> None:
    assert parse_line(line).thinking is expected or parse_line(line).thinking == expected


def test_names_are_read_as_python_reads_them() -> None:
    # Typed on a Mac, an é may be an e and an accent: in code, that is the same name.
    line = "-o re\u0301sume\u0301 -t cafe\u0301"
    assert parse_line(line) == CellOptions(output="r\u00e9sum\u00e9", tools=("caf\u00e9",))


@pytest.mark.parametrize("name", ["__builtins__", "__name__", "1x", "class", "None", "a.b", "a b"])
def test_output_is_a_variable_of_the_users_own(name: str) -> None:
    assert "needs a variable's name" in message_of(f"-o '{name}'")


def test_tools_and_approve_take_lists() -> None:
    options = parse_line("-t a,b -t c, --approve a,c")
    assert options.tools == ("a", "b", "c")
    assert options.approve == ("a", "c")


def test_a_request_may_have_fields_of_the_providers_own() -> None:
    line = (
        """--effort high --timeout 120 --extra '{"top_k": 5, "stop": null}' --file a.pdf --file b"""
    )
    assert parse_line(line) == CellOptions(
        effort="high",
        timeout=120,
        extra={"top_k": 5, "stop": None},
        files=("a.pdf", "b"),
    )


def test_a_chain_runs_over_items() -> None:
    assert parse_line("chain tag --map \"df['text']\" --concurrency 8 -o tags") == CellOptions(
        chain=True, chain_name="tag", map_over="df['text']", concurrency=8, output="tags"
    )


@pytest.mark.parametrize(
    ("line", "name"), [("chain pipeline -o story", "pipeline"), ("-o story chain", None)]
)
def test_chain_is_a_subcommand(line: str, name: str | None) -> None:
    assert parse_line(line) == CellOptions(chain=True, chain_name=name, output="story")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("--modle x", ["'--modle'", "Did you mean --model?"]),
        ("--temp 1", ["'--temp'", "Did you mean --temperature?"]),
        ("-mgpt", ["'-mgpt'", "Did you mean -m gpt?"]),
        ("--zzzzzzz", ["'--zzzzzzz'", "The options: --model, --output"]),
        ("-m", ["-m needs a value", "-m, --model MODEL"]),
        ("-m -o x", ["-m needs a value"]),
        ("--model=", ["--model needs a value"]),
        ("--format html", ["markdown, text, code, json", "'html'"]),
        ("--format markdwon", ["Did you mean markdown?"]),
        ("--max-tokens many", ["whole number", "'many'"]),
        ("--max-tokens 0", ["at least 1"]),
        ("--max-tokens -3", ["at least 1", "'-3'"]),
        ("--thinking 8k", ["whole number", "'8k'"]),
        ("--temperature nan", ["from 0 to 2", "'nan'"]),
        ("--temperature -1", ["from 0 to 2", "'-1'"]),
        ("--max-cost inf", ["US dollars", "'inf'"]),
        ("--max-cost 0", ["above 0"]),
        ("-o a.b", ["variable's name", "'a.b'"]),
        ("-o class", ["variable's name"]),
        ("-t f(x)", ["name of the namespace", "'f(x)'"]),
        ("-t ,", ["name of the namespace", "''"]),
        ("--timeout 0", ["--timeout needs seconds above 0"]),
        ("--timeout soon", ["--timeout needs seconds above 0"]),
        ("--extra [1]", ["--extra needs a JSON object"]),
        ("--extra {top_k:5}", ["--extra needs a JSON object in quotes"]),
        ("--extra '{\"a\": NaN}'", ["--extra", "NaN is not JSON"]),
        ("-t a, b", ["'b'", "commas without spaces"]),
        ("-m a -m b", ["-m is given twice"]),
        ("--awaited=1", ["takes no value"]),
        ("anthropic:claude", ["-m 'anthropic:claude'"]),
        ("thinking", ["Did you mean --thinking?"]),
        ("chian x", ["'chian'", "Did you mean chain?"]),
        ("--map df.text", ["--map runs a chain", "%%lauren chain [NAME] --map ITEMS -o NAME"]),
        ("chain --concurrency 3", ["--concurrency goes with --map"]),
        ("chain --map x --concurrency 0", ["--concurrency", "at least 1"]),
        ("chain a b", ["'b' is too many"]),
        ("Write a haiku", ["'Write'", "lines below"]),
        ("--system don't", ["The quote '", "not closed"]),
        ("-", ["Unexpected word '-'"]),
    ],
)
def test_a_wrong_line_gets_one_clear_line(line: str, parts: list[str]) -> None:
    message = message_of(line)
    for part in parts:
        assert part in message


def test_a_message_never_names_the_hidden_option() -> None:
    assert "--awaited" not in message_of("--await")


def test_a_long_wrong_word_is_cut_in_the_message() -> None:
    assert len(message_of("x" * 10_000)) < 250


@given(st.text(alphabet="-motc=\"'\\# \t,.:1ahin", max_size=40))
def test_any_line_gives_options_or_an_option_error(line: str) -> None:
    try:
        options = parse_line(line)
    except OptionError as error:
        assert str(error) and "\n" not in str(error)
    else:
        assert isinstance(options, CellOptions)


def test_help_and_table_name_every_option_but_the_hidden() -> None:
    help_text, table = get_help_text(), get_markdown_table()
    for spec in OPTIONS:
        assert (spec.usage in help_text) is not spec.hidden
        assert (spec.name in table) is not spec.hidden
    assert {spec.field for spec in OPTIONS} | {"chain", "chain_name"} == set(
        CellOptions.__dataclass_fields__
    )
    assert max(map(len, help_text.splitlines())) <= 88


def test_table_rows_have_two_cells() -> None:
    for row in get_markdown_table().splitlines():
        assert row.replace("\\|", "").count("|") == 3


def test_completion_offers_options_that_are_not_given_yet() -> None:
    assert complete_line("")[:2] == ["chain", "--model"]
    assert complete_line("--mod") == ["--model"]
    assert complete_line("-m x --mo") == []
    assert complete_line("--image a --im") == ["--image"]
    assert "--awaited" not in complete_line("-")


def test_completion_offers_choices_and_given_names() -> None:
    assert complete_line("--format ") == ["markdown", "text", "code", "json"]
    assert complete_line("--format=j") == ["--format=json"]
    assert complete_line("-m loc") == ["local:", "local:smollm2"]
    names = {"tools": ["plot", "parse"], "chain_name": ["pipeline"]}
    assert complete_line("-t plot,p", names=names) == ["plot,parse"]
    assert complete_line("chain ", names=names) == ["pipeline"]
    assert complete_line("--approve a") == ["ask", "all"]


def test_completion_after_thinking_offers_options() -> None:
    assert "--format" in complete_line("--thinking ")


@pytest.mark.parametrize("line", ['--system "a ', "-m x # --", '--system "a', "#"])
def test_completion_is_silent_in_quotes_and_comments(line: str) -> None:
    assert complete_line(line) == []


def test_completion_knows_a_closed_quote() -> None:
    assert complete_line('--system "a b" --fo') == ["--format"]
