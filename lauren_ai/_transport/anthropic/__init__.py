"""Anthropic's Messages API over the SDK's connections: requests, events, stop reasons.

It owns no retry and no limit.
"""

from lauren_ai._transport.anthropic.events import AnthropicDecoder
from lauren_ai._transport.anthropic.transport import AnthropicTransport

__all__ = ["AnthropicDecoder", "AnthropicTransport"]
