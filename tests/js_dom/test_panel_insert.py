"""Owns "Insert as cell" where the page has no commands, or such as do not do what they should."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.js_dom.panel_page import Panel, build_entry
from tests.js_dom.view import View

CODE = "a = 1\nprint(a)"
#: Stands for JupyterLab: one notebook whose active cell `insert-cell-below` replaces.
APP = """([old, works]) => {
    const make = (text) => ({ text, editor: {}, model: { sharedModel: { getSource() {
        return cell.text;
    } } } });
    let cell = make(old);
    const calls = window.calls = [];
    window.jupyterapp = {
        shell: { get currentWidget() { return { content: { activeCell: cell } }; } },
        commands: {
            hasCommand: () => true,
            execute: async (id, args) => {
                calls.push(id);
                if (id === "notebook:insert-cell-below" && works) cell = make("");
                if (id === "notebook:replace-selection") cell.text += args.text;
                window.cellText = cell.text;
            },
        },
    };
}"""


@pytest.fixture
def copied(panel: Panel) -> Panel:
    """A panel whose copies are kept in `window.copies`."""
    panel.page.evaluate(
        """() => {
            window.copies = [];
            const clipboard = { writeText: async (text) => { window.copies.push(text); } };
            Object.defineProperty(navigator, "clipboard", { value: clipboard });
        }"""
    )
    return panel


def show(panel: Panel, code: str = CODE) -> Locator:
    panel.show(build_entry("t1", f"```python\n{code}\n```\n"))
    return panel.page.get_by_role("button", name="Insert as cell")


def expect_said(panel: Panel, text: str) -> None:
    expect(panel.page.locator(".lnb-code-said")).to_have_text(text)


def test_page_without_commands_copies_and_says_so(copied: Panel) -> None:
    show(copied).click()
    expect_said(copied, "Copied: paste it into a cell")
    assert copied.page.evaluate("window.copies") == [CODE]


def test_element_that_is_named_like_the_application_is_no_application(copied: Panel) -> None:
    copied.page.evaluate(
        "document.body.append(Object.assign(document.createElement('form'), "
        "{ id: 'jupyterapp', innerHTML: '<input name=commands>' }))"
    )
    show(copied).click()
    expect_said(copied, "Copied: paste it into a cell")


def test_commands_get_the_code_as_text_and_nothing_is_run(copied: Panel) -> None:
    copied.page.evaluate(APP, ["old", True])
    show(copied).click()
    expect_said(copied, "Inserted")
    assert copied.page.evaluate("[window.cellText, window.copies]") == [CODE, []]
    assert copied.page.evaluate("window.calls") == [
        "notebook:insert-cell-below",
        "notebook:change-cell-to-code",
        "notebook:replace-selection",
    ]


@pytest.mark.parametrize("old", ["precious = 1", ""])
def test_cell_that_was_there_is_not_written_to_where_none_was_inserted(
    copied: Panel, old: str
) -> None:
    copied.page.evaluate(APP, [old, False])
    show(copied).click()
    expect_said(copied, "Copied: paste it into a cell")
    assert copied.page.evaluate("[window.cellText, window.calls]") == [
        old,
        ["notebook:insert-cell-below"],
    ]


@pytest.mark.parametrize(
    "fault",
    [
        "commands.execute = () => { throw new Error('no') }",
        "commands.execute = async () => { throw 'no' }",
        "commands.execute = () => new Promise(() => {})",
        "commands.hasCommand = () => { throw new TypeError('no') }",
        "commands.execute = async () => undefined",  # one that is disabled
        "shell = { get currentWidget() { throw new Error('no') } }",
    ],
)
def test_command_that_fails_or_is_off_copies_and_says_so(
    copied: Panel, view: View, fault: str
) -> None:
    copied.page.evaluate(APP, ["precious = 1", True])
    copied.page.evaluate(f"() => {{ window.jupyterapp.{fault}; }}")
    show(copied).click()
    expect_said(copied, "Copied: paste it into a cell")
    assert copied.page.evaluate("window.copies") == [CODE]
    view.assert_harmless()


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\u2066", "\x1b"])
def test_code_with_hidden_characters_is_shown_so_and_refused(copied: Panel, char: str) -> None:
    copied.page.evaluate(APP, ["", True])
    button = show(copied, f"a = 1  # {char}b")
    assert f"\\u{{{ord(char):X}}}" in copied.page.locator(".lnb-code pre").inner_text()
    button.click()
    expect_said(copied, "Not inserted: it has hidden characters")
    assert copied.page.evaluate("[window.calls, window.copies]") == [[], []]


def test_script_cannot_click(copied: Panel) -> None:
    copied.page.evaluate(APP, ["", True])
    button = show(copied)
    button.evaluate("e => e.click()")
    button.click()
    expect_said(copied, "Inserted")
    assert copied.page.evaluate("window.calls").count("notebook:insert-cell-below") == 1


def test_cell_view_has_no_such_button(view: View) -> None:
    part = {"type": "text", "text": f"```python\n{CODE}\n```\n", "format": "markdown"}
    turn = {"status": "done", "parts": [part], "footer": {}, "error": None, "elapsed_ms": 0}
    view.call("say", {"kind": "snapshot", "seq": 1, "turn": turn})
    expect(view.page.get_by_role("button", name="Copy code")).to_be_visible()
    assert view.page.get_by_role("button", name="Insert as cell").count() == 0
