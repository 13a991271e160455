"""Anthropic's Messages API over the SDK's connections: requests, events, stop reasons.

It owns no retry and no limit.
"""
