"""Who may ask Anthropic, under which version of its API, with which betas.

It owns the headers' rules; what a version changes in the body is the other modules'.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.servers.rules._refusal import refuse

# https://platform.claude.com/docs/en/api/versioning
VERSIONS = ("2023-01-01", "2023-06-01", "2026-10-21")
NEWEST = VERSIONS[-1]

# Each beta's name without its date, and the fields of the body that it opens.
# https://platform.claude.com/docs/en/api/beta-headers and the SDK's AnthropicBetaParam.
BETAS: dict[str, tuple[str, ...]] = {
    "computer-use": (),
    "output-128k": (),
    "output-300k": (),
    "mcp-client": ("mcp_servers",),
    "dev-full-thinking": (),
    "interleaved-thinking": (),
    "code-execution": (),
    "context-1m": (),
    "context-management": ("context_management",),
    "compact": ("context_management", "compaction"),
    "model-context-window-exceeded": (),
    "fast-mode": (),
    "user-profiles": (),
    "user-profiles-billing": ("billing_policy",),
    "advisor-tool": (),
    "thinking-token-count": (),
    "server-side-fallback": ("fallbacks",),
    "fallback-credit": ("fallback_credit_token",),
    "agent-memory": (),
    "mid-conversation-tool-changes": (),
    "mid-conversation-output-config": (),
    "mid-conversation-system-clear-at": (),
    "structured-outputs": ("output_format",),
    "task-budgets": (),
    "thinking-display-updates": (),
    "thinking-binding-controls": (),
    "inline-tools": (),
    "message-threads": ("thread",),
    "message-batches": (),
    "prompt-caching": (),
    "pdfs": (),
    "token-counting": (),
    "token-efficient-tools": (),
    "files-api": (),
    "extended-cache-ttl": (),
    "effort": (),
    "advanced-tool-use": (),
    "skills": (),
    "cache-diagnosis": (),
    "efs": (),
    "managed-agents": (),
    "oauth": (),
}


def betas_of(headers: Mapping[str, str]) -> list[str]:
    """Return the names in `anthropic-beta`."""
    return [name.strip() for name in headers.get("anthropic-beta", "").split(",") if name.strip()]


def has_beta(headers: Mapping[str, str], name: str) -> bool:
    """Whether a beta was asked for, of any date."""
    return any(beta.rsplit("-", 3)[0] == name for beta in betas_of(headers))


def opened_fields(headers: Mapping[str, str]) -> set[str]:
    """Return the fields that the betas of this request open."""
    return {field for beta in betas_of(headers) for field in BETAS[beta.rsplit("-", 3)[0]]}


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse a request without a key, a version, or with a beta that doesn't exist."""
    _check_key(headers)
    version = headers.get("anthropic-version")
    if version is None:
        refuse("anthropic-version: header is required")
    if version not in VERSIONS:
        refuse(f'anthropic-version: "{version}" is not a valid version')
    for beta in betas_of(headers):
        if beta.rsplit("-", 3)[0] not in BETAS:
            # The words: BerriAI/litellm issue 15299.
            refuse(
                f"Unexpected value(s) `{beta}` for the `anthropic-beta` header. Please consult our "
                "documentation at https://docs.claude.com/en/api/beta-headers or try again without "
                "the header."
            )


def _check_key(headers: Mapping[str, str]) -> None:
    """Take `x-api-key` before `authorization`, as the API does where both come, even when empty.

    https://platform.claude.com/docs/en/api/overview#authentication
    """
    key, bearer = headers.get("x-api-key"), headers.get("authorization")
    if key is None and bearer is None:
        refuse("x-api-key header is required", status=401, type="authentication_error")
    if key is not None and not key:
        refuse("invalid x-api-key", status=401, type="authentication_error")
    if key is None and not (bearer or "").removeprefix("Bearer").strip():
        refuse("Invalid bearer token", status=401, type="authentication_error")
