"""OpenAI's chat completions, by model: what they take, and who may ask.

Its other endpoint is `responses`'; both read `models`.
"""
