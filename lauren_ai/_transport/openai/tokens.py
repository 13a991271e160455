"""Keys that are made when they are needed: tokens of Entra and others that end within the hour.

It sends nothing by itself; who makes the tokens may.
"""

from __future__ import annotations

import asyncio
import inspect
from functools import cache

from lauren_ai._config import KeyProvider, is_header_safe
from lauren_ai._exceptions import AuthTransportError

#: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/managed-identity
_SCOPE = "https://cognitiveservices.azure.com/.default"


async def call_for_token(provide: KeyProvider, provider: str) -> str:
    """The token that is good now. `provide` is called in a thread where it does not await: it may
    ask a server. Raises AuthTransportError with what it raised."""
    try:
        if inspect.iscoroutinefunction(provide):
            token = await provide()
        else:
            made = await asyncio.to_thread(provide)
            token = await made if inspect.isawaitable(made) else made
    except Exception as exc:
        # Anything may come from a user's function; what it says may hold a token, its type not.
        raise AuthTransportError(
            f"No token for {provider}: what api_key calls for one raised {type(exc).__name__}. "
            "Sign in again, or give a key.",
            provider=provider,
        ) from exc
    if not isinstance(token, str) or not token or not is_header_safe(token):
        raise AuthTransportError(
            f"What api_key calls for a token of {provider} gave a {type(token).__name__} that can "
            "be no token. It must return the token's text.",
            provider=provider,
        )
    return token


@cache
def find_azure_tokens() -> KeyProvider | None:
    """Tokens of who is signed in to Azure here, renewed as they end, where `azure-identity` is
    installed; None where it is not."""
    try:
        from azure.identity import (  # type: ignore[import-not-found,unused-ignore]
            DefaultAzureCredential,
            get_bearer_token_provider,
        )
    except ImportError:
        return None
    provide: KeyProvider = get_bearer_token_provider(DefaultAzureCredential(), _SCOPE)
    return provide
