"""One streamed response: its request, its limits and retries, chunks to a whole.

It opens no connection.
"""

from lauren_ai._streaming.accumulate import Accumulator

__all__ = ["Accumulator"]
