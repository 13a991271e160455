"""The chat panel: a widget and a conversation on a loop of its own.

What a turn looks like is `_display`'s business.
"""

from lauren_nb.panel._panel import ChatPanel

__all__ = ["ChatPanel"]

ChatPanel.__module__ = __name__  # where users find it, and pickles and reprs always did
