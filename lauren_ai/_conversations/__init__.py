"""Conversations: what is kept of a history, what of it fits a model's window, and the stores.

It asks no model and queues no run.
"""

from lauren_ai._conversations.message_json import encode_message

__all__ = ["encode_message"]
