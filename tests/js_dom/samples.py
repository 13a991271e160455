# ruff: noqa: E501 (each line is one text)
"""Owns Markdown texts that a model may well write, one for each thing that can go wrong in streaming.

Does not hold hostile texts; those are in `hostile.py`.
"""

from __future__ import annotations

DOCUMENTS: dict[str, str] = {
    "prose": "# Title\n\nA *first* **paragraph** with `code`, ~~old~~ and a\nsoft break.  \nHard break.\n\nSecond.",
    "setext": "Title\n===\n\nSub\n---\n\ntext\n- \n\npara\n#notheading\n# heading\nnext\n***\nend",
    "tight list": "Intro:\n- a\n- b *c*\n  - d\n  - e\n    - f\n- g\n\nAfter.",
    "loose list": "1. one\n\n   more of one\n2. two\n\n\n3. three\n\n   ```py\n   x = 1\n   ```\n4. four\n\ntext",
    "late loose": "- a\n- b\n- c\n\n- d\n",
    "two lists": "- a\n- b\n* c\n* d\n\n1. e\n2) f\n\n7. g\n8. h\n",
    "creeping list": "- a\n - b\n  - c\n   - d\n    - e\n\n      code?\n",
    "list with lazy text": "- a\nlazy\n- b\n\n  para\n\n  > quote\n  lazy\n\nout\n",
    "empty items": "-\n- a\n-\n\n- b\n\n-   \n  c\n",
    "ordered start": "14. a\n15. b\n\n0. c\n1. d\n",
    "fences": "```python\ndef f():\n    return 1\n```\nthen\n~~~\n```\nnot closed by it\n~~~\n```js\nlet a = `x`;\n```\n",
    "indented fence": "  ```\n   a\n  b\n c\n    ```\n  ```\n\n    indented code\n\n      more\n\nend",
    "long fence": "````md\n```\ninner\n```\n````\nafter\n```\nopen to the end\n\n``\n`",
    "fence in list": "- a\n  ```sql\n  select 1;\n\n  select 2;\n  ```\n- b\n",
    "table": "Text\n| a | b |\n|:--|--:|\n| 1 | 2 |\n| `3|` | **4** |\n| 5 \\| 6 | 7 |\n| 8 |\n\nafter\n",
    "table then text": "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n# Heading\n| not | table |\n\nx | y\n--|--\n1 | 2\nend",
    "not a table": "| a | b |\ntext\n\n| a |\n| b |\n",
    "quote": "> one\n> two\n>\n> - a\n> - b\nlazy\n\n> new\n>> deep\n> > more\n\nout",
    "math": "Inline $a_1 + b_1$ and \\(x^2\\).\n\n$$\n\\frac{a}{b}\n$$\n\nText\n\\[\n\\sum_i x_i\n\\]\nmore $$y$$ end",
    "not math": "It costs $5 and $10, or $ 3 $. A $$ alone.\n\n$$\nnever closed\n\nnext \\[ also not\n\n$x",
    "open math over marks": "Before\n$$\na\n- b\n# c\n$$\nafter\n\nBefore\n$$\na\n- b\n\nafter",
    "links": "[a](https://a.example/x_(y)) <https://b.example> https://c.example/d. ![i](https://d.example/i.png) [m](mailto:a@b.example)",
    "references": "See [one], [two][2] and ![three].\n\n- [one]\n- [2]\n\n[one]: https://a.example\n[2]: <https://b.example> 'title'\n[three]: https://c.example/x.png\n",
    "late reference": "> [q]\n\n| [t] | b |\n|---|---|\n| [t] | 2 |\n| 3 | [t] |\n\n[q]: https://q.example\n\n[t]: https://t.example\nnot a title\n",
    "many titles": "[a]\n\n[a]: https://a.example\n'one\ntwo'\n\nend [a]",
    "emphasis": "**a *b* c** ***d*** __e__ _f_ *g **h*** a*b*c 2 * 3 * 4 **open\n\n**x** *",
    "code spans": "`` a ` b `` and `c` and `` ` `` then ``` open\n\n`x",
    "entities": "&amp; &copy; &#35; &#x22; &nosuch; &lt;b&gt; \\* \\\\ \\\n next",
    "html": "<div class=x>\n\n*text*\n\n</div> <b>bold</b> <!-- comment -->\n<script>alert(1)</script>\n",
    "emoji": "👩‍🚀 🏳️‍🌈 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️ 1️⃣ می‌خواهم क्‍ष 𝒜 日本語\n",
    "carriage returns": "a\r\nb\r\n\r\n- c\r\n- d\r\n\r\n```\r\ne\r\n```\r\nf\rg\r\r# h\r",
    "tabs": "-\ta\n\n\tb\n\n\tcode\n\n1.\tc\n\t- d\n",
    "blank": "\n\n\n  \n\ntext\n\n\n",
    "task list": "- [ ] open\n- [x] done\n- [link](https://a.example)\n",
    "nul": "a\0b\n\n\0\n- \0\n",
}
