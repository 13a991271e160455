"""Makes the magics awaited: a cell that is `%%lauren` becomes a top-level await.

IPython does not await an async magic. The transformer adds the `await`, and the flag `--awaited`
that tells the magic so. Where a cell is already running (`%%time`, `%%capture`, which run their body
inside their own call), an await could not be served: there the line stays as it is.
"""

from __future__ import annotations

import re

from IPython.core.interactiveshell import InteractiveShell

_CALL = re.compile(
    r"^(?P<call>get_ipython\(\)\.run_(?:cell|line)_magic\('lauren', )(?P<quote>['\"])"
)


class AwaitMagics:
    """Made by `load_ipython_extension`; `install` and `uninstall` are symmetric."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._depth = 0

    def install(self) -> None:
        events = self._shell.events
        events.register("pre_execute", self._enter)
        events.register("post_execute", self._leave)
        self._shell.input_transformer_manager.line_transforms.append(self.transform)

    def uninstall(self) -> None:
        events = self._shell.events
        events.unregister("pre_execute", self._enter)
        events.unregister("post_execute", self._leave)
        self._shell.input_transformer_manager.line_transforms.remove(self.transform)

    def transform(self, lines: list[str]) -> list[str]:
        """The lines with `await` before each of our calls that begins a line."""
        if self._depth:
            return lines
        return [_CALL.sub(r"await \g<call>\g<quote>--awaited ", line) for line in lines]

    def _enter(self) -> None:
        self._depth += 1

    def _leave(self) -> None:
        # The extension is loaded inside a cell, whose beginning nobody counted.
        self._depth = max(0, self._depth - 1)
