"""lauren_ai in web applications of the `lauren` framework: injection, and streams as server-sent
events. It needs the extra `web`; nothing else of lauren_ai imports it."""

try:
    import lauren as _lauren  # noqa: F401
except ModuleNotFoundError as exc:
    raise ModuleNotFoundError(
        "lauren_ai.web needs the lauren framework: pip install 'lauren-nb[web]'", name=exc.name
    ) from exc

from lauren_ai.web._event_stream import EventStream
from lauren_ai.web._modules import AgentModule, LLMModule

__all__ = ["AgentModule", "EventStream", "LLMModule"]
