"""Chat completions and Responses of OpenAI, Ollama, and any server that speaks either: requests,
events, stop reasons.

It owns no retry and no limit.
"""

from lauren_ai._transport.openai.events import OpenAIDecoder
from lauren_ai._transport.openai.transport import OpenAITransport, list_models

__all__ = ["OpenAIDecoder", "OpenAITransport", "list_models"]
