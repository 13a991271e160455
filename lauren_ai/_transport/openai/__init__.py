"""Chat completions: OpenAI, Ollama, and any server that speaks them.

It owns no retry and no limit.
"""
