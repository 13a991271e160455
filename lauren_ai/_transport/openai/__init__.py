"""Chat completions and Responses of OpenAI, Ollama, and any server that speaks either: requests,
events, stop reasons.

It owns no retry and no limit.
"""
