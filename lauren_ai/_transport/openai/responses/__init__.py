"""OpenAI's Responses API: what goes out and what comes back. Chat completions stand beside it."""
