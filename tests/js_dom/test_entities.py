"""Owns that named references read as all of HTML's table has them, though the bundle has none."""

from __future__ import annotations

from html.entities import html5

from tests.js_dom.view import View


def test_every_name_of_html_reads_as_what_it_stands_for(view: View) -> None:
    names = [name for name in html5 if name.endswith(";") and name not in ("NewLine;", "Tab;")]
    visible = {name: html5[name] for name in names if html5[name].isprintable()}
    view.call("whole", "\n\n".join(f"[&{name}]" for name in visible))
    shown = view.page.locator(".lnb-md p").all_inner_texts()
    wrong = [
        (name, text)
        for (name, char), text in zip(visible.items(), shown, strict=True)
        if text != f"[{char}]"
    ]
    assert wrong == []
    assert len(visible) > 2000


def test_what_is_no_name_stays_as_it_was_written(view: View) -> None:
    text = "&notit; &nosuch; &amp &AMPx; &semi; &lt;img src=x&gt;"
    view.call("whole", text)
    assert view.call("text") == "&notit; &nosuch; &amp &AMPx; ; <img src=x>"
    view.assert_harmless()
