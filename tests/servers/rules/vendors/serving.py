"""A vendor's loopback that answers whatever it does not refuse.

It owns starting one, and a model of each vendor; the tests own what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers import FakeOpenAI, text

MODELS = {
    "azure": "gpt-4.1",
    "deepseek": "deepseek-v4-pro",
    "gemini": "gemini-3-pro",
    "groq": "openai/gpt-oss-120b",
    "kimi": "kimi-k2.6",
    "mistral": "mistral-large-latest",
    "ollama": "qwen3:8b",
    "xai": "grok-4.6",
}


@contextmanager
def serving(vendor: str) -> Iterator[FakeOpenAI]:
    with FakeOpenAI(vendor=vendor) as server:
        server.default = server.script(text("ok"))
        yield server


def model(vendor: str) -> str:
    return MODELS.get(vendor, "m")
