"""Anthropic's Messages API over the SDK's connections. It owns no retry and no limit."""
