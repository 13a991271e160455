from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.neutraliser import neutralise
from tests.support.hostile_texts import PAYLOADS, iter_cases
from tests.support.renderers import (
    RENDERERS,
    find_faults,
    get_structure,
    get_text,
    render_commonmark,
    render_jupyterlab,
)

PROSE = r"""# A title in C#

Some *emphasis*, **strong _nested_ words**, ~~gone~~, `code_span` and x_y_z, 2 * 3 = 6.
A second line with a hard break\
and AT&T, R&D, arr[0], C:\Users\me, "quotes" and [1] a citation.

## Lists

- one
  - nested `a | b`
  - more
- two

1. first

   with a paragraph
2. second
   ```python
   def f(x):
       return x["<b>"]
   ```

7) seven

> A quote
> - with a list
>
> > and a quote

| Name | Value |
|:-----|------:|
| `a`  | 1     |
| b    | **2** |

```html
<img src=x onerror=alert(1)>
```

    indented code

---

See [the docs](https://docs.example/a_b?x=1&y=2#part), <https://x.example/>,
[mail](mailto:a@b.example) and [below](#lists).
"""


def check(markdown: str) -> None:
    safe = neutralise(markdown)
    for name, render in RENDERERS.items():
        html = render(safe)
        assert find_faults(html) == [], (name, markdown, safe, html)


def test_nothing_hostile_gets_through_any_renderer() -> None:
    for case in iter_cases(seed=7, mixed=2000):
        check(case)


def test_texts_side_by_side_do_not_open_each_other() -> None:
    # In nbconvert `$\\begin{a}$` of one text reached the `\\end{a}` of another, past a fence.
    cases = list(iter_cases(seed=1, mixed=3000))
    random.Random(5).shuffle(cases)
    cases[:0] = ["$\\begin{a}$", "`<b>`", "x $$\\end{a}$$", "```\n$$ <img src=x>\n```"]
    for start in range(0, len(cases), 40):
        joined = "\n\n".join(map(neutralise, cases[start : start + 40]))
        for render in RENDERERS.values():
            assert find_faults(render(joined)) == []


def test_the_checker_sees_what_the_payloads_do_unneutralised() -> None:
    faulty = sum(bool(find_faults(render_jupyterlab(payload))) for payload in PAYLOADS)
    assert faulty > 30


def test_every_prefix_is_safe() -> None:
    text = PROSE + "\n\n".join(random.Random(3).sample(PAYLOADS, 30))
    for end in range(0, len(text), 7):
        safe = neutralise(text[:end])
        assert find_faults(render_jupyterlab(safe)) == [], text[:end]


@given(st.text(alphabet="`$*_~[]()!<>\\&#|-:@{}\n x1a\"'=+.", max_size=60))
def test_marks_in_any_order_are_safe(markdown: str) -> None:
    check(markdown)


@given(st.text(max_size=200))
def test_any_text_is_safe_and_stays_text(markdown: str) -> None:
    neutralise(markdown).encode("utf-8")
    check(markdown)


def test_plain_markdown_looks_the_same() -> None:
    before, after = render_commonmark(PROSE), render_commonmark(neutralise(PROSE))
    assert get_text(after) == get_text(before)
    assert get_structure(after) == get_structure(before)


def test_a_second_pass_changes_nothing_that_is_seen() -> None:
    for case in [PROSE, *iter_cases(seed=11, mixed=300)]:
        once = neutralise(case)
        first, second = render_commonmark(once), render_commonmark(neutralise(once))
        assert get_text(second) == get_text(first), case


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("[a](javascript:alert(1))", "a"),
        ("[a](folder/guide.md)", "a"),
        ("[a](//evil.example)", "a"),
        ("[a](HTTPS://Ab.Example/x 'title')", "[a](https://ab.example/x)"),
        ("![cat](http://x.example/c.png)", "[image: cat (x.example)](http://x.example/c.png)"),
        ("![](data:image/png;base64,xx)", "image: no description (data: address)"),
        ("[my bank](https://bank.example)", "[my bank](https://bank.example)"),
        (
            "[bank.example](https://evil.example)",
            "[bank.example (evil.example)](https://evil.example)",
        ),
        ("[docs.a.example](https://a.example)", "[docs.a.example (a.example)](https://a.example)"),
        ("[www.a.example](https://a.example)", "[www&#46;a.example](https://a.example)"),
        ("[bank\u2024com](https://a.example)", "[bank\u2024com (a.example)](https://a.example)"),
        ("[bank\u3002com](https://a.example)", "[bank\u3002com (a.example)](https://a.example)"),
        ("[10.0.0.1](https://a.example)", "[10.0.0.1 (a.example)](https://a.example)"),
        (
            "[at https://a.example, or a.example.](https://a.example)",
            "[at https&#58;//a.example, or a.example.](https://a.example)",
        ),
        ("[see 1.2.3](https://a.example)", "[see 1.2.3](https://a.example)"),
        (
            "[http://localhost:8888](https://a.example)",
            "[http&#58;//localhost:8888 (a.example)](https://a.example)",
        ),
        ("[a@b.example](mailto:c@d.example)", "[a@b.example (c@d.example)](mailto:c@d.example)"),
        ("[a@b.example](mailto:a@b.example?cc=x)", "[a@b.example](mailto:a@b.example?cc=x)"),
        ("[x](https://u:p@a.example)", "[x (⚠ a.example)](https://u:p@a.example)"),
        ("[x](https://аpple.com)", "[x (⚠ xn--pple-43d.com)](https://xn--pple-43d.com)"),
        ("[x](<https://a.example\\\\@evil.example>)", "[x](https://a.example/@evil.example)"),
        ("see https://a.example/x_y.", "see <https://a.example/x_y>."),
        ("ftp://a.example", "ftp&#58;//a.example"),
        ("[x][r]\n\n[r]: http://a.example", "[x](http://a.example)"),
        ("- [ ] open\n- [x] done", "- ☐ open\n- ☑ done"),
        ("a \u202e b &#x202e; c", "a \\u{202E} b \\u{202E} c"),
        ("\x1b[31mred", "\\u{1B}\\[31mred"),
        ("```py title=x\nx\n```", "```py\nx\n```"),
        ("```mermaid\ngraph\n```", "```text\ngraph\n```"),
        ("~~~\n```\n~~~", "````\n```\n````"),
        ("| a |\n|---|\n| x <br> y |", "| a |\n| --- |\n| x <br> y |"),
    ],
)
def test_what_becomes_of_each(markdown: str, expected: str) -> None:
    assert neutralise(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("costs $5", "costs \\$5"),
        ("$5 and $10", "<span>\\$</span>5 and <span>\\$</span>10"),
        ("$a<b$ costs $5", "$a\\lt b$ costs <span>\\$</span>5"),
        (r"\(x^2\) and \[ y \] but \[1\]", r"$x^2$ and $$y$$ but \[1\]"),
        ("$$\na\n= b % why\n+ c\n$$", "$$a = b + c$$"),
        (r"\begin{align}x\end{align}", r"$$\begin{align}x\end{align}$$"),
        (r"$\href{javascript:x}{y}$", r"`$\href{javascript:x}{y}$`"),
        (r"$$\require{x}$$", "```latex\n$$\\require{x}$$\n```"),
        (r"$\def\x{y}\x$", r"`$\def\x{y}\x$`"),
        (r"$\smash{\rule[-9em]{30em}{9em}}$", r"`$\smash{\rule[-9em]{30em}{9em}}$`"),
        (r"$\smashoperator{\sum_a}$", r"$\smashoperator{\sum_a}$"),
        ("$a`b$", "``$a`b$``"),
        ("$f[x](y)$", "$f[x]{}(y)$"),
        (r"$a \\[2pt]$", r"$a \\ [2pt]$"),
        (r"$\begin{a}x$", r"<code>&#36;&#92;begin&#123;a&#125;x&#36;</code>"),
        ("| a |\n|---|\n| $\\|x\\|$ |", "| a |\n| --- |\n| $\\vert x\\vert$ |"),
        ("`$HOME`", "`$HOME`"),
        (r"\\(x\\)", r"<span>&#92;</span>(x<span>&#92;</span>)"),
    ],
)
def test_dollars_and_formulas(markdown: str, expected: str) -> None:
    assert neutralise(markdown) == expected


def test_code_that_a_parser_could_expose_is_html_without_marks() -> None:
    safe = neutralise("`<img src=x>` and `a|b`\n\n- ```\n  $x\n  ```")
    assert safe == ("<code>&lt;img src=x&gt;</code> and `a|b`\n\n- <pre><code>&#36;x</code></pre>")
    assert "<img src=x>" in get_text(render_jupyterlab(safe))


def test_too_deep_a_text_is_shown_whole_as_it_is() -> None:
    for text in (">" * 500 + " x", "- " * 500 + "x", "1. " * 300 + "<img src=x>"):
        safe = neutralise(text)
        assert safe.startswith("```")
        assert get_text(render_commonmark(safe)) == get_text(
            f"<p>{text}</p>".replace("<img", "&lt;img")
        )


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "![" * 20_000,
        "*a " * 20_000,
        "*" * 20_000,
        "`" * 20_000,
        "".join("`" * n + " " for n in range(300)),
        "$" * 20_000,
        "$a " * 10_000,
        "\\(" * 10_000,
        "\\[\n" * 5_000,
        "<code>" * 10_000,
        "http://" * 10_000,
        "| a " * 5_000 + "\n" + "|-" * 5_000,
        "- a\n" * 5_000,
        "[a](b" * 10_000,
        "&" * 20_000,
        "> " * 10_000,
        "_a_ **b** " * 5_000,
        f"[{'a.' * 20_000}](http://x.example)",
        f"[{'a-' * 20_000}](http://x.example)",
        f"[{'1.2.3.4' * 5_000}](http://x.example)",
        f"[{'a' * 40_000}](mailto:a@x.example)",
        f"[{'a@' * 20_000}](mailto:a@x.example)",
    ],
)
def test_huge_repetitions_end_and_are_safe(text: str) -> None:
    assert find_faults(render_commonmark(neutralise(text))) == []


def test_text_is_kept_whole() -> None:
    rng = random.Random(5)
    words = [
        "word",
        "a<b",
        "x_y",
        "*",
        "$5",
        "`c`",
        "[z]",
        "&amp",
        "\\n",
        "100%",
        "#tag",
        "C++",
        "~",
    ]
    for _ in range(300):
        text = " ".join(rng.choices(words, k=12))
        shown = get_text(render_commonmark(neutralise("w " + text)))
        assert shown == get_text(
            render_commonmark("w " + neutralise_text(text).replace("<", "&lt;"))
        )
