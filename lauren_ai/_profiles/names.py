"""Reads the many spellings of a model's name and of a server's address. It knows no facts."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: No vendor has a longer one; an Azure deployment has 64 characters, an ARN 2,048.
MAX_NAME = 2_048
_VENDORS = (
    ("anthropic", r"claude"),
    ("openai", r"chatgpt|gpt|codex|computer-use|o[1-9](?![a-z0-9])"),
    ("google", r"gemini|gemma"),
    ("deepseek", r"deepseek"),
    ("moonshot", r"kimi|moonshot"),
    ("xai", r"grok"),
    ("mistral", r"(?:magi|mi|mini)stral|codestral|devstral|pixtral|mixtral"),
    ("alibaba", r"qwen|qwq|qvq"),
    ("meta", r"llama|codellama"),
    ("zai", r"glm"),
    ("minimax", r"minimax"),
)
#: A name that starts with a vendor's word, else one that has it after any other sign.
_STARTS = re.compile("|".join(f"(?P<{vendor}>{word})" for vendor, word in _VENDORS))
_WITHIN = re.compile(
    "(?<![a-z0-9])(?:" + "|".join(f"(?P<{vendor}>{word})" for vendor, word in _VENDORS) + ")"
)
_REGION = re.compile(r"(?:global|us|us-gov|eu|apac|ap|jp|au|ca|sa)\.")
_HOUSE = re.compile(
    r"(?:anthropic|openai|meta|mistral|deepseek|qwen|moonshot|moonshotai|google|minimax|zai)\."
)
_DATE = re.compile(r"[-@](?:20\d{6}|20\d\d-\d\d-\d\d)(?!\d)")
_TIERS = ("opus", "sonnet", "haiku", "fable", "mythos", "instant")
_GPT = re.compile(r"gpt-?(\d)(?:[-.](\d))?(?!\d)")

_HOSTS = (
    ("anthropic", r"api\.anthropic\.com"),
    ("openai", r"(?:[a-z]+\.)?api\.openai\.com"),
    ("azure", r".+\.openai\.azure\.(?:com|us|cn)|.+\.cognitiveservices\.azure\.com"),
    ("azure", r".+\.services\.ai\.azure\.com"),
    (
        "bedrock",
        r"bedrock(?:-runtime|-mantle)?(?:-fips)?\..+\.(?:amazonaws\.com(?:\.cn)?|api\.aws)",
    ),
    ("gemini", r"generativelanguage\.googleapis\.com"),
    ("vertex", r"(?:.+-)?aiplatform\.(?:.+\.)?googleapis\.com"),
    ("groq", r"api\.groq\.com"),
    ("mistral", r"(?:api|codestral)\.mistral\.ai"),
    ("deepseek", r"api\.deepseek\.com"),
    ("moonshot", r"api\.moonshot\.(?:ai|cn)|api\.kimi\.com"),
    ("xai", r"(?:.+\.)?api\.x\.ai"),
    ("openrouter", r"openrouter\.ai"),
)
_SERVERS = {
    *("anthropic", "openai", "azure", "bedrock", "vertex", "gemini", "groq", "mistral"),
    *("deepseek", "moonshot", "xai", "openrouter", "ollama", "local", "mock", "vllm"),
}


def read_server(provider: str, base_url: str | None = None) -> str:
    """Who answers: a vendor, a cloud, a gateway; "other" where the address tells nobody known."""
    provider = provider.lower()
    if base_url and (host := _read_host(base_url)):
        for server, pattern in _HOSTS:
            if re.fullmatch(pattern, host):
                return server
        if provider in ("anthropic", "openai", "gemini", "mistral", "deepseek", "moonshot", "xai"):
            return "other"  # it speaks as the provider does, but it is a gateway or a model's own
    return provider if provider in _SERVERS else "other"


def _read_host(base_url: str) -> str:
    try:
        return (urlsplit(base_url if "://" in base_url else f"//{base_url}").hostname or "").lower()
    except ValueError:
        return ""


def strip_name(model: str) -> str:
    """A model's name without what routes to it: cloud regions, gateways, paths, tags, fine-tunes.
    Dates stay, since a vendor ends one dated model before another."""
    name = model.strip().lower()[:MAX_NAME]
    if name.startswith("ft:"):  # ft:gpt-4o-2024-08-06:org:suffix:id
        name = name.split(":")[1]
    elif name.startswith("arn:"):
        # An application's inference profile is an id that says nothing.
        name = re.split(r"[/:]", name)[-1] if "/" not in name else name.rpartition("/")[2]
    name = re.split(r"[/\\]", name)[-1].removesuffix(".gguf").removesuffix("-gguf")
    name = name.partition("[")[0]  # claude-…[1m]
    name = name.replace("-v1:0", "").partition(":")[0]  # Bedrock's version, Ollama's tag, :free
    name = _HOUSE.sub("", _REGION.sub("", name, count=1), count=1)
    return name.replace("@", "-").replace("_", "-").removesuffix("-latest")


def read_vendor(stripped: str) -> str | None:
    """Who made the model. A free text, as an Azure deployment's, may hold the model's name."""
    match = _STARTS.match(stripped) or _WITHIN.search(stripped)
    return match.lastgroup if match else None


def read_name(stripped: str, vendor: str | None) -> str:
    """The one spelling that the table uses: no date, versions with a dot."""
    match = _STARTS.match(stripped) or _WITHIN.search(stripped)
    name = _DATE.sub("", stripped[match.start() :] if match else stripped)
    if vendor == "anthropic":
        return _read_claude(name)
    if vendor == "openai":
        return _read_gpt(name)
    if vendor == "moonshot":
        return re.sub(r"(k\d)[p-](\d)", r"\1.\2", name)  # Fireworks writes kimi-k2p6
    if vendor in ("xai", "google"):
        return re.sub(r"^(grok|gemini)-?(\d)-(\d)(?!\d)", r"\1-\2.\3", name)
    return name


def _read_claude(name: str) -> str:
    words = re.split(r"[-.]", name)
    tier = next((tier for tier in _TIERS if tier in words), None)
    numbers = [word for word in words if word.isdecimal() and len(word) < 3][:2]
    if tier is None and not numbers:
        numbers = [word[1:] for word in words if re.fullmatch(r"v\d", word)]
    version = ".".join(numbers).removesuffix(".0")
    preview = "preview" if "preview" in words else ""
    return "-".join(filter(None, ("claude", tier, version, preview)))


def _read_gpt(name: str) -> str:
    name = name.replace("gpt-35", "gpt-3.5")
    match = _GPT.match(name)
    if match is None:
        return name
    version = f"{match[1]}.{match[2]}" if match[2] else match[1]
    return f"gpt-{version}{name[match.end() :]}"
