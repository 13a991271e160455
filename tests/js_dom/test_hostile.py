"""Owns that nothing a model says runs, loads, or leaves the page, at any prefix of it."""

from __future__ import annotations

import pytest

from .conftest import View
from .hostile import ALL

LONG = 400
BATCHES = 12


def utf16(text: str) -> str:
    """Lone surrogates cannot be sent to the page as UTF-8; the page sees U+FFFD for them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_prefix_of_a_hostile_text_holds_more_than_the_allowed(view: View, batch: int) -> None:
    texts = [utf16(text) for text in ALL[batch::BATCHES] if len(text) <= LONG]
    assert len(texts) > 50
    assert view.call("everyPrefix", texts) == []
    view.assert_harmless()


def test_long_hostile_texts_hold_no_more_than_the_allowed(view: View) -> None:
    for text in ALL:
        if len(text) > LONG:
            view.call("whole", text)
            assert view.call("audit") is None, text[:80]
    view.assert_harmless()


@pytest.mark.parametrize(
    "text",
    [
        ">" * 100_000,
        "*[" * 50_000,
        "- " * 50_000,
        "[" * 100_000,
        "![" * 50_000,
        "`" * 100_000,
        "**a" * 40_000,
        "$" * 100_000,
        "\\(" * 50_000,
        "(" * 100_000,
        "> " * 3000 + "\n" + "> " * 3000,
        "\n".join("  " * level + "- x" for level in range(400)),
        "<" * 100_000,
        "&" * 100_000,
        "|" * 100_000 + "\n|" + "-|" * 50_000,
        "[a]: b\n" * 20_000,
        "\n" * 100_000,
        "_" * 100_000,
        "a\u0301" * 50_000,
        "```\n" * 20_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_deep_nesting_is_drawn_without_overflow(view: View, text: str) -> None:
    view.call("whole", text)
    assert view.call("audit") is None
    view.assert_harmless()


def test_raw_html_shows_as_text(view: View) -> None:
    view.call("whole", "Look: <img src=x onerror=alert(1)> and <b>bold</b>")
    assert view.call("text") == "Look: <img src=x onerror=alert(1)> and <b>bold</b>"


def test_plain_code_and_json_formats_show_hostile_text_as_text(view: View) -> None:
    for kind in ("text", "code", "json"):
        view.call("whole", "<img src=x onerror=alert(1)>\u202e\x1b[31m", kind)
        assert view.call("audit") is None
        assert "<img src=x onerror=alert(1)>\\u{202E}\\u{1B}[31m" in view.call("text")
    view.assert_harmless()


def test_tools_thinking_notices_and_errors_show_hostile_text_as_text(view: View) -> None:
    evil = "<img src=x onerror=alert(1)>\u202e[x](javascript:alert(1))"
    view.call(
        "ops",
        ["thinking", evil],
        ["tool", "t", evil],
        ["args", "t", evil],
        ["tool_status", "t", {"status": "error", "result": evil}],
        ["notice", evil],
        ["footer", {"model": evil, "stop_reason": evil}],
    )
    assert view.call("audit") is None
    view.call("ops", ["error", {"title": evil, "message": evil}], ["status", "error"])
    assert "\u202e" not in view.call("html")
    assert view.call("count", "img, a") == 0
    view.assert_harmless()


def test_link_shows_its_host_where_the_text_names_another(view: View) -> None:
    for text, shown in {
        "[docs.python.org](https://evil.example/x)": "→ evil.example",
        "[https://bank.example/login](https://evil.example)": "→ evil.example",
        "[sign in](https://bank.example@evil.example/)": "→ evil.example · holds a user name",
        "[apple](https://xn--80ak6aa92e.com/)": "→ xn--80ak6aa92e.com · international name",
        "[\u0430pple.com](https://evil.example/)": "→ evil.example · mixed scripts",
    }.items():
        view.call("whole", text)
        assert view.page.locator(".lnb-host").inner_text() == shown
    view.call("whole", "[the docs](https://docs.python.org/3/) https://a.example/b")
    assert view.call("count", ".lnb-host") == 0
    assert view.call("count", ".lnb-md a[title*='docs.python.org']") == 1


def test_image_loads_only_after_a_trusted_click(view: View) -> None:
    view.call("whole", "![a plot](http://images.example/plot.png)")
    view.page.evaluate("document.querySelector('.lnb-image').click()")
    view.call("flush")
    assert view.call("count", "img") == 0
    view.assert_harmless()
    assert "images.example" in view.page.locator(".lnb-image").inner_text()
    with view.page.expect_event("requestfailed"):  # the tests' network refuses it
        view.page.locator(".lnb-image").click()
    assert view.asked == ["http://images.example/plot.png"]
    assert view.page.locator("img").get_attribute("referrerpolicy") == "no-referrer"


@pytest.mark.parametrize(
    "html",
    [
        "<img>",
        "<svg></svg>",
        "<p onclick=x></p>",
        "<p style='position:fixed'></p>",
        "<p id=x></p>",
        "<p class=jp-Cell></p>",
        "<a href='javascript:x' target=_blank rel=noopener>x</a>",
        "<a href='https://a.example'>x</a>",
        "<math href='x'></math>",
    ],
)
def test_the_audit_itself_notices(view: View, html: str) -> None:
    view.page.evaluate("html => { document.querySelector('.lnb-parts').innerHTML = html; }", html)
    assert view.call("audit") is not None
