"""OpenAI's Responses: requests and histories out, events in.

It owns no connection: the transport of the folder above has it, for chat completions too.
"""

from lauren_ai._transport.openai.responses.events import ResponsesDecoder

__all__ = ["ResponsesDecoder"]
