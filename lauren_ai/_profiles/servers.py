"""How a server changes what a model takes: its endpoint, its own spelling, what it passes on."""

from __future__ import annotations

from lauren_ai._profiles.profile import Profile

#: Vendors whose models, asked at their own address, take what their row says.
_OWN = {
    "openai": "openai",
    "gemini": "google",
    "deepseek": "deepseek",
    "moonshot": "moonshot",
    "xai": "xai",
    "mistral": "mistral",
}

#: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html,
#: https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude
_OLD_VERSIONS = {"bedrock": "bedrock-2023-05-31", "vertex": "vertex-2023-10-16"}


def fit_to_server(
    profile: Profile, *, speaks_messages: bool, is_deployment: bool = False
) -> Profile:
    """The profile of the same model at `profile.server`. `speaks_messages`: the person asks for
    Anthropic's API there. `is_deployment`: at an address of Azure's that names the deployment."""
    server, vendor = profile.server, profile.vendor
    if speaks_messages:
        return _fit_messages(profile)
    if server == "openai":
        # Its rows name their endpoint: chat completions lack tools with thought, summaries of
        # thoughts, encrypted reasoning.
        return profile if vendor == "openai" else profile.for_endpoint("chat")
    native = profile
    profile = profile.for_endpoint("chat")
    if server == "azure" and not is_deployment and profile.chat_tools != "any effort":
        return native  # /openai/v1/responses: chat completions lack tools with thought there too
    if vendor == "openai" and server != "azure":
        profile = profile.with_(system_role="system")
    if _OWN.get(server) == vendor or server == "azure":
        return profile
    fit = {
        "groq": _fit_groq,
        "openrouter": _fit_openrouter,
        "ollama": _fit_ollama,
        "local": _fit_local,
    }.get(server, _fit_other)
    return fit(profile)


def _fit_messages(profile: Profile) -> Profile:
    if profile.server in ("bedrock", "vertex"):
        # Automatic caching is the Claude API's; blocks are marked everywhere. Their version is in
        # the body: the SDK's clients write 2026-10-21 there (anthropic 2.14).
        old = profile.old_version and _OLD_VERSIONS[profile.server]
        return profile.with_(cache="cache_control_blocks", old_version=old)
    profile = profile.for_endpoint("messages")
    if profile.vendor == "anthropic":
        return profile
    return profile.with_(cache=None, parallel_tool_calls=None, strict=None)


def _fit_groq(profile: Profile) -> Profile:
    """Source: https://console.groq.com/docs/reasoning and /structured-outputs; it refuses fields
    that it does not know in messages too ("property 'reasoning_content' is unsupported")."""
    name = profile.family
    profile = profile.with_(
        token_field="max_completion_tokens",
        gives_back=(),
        think_tags=True,  # its reasoning_format may be "raw"
        cache=None,
        context=None,
        stop=True,
    )
    if profile.vendor == "alibaba":
        # "`reasoning_effort` must be one of `none` or `default`"
        return profile.with_(
            thinking="effort",
            thinking_default=True,
            thinking_off=True,
            effort=("none", "default"),
            effort_default="default",
            structured="tool",
        )
    if name == "gpt-oss":
        return profile.with_(structured="response_format", strict=True)
    return profile.with_(thinking="none", effort=(), effort_default=None, structured="tool")


def _fit_openrouter(profile: Profile) -> Profile:
    """Source: https://openrouter.ai/docs/use-cases/reasoning-tokens. It maps efforts to what each
    model has, and drops the sampling that a model does not take."""
    thinks = profile.thinking != "none"
    levels = ("minimal", "low", "medium", "high", "xhigh")
    effort = levels if profile.thinking_off is False else ("none", *levels)
    return profile.with_(
        token_field="max_tokens",
        effort=effort if thinks else (),
        effort_field="reasoning.effort",
        gives_back=("reasoning", "reasoning_details") if thinks else (),
        cache="cache_control_blocks" if profile.vendor == "anthropic" else profile.cache,
        chat_tools="any effort",
    )


def _fit_ollama(profile: Profile) -> Profile:
    """Source: https://github.com/ollama/ollama/issues/14820: none, low, medium, high; a model
    without thought refuses them all ("does not support thinking")."""
    levels = ("none", "low", "medium", "high")
    known = None if profile.thinking is None else () if profile.thinking == "none" else levels
    effort = profile.effort if profile.family == "gpt-oss" else known
    return _fit_weights(profile).with_(
        effort=effort,
        effort_default=None,
        gives_back=() if profile.thinking == "none" else ("reasoning",),
        forced_tool=None,  # it takes the field and does not heed it
        structured="response_format",
    )


def _fit_local(profile: Profile) -> Profile:
    """llama.cpp's own server, in this process: a grammar holds an answer to its schema."""
    return _fit_weights(profile).with_(
        effort=(), structured="response_format", forced_tool=True, gives_back=()
    )


def _fit_weights(profile: Profile) -> Profile:
    """Weights on one's own machine: its context is what the person gave it, nothing is billed."""
    return profile.with_(
        token_field="max_tokens",
        sampling=("temperature", "top_p", "top_k"),
        sampling_when="always",
        think_tags=True,
        effort_default=None,
        cache="automatic",
        cache_min=None,
        context=None,
        max_output=None,
        stop=True,
    )


def _fit_other(profile: Profile) -> Profile:
    """A gateway, vLLM, LM Studio, …: the model's name says what is behind it, if anything does."""
    if profile.vendor in ("anthropic", "openai", "xai", "google") and profile.family != "gpt-oss":
        return profile.with_(cache=None if profile.cache == "cache_control" else profile.cache)
    return profile.with_(
        token_field="max_tokens",
        think_tags=True,
        effort=None,
        effort_default=None,
        context=None,
        max_output=None,
    )
