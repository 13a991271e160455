"""What the providers refuse, as they document it, for the loopbacks of `tests.servers`.

It owns the rules, each with its source beside it, and the state that they need (signatures, caches,
items that were issued); the servers own the wire formats. It imports nothing of the project: a
double that shares its tables with the code that it tests would test nothing.
"""

from tests.servers.rules._refusal import UNREADABLE, Refusal, Refused, Rules

__all__ = ["UNREADABLE", "Refusal", "Refused", "Rules"]
