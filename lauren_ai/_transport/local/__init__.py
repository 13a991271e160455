"""The embedded model: its weights, its child process, its requests.

It speaks chat completions to that child.
"""

from lauren_ai._transport.local.transport import LocalTransport, fetch_progress
from lauren_ai._transport.local.weights import get_weights

__all__ = ["LocalTransport", "fetch_progress", "get_weights"]
