"""Names of a server's models for Tab: its own list, asked once a kernel, else those known offline.

It completes nothing itself.
"""

from __future__ import annotations

import asyncio
import threading

from lauren_ai import LLMConfig
from lauren_ai._profiles import KNOWN_MODELS
from lauren_ai._servers import SERVERS
from lauren_ai.errors import AuthTransportError, LaurenAIError
from lauren_nb._session.models import ANY, fetch_models

#: Seconds that a person who pressed Tab waits for a server, once.
WAIT_S = 1.0
#: Names that are offered: some servers list thousands.
MAX_NAMES = 2_000

_asked: dict[str, threading.Thread] = {}
_lists: dict[str, list[str]] = {}


def list_models(word: str) -> list[str]:
    """`provider:model` for every model of the provider that `word` names before its colon; []
    where it names none. Waits up to a second when it asks for the first time."""
    provider, colon, _ = word.rpartition("=")[2].partition(":")
    if not colon or provider not in SERVERS:
        return []
    if provider not in _asked:
        thread = threading.Thread(target=_ask, args=(provider,), daemon=True, name="lauren-models")
        _asked[provider] = thread
        thread.start()
        thread.join(WAIT_S)
    names = _lists.get(provider) or [*KNOWN_MODELS.get(provider, ())]
    return [f"{provider}:{name}" for name in names[:MAX_NAMES]]


def forget_lists() -> None:
    """Every server is asked anew, as when a key was set since."""
    _asked.clear()
    _lists.clear()


def _ask(provider: str) -> None:
    """In a thread: a completion runs beside the kernel's event loop, which may be busy."""
    try:
        _lists[provider] = asyncio.run(fetch_models(LLMConfig(provider, ANY, timeout=10)))
    except AuthTransportError:
        del _asked[provider]  # a key may be set by the next time
    except LaurenAIError:
        return  # what is known offline is offered
