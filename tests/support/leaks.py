"""Owns what no error may show, and all the ways in which a notebook or a log shows one."""

from __future__ import annotations

import io
import traceback

from tests.support.wired import KEY

LEAKS = [KEY[:12], KEY[-4:], "0123456789"]


def show_everything(error: BaseException) -> str:
    """All that a notebook, a log or a debugger may print of an error."""
    import IPython
    from IPython.core.ultratb import VerboseTB

    out = io.StringIO()
    plain = (
        {"theme_name": "nocolor"} if IPython.version_info[0] > 8 else {"color_scheme": "NoColor"}
    )
    verbose = VerboseTB(include_vars=True, ostream=out, **plain)
    verbose(type(error), error, error.__traceback__)
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown = [out.getvalue(), *frames.format(), repr(error), str(error), repr(vars(error))]
    return "\n".join(shown)
