"""Chat completions and Responses: OpenAI, Ollama, and any server that speaks either.

It owns no retry and no limit.
"""
